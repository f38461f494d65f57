import { openKey } from './diff.ts'
import type { Fact } from '../events.ts'
import { MaitredError } from '../errors.ts'
import { effectEnds, messageEnd, type Purpose } from './id-ends.ts'
import type { EngineEvent } from './engine-events.ts'
import {
  type Asked,
  type Called,
  type FailureKind,
  type Scene,
  type StoredRecord,
  type TakenStep,
  createAsked,
  putSoFar,
} from '../hooks/scene.ts'
import { isPromise, pluginLoop } from '../hooks/hook-run.ts'
import { type HookTable, TURN_LIMIT_MS } from '../hooks/hook-table.ts'
import type { Installed, StateValue } from '../hooks/installed.ts'
import type { Microstep, State } from '../machine/step.ts'
import type { Understanding } from '../phrases.ts'
import type { Clock, Commit, ConversationRow, Opening, TenantStore } from '../ports.ts'
import type { Settings } from '../settings.ts'
import type { PluginState } from '../snapshot.ts'
import type { StepTable } from '../hooks/step-table.ts'
import type { Say } from '../texts.ts'
import type { Timers } from './timers.ts'
import type { Transcripts } from './transcripts.ts'
import type { RedirectTarget } from '../transitions.ts'
import type {
  Agent,
  Awaitable,
  ConversationView,
  Customer,
  Json,
  Message,
  Presence,
  QueuePlace,
  Requirements,
  Suggestion,
  Visit,
} from '../types.ts'
import { toView } from './view.ts'

/** One for all: the lists of a turn are replaced and never changed, and most of them stay empty. */
const NONE: readonly never[] = Object.freeze([])

/** A list of just that length: one that grows by `push` gets room for sixteen more, and the event log keeps it. */
export function withOneMore<Item>(items: readonly Item[], item: Item): readonly Item[] {
  return items.length === 0 ? [item] : [...items, item]
}

/** Everything a turn may ask of the engine. Nothing here changes the conversation. */
export interface TurnServices {
  readonly store: TenantStore
  readonly clock: Clock
  /** Whether the store answers with promises. */
  readonly storeWaits: boolean
  /** What was read of transcripts, where reading takes time. */
  readonly transcripts: Transcripts
  /** Until when a delivery that is written now is left to this node. */
  heldUntil(at: number): number | undefined
  /** A write was fenced off: this node does that work no more. */
  fencedOff(fence: NonNullable<Commit['fence']>): void
  readonly plugins: ReadonlyMap<string, Installed>
  readonly hooks: HookTable
  readonly steps: StepTable
  readonly settings: Settings
  readonly say: Say
  readonly understanding: Understanding
  /** The skills that were declared; `undefined` if none were. */
  readonly skills: ReadonlySet<string> | undefined
  /** Whether answers can reach a customer who has left. */
  canReach(customer: Customer): boolean
  /** Whether what is said now goes out by a channel. */
  isDelivered(context: State['context']): boolean
  agent(id: string): Agent | undefined
  /** As last heard of. */
  presenceOf(agentId: string): Presence | undefined
  place(conversationId: string, at: number): QueuePlace | undefined
  /** Why nobody can be asked for now; `null` if somebody can. */
  closedFor(visit: Visit, requirements: Requirements, at: number): string | null
  /** When somebody can be asked again, where that is known. */
  opensAt(visit: Visit, skills: readonly string[], at: number): number | undefined
  failed(failure: PluginFailure): void
}

export interface PluginFailure {
  readonly plugin: string
  readonly hook: string
  readonly why: FailureKind
  readonly conversationId?: string
  readonly error: unknown
}

/** Plugins may answer one another this often. */
export const MAX_DEPTH = 8

/** What the store gave, or the beginning of a new conversation. */
export interface Beginning {
  readonly row: ConversationRow | undefined
  /** Of a new conversation: what it begins with. */
  readonly opening: Opening | undefined
  readonly state: State
  readonly customer: Customer
  readonly pages: ConversationRow['pages']
  readonly previousId: string | null
  readonly timers: Timers
  readonly pluginStates: Readonly<Record<string, PluginState>>
  readonly depth: number
}

/** A message about to be written: all but its number and time. */
export type Entry = Omit<Message, 'id' | 'seq' | 'at'>

/** The scratch pad of one turn. Nothing on it is real before the commit. */
export class Turn implements Scene {
  readonly services: TurnServices
  readonly event: EngineEvent
  readonly now: number
  readonly deadlineAt: number
  readonly begun: Beginning
  state: State
  customer: Customer
  pages: ConversationRow['pages']
  entries: readonly Message[] = NONE
  taken: readonly TakenStep[] = NONE
  /** The facts the chart was told, and how many edges of each stood: the turn's page in the event log. */
  walks: readonly { readonly fact: Fact; readonly kept: number }[] = NONE
  /** What plugins decided about it. */
  notes: readonly Json[] = NONE
  /** A redirect that brought words of its own: the edge it leads to keeps silent. */
  redirectTold: RedirectTarget | undefined
  /** What the hooks of the steps that stand have asked for. */
  asked: Asked = createAsked()
  redirectedBy: string | undefined
  /** How far this is from the last thing that plugins did not cause; see {@link MAX_DEPTH}. */
  depth: number
  /** The timer that brought this turn about; it is spent. */
  firedTimer: string | undefined
  /** The timer that fired came early: when to look again. */
  rearmAt: number | undefined
  /** An agent let this offer pass: away from this commit on. */
  missedHoldId: string | undefined
  /** A seat is taken over the limit, on somebody's word. */
  forced = false
  /** Words that come with the event itself, to be written when it has stood: an agent's message, a bot's answer. */
  owed: readonly Entry[] = NONE
  /** It has been written: views show the revision it made. */
  isCommitted = false
  /** Articles found in this turn. */
  suggestions: readonly Suggestion[] = NONE
  /** The step that had nothing to ask, or failed to: nobody can reply to it. */
  muteStepId: string | undefined
  /** Steps that the event has already done: not to be told again. */
  skippedStepIds: readonly string[] = NONE
  #stored: readonly Message[] | undefined
  /** Those stored, and those of this turn as they were when somebody last asked. */
  #all: readonly Message[] | undefined
  #viewed: Viewing | undefined

  constructor(services: TurnServices, event: EngineEvent, begun: Beginning) {
    this.services = services
    this.event = event
    this.now = services.clock.now()
    this.deadlineAt = this.now + TURN_LIMIT_MS
    this.begun = begun
    this.state = begun.state
    this.customer = begun.customer
    this.pages = begun.pages
    this.depth = begun.depth
  }

  get id(): string {
    return this.state.context.id
  }
  /** The version this turn will write. */
  get version(): number {
    return (this.begun.row?.version ?? 0) + 1
  }
  get clock(): Clock {
    return this.services.clock
  }
  get plugins(): ReadonlyMap<string, Installed> {
    return this.services.plugins
  }

  /** Whoever looks back does so at once: a store that cannot answer at once is asked beforehand, where somebody may look. */
  get isBlind(): boolean {
    return this.services.storeWaits && this.#stored === undefined && this.begun.row !== undefined
  }

  *readAhead(): Generator<PromiseLike<unknown>, void, unknown> {
    const { row } = this.begun
    if (this.isBlind && row !== undefined) this.#stored = yield* this.services.transcripts.read(row)
  }

  /** All messages: those stored, and those of this turn. */
  transcript(): readonly Message[] {
    const stored = this.#read()
    if (this.entries.length === 0) return stored
    const count = stored.length + this.entries.length
    if (this.#all?.length !== count || this.#all[count - 1] !== this.entries[this.entries.length - 1])
      this.#all = [...stored, ...this.entries]
    return this.#all
  }

  /** The messages that were there before this turn. */
  #read(): readonly Message[] {
    if (this.#stored !== undefined) return this.#stored
    const stored = this.begun.row === undefined ? NONE : this.services.store.transcript(this.id, 0)
    if (isPromise(stored)) throw notAtOnce(this.id)
    return (this.#stored = stored)
  }

  /** The newest message that fits: looked for at every message, so nothing is put together for it. */
  findLast(fits: (message: Message) => boolean): Message | undefined {
    for (let index = this.entries.length - 1; index >= 0; index -= 1) {
      const message = this.entries[index] as Message // within its length
      if (fits(message)) return message
    }
    return this.#read().findLast(fits)
  }

  /** The conversation that a customer has open on this channel, if any. */
  *findOpen(customerId: string): Generator<PromiseLike<unknown>, string | undefined, unknown> {
    const found = this.services.store.find({ openKey: openKey(customerId, this.state.context.channel), limit: 1 })
    const rows = isPromise(found) ? ((yield found) as readonly ConversationRow[]) : found // the promise resolves to it
    return rows[0]?.id
  }

  /** What hooks have said outside of any edge, and has not been written yet. */
  takeSaid(): readonly Entry[] {
    const { says } = this.asked
    this.asked.says = []
    return says.map(({ plugin: _plugin, ...said }) => ({ author: 'bot', ...said }))
  }

  /** The id that the next entry will have. */
  nextMessageId(): string {
    return this.id + messageEnd(this.#nextSeq())
  }

  /** An entry with the number it would have now. */
  draft(entry: Entry): Message {
    const seq = this.#nextSeq()
    return toMessage(entry, { id: this.id + messageEnd(seq), seq, at: this.now })
  }

  add(entry: Entry): Message {
    const message = this.draft(entry)
    this.entries = withOneMore(this.entries, message)
    return message
  }

  /** A name for work that this turn promises: stable when the turn is run again. */
  effectId(purpose: Purpose): string {
    return this.id + effectEnds[purpose](this.version)
  }

  /** The same one as long as nothing has changed: hooks look at it often. */
  view(): ConversationView {
    const isWaiting = this.state.path.startsWith('waiting.') // where its place may change by itself
    const known = this.#viewed
    if (known !== undefined && !isWaiting && known.isOf(this)) return known.view
    const view = this.#look()
    this.#viewed = new Viewing(this, view)
    return view
  }

  #look(): ConversationView {
    return toView({
      id: this.id,
      version: this.isCommitted ? this.version : this.version - 1,
      customer: this.customer,
      pages: this.pages,
      previousId: this.begun.previousId,
      state: this.state,
      transcript: this.transcript(),
      place: this.state.path.startsWith('waiting.') ? this.services.place(this.id, this.now) : undefined,
    })
  }

  /** To be written when the event has stood. */
  owe(entry: Entry): void {
    this.owed = withOneMore(this.owed, entry)
  }

  /** Takes back everything but the first entries: what the customer wrote. */
  rollBack(entryCount: number): void {
    this.state = this.begun.state
    this.entries = this.entries.slice(0, entryCount)
    this.taken = NONE
    this.walks = NONE
    this.asked = createAsked()
    this.customer = this.begun.customer
    this.pages = this.begun.pages
    this.redirectedBy = undefined
    this.depth = this.begun.depth
  }

  /** Adds to the event log: ids and derived facts, never words. */
  note(decision: Readonly<Record<string, Json>>): void {
    this.notes = withOneMore(this.notes, decision)
  }

  /** Is this the edge of a redirect whose words have been said? */
  isToldAlready({ transition }: Microstep): boolean {
    if (this.redirectTold === undefined || this.redirectTold !== transition) return false
    this.redirectTold = undefined
    return true
  }

  stateOf(plugin: Installed): StateValue {
    const changed = this.asked.states.get(plugin.name)
    if (changed !== undefined) return changed.state
    try {
      return plugin.readState(this.begun.pluginStates[plugin.name])
    } catch (error) {
      this.failed({ plugin, hook: 'state' }, 'invalid', error)
      return plugin.readState(undefined)
    }
  }

  record(plugin: string, key: string): Awaitable<StoredRecord | undefined> {
    return this.services.store.record(plugin, key)
  }

  recordToBe(plugin: string, key: string): Awaitable<StoredRecord | undefined> {
    return putSoFar(this.asked.puts, { plugin, key }) ?? this.record(plugin, key)
  }

  mayHurry(called: Called): boolean {
    if (this.event.type !== 'timer.fired' || !this.event.name.startsWith('plugin/')) return true
    const depth = (this.begun.row?.snapshot.depth ?? 0) + 1
    if (depth <= MAX_DEPTH) this.depth = depth
    else this.failed(called, 'invalid', pluginLoop(called.plugin.name, depth))
    return depth <= MAX_DEPTH
  }

  failed({ plugin, hook }: Called, why: FailureKind, error: unknown): void {
    this.services.failed({ plugin: plugin.name, hook, why, error, conversationId: this.id })
  }

  #nextSeq(): number {
    return (this.begun.row?.entryCount ?? 0) + this.entries.length + 1
  }
}

/** A view, and what it was made of. */
class Viewing {
  readonly view: ConversationView
  readonly #state: State
  readonly #customer: Customer
  readonly #pages: ConversationRow['pages']
  readonly #transcript: readonly Message[]
  readonly #isCommitted: boolean

  constructor(turn: Turn, view: ConversationView) {
    this.view = view
    this.#state = turn.state
    this.#customer = turn.customer
    this.#pages = turn.pages
    this.#transcript = turn.transcript()
    this.#isCommitted = turn.isCommitted
  }
  isOf(turn: Turn): boolean {
    return (
      this.#state === turn.state &&
      this.#customer === turn.customer &&
      this.#pages === turn.pages &&
      this.#isCommitted === turn.isCommitted &&
      this.#transcript === turn.transcript()
    )
  }
}

/** Most say nothing but words: written out, those all have one shape. */
function toMessage(entry: Entry, { id, seq, at }: Pick<Message, 'id' | 'seq' | 'at'>): Message {
  const { author, text } = entry
  for (const name in entry) if (name !== 'author' && name !== 'text') return { id, seq, at, ...entry }
  return { id, seq, at, author, text }
}

/** A store that answers at once is held up by somebody for once. */
function notAtOnce(id: string): MaitredError {
  return new MaitredError('STORE_UNAVAILABLE', {
    message: `The transcript of \`${id}\` could not be read at once.`,
    hint: 'Nothing has changed: send it once more with the same key.',
  })
}
