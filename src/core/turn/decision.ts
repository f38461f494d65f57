import type { Fact } from '../events.ts'
import type { RefusedReceipt } from '../receipts.ts'

/** What an event comes to before the chart sees it: a fact, a refusal, or nothing at all, when what was expected has been overtaken. */
export type Decision = { readonly fact: Fact } | { readonly refusal: RefusedReceipt } | { readonly nothing: true }

/** A decision that has to wait for somebody. */
export type Deciding = Generator<PromiseLike<unknown>, Decision, unknown>

export function isDeciding(decided: Decision | Deciding): decided is Deciding {
  return (decided as { readonly next?: unknown }).next !== undefined // several times faster than `in`
}

export const NOTHING: Decision = { nothing: true }
