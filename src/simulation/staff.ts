import type { Agent } from '../core/types.ts'
import type { Scenario } from './scenario.ts'

const DEFAULT_CAPACITY = 3

/** One agent of a scenario: as the router knows them, and how fast they truly are. */
export interface StaffedAgent {
  readonly agent: Agent
  readonly capacity: number
  /** By skill. */
  readonly speeds: ReadonlyMap<string, number>
  /** Agents with equal skills, speeds and capacity share a number. */
  readonly peers: number
}

/** Everybody on duty, one by one. The router is told proficiencies of 1 to 5, the fastest speed of all being 5. */
export function toStaff({ agents }: Scenario): readonly StaffedAgent[] {
  const fastest = agents.flatMap(({ skills }) => Object.values(skills)).reduce((most, each) => Math.max(most, each), 0)
  const peersOf = new Map<string, number>()
  const staff: StaffedAgent[] = []
  for (const { count = 1, capacity = DEFAULT_CAPACITY, skills } of agents) {
    const speeds = new Map(Object.entries(skills).sort(([one], [other]) => (one < other ? -1 : 1)))
    const key = JSON.stringify([capacity, ...speeds])
    const peers = peersOf.get(key) ?? peersOf.size
    peersOf.set(key, peers)
    const proficiencies = Object.fromEntries(
      [...speeds].map(([skill, speed]) => [skill, toProficiency(speed / fastest)]),
    )
    for (let nth = 0; nth < count; nth++) {
      const id = `agent-${String(staff.length + 1).padStart(4, '0')}`
      staff.push({ agent: { id, skills: proficiencies, capacity }, capacity, speeds, peers })
    }
  }
  return staff
}

/** The same house, in which everybody can do everything as fast as the fastest: a bound that no policy reaches in general. */
export function toPooled(scenario: Scenario): Scenario {
  const best = new Map<string, number>()
  for (const { skills } of scenario.agents)
    for (const [skill, speed] of Object.entries(skills)) best.set(skill, Math.max(speed, best.get(skill) ?? 0))
  const skills = Object.fromEntries(best)
  return { ...scenario, agents: scenario.agents.map((group) => ({ ...group, skills })) }
}

function toProficiency(share: number): 1 | 2 | 3 | 4 | 5 {
  return Math.min(5, Math.max(1, Math.round(5 * share))) as 1 | 2 | 3 | 4 | 5 // whole, and between
}
