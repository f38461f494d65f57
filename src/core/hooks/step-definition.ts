import type { HookContext, Own, Seen } from './hook-context.ts'
import type { InferOutput, Schema } from '../standard-schema.ts'
import type { Choice, Duration, Slot } from '../types.ts'

/** One small question. A reply that fails the schema is asked again, kindly, `attempts` times, then skipped. */
export interface Step<Reply extends Schema, Self extends Own> {
  readonly slot: Slot
  readonly id: string
  readonly ask: string | ((ctx: Seen<Self>) => string)
  readonly choices?: readonly Choice[]
  /** Reads what the customer wrote, or the id of the choice they made. */
  readonly reply: Reply
  /** What to say when the reply does not fit; `ask` again unless said. */
  readonly again?: string
  /** How often it is asked in all; 2 unless said. */
  readonly attempts?: number
  /** How long to wait for a reply; 2 minutes unless said. */
  readonly timeout?: Duration
  /** Asked only if this holds when the slot is entered. */
  readonly when?: (ctx: Seen<Self>) => boolean
  readonly accept: (reply: InferOutput<Reply>, ctx: HookContext<Self>) => void
}

export interface AnyStep {
  readonly slot: Slot
  readonly id: string
}
