import { createHash } from 'node:crypto'
import { decide } from './decide.ts'
import { isDeciding } from './decision.ts'
import { diffEffects, diffQueue, diffSlots, openKeyOf } from './diff.ts'
import { type EngineEvent, isFromOutside } from './engine-events.ts'
import { MaitredError, isMaitredError } from '../errors.ts'
import { isPromise } from '../hooks/hook-run.ts'
import { initialState } from '../machine/step.ts'
import type {
  AgentRow,
  Commit,
  CommitResult,
  Loaded,
  QueueRow,
  SlotChange,
  StoredResult,
  TurnRecord,
} from '../ports.ts'
import { type Receipt, type RefusedReceipt, refused } from '../receipts.ts'
import type { Effect, Snapshot } from '../snapshot.ts'
import { stepIn } from './step-run.ts'
import { earliest, nextTimers } from './timers.ts'
import { finish } from './record.ts'
import { type Beginning, Turn, type TurnServices } from './turn.ts'
import type { Json, Message } from '../types.ts'
import { phaseOf } from './view.ts'
import { type Walk, walk } from './walk.ts'
import { write } from './waterfall.ts'

/** What a turn came to: the receipt, and (when it was written) all that follows from it. */
export interface TurnResult {
  readonly receipt: Receipt
  readonly committed?: Committed
}

export interface Committed {
  readonly turn: Turn
  readonly snapshot: Snapshot
  readonly version: number
  readonly entries: readonly Message[]
  readonly slots: readonly SlotChange[]
  readonly queueRow: QueueRow | null | undefined
  readonly effects: readonly Effect[]
  readonly agents: readonly AgentRow[]
  readonly nextDueAt: number | null
  readonly vetoed: Extract<Receipt, { status: 'vetoed' }> | undefined
}

/** Tries after losing a race for one conversation. */
const MAX_TRIES = 10

/**
 * One event, from the store and back: load, answer a duplicate, decide, walk the chart, commit everything in one write. A generator that
 * yields promises only, so that with a store and hooks that answer at once it runs through without a pause.
 * @throws MaitredError for what the caller can mend; nothing has happened then
 */
export function* runTurn(
  services: TurnServices,
  event: EngineEvent,
  fence?: Commit['fence'],
): Generator<PromiseLike<unknown>, TurnResult, unknown> {
  const key =
    'key' in event && event.key !== undefined && event.type !== 'conversation.opened'
      ? { name: event.key, bodyHash: hashOf(event) }
      : undefined
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const stored = ask<Loaded>(() => services.store.load(event.conversationId, key?.name))
    const loaded = isPromise(stored) ? ((yield stored) as Loaded) : stored // the promise resolves to it
    if (loaded.prior !== undefined && key !== undefined) return { receipt: repeat(loaded.prior, key) }
    const turn = new Turn(services, event, begin(loaded, event))
    if (services.storeWaits) yield* turn.readAhead()
    const decided = decide(turn)
    const decision = isDeciding(decided) ? yield* decided : decided
    if ('nothing' in decision) return { receipt: doneReceipt(turn, turn.version - 1) }
    let outcome: Receipt | undefined = 'refusal' in decision ? decision.refusal : undefined
    if ('fact' in decision) {
      const inboundCount = turn.entries.length
      const said = turn.takeSaid()
      if (said.length + turn.owed.length > 0) yield* write(turn, [...said, ...turn.owed])
      const walked = yield* walk(turn, decision.fact)
      if (walked.status === 'ignored') outcome = notNow(turn)
      if (walked.status === 'vetoed') outcome = yield* undo(turn, walked, inboundCount)
      if (tries === MAX_TRIES - 1) yield* dropStalePuts(turn)
    }
    const kept = keep(turn, outcome ?? doneReceipt(turn, turn.version), { key, fence })
    const result = isKeeping(kept) ? yield* kept : kept
    if (result !== 'conflict') return result
    if (event.type === 'conversation.opened' && (yield* turn.findOpen(event.customer.id)) !== undefined)
      throw overtaken(event) // somebody opened one for the same customer first
  }
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: `The conversation \`${event.conversationId}\` was changed by others ${MAX_TRIES} times while this was being done.`,
    hint: 'Send it once more with the same key.',
  })
}

function overtaken({ type }: EngineEvent): MaitredError {
  return new MaitredError('STORE_UNAVAILABLE', {
    message: `\`${type}\` came to nothing: another node was first.`,
    hint: 'Send it once more.',
  })
}

/** What a commit carries besides the turn. */
interface Keyed {
  readonly key: Key | undefined
  readonly fence: Commit['fence'] | undefined
}

interface Key {
  readonly name: string
  readonly bodyHash: string
}

function notNow({ state, event }: Turn): RefusedReceipt {
  return refused('NOT_NOW', `The conversation is in \`${state.path}\`, which does not take \`${event.type}\`.`)
}

/** A record that is never at the version its plugin expects must not cost the customer's message. */
function* dropStalePuts(turn: Turn): Generator<PromiseLike<unknown>, void, unknown> {
  const { puts } = turn.asked
  turn.asked.puts = []
  for (const put of puts) {
    const known = (yield turn.record(put.plugin, put.key)) as Awaited<ReturnType<Turn['record']>> // the promise resolves to it
    const plugin = turn.plugins.get(put.plugin)
    const version = known?.version ?? 0
    if (put.ifVersion === undefined || put.ifVersion === version || plugin === undefined)
      turn.asked.puts = [...turn.asked.puts, put]
    else {
      const error = new Error(`the record \`${put.key}\` is at version ${version}, not at ${put.ifVersion}`)
      turn.failed({ plugin, hook: 'records' }, 'invalid', error)
    }
  }
}

/** A veto takes back everything but what the customer wrote, the verdict, and what the plugin said about it. */
function* undo(
  turn: Turn,
  walked: Extract<Walk, { status: 'vetoed' }>,
  inboundCount: number,
): Generator<PromiseLike<unknown>, Extract<Receipt, { status: 'vetoed' }>, unknown> {
  const { by, transition, reason } = walked
  turn.rollBack(inboundCount)
  turn.add({ author: 'system', text: `${by} vetoed ${transition}: ${reason}`, internal: true })
  turn.note({ veto: transition, by, reason })
  yield* write(turn, walked.reply)
  return { ok: false, status: 'vetoed', by, transition, reason }
}

type Kept = TurnResult | 'conflict'
type Keeping = Generator<PromiseLike<unknown>, Kept, unknown>

function isKeeping(kept: Kept | Keeping): kept is Keeping {
  return typeof kept === 'object' && 'next' in kept
}

/** Writes what the turn came to; work only if the store has to be waited for. */
function keep(turn: Turn, receipt: Receipt, { key, fence }: Keyed): Kept | Keeping {
  const { store } = turn.services
  if (!receipt.ok && receipt.status === 'refused') return keepRefusal(turn, receipt, key)
  const vetoed = receipt.ok ? undefined : receipt
  const commit = toCommit(turn, { receipt, key, fence, isVetoed: vetoed !== undefined })
  const answer = ask<CommitResult>(() => store.commit(commit))
  const done = (result: CommitResult): Kept | Keeping => {
    switch (result.status) {
      case 'ok':
        turn.isCommitted = true
        return { receipt, committed: toCommitted(turn, commit, { agents: result.agents, vetoed }) }
      case 'duplicate':
        return { receipt: key === undefined ? receipt : repeat(result.result, key) }
      case 'refused':
        return keepRefusal(turn, refused(result.code, `The agent \`${result.agentId}\` cannot take it now.`), key)
      case 'conflict':
        return 'conflict'
      case 'fenced':
        if (fence !== undefined) turn.services.fencedOff(fence)
        throw new MaitredError('STORE_UNAVAILABLE', {
          message: 'The lease for this work has passed to another node.',
          hint: 'Nothing was written; the other node goes on.',
        })
    }
  }
  return isPromise(answer) ? keepLater(answer, done) : done(answer)
}

function* keepLater(answer: PromiseLike<CommitResult>, done: (result: CommitResult) => Kept | Keeping): Keeping {
  const kept = done((yield answer) as CommitResult) // the promise resolves to it
  return isKeeping(kept) ? yield* kept : kept
}

/** A refusal is a result too: under a key it is kept, so that a repeated command gets the same answer. */
function* keepRefusal(turn: Turn, receipt: RefusedReceipt, key: Key | undefined): Keeping {
  if (key === undefined) return { receipt }
  const answer = ask<CommitResult>(() =>
    turn.services.store.commit({
      id: turn.id,
      expect: turn.version - 1,
      at: turn.now,
      key: toKept(key, receipt),
      entries: [],
      nextDueAt: earliest(turn.begun.timers),
      slots: [],
      records: [],
      outbox: [],
    }),
  )
  const result = isPromise(answer) ? ((yield answer) as CommitResult) : answer // the promise resolves to it
  if (result.status === 'conflict') return 'conflict'
  return { receipt: result.status === 'duplicate' ? repeat(result.result, key) : receipt }
}

type TurnCommit = Commit & { readonly row: NonNullable<Commit['row']> }

function toCommit(turn: Turn, about: Keyed & { readonly receipt: Receipt; readonly isVetoed: boolean }): TurnCommit {
  const { begun, state, version } = turn
  const { receipt, key, fence } = about
  const record = toRecord(turn)
  const snapshot = finish(begun.row?.snapshot, state, record)
  const openKey = openKeyOf(state)
  const { offerTo } = turn.services.settings
  const queueRow = diffQueue(begun.state, state, { version, offerTo })
  return {
    id: turn.id,
    expect: version - 1,
    ...(fence === undefined ? {} : { fence }),
    at: turn.now,
    key: key === undefined ? undefined : toKept(key, receipt),
    row: {
      id: turn.id,
      snapshot,
      customer: turn.customer,
      pages: turn.pages,
      entryCount: (begun.row?.entryCount ?? 0) + turn.entries.length,
      previousId: begun.previousId,
      erasedVersion: begun.row?.erasedVersion,
    },
    openKey: begun.row === undefined || openKey !== openKeyOf(begun.state) ? openKey : undefined,
    entries: turn.entries,
    turn: record,
    nextDueAt: earliest(snapshot.timers),
    slots: diffSlots(begun.state.context.holds, state.context.holds, turn),
    queueRow,
    records: turn.asked.puts,
    outbox: afterRows(turn, about.isVetoed),
  }
}

function toKept(key: Key, receipt: Receipt): NonNullable<Commit['key']> {
  return { name: key.name, result: { bodyHash: key.bodyHash, receipt: receipt as unknown as Json } } // receipts are plain data
}

function toCommitted(turn: Turn, commit: TurnCommit, about: Pick<Committed, 'agents' | 'vetoed'>): Committed {
  const { entries, slots, queueRow, nextDueAt, row } = commit
  const effects = diffEffects(turn.begun.state.context.pending, turn.state.context.pending)
  return { turn, snapshot: row.snapshot, version: turn.version, entries, slots, queueRow, effects, nextDueAt, ...about }
}

/** One row per turn that has an `after` hook to call. */
function afterRows(turn: Turn, isVetoed: boolean): Commit['outbox'] {
  if (isVetoed || !turn.taken.some(({ transition }) => turn.services.hooks.after.has(transition))) return []
  const heldUntil = turn.services.heldUntil(turn.now)
  const row = { id: turn.effectId('after'), topic: 'after', conversationId: turn.id, body: { version: turn.version } }
  return [heldUntil === undefined ? row : { ...row, heldUntil }]
}

function toRecord(turn: Turn): TurnRecord {
  const { begun, state, asked, version } = turn
  const timers = nextTimers(begun.timers, {
    state,
    settings: turn.services.settings,
    stepTimeoutMs: stepIn(turn.services.steps, state)?.timeoutMs ?? 0,
    at: turn.now,
    token: version,
    fired: turn.firedTimer,
    rearmAt: turn.rearmAt,
    plugins: asked.timers,
  })
  const plugins =
    asked.states.size === 0
      ? undefined
      : Object.fromEntries([...asked.states].map(([name, { stored }]) => [name, stored]))
  return {
    version,
    at: turn.now,
    opening: begun.opening,
    walks: turn.walks,
    notes: turn.notes,
    timers: timers === begun.timers ? undefined : timers,
    plugins,
    depth: turn.depth,
  }
}

function doneReceipt(turn: Turn, revision: number): Extract<Receipt, { ok: true }> {
  const receipt = {
    ok: true,
    status: 'applied',
    conversationId: turn.id,
    revision,
    phase: phaseOf(turn.state.path),
    transitions: turn.taken.length === 0 ? NONE : turn.taken.map(({ transition }) => transition),
  } as const
  return turn.redirectedBy === undefined ? receipt : { ...receipt, redirectedBy: turn.redirectedBy }
}

/** One for all: every conversation would hold several of its own. */
const NONE: readonly never[] = []

/** The first result under a key, told again. @throws MaitredError `IDEMPOTENCY_MISMATCH` */
function repeat(prior: StoredResult, key: Key): Receipt {
  if (prior.bodyHash !== key.bodyHash) {
    throw new MaitredError('IDEMPOTENCY_MISMATCH', {
      message: `The key \`${key.name}\` was used before for something else.`,
      hint: 'Make a new key for every new command, and repeat a key only with the same command.',
      path: 'key',
    })
  }
  const receipt = prior.receipt as unknown as Receipt // it was kept from one
  return receipt.ok ? { ...receipt, status: 'duplicate' } : receipt
}

/** Where a turn begins: what is stored, or a conversation not opened yet. @throws MaitredError `NOT_FOUND` */
export function begin({ row }: Loaded, event: EngineEvent): Beginning {
  if (row !== undefined) {
    const { path, context, timers, plugins, depth } = row.snapshot
    return {
      row,
      opening: undefined,
      state: { path, context },
      customer: row.customer,
      pages: row.pages,
      previousId: row.previousId,
      timers,
      pluginStates: plugins,
      depth: isFromOutside(event) || event.type === 'timer.fired' ? 0 : depth + (event.type === 'plugin.spoke' ? 1 : 0),
    }
  }
  if (event.type !== 'conversation.opened') throw notFound(event.conversationId)
  const { conversationId: id, customer, channel = 'web', skills = NONE, page, at } = event
  const opening = { id, customerId: customer.id, channel, skills, at }
  return {
    row: undefined,
    opening,
    state: initialState(opening),
    customer,
    pages: page === undefined ? NONE : [{ url: page, at }],
    previousId: event.previousId,
    timers: {},
    pluginStates: {},
    depth: 0,
  }
}

/** There is no conversation of that id. */
export function notFound(id: string): MaitredError {
  return new MaitredError('NOT_FOUND', {
    message: `There is no conversation \`${id}\`.`,
    hint: 'Open one with `engine.openConversation({ customer })`.',
    path: 'conversationId',
  })
}

/** Asks the store. @throws MaitredError `STORE_UNAVAILABLE` when it fails */
function ask<Value extends object>(operation: () => Value | PromiseLike<Value>): Value | PromiseLike<Value> {
  try {
    const answer = operation()
    return isPromise(answer) ? answer.then(undefined, fail) : answer
  } catch (error) {
    return fail(error)
  }
}

function fail(error: unknown): never {
  if (isMaitredError(error)) throw error
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: 'The store did not answer.',
    hint: 'Nothing is lost: send it once more with the same key.',
    cause: error,
  })
}

function hashOf(event: EngineEvent): string {
  return createHash('sha256').update(JSON.stringify(event)).digest('base64url')
}
