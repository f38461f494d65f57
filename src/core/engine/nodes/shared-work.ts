import type { Commit } from '../../ports.ts'

/** What one node at a time does for all: the timers, deliveries that are owed, and the matching of the routing domain. */
export type SharedWork = 'timers' | 'outbox' | 'matching'

export const SHARED_WORK: readonly SharedWork[] = ['timers', 'outbox', 'matching']

/** One engine among those that work on the same store; alone, it does everything itself. */
export interface Node {
  /** Is this work ours to do now? */
  does(work: SharedWork): boolean
  /** What a commit for this work must carry. */
  fence(work: SharedWork): Commit['fence'] | undefined
  /** A write of ours was fenced off. */
  lost(fence: NonNullable<Commit['fence']>): void
  /** Until when a delivery written now is left to us. */
  heldUntil(at: number): number | undefined
  readonly isShared: boolean
  start(): Promise<void>
  /** What others have written until now. */
  look(): Promise<void>
  /** No work of the node's own any more. */
  stop(): void
  /** Hands the leases over. */
  release(): Promise<void>
}

export interface NodeSettings {
  readonly leaseMs: number
  readonly pollMs: number
}

/** Nobody else works on this store. */
export const ALONE: Node = {
  isShared: false,
  does: () => true,
  fence: () => undefined,
  lost: () => {},
  heldUntil: () => undefined,
  start: () => Promise.resolve(),
  look: () => Promise.resolve(),
  stop: () => {},
  release: () => Promise.resolve(),
}
