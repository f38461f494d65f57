import type { Standing } from './agent-policies.ts'
import type { Group } from './group.ts'

/** How much each skill is asked for, against the seats that are free for it. */
export interface Demand {
  /** A conversation that asks for these skills has been given to somebody. */
  started(skills: readonly string[]): void
  /** Looks at the seats that are free now. */
  look(): void
  /** What the agent's other skills are worth elsewhere, as of the last look. */
  needElsewhere(standing: Standing): number
}

/** How much work on a skill weighs that an agent could do instead. */
const SHARE = 0.2
/** Of the last so many starts. */
const MEMORY = 500

/**
 * By skill: seats taken by conversations that ask for it, over seats that are free for it. The seats taken are those of the whole house,
 * shared out as the last conversations asked: what ends is not told by skill.
 */
export function createDemand(groups: () => Iterable<Group>): Demand {
  const starts = new Map<string, number>()
  const free = new Map<string, number>()
  let [startCount, taken] = [0, 0]
  return {
    started(skills) {
      startCount = startCount * (1 - 1 / MEMORY) + 1
      for (const [skill, count] of starts) starts.set(skill, count * (1 - 1 / MEMORY))
      for (const skill of skills) starts.set(skill, (starts.get(skill) ?? 0) + 1)
    },
    look() {
      free.clear()
      taken = 0
      for (const { skills, shelves, capacity } of groups()) {
        let own = 0
        for (const { load, size } of shelves) {
          taken += load * size
          own += Math.max(0, capacity - load) * size
        }
        for (const skill of skills.keys()) free.set(skill, (free.get(skill) ?? 0) + own)
      }
    },
    needElsewhere({ agent, crew }) {
      let sum = 0
      for (const skill of agent.skills.keys()) {
        if (crew.skills.includes(skill) || startCount === 0) continue
        const offered = (taken * (starts.get(skill) ?? 0)) / startCount
        sum += offered / Math.max(1, free.get(skill) ?? 0)
      }
      return SHARE * sum
    },
  }
}
