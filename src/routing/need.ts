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
  /** Kept for this agent as long as they are on duty. */
  readonly onlyAgentId: string | undefined
}

type NeedRules = Pick<ResolvedRouting, 'relax' | 'targetMs' | 'asyncTargetMs' | 'preferredWaitMs'>

const NOTHING: readonly string[] = []

/**
 * What the conversation asks for at `at`. A weight or priority that is none counts as 1 or 0.
 * @throws MaitredError `CONFIG_INVALID` when its own target is not a duration.
 */
export function toNeed(row: QueueRow, rules: NeedRules, at: number): Need {
  const { skills, preferredSkills = NOTHING, weight = 1, target, priority = 0, preferredAgentId } = row.requirements
  const dropped = rules.relax.length === 0 ? NOTHING : toDropped(row, rules, at)
  const fallbackMs = row.reach === 'away' ? rules.asyncTargetMs : rules.targetMs
  const isKept =
    preferredAgentId !== undefined && at - row.queuedAt < rules.preferredWaitMs && !isRuledOut(row, preferredAgentId)
  return {
    skills: toSet(skills, dropped),
    preferredSkills: dropped.includes('preferredSkills') ? NOTHING : toSet(preferredSkills, NOTHING),
    weight: Number.isFinite(weight) && weight > 0 ? weight : 1,
    targetMs: target === undefined ? fallbackMs : Math.max(1, toMs(target, 'requirements.target')),
    priority: Number.isFinite(priority) ? priority : 0,
    isChoosy: rules.relax.length > 0 && isChoosy(rules) && !dropped.includes('proficiency'),
    onlyAgentId: isKept ? preferredAgentId : undefined,
  }
}

/** Is there a time in which only the best will do? */
export function isChoosy({ relax }: Pick<ResolvedRouting, 'relax'>): boolean {
  return relax.some(({ drop }) => drop === 'proficiency')
}

/** Whom the conversation will not go to in any case. */
export function isRuledOut({ declinedBy, requirements }: QueueRow, agentId: string): boolean {
  return declinedBy.includes(agentId) || requirements.excludedAgentIds?.includes(agentId) === true
}

function toDropped(row: QueueRow, { relax }: NeedRules, at: number): readonly string[] {
  return relax.filter((step) => at - row.queuedAt >= step.afterMs).map((step) => step.drop)
}

/** Each once, and sorted. */
function toSet(names: readonly string[], dropped: readonly string[]): readonly string[] {
  if (dropped.length === 0 && isAscending(names)) return names
  return [...new Set(names)].filter((name) => !dropped.includes(name)).sort()
}

function isAscending(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index++)
    if (!((names[index - 1] ?? '') < (names[index] ?? ''))) return false
  return true
}

/** When the requirements next become fewer, after `at`; `undefined` when they stay as they are. */
export function nextRelaxAt(row: QueueRow, rules: NeedRules, at: number): number | undefined {
  const { skills, preferredSkills = NOTHING, preferredAgentId } = row.requirements
  const step = rules.relax.find(({ afterMs, drop }) => {
    if (row.queuedAt + afterMs <= at) return false
    if (drop === 'proficiency') return true
    return drop === 'preferredSkills' ? preferredSkills.length > 0 : skills.includes(drop)
  })
  const relaxAt = step === undefined ? Number.POSITIVE_INFINITY : row.queuedAt + step.afterMs
  const keptUntil = preferredAgentId === undefined ? 0 : row.queuedAt + rules.preferredWaitMs
  const next = keptUntil > at ? Math.min(keptUntil, relaxAt) : relaxAt
  return Number.isFinite(next) ? next : undefined
}
