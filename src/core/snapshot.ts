import type { Author, Choice, Json, Outcome, Requirements, Slot } from './types.ts'

/** Who may speak for us: the bot, nobody yet (`queue`), one agent, or nobody any more. */
export type Owner = 'bot' | 'queue' | 'none' | `agent:${string}`

/** A seat taken at an agent by one conversation, from the offer to the end of wrap-up. */
export interface Hold {
  readonly holdId: string
  readonly agentId: string
  /** What it takes of the capacity now. */
  readonly units: number
  /** What it takes while the customer is there; `units` are 0 while they have long been silent. */
  readonly weight: number
  readonly phase: 'offered' | 'open' | 'wrapUp'
  /** How long wrap-up will last, decided when the offer was made. */
  readonly wrapUpMs: number
  /** When the offer or the wrap-up ends by itself; `null` while it is open. */
  readonly endsAt: number | null
}

/** Work that the engine owes the conversation: done after the commit, issued again on load, its result comes back as an event. */
export type Effect =
  | { readonly type: 'question.answer'; readonly effectId: string; readonly messageId: string }
  | { readonly type: 'customer.enrich'; readonly effectId: string }

/** One step in a slot's list. A statement is told and passed; the others wait for a reply. */
export interface StepRef {
  readonly id: string
  readonly statement: boolean
}

/** The step being asked, and those that follow. The list is fixed on entering the slot. */
export interface StepProgress {
  readonly slot: Slot
  readonly steps: readonly StepRef[]
  readonly index: number
  /** How often the present step was answered with something that did not fit. */
  readonly attempts: number
}

/** How a conversation that is being closed will end. */
export interface Ending {
  readonly by: Author
  readonly outcome: Outcome
  readonly reason: string
}

/** Where a transfer is going, and who gives it away. */
export interface Handover {
  readonly fromAgentId: string
  readonly warm: boolean
  /** They were cut off: it is theirs again when they are back before somebody else has it. */
  readonly isCutOff: boolean
}

/** What the chart knows of one conversation: ids and derived facts, never words. Plain JSON, so `null` and never `undefined`. */
export interface Context {
  readonly id: string
  readonly customerId: string
  readonly channel: string
  readonly openedAt: number
  readonly episode: number
  readonly owner: Owner
  /** Counts the changes of owner: everything that speaks for an owner carries it. */
  readonly ownerSeq: number
  readonly reach: 'present' | 'away'
  readonly lastHeardAt: number
  readonly lastSpokeAt: number
  /** The first word of the customer that no agent has answered. */
  readonly unansweredAt: number | null
  /** When the agent was asked to answer it. */
  readonly agentRemindedAt: number | null
  /** Until when the customer is here, if they say nothing more of it; `null`: nobody has said that they are. */
  readonly hereUntil: number | null
  /** Which arrival that was. */
  readonly hereToken: number
  /** When the customer was lost; `null`: they are here, or nobody watches. */
  readonly goneAt: number | null
  /** When the silent customer was asked whether they are still there. */
  readonly remindedAt: number | null
  readonly questionId: string | null
  readonly missCount: number
  /** Articles offered in this episode: none is offered twice. */
  readonly taught: readonly string[]
  readonly articleId: string | null
  readonly skills: readonly string[]
  readonly articleSkills: readonly string[]
  readonly requirements: Requirements | null
  readonly queuedAt: number | null
  readonly declinedBy: readonly string[]
  readonly overflowCount: number
  readonly holds: readonly Hold[]
  readonly formerAgentIds: readonly string[]
  /** Agents who have joined the talk and do not own it. */
  readonly guests: readonly string[]
  /** How often an agent has given it away in this episode, or lost it. */
  readonly transferCount: number
  readonly handover: Handover | null
  readonly backAt: number | null
  /** Since when it has been waiting as a message that nobody has answered. */
  readonly parkedAt: number | null
  readonly step: StepProgress | null
  readonly ending: Ending | null
  /** How often an article has not helped since the last question. */
  readonly unsolvedCount: number
  /** How often the customer has said, when it was to be closed, that it is not solved. */
  readonly returnCount: number
  readonly outcome: Outcome | null
  readonly reason: string | null
  readonly closedAt: number | null
  readonly disposition: string | null
  readonly rating: number | null
  readonly warningCount: number
  readonly pending: readonly Effect[]
}

/** One named alarm: absolute due time, and the revision at which it was set as its token. */
export interface Timer {
  readonly dueAt: number
  readonly token: number
}

/** One plugin's value in one conversation; `version` is the number of its migrations. */
export interface PluginState {
  readonly version: number
  readonly state: { readonly [key: string]: Json }
}

/** The serialisable state of one conversation. `path` is where it stands in the chart. */
export interface Snapshot {
  readonly chart: number
  readonly path: string
  readonly context: Context
  readonly timers: Readonly<Record<string, Timer>>
  readonly plugins: Readonly<Record<string, PluginState>>
  /** How often plugins have answered one another since something came from outside, or a timer fired. */
  readonly depth: number
}

/** A transcript entry before it has its number. */
export interface Draft {
  readonly author: Author
  readonly text: string
  readonly agentId?: string
  readonly choices?: readonly Choice[]
  readonly internal?: true
}
