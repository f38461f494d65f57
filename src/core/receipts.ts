import type { Refusal } from './errors.ts'
import type { TransitionName } from './transitions.ts'
import type { Phase } from './types.ts'

interface Done {
  readonly ok: true
  readonly conversationId: string
  readonly revision: number
  readonly phase: Phase
  /** The transitions taken, in order. */
  readonly transitions: readonly TransitionName[]
  /** The plugin that sent the conversation elsewhere. */
  readonly redirectedBy?: string
}

/** What a command came to. `ok` says whether it did. */
export type Receipt =
  | (Done & { readonly status: 'applied' })
  /** The key was used before: the first result, again. */
  | (Done & { readonly status: 'duplicate' })
  | {
      readonly ok: false
      readonly status: 'vetoed'
      readonly by: string
      readonly transition: TransitionName
      readonly reason: string
    }
  | {
      readonly ok: false
      readonly status: 'refused'
      readonly code: Refusal
      readonly hint: string
      readonly retryAfterMs?: number
      /** `STALE_OWNER`: what was written, handed back. */
      readonly text?: string
    }

export type RefusedReceipt = Extract<Receipt, { status: 'refused' }>

export function refused(code: Refusal, hint: string, text?: string): RefusedReceipt {
  return { ok: false, status: 'refused', code, hint, ...(text === undefined ? {} : { text }) }
}
