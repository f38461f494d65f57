import type { Engine, Receipt } from '../../index.ts'
import type { VirtualClock } from '../../testing/index.ts'

/** What replayed people work with. */
export interface Stage {
  readonly engine: Engine
  readonly clock: VirtualClock
  /** Does something whose outcome nobody waits for; an error is a fault of ours, and kept. */
  attempt(action: Promise<Receipt | void>): void
  /** Does something after a while. Returns the way to call it off. */
  later(afterMs: number, action: () => void): () => void
}
