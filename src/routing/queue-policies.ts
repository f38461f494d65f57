import type { QueueRow } from '../core/ports.ts'
import type { Need } from './need.ts'
import type { QueuePolicyName } from './routing.ts'

/** How an agent suits a conversation's class. */
export interface Fit {
  /** The agent's speed there, relative to the best on duty: above 0, at most 1. */
  readonly speedRatio: number
  /** Agents on duty per agent on duty who has the skills: at least 1. */
  readonly scarcity: number
}

/** What of a waiting conversation is ranked. */
export interface Ranked {
  readonly row: Pick<QueueRow, 'queuedAt'>
  readonly need: Pick<Need, 'targetMs' | 'priority'>
}

/** Which conversation a freed seat goes to: the one with the highest score; equal scores by `queuedAt`, then id. */
export interface QueuePolicy {
  score(waiting: Ranked, fit: Fit, at: number): number
  /** By how much the score grows each ms. Where it differs, the order may still change by waiting alone. */
  growth(waiting: Ranked, fit: Fit): number
}

const MINUTE_MS = 60_000
const isFixed = () => 0

/** Waiting time / target x speed^4 x scarcity^2: whoever waits rises, so that nobody starves; slow hands come last; rare skills come first. */
const weightedAge: QueuePolicy = {
  score(waiting, fit, at) {
    const ageMs = Math.max(0, at - waiting.row.queuedAt) + 1_000
    return ageMs * weightedAge.growth(waiting, fit)
  },
  growth: ({ need }, { speedRatio, scarcity }) => (speedRatio ** 4 * scarcity ** 2) / need.targetMs,
}

export const queuePolicies: Readonly<Record<QueuePolicyName, QueuePolicy>> = {
  weightedAge,
  /** First come, first served, across all classes. Unstable when secondary skills are slow. */
  fifo: { score: ({ row }) => -row.queuedAt, growth: isFixed },
  /** Higher priority always first. Under load the lower ones starve. */
  strictPriority: { score: ({ need }) => need.priority, growth: isFixed },
  /** Each step of priority counts like a minute of waiting. */
  additiveAgeing: { score: ({ row, need }) => need.priority * MINUTE_MS - row.queuedAt, growth: isFixed },
  /** The skills that the fewest have always first; first come, first served within them. */
  scarceFirst: { score: (_waiting, { scarcity }) => scarcity, growth: isFixed },
  earliestDeadline: { score: ({ row, need }) => -(row.queuedAt + need.targetMs), growth: isFixed },
}
