import type { Plugin, PluginFactory } from '../hooks/hook-context.ts'
import type { AnyObservation, Observation, ObservationName } from '../observations.ts'
import type { Explanation, HoldPhase, QueueRow } from '../ports.ts'
import type { Receipt, RefusedReceipt } from '../receipts.ts'
import type { TransferTarget } from '../transitions.ts'
import type {
  Agent,
  Attachment,
  Author,
  Availability,
  ConversationView,
  Customer,
  Duration,
  Json,
  Message,
  Phase,
  Presence,
  Visit,
} from '../types.ts'

/** A running maître d'. */
export interface Engine<Skill extends string = string> extends AsyncDisposable {
  /** Opens the store; timers, outbox and matching run from now on. Subscribe before. */
  start(): Promise<void>
  /** Takes nothing new and finishes what is under way; within 10 s unless said. */
  stop(options?: { readonly within?: Duration }): Promise<void>
  /**
   * Opens a conversation, or returns the one this customer has open on this channel. One that has just been closed is taken up again. With a
   * `key`, a request that comes twice opens nothing the second time.
   * @throws MaitredError `IDEMPOTENCY_MISMATCH` if the key was used for another visit
   */
  openConversation(
    visit: Visit & {
      readonly customer: Customer
      readonly channel?: string
      readonly skills?: readonly Skill[]
      readonly key?: string
    },
  ): Promise<Conversation>
  /** The customer's side of a conversation, by id. Verbs reject with `NOT_FOUND` if there is none. */
  conversation(id: string): Conversation
  /** Conversations as data, in the order of their ids: oldest first unless said. */
  conversations(filter?: {
    readonly customerId?: string
    readonly agentId?: string
    readonly phase?: Phase
    /** Only those whose id sorts after this one (before it, with `newestFirst`). */
    readonly after?: string
    readonly newestFirst?: boolean
    readonly limit?: number
  }): Promise<readonly ConversationView[]>
  /** Whose a conversation is, for those who check rights: cheaper than a view. @throws MaitredError `NOT_FOUND` */
  parties(conversationId: string): Promise<Parties>
  /** What that agent can do. Needs no proof: rights live in the transport. */
  agent(id: string): AgentDesk
  /** Everybody who may answer, with presence and load. */
  agents(): Promise<readonly AgentView[]>
  /** All that wait for an agent, with what they need. */
  waiting(): Promise<readonly QueueRow[]>
  /** Adds or changes; running conversations stay where they are. */
  saveAgent(agent: Agent<Skill>): Promise<void>
  /** Each of their conversations goes back with its wait. */
  removeAgent(id: string): Promise<void>
  /** Gives a waiting conversation to an agent. `force`: over capacity too, and recorded as such. */
  assign(
    conversationId: string,
    agentId: string,
    options: { readonly by: string; readonly force?: boolean },
  ): Promise<Receipt>
  /** Whether live chat is open to this visit, and how long the wait would be. */
  availability(visit?: Visit & { readonly skills?: readonly Skill[] }): Promise<Availability>
  /** Why this agent, why not the others, and what plugins changed. */
  explain(conversationId: string, options?: { readonly full?: boolean }): Promise<Explanation>
  /** This node's committed facts, for screens and logs. Business consequences belong in an `after:` hook (at least once, any node). */
  on<Name extends ObservationName>(name: Name, observer: (fact: Observation<Name>) => unknown): () => void
  on(name: '*', observer: (fact: AnyObservation) => unknown): () => void
  /** A plugin's own API, by the imported factory. @throws MaitredError `PLUGIN_MISSING` */
  plugin<Api>(plugin: PluginFactory<never, Api> | (Plugin & { readonly api?: Api })): Api
  /** For `/healthz`: whether the store answers, how late timers are, and how much is still to be delivered. */
  health(): Promise<{
    readonly ok: boolean
    readonly store: string
    readonly dueLagMs: number
    readonly outboxCount: number
  }>
  /** Removes a customer's words and person everywhere; counts and ids stay. */
  erase(customerId: string): Promise<{ readonly conversationCount: number }>
  /** The one door that all of the above goes through; for transports. */
  dispatch(event: unknown): Promise<Receipt>
}

/** Who has to do with a conversation. */
export interface Parties {
  readonly customerId: string
  /** Who answers, or takes part, or has an offer, or is in wrap-up. */
  readonly holderIds: readonly string[]
  /** Who answered before. */
  readonly formerAgentIds: readonly string[]
  /** The `seq` of the last entry in the transcript. */
  readonly lastSeq: number
}

/** An agent as the house sees them now. */
export interface AgentView {
  readonly agent: Agent
  readonly presence: Presence
  /** Units held now: offers, open conversations and wrap-up. */
  readonly load: number
  readonly capacity: number
}

export interface CommandOptions {
  /** Idempotency key: safe to retry with. */
  readonly key?: string
}

export interface SayOptions extends CommandOptions {
  /** By reference: upload them where your product keeps files. At most 10, over http or https. */
  readonly attachments?: readonly Attachment[]
  /** Yours; at most 16 KiB. */
  readonly metadata?: Readonly<Record<string, Json>>
}

/** The customer's side of one conversation. */
export interface Conversation {
  readonly id: string
  /** All of it, as the house has it: notes and whispers (`internal`) and what is known of the customer, too. A `createHandler` never sends those to a customer. */
  view(): Promise<ConversationView>
  /** The customer writes; beside attachments there may be no words. */
  say(text: string, options?: SayOptions): Promise<Receipt>
  /** The customer takes one of the choices under a message. */
  choose(choiceId: string, options?: CommandOptions): Promise<Receipt>
  /** The customer wants a person. */
  requestAgent(options?: CommandOptions & { readonly skills?: readonly string[] }): Promise<Receipt>
  /** The customer goes. */
  leave(options?: CommandOptions): Promise<Receipt>
  /** A visitor turned out to be a known customer; prove it before you call. */
  identify(customer: Customer): Promise<Receipt>
  /**
   * The customer is here, for as long as the lease unless it is repeated in time: to be called by whatever holds their connection. With a
   * lease of 0 they are gone. Whoever is gone while waiting loses the place after `presence.customerGrace`.
   */
  present(options: { readonly lease: Duration }): Promise<void>
  /** The customer is typing. Never stored. */
  typing(): void
  /** The customer has read up to the message with this `seq`: the agent is shown it. Never stored. */
  read(seq: number): Promise<void>
  /** Adds to the page trail. */
  moveTo(page: string): void
  /** The customer rates the conversation; the engine's own question asks for 1 to 5. */
  rate(score: number, options?: CommandOptions & { readonly comment?: string }): Promise<Receipt>
  /** Messages in order from a `seq` on, without gaps; ends when the signal aborts or the engine stops. */
  follow(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<Update>
}

/** What one agent can do. Each verb that concerns a conversation takes its id first. */
export interface AgentDesk {
  readonly id: string
  /** With a lease: back to offline unless repeated in time. */
  setPresence(presence: Presence, options?: { readonly lease?: Duration }): Promise<void>
  /**
   * Work that is no conversation (a call, a letter) takes `units` of the capacity from now on; 0: it is over. Refused (`NO_CAPACITY`)
   * without room, unless it is forced.
   */
  busy(units: number, options?: OutsideOptions): Promise<BusyReceipt>
  /** Takes an offer. */
  accept(conversationId: string, options?: CommandOptions): Promise<Receipt>
  /** Passes an offer on. */
  decline(conversationId: string, options?: CommandOptions & { readonly reason?: string }): Promise<Receipt>
  /** The agent writes to the customer; beside attachments there may be no words. */
  say(conversationId: string, text: string, options?: SayOptions): Promise<Receipt>
  /** For colleagues only. */
  note(conversationId: string, text: string, options?: CommandOptions): Promise<Receipt>
  /** The agent steps away, and the customer is told. */
  hold(conversationId: string, options?: CommandOptions & { readonly backIn?: Duration }): Promise<Receipt>
  /** Gives it away: `{ agentId }`, `{ skills }`, `'bot'`; `{ skills: [] }`: back to the queue. */
  transfer(
    conversationId: string,
    to: TransferTarget,
    options?: CommandOptions & { readonly note?: string; readonly warm?: boolean },
  ): Promise<Receipt>
  /** Never stored; shown only while the conversation is the agent's. */
  typing(conversationId: string): void
  /** The agent has read up to the message with this `seq`: the customer is shown it. Never stored; of use only while they take part. */
  read(conversationId: string, seq: number): Promise<void>
  /**
   * What plugins have to say about a text before it is sent (`desk:advice`): hints, and perhaps a better draft. It changes nothing. Whoever
   * does not own the conversation gets the draft back as it was.
   */
  advise(conversationId: string, draft: string): Promise<Advice>
  /** Supervisors: everything that is said, notes and whispers too, without taking part. Ends when the signal aborts or the engine stops. */
  watch(
    conversationId: string,
    options?: { readonly after?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<Update>
  /** Supervisors: a word to the agent of a live talk that the customer does not see. */
  whisper(conversationId: string, text: string, options?: CommandOptions): Promise<Receipt>
  /**
   * Supervisors: takes part beside the agent, without a seat. With `takeOver` the conversation is theirs, with a seat (`force`: over
   * capacity, too), and whoever had it stays as a guest.
   */
  join(
    conversationId: string,
    options?: CommandOptions & { readonly takeOver?: boolean; readonly force?: boolean },
  ): Promise<Receipt>
  /** Takes part no more, after `join`. */
  leave(conversationId: string, options?: CommandOptions): Promise<Receipt>
  /** One step up the boundary ladder. */
  warn(conversationId: string, options?: CommandOptions): Promise<Receipt>
  /** Begins the closing steps. */
  close(
    conversationId: string,
    options?: CommandOptions & { readonly directions?: string; readonly disposition?: string },
  ): Promise<Receipt>
  /**
   * The desk's own state, offers, and all that happens in the conversations held. `after`: how far each conversation has been read, by its id
   * and the `seq` of the last message; the rest comes from its beginning.
   */
  follow(options?: {
    readonly after?: Readonly<Record<string, number>>
    readonly signal?: AbortSignal
  }): AsyncIterable<DeskUpdate>
}

export interface OutsideOptions {
  /** What it is; each of another name counts by itself. `work` unless said. */
  readonly with?: string
  /** It is over by itself after so long. */
  readonly for?: Duration
  /** Over capacity, too, and kept as such. */
  readonly force?: boolean
}

export type BusyReceipt =
  | {
      readonly ok: true
      readonly status: 'applied'
      readonly agentId: string
      /** Units held now. */
      readonly load: number
      readonly capacity: number
    }
  | RefusedReceipt

export interface Advice {
  readonly draft: string
  readonly hints: readonly string[]
}

export type Update =
  | { readonly type: 'message'; readonly conversationId: string; readonly message: Message }
  /** Phase, place in the queue, who answers. */
  | { readonly type: 'conversation'; readonly conversation: ConversationView }
  /** Never stored. */
  | { readonly type: 'typing'; readonly conversationId: string; readonly author: Author }
  /** The other side has read up to the message with this `seq`. Never stored. */
  | {
      readonly type: 'read'
      readonly conversationId: string
      readonly author: 'customer' | 'agent'
      readonly seq: number
    }
  /**
   * An answer of the bot that is still coming: all there is of it so far. Never stored; the next one, or the message that the answer becomes,
   * takes its place. It may also come to nothing: when somebody else has taken over, a `conversation` update says so.
   */
  | { readonly type: 'partial'; readonly conversationId: string; readonly author: 'bot'; readonly text: string }

export type DeskUpdate =
  | Update
  /** Presence, load and what is held: at first, and whenever it changes. A conversation that is not in it has left this desk. */
  | {
      readonly type: 'desk'
      readonly presence: Presence
      /** Units held now. */
      readonly load: number
      readonly capacity: number
      readonly holds: readonly { readonly conversationId: string; readonly phase: HoldPhase }[]
    }
  | { readonly type: 'offer'; readonly conversation: ConversationView; readonly expiresAt: number }
  | { readonly type: 'offerGone'; readonly conversationId: string }
