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
  /** A seat is held for an agent, who is asked to take the conversation. */
  offer: { readonly agentId: string }
  /** The agent takes it, and owns the conversation from now on. */
  accept: { readonly agentId: string }
  /** The agent does not take it; it waits again, with its place. */
  decline: { readonly agentId: string; readonly reason?: string }
  /** The agent let the offer pass. */
  expire: { readonly agentId: string }
  /** A supervisor joins the talk beside its agent. */
  join: { readonly agentId: string }
  /**
   * An agent gives it away: to a colleague, to the queue, or back to the bot. One who has gone, or has long been silent, gives it away too,
   * and one from whom it is taken over.
   */
  transfer: { readonly from: string; readonly to: TransferTarget; readonly note?: string }
  /** The agent steps away for a moment. */
  hold: { readonly agentId: string }
  /** The agent is back, or keeps what nobody took over. */
  resume: { readonly agentId: string }
  /** Nobody can take it now: the customer leaves a message, which is answered later. */
  goAsync: { readonly reason: string }
  /** The customer left before any agent answered. */
  abandon: { readonly waitedMs: number }
  /** The closing steps begin. */
  startClosing: { readonly by: Author }
  /** The customer gives a rating, while it is being closed or after. */
  rate: { readonly score: number; readonly comment?: string }
  /** The agent asks for another tone. */
  warn: { readonly level: number }
  /** The last warning was given before: the conversation ends. */
  block: { readonly reason: string }
  /** It is over, with exactly one outcome. */
  close: { readonly by: Author; readonly outcome: Outcome; readonly reason: string }
  /** The customer has come back soon after the end. */
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
  'join',
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
