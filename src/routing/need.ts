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
  /** Only agents who are about as good at it as the best on duty will do. */
  readonly isChoosy: boolean
}

type RelaxRules = Pick<ResolvedRouting, 'relax' | 'targetMs' | 'asyncTargetMs'>

const NOTHING: readonly string[] = []

/**
 * What the conversation asks for at `at`.
 * @throws MaitredError `CONFIG_INVALID` when its own target is not a duration.
 */
export function toNeed(row: QueueRow, rules: RelaxRules, at: number): Need {
  const { skills, preferredSkills = [], weight = 1, target, priority = 0 } = row.requirements
  const dropped = rules.relax.length === 0 ? NOTHING : toDropped(row, rules, at)
  const fallbackMs = row.reach === 'away' ? rules.asyncTargetMs : rules.targetMs
  return {
    skills: skills.length < 2 && dropped.length === 0 ? skills : toSet(skills, dropped),
    preferredSkills: dropped.includes('preferredSkills') ? NOTHING : toSet(preferredSkills, NOTHING),
    weight,
    targetMs: target === undefined ? fallbackMs : Math.max(1, toMs(target, 'requirements.target')),
    priority,
    isChoosy: rules.relax.length > 0 && isChoosy(rules) && !dropped.includes('proficiency'),
  }
}

/** Is there a time in which only the best will do? */
export function isChoosy({ relax }: Pick<ResolvedRouting, 'relax'>): boolean {
  return relax.some(({ drop }) => drop === 'proficiency')
}

function toDropped(row: QueueRow, { relax }: RelaxRules, at: number): readonly string[] {
  return relax.filter((step) => at - row.queuedAt >= step.afterMs).map((step) => step.drop)
}

/** Each once; sorted where the order means nothing. */
function toSet(names: readonly string[], dropped: readonly string[]): readonly string[] {
  if (names.length === 0) return names
  return [...new Set(names)].filter((name) => !dropped.includes(name)).sort()
}

/** When the requirements next become fewer, after `at`; `undefined` when they stay as they are. */
export function nextRelaxAt(row: QueueRow, rules: RelaxRules, at: number): number | undefined {
  const { skills, preferredSkills = [] } = row.requirements
  const step = rules.relax.find(({ afterMs, drop }) => {
    if (row.queuedAt + afterMs <= at) return false
    if (drop === 'proficiency') return true
    return drop === 'preferredSkills' ? preferredSkills.length > 0 : skills.includes(drop)
  })
  return step && row.queuedAt + step.afterMs
}
