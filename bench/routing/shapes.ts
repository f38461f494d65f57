import type { AgentRow } from '../../src/core/ports.ts'
import { createStream, type Stream } from '../../src/simulation/random.ts'

/** Agents and what conversations ask for, in skills numbered from 0. */
export interface Shape {
  readonly name: string
  /** The skills of each agent. */
  readonly agents: readonly (readonly number[])[]
  /** Draws what a conversation asks for. `isBrief`: it ends at once, because few could take many of them. */
  ask(stream: Stream): { readonly skills: readonly number[]; readonly isBrief: boolean }
}

/** A row as from a store: nobody comes or goes, or does anything else. */
export function toRow(
  agent: AgentRow['agent'],
  { units, assignedAt, version }: { readonly units: number; readonly assignedAt: number; readonly version: number },
): AgentRow {
  return {
    agent,
    presence: 'online',
    presenceUntil: null,
    presenceAt: 0,
    units,
    outside: NOTHING,
    lastAssignedAt: assignedAt,
    version,
  }
}

const NOTHING: AgentRow['outside'] = []

const SKILL_COUNT = 20
const PER_AGENT = 3
/** What so many agents can do is asked for. */
const WISHES = 2_000
export const CAPACITY = 3
/** Share of all seats that are taken. */
export const UTILISATION = 0.7

export const skillName = (skill: number): string => `s${String(skill).padStart(2, '0')}`

function draw(stream: Stream, count: number): readonly number[] {
  const drawn = new Set<number>()
  while (drawn.size < count) drawn.add(Math.floor(stream() * SKILL_COUNT))
  return [...drawn].sort((one, other) => one - other)
}

/**
 * 80 % ask for one skill, 20 % for two that somebody has. What is asked for alike is one object: there are some two hundred wishes, and a
 * bench that keeps thousands of copies measures how long it takes itself to fetch them from memory.
 */
function askCommon(agents: Shape['agents']): Shape['ask'] {
  const known = new Map<string, ReturnType<Shape['ask']>>()
  const wishFor = (...skills: readonly number[]): ReturnType<Shape['ask']> => {
    const key = skills.join()
    const wish = known.get(key) ?? { skills, isBrief: false }
    known.set(key, wish)
    return wish
  }
  const wishes = agents.slice(0, WISHES).flatMap(([one = 0, two = 0, three = 0]) => {
    const [less, more] = one < two ? [one, two] : [two, one]
    return [wishFor(one), wishFor(two), wishFor(three), wishFor(one), wishFor(less, more)]
  })
  return (stream) => wishes[Math.floor(stream() * wishes.length)] as (typeof wishes)[number] // within
}

/** Everybody has any three of twenty skills. */
export function common(count: number): Shape {
  const stream = createStream(1, count)
  const agents = Array.from({ length: count }, () => draw(stream, PER_AGENT))
  return { name: 'any three of 20 skills', agents, ask: askCommon(agents) }
}

/** Many agents are alike: thirty profiles in all. */
export function shared(count: number): Shape {
  const stream = createStream(2, count)
  const profiles = Array.from({ length: 30 }, () => draw(stream, PER_AGENT))
  const agents = Array.from({ length: count }, (_, index) => profiles[index % profiles.length] ?? [])
  return { name: '30 shared profiles', agents, ask: askCommon(agents) }
}

/** Half of all have the one skill, half the other; one in a thousand has both, and a fifth of all conversations asks for that. */
export function rarePair(count: number): Shape {
  const stream = createStream(3, count)
  const agents = Array.from({ length: count }, (_, index) => {
    const own = index % 1_000 === 0 ? [0, 1] : [index % 2]
    const others = draw(stream, PER_AGENT + 1).filter((skill) => skill > 1)
    return [...own, ...others].slice(0, PER_AGENT)
  })
  const usual = askCommon(agents)
  const pair = { skills: [0, 1], isBrief: true }
  const ask: Shape['ask'] = (stream) => (stream() < 0.2 ? pair : usual(stream))
  return { name: 'a rare pair of common skills', agents, ask }
}
