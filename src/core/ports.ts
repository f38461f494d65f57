import type { Refusal } from './errors.ts'
import type { Fact } from './events.ts'
import type { PluginState, Snapshot, Timer } from './snapshot.ts'
import type {
  Agent,
  Awaitable,
  Candidate,
  Customer,
  Forecast,
  Json,
  Message,
  Phase,
  Presence,
  QueuePlace,
  Requirements,
} from './types.ts'

export type { Channel, Clock, KnowledgeSource, Log } from './world.ts'

// ── The store ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the store holds of one conversation. */
export interface ConversationRow {
  readonly id: string
  /** Counts the commits, from 1. */
  readonly version: number
  readonly snapshot: Snapshot
  readonly customer: Customer
  readonly pages: readonly { readonly url: string; readonly at: number }[]
  /** How many entries the transcript has: the `seq` of the last. */
  readonly entryCount: number
  readonly previousId: string | null
  /** The version at which the person was erased: whatever was found out before must not be written any more. */
  readonly erasedVersion?: number | undefined
}

/** What a command came to, as first told. */
export interface StoredResult {
  readonly bodyHash: string
  readonly receipt: Json
}

export interface Loaded {
  readonly row: ConversationRow | undefined
  /** The result kept under the key, if the key was used before. */
  readonly prior: StoredResult | undefined
}

/** One change to the capacity ledger. `take` is guarded: the agent is online and has room, unless `force`. */
export type SlotChange =
  | {
      readonly op: 'take'
      readonly agentId: string
      readonly holdId: string
      readonly units: number
      readonly phase: HoldPhase
      readonly force?: true
    }
  | { readonly op: 'phase'; readonly agentId: string; readonly holdId: string; readonly phase: HoldPhase }
  /**
   * A hold weighs more or less from now on, perhaps nothing. Growing is guarded by the capacity alone, whatever the presence; it is
   * `refused(NO_CAPACITY)` without room, unless `force`. A hold that is not there is left out.
   */
  | {
      readonly op: 'weigh'
      readonly agentId: string
      readonly holdId: string
      readonly units: number
      readonly force?: true
    }
  /** `away`: the agent let an offer pass, and is away from this commit on. */
  | { readonly op: 'release'; readonly agentId: string; readonly holdId: string; readonly away?: true }

export type HoldPhase = 'offered' | 'open' | 'wrapUp'

/** A conversation that waits for an agent, in absolute values. */
export interface QueueRow {
  readonly conversationId: string
  readonly requirements: Requirements
  readonly queuedAt: number
  /** Agents who are not to be asked again. */
  readonly declinedBy: readonly string[]
  /** `away`: the customer is not here; the answer goes by another channel, and may take longer. */
  readonly reach: 'present' | 'away'
  readonly version: number
}

/** A delivery that must happen at least once, after the commit. */
export interface OutboxRow {
  readonly id: string
  readonly topic: string
  readonly conversationId: string
  readonly body: Json
  /** Whoever wrote it delivers it, and nobody else takes it before this time; at once unless said. */
  readonly heldUntil?: number
}

/** What was decided in one turn, enough to replay it without running a hook. Holds ids and derived facts, never words. */
export interface TurnRecord {
  readonly version: number
  readonly at: number
  /** Of the first turn: what the conversation began with. */
  readonly opening?: Opening | undefined
  /** The facts the chart was told, and how many edges of each stood. */
  readonly walks: readonly { readonly fact: Fact; readonly kept: number }[]
  /** Verdicts of plugins, and messages that were dropped. */
  readonly notes: readonly Json[]
  /** All timers from now on; absent when they are as before. */
  readonly timers?: Readonly<Record<string, Timer>> | undefined
  /** Plugin states that have changed. */
  readonly plugins?: Readonly<Record<string, PluginState>> | undefined
  readonly depth: number
}

/** What a conversation begins with. */
export interface Opening {
  readonly id: string
  readonly customerId: string
  readonly channel: string
  readonly skills: readonly string[]
  readonly at: number
}

export interface RecordPut {
  readonly plugin: string
  readonly key: string
  readonly value: Json
  readonly ifVersion?: number
}

/** The only write of conversation state: all of it, or nothing. */
export interface Commit {
  readonly id: string
  /** The version this was computed from; 0 for a new conversation. */
  readonly expect: number
  /** A lease that must still be held. */
  readonly fence?: { readonly name: string; readonly epoch: number } | undefined
  readonly at: number
  /** The idempotency key, with the hash of the raw event and the answer to keep under it. */
  readonly key?: { readonly name: string; readonly result: StoredResult } | undefined
  /** The new state; absent when the turn ended in a refusal that only the key remembers. */
  readonly row?: Omit<ConversationRow, 'version'>
  /** One open conversation per customer and channel: set while open, `null` once closed, absent when unchanged. */
  readonly openKey?: string | null | undefined
  readonly entries: readonly Message[]
  readonly turn?: TurnRecord
  readonly nextDueAt: number | null
  readonly slots: readonly SlotChange[]
  /** The place in the queue: a row, `null` to leave it, absent when unchanged. */
  readonly queueRow?: QueueRow | null | undefined
  readonly records: readonly RecordPut[]
  readonly outbox: readonly OutboxRow[]
}

export type CommitResult =
  /** Written. `agents` are those whose holds or presence changed, as they are now. */
  | { readonly status: 'ok'; readonly version: number; readonly agents: readonly AgentRow[] }
  /** The key was used: this is what was answered then. */
  | { readonly status: 'duplicate'; readonly result: StoredResult }
  /** Somebody else wrote first, or another open conversation holds the `openKey`: load again and decide anew. */
  | { readonly status: 'conflict' }
  /** The lease has passed to another node. */
  | { readonly status: 'fenced' }
  /** The ledger has no room; never retried by the turn. */
  | {
      readonly status: 'refused'
      readonly code: Extract<Refusal, 'NO_CAPACITY' | 'AGENT_GONE'>
      readonly agentId: string
    }

/** An agent as the store keeps it: profile, presence, and the ledger's sum. */
export interface AgentRow {
  readonly agent: Agent
  readonly presence: Presence
  /** When presence lapses to offline unless repeated; `null` without a lease. */
  readonly presenceUntil: number | null
  /** Since when presence is what it is, epoch ms: repeating it does not count. 0 for somebody who was never here. */
  readonly presenceAt: number
  /** Units held now: offers, open conversations, wrap-up, and the work outside. */
  readonly units: number
  /** What else the agent is busy with; in the order in which it began. */
  readonly outside: readonly OutsideWork[]
  readonly lastAssignedAt: number
  /** When a seat was last given back; absent before the first. */
  readonly lastFreedAt?: number
  readonly version: number
}

/** What an agent says of themselves: `until` as `presenceUntil`, `at` when they say it. */
export interface DeclaredPresence {
  readonly presence: Presence
  readonly until: number | null
  readonly at: number
}

/** Work that is no conversation of ours and takes an agent's time: a call, a letter. */
export interface OutsideWork {
  /** What it is called: one agent has at most one of a name. */
  readonly name: string
  /** How much of the capacity it takes; above 0. */
  readonly units: number
  /** When it is over by itself, epoch ms; `null`: not before it is said. */
  readonly untilAt: number | null
  /** It was taken over the limit, on somebody's word. */
  readonly forced: boolean
}

export interface HoldRow {
  readonly holdId: string
  readonly agentId: string
  readonly conversationId: string
  readonly units: number
  readonly phase: HoldPhase
}

export interface ConversationFilter {
  readonly customerId?: string
  readonly agentId?: string
  readonly phase?: Phase
  readonly openKey?: string
  readonly closedFromAt?: number
  readonly closedToAt?: number
  /** Only those to whom a search or a look-up is still owed. */
  readonly pending?: true
  /** Only those whose id sorts after this one (before it, with `newestFirst`). Ids sort by the time of opening. */
  readonly after?: string
  readonly newestFirst?: boolean
  readonly limit?: number
}

/** What routing has to know, in absolute values. */
export interface RoutingChanges {
  /** To be handed in the next time. */
  readonly cursor: string
  /** This is all there is: what is not named is gone. */
  readonly isWhole: boolean
  readonly agents: readonly AgentRow[]
  readonly removedAgentIds: readonly string[]
  readonly queued: readonly QueueRow[]
  /** Conversations that wait no longer. */
  readonly leftIds: readonly string[]
}

/** One tenant's part of a store. Every operation is atomic; `commit` is the only write of conversation state. */
export interface TenantStore {
  /** The row at its newest version, and what was answered under the key. */
  load(id: string, key?: string): Awaitable<Loaded>
  /** The turns from a version on, oldest first. */
  turns(id: string, fromVersion: number): Awaitable<readonly TurnRecord[]>
  /** The entries with `seq > afterSeq`, in order, without gaps. */
  transcript(id: string, afterSeq: number): Awaitable<readonly Message[]>
  /** All or nothing. */
  commit(commit: Commit): Awaitable<CommitResult>
  /** Conversations with a timer due at or before `at`, earliest first. */
  due(at: number, limit: number): Awaitable<readonly { readonly id: string; readonly dueAt: number }[]>
  /** The earliest timer of all. */
  nextDueAt(): Awaitable<number | null>
  /** Rows not yet done and not leased to somebody else, oldest first; leased until `at + leaseMs`. */
  outboxTake(at: number, leaseMs: number, limit: number): Awaitable<readonly OutboxRow[]>
  outboxDone(ids: readonly string[]): Awaitable<void>
  /** What could not be done is left for later: its body is this one from now on, and nobody takes it before `heldUntil`. Minds none that is not there. */
  outboxPutOff(row: OutboxRow): Awaitable<void>
  /** Everyone who may answer, with presence and load. */
  agents(): Awaitable<readonly AgentRow[]>
  agent(id: string): Awaitable<AgentRow | undefined>
  /** Adds or changes a profile; presence and holds stay. */
  saveAgent(agent: Agent): Awaitable<AgentRow>
  removeAgent(id: string): Awaitable<void>
  /** `at` becomes `presenceAt` when the presence is another one than before. `undefined` when there is no such agent. */
  setPresence(id: string, declared: DeclaredPresence): Awaitable<AgentRow | undefined>
  /**
   * Sets what one piece of work outside takes; 0 units end it. Taking more than before is guarded by the capacity, whatever the presence,
   * unless it is `forced`: then `NO_CAPACITY`, and nothing has changed. `undefined` when there is no such agent.
   */
  setOutside(id: string, work: OutsideWork): Awaitable<AgentRow | 'NO_CAPACITY' | undefined>
  holdsOf(agentId: string): Awaitable<readonly HoldRow[]>
  /** All that wait for an agent. */
  waiting(): Awaitable<readonly QueueRow[]>
  /**
   * Agents and places in the queue that have changed since the cursor was given, whoever changed them. What was committed is never missed; the
   * same may be told twice. Without a cursor, or with one that is too old: everything.
   */
  changes(since?: string): Awaitable<RoutingChanges>
  /** The versions of these conversations; those that are not there are left out. */
  versions(ids: readonly string[]): Awaitable<ReadonlyMap<string, number>>
  /** In order of their ids; at most `limit`, 100 unless said. */
  find(filter: ConversationFilter): Awaitable<readonly ConversationRow[]>
  record(plugin: string, key: string): Awaitable<{ readonly value: Json; readonly version: number } | undefined>
  /** Outside a turn; `false` when `ifVersion` does not hold. */
  putRecord(put: RecordPut): Awaitable<boolean>
  /** The right to do one kind of work for a while; the epoch grows at each change of holder. `undefined`: somebody else has it. */
  lease(
    name: string,
    about: { readonly holder: string; readonly at: number; readonly ttlMs: number },
  ): Awaitable<{ readonly epoch: number } | undefined>
  /**
   * Removes the words, the person and what plugins have noted from rows, entries, turns and kept answers; counts and ids stay. Each
   * conversation gets a new version, so that a turn under way has to begin again, and remembers it as `erasedVersion`.
   */
  erase(customerId: string): Awaitable<{ readonly conversationIds: readonly string[] }>
  /**
   * Removes conversations that were closed before a moment, the oldest first, at most `limit`, with everything that was kept of them. What an
   * agent still holds or a timer still waits for stays.
   */
  forget(closedBefore: number, limit: number): Awaitable<{ readonly conversationIds: readonly string[] }>
  /** The store's own time, where it has one: what several nodes go by, whatever their own clocks say. */
  now?(): Awaitable<number>
  health(): Awaitable<{ readonly ok: boolean; readonly outboxCount: number }>
  close(): Awaitable<void>
}

/** Where conversations are kept. Opening is left to the engine: making one connects to nothing. */
export interface Store {
  readonly name: string
  /** Several processes may work on it at the same time: they share the work by leases, and find each other's by asking again and again. */
  readonly isShared?: boolean
  /** Its operations answer at once, not with promises. */
  readonly answersAtOnce?: boolean
  /** Makes or upgrades the tables. */
  migrate(): Promise<void>
  /** The SQL that `migrate` runs, for those who run it by themselves. */
  readonly migration?: string
  open(tenant: string): Awaitable<TenantStore>
}

// ── Routing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A pair the router has reserved; the engine makes the offer and reports back through `settle`. */
export interface Proposal {
  readonly conversationId: string
  readonly agentId: string
  readonly units: number
}

/** What became of a proposal: made; the conversation had moved on; the agent had no room; a plugin said no. */
export type Settlement = 'confirmed' | 'conflict' | 'refused' | 'vetoed'

/** Why this agent, why not the others, why it still waits, and which plugin changed what. */
export interface Explanation {
  readonly chosen?: { readonly agentId: string; readonly because: string }
  readonly waitingFor?: string
  /** How many agents could not take it, each counted under the first reason that holds. */
  readonly rejected: Readonly<Record<Rejection, number>>
  readonly hooks: readonly { readonly plugin: string; readonly hook: string; readonly did: string }[]
  /** The rules that decided. `version` changes whenever they or their parameters do. */
  readonly rules?: { readonly agentPolicy: string; readonly queuePolicy: string; readonly version: string }
  /** When it was decided, or looked at; epoch ms. */
  readonly at?: number
  /** Everyone, on request, while it waits: what stands against each of them, or `undefined` for those who could take it. */
  readonly agents?: readonly { readonly agentId: string; readonly rejected: Rejection | undefined }[]
}

/** Why an agent cannot have a conversation now, in the order in which the reasons are looked at. */
export type Rejection = 'skill' | 'declined' | 'plugin' | 'presence' | 'capacity'

/** Who gets which conversation, when, and why. Pure data structures: time is passed in, nothing is awaited. */
/** What plugins make of a candidate (`route:score`). Pure: the same about the same candidate and need. */
export type Score = (
  about: { readonly candidate: Candidate; readonly need: Requirements },
  conversationId: string,
) => number

/** How many could be asked, and how many of them have a seat free. */
export interface Staffing {
  readonly online: number
  readonly free: number
  readonly closedTeams?: readonly string[]
}

export interface Router {
  /** An agent as the store has it now. Absolute: later versions replace earlier ones, older ones are ignored. */
  agentChanged(row: AgentRow): void
  agentRemoved(agentId: string): void
  queued(row: QueueRow): void
  /** It waits no longer: offered, gone, or closed. */
  left(conversationId: string): void
  /** Reserves the next pair, or nothing if no waiting conversation has an available agent. */
  next(at: number): Proposal | undefined
  settle(proposal: Proposal, settlement: Settlement, at: number): void
  /** When matching may give more without anything else happening: the next relaxation, the end of an exclusion. */
  dueAt(): number | undefined
  place(conversationId: string, at: number): QueuePlace | undefined
  /** `full`: with everyone, and what stands against them; for a conversation that waits. */
  explain(conversationId: string, at: number, options?: { readonly full?: boolean }): Explanation
  /** From now on the candidate with the highest score is asked; among equals the agent policy decides. */
  scoreBy(score: Score): void
  /**
   * Whether anybody with these skills could be asked: now, once free, or not at all. Where teams are told apart, those that are not open
   * do not count; `closedTeams` are the ones who have the skills.
   */
  staffing(skills: readonly string[], isTeamOpen?: (team: string | undefined) => boolean): Staffing
  forecast(skills: readonly string[], at: number): Forecast | 'unknown'
  readonly waitingCount: number
  /** Of those waiting, the customers who are here: the others have left a message. */
  readonly presentCount: number
}
