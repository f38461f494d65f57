import { toMs } from '../core/duration.ts'
import type { QueueRow } from '../core/ports.ts'
import type { ResolvedRouting } from './routing.ts'

/** What a waiting conversation asks for at a given moment: its requirements, less what has been relaxed. */
export interface Need {
  /** Sorted, each once. */
  readonly skills: readonly string[]
  readonly preferredSkills: readonly string[]
  /** Units of an agent's capacity. */
  readonly weight: number
  readonly targetMs: number
  readonly priority: number
}

type RelaxRules = Pick<ResolvedRouting, 'relax' | 'targetMs' | 'asyncTargetMs'>

/**
 * What the conversation asks for at `at`.
 * @throws MaitredError `CONFIG_INVALID` when its own target is not a duration.
 */
export function toNeed(row: QueueRow, rules: RelaxRules, at: number): Need {
  const { skills, preferredSkills = [], weight = 1, target, priority = 0 } = row.requirements
  const dropped = rules.relax.filter((step) => at - row.queuedAt >= step.afterMs).map((step) => step.drop)
  const fallbackMs = row.reach === 'away' ? rules.asyncTargetMs : rules.targetMs
  return {
    skills: [...new Set(skills)].filter((skill) => !dropped.includes(skill)).sort(),
    preferredSkills: dropped.includes('preferredSkills') ? [] : [...new Set(preferredSkills)],
    weight,
    targetMs: target === undefined ? fallbackMs : Math.max(1, toMs(target, 'requirements.target')),
    priority,
  }
}

/** When the requirements next become fewer, after `at`; `undefined` when they stay as they are. */
export function nextRelaxAt(row: QueueRow, rules: RelaxRules, at: number): number | undefined {
  const { skills, preferredSkills = [] } = row.requirements
  const step = rules.relax.find(({ afterMs, drop }) => {
    const isFelt = drop === 'preferredSkills' ? preferredSkills.length > 0 : skills.includes(drop)
    return isFelt && row.queuedAt + afterMs > at
  })
  return step && row.queuedAt + step.afterMs
}
