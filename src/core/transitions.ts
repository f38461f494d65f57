import type { Author, Outcome, Requirements, Slot, Suggestion } from './types.ts'

/** Every step of a conversation, and what a hook knows about it. Not the inner states: those may change. */
export interface Transitions {
  /** The bot welcomes the customer and listens. */
  greet: {}
  /** A step is asked, or told. */
  ask: { readonly slot: Slot; readonly stepId: string }
  /** An answer to the newest question is looked for. */
  search: { readonly query: string }
  /** Articles are offered: did this help? */
  suggest: { readonly suggestions: readonly Suggestion[] }
  /** The bot has answered in its own words, and listens again. */
  answer: {}
  /** Nobody had an answer; the bot says so, and listens again. */
  miss: { readonly query: string }
  /** The customer confirms that an article solved it. */
  deflect: { readonly articleId: string }
  /** A person is wanted. `requirements` are those known so far. */
  requestAgent: { readonly requirements: Requirements }
  /** The conversation joins the queue. `requirements` are final. */
  enqueue: { readonly requirements: Requirements }
  offer: { readonly agentId: string }
  accept: { readonly agentId: string }
  decline: { readonly agentId: string; readonly reason?: string }
  expire: { readonly agentId: string }
  transfer: { readonly from: string; readonly to: TransferTarget; readonly note?: string }
  hold: { readonly agentId: string }
  resume: { readonly agentId: string }
  goAsync: { readonly reason: string }
  /** The customer left before any agent answered. */
  abandon: { readonly waitedMs: number }
  startClosing: { readonly by: Author }
  rate: { readonly score: number; readonly comment?: string }
  warn: { readonly level: number }
  block: { readonly reason: string }
  close: { readonly by: Author; readonly outcome: Outcome; readonly reason: string }
  reopen: {}
}

export type TransitionName = keyof Transitions
export type TransferTarget = { readonly agentId: string } | { readonly skills: readonly string[] } | 'bot'

/** Where a hook may send a conversation instead. */
export type RedirectTarget = 'search' | 'requestAgent' | 'enqueue' | 'goAsync' | 'startClosing' | 'close'

/** Happened already: there is nothing to veto. */
export type FactTransition = 'abandon' | 'expire' | 'block' | 'rate'

/** All names, in the order of a conversation's life. */
export const TRANSITION_NAMES = [
  'greet',
  'ask',
  'search',
  'suggest',
  'answer',
  'miss',
  'deflect',
  'requestAgent',
  'enqueue',
  'offer',
  'accept',
  'decline',
  'expire',
  'transfer',
  'hold',
  'resume',
  'goAsync',
  'abandon',
  'startClosing',
  'rate',
  'warn',
  'block',
  'close',
  'reopen',
] as const satisfies readonly TransitionName[]

export const REDIRECT_TARGETS = [
  'search',
  'requestAgent',
  'enqueue',
  'goAsync',
  'startClosing',
  'close',
] as const satisfies readonly RedirectTarget[]

/** Transitions that no hook can veto or redirect, whatever event led to them. */
export const FACT_TRANSITIONS: ReadonlySet<TransitionName> = new Set<FactTransition>([
  'abandon',
  'expire',
  'block',
  'rate',
])
