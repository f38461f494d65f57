import { proficiencyOf } from './agent-state.ts'
import type { Pace } from './forecast-pace.ts'
import type { Group } from './group.ts'
import type { Line } from './line.ts'
import { toFit } from './match.ts'
import type { Fit, Ranked } from './queue-policies.ts'
import { canServe } from './sift.ts'
import type { World } from './world.ts'

/** All lines that compete with one another, over whatever corners, and the groups on duty who serve them. */
export interface Field {
  readonly lines: readonly Line[]
  readonly groups: readonly Group[]
  /** By group: which lines it serves, and how it suits them. */
  readonly serves: readonly (readonly Service[])[]
  /** By line: who serves it, by their places in `groups`. */
  readonly servedBy: readonly (readonly number[])[]
  /** By line: how it suits the first of those. */
  readonly fits: readonly (Fit | undefined)[]
  /** Do all that wait rise alike? Then whoever is behind stays behind. */
  readonly isEven: boolean
  /** Released units per ms by all of the group's seats, when none of them is free. */
  readonly rates: Float64Array
  /** Each of the rates with all before it. */
  readonly released: Float64Array
}

export interface Service {
  /** Its place in `lines`. */
  readonly line: number
  readonly fit: Fit
  readonly need: Ranked['need']
}

/** The field of a line. */
export type FieldOf = (line: Line) => Field

interface Known {
  readonly field: Field
  readonly version: number
  readonly lines: readonly Line[]
  readonly lineCount: number
  freedCount: number
}

/** Fields are looked for anew when somebody comes or goes, and when there is a line more; their rates from time to time. */
export function createFields(world: World, pace: Pace): FieldOf {
  const known = new WeakMap<Line, Known>()
  return (line) => {
    const lines = world.queue.lines()
    const { version } = world.roster
    let own = known.get(line)
    if (own?.version !== version || own.lines !== lines || own.lineCount !== lines.length) {
      own = {
        field: explore(world, line),
        version,
        lines,
        lineCount: lines.length,
        freedCount: Number.NEGATIVE_INFINITY,
      }
      for (const each of own.field.lines) known.set(each, own)
    }
    const { field } = own
    if (pace.freedCount - own.freedCount >= field.groups.length) {
      let sum = 0
      for (const [index, group] of field.groups.entries()) {
        const rate = pace.releaseRate(group) * group.capacity * group.presentCount
        field.rates[index] = rate
        field.released[index] = sum += rate
      }
      own.freedCount = pace.freedCount
    }
    return field
  }
}

function explore({ queue, queuePolicy, roster }: World, start: Line): Field {
  const lines = [start]
  const numbers = new Map<Line, number>([[start, 0]])
  const groups: Group[] = []
  const serves: Service[][] = []
  const seen = new Set<Group>()

  function numberOf(line: Line): number {
    const known = numbers.get(line)
    if (known !== undefined) return known
    numbers.set(line, lines.length)
    return lines.push(line) - 1
  }

  for (let index = 0; index < lines.length; index++) {
    const found = roster.crewOf(lines[index] ?? start).groups
    for (const group of found) {
      if (seen.has(group) || group.presentCount * group.capacity <= 0) continue
      seen.add(group)
      groups.push(group)
      const own = queue.linesFor(group, roster.groupVersion).filter((line) => isServed(roster, group, line))
      serves.push(own.map((line) => ({ line: numberOf(line), fit: toFit(roster, group, line), need: line.need })))
    }
  }
  const servedBy = lines.map((): number[] => [])
  for (const [index, own] of serves.entries()) for (const { line } of own) servedBy[line]?.push(index)
  const fits = servedBy.map(([first], line) => serves[first ?? -1]?.find((service) => service.line === line)?.fit)
  return {
    lines,
    groups,
    serves,
    servedBy,
    fits,
    isEven: isEvenGrowth(queuePolicy, serves),
    ...toColumns(groups.length),
  }
}

function isServed(roster: World['roster'], group: Group, line: Line): boolean {
  const [agent] = group.members
  if (agent === undefined || proficiencyOf(group, line.need.skills) === 0) return false
  return line.need.onlyAgentId !== undefined || canServe(roster, agent, line)
}

function isEvenGrowth(policy: World['queuePolicy'], serves: Field['serves']): boolean {
  const growths = serves.flatMap((own) =>
    own.map(({ fit, need }) => policy.growth({ row: { queuedAt: 0 }, need }, fit)),
  )
  return growths.every((growth) => growth === growths[0])
}

function toColumns(length: number): Pick<Field, 'rates' | 'released'> {
  return { rates: new Float64Array(length), released: new Float64Array(length) }
}
