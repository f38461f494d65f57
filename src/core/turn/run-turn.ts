import { createHash } from 'node:crypto'
import { decide } from './decide.ts'
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
import { type Receipt, refused } from '../receipts.ts'
import type { Effect, Snapshot } from '../snapshot.ts'
import { stepIn } from './step-run.ts'
import { earliest, nextTimers, pluginTimer } from './timers.ts'
import { finish } from './record.ts'
import { type Beginning, Turn, type TurnServices } from './turn.ts'
import type { Json, Message } from '../types.ts'
import { phaseOf } from './view.ts'
import { type Walk, walk } from './walk.ts'
import { write } from './waterfall.ts'

/** What a turn came to: the receipt, and (when it was written) all that follows from it. */
export interface TurnResult {
  /** `undefined`: there was nothing to do. */
  readonly receipt: Receipt | undefined
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
): Generator<PromiseLike<unknown>, TurnResult, unknown> {
  const key =
    'key' in event && event.key !== undefined && event.type !== 'conversation.opened'
      ? { name: event.key, bodyHash: hashOf(event) }
      : undefined
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const loaded = yield* ask<Loaded>(() => services.store.load(event.conversationId, key?.name))
    if (loaded.prior !== undefined && key !== undefined) return { receipt: repeat(loaded.prior, key) }
    const turn = new Turn(services, event, begin(loaded, event))
    if (services.storeWaits) yield* turn.readAhead()
    turn.isLastTry = tries === MAX_TRIES - 1
    const result = yield* tryTurn(turn, key)
    if (result !== 'conflict') return result
    if (event.type === 'conversation.opened' && (yield* turn.findOpen(event.customer.id)) !== undefined)
      return { receipt: undefined } // somebody opened one for the same customer first
  }
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: `The conversation \`${event.conversationId}\` was changed by others ${MAX_TRIES} times while this was being done.`,
    hint: 'Send it once more with the same key.',
  })
}

interface Key {
  readonly name: string
  readonly bodyHash: string
}

function* tryTurn(turn: Turn, key: Key | undefined): Generator<PromiseLike<unknown>, TurnResult | 'conflict', unknown> {
  const decision = yield* decide(turn)
  if ('nothing' in decision) return { receipt: doneReceipt(turn, turn.version - 1) }
  if ('refusal' in decision) return yield* keepRefusal(turn, decision.refusal, key)
  const inboundCount = turn.entries.length
  const said = turn.takeSaid()
  if (said.length + turn.owed.length > 0) yield* write(turn, [...said, ...turn.owed])
  const walked = yield* walk(turn, decision.fact)
  if (walked.status === 'ignored') {
    return yield* keepRefusal(
      turn,
      refused('NOT_NOW', `The conversation is in \`${turn.state.path}\`, which does not take \`${turn.event.type}\`.`),
      key,
    )
  }
  const vetoed = walked.status === 'vetoed' ? yield* undo(turn, walked, inboundCount) : undefined
  if (turn.isLastTry) yield* dropStalePuts(turn)
  return yield* commitTurn(turn, vetoed, key)
}

/** A record that is never at the version its plugin expects must not cost the customer's message. */
function* dropStalePuts(turn: Turn): Generator<PromiseLike<unknown>, void, unknown> {
  for (const put of turn.asked.puts.splice(0)) {
    const known = (yield turn.record(put.plugin, put.key)) as Awaited<ReturnType<Turn['record']>> // the promise resolves to it
    const plugin = turn.plugins.get(put.plugin)
    const version = known?.version ?? 0
    if (put.ifVersion === undefined || put.ifVersion === version || plugin === undefined) turn.asked.puts.push(put)
    else {
      const error = new Error(`the record \`${put.key}\` is at version ${version}, not at ${put.ifVersion}`)
      turn.failed({ plugin, hook: 'records' }, 'invalid', error)
    }
  }
}

/** A refusal is a result too: under a key it is kept, so that a repeated command gets the same answer. */
function* keepRefusal(
  turn: Turn,
  receipt: Extract<Receipt, { status: 'refused' }>,
  key: Key | undefined,
): Generator<PromiseLike<unknown>, TurnResult | 'conflict', unknown> {
  if (key === undefined) return { receipt }
  const result = yield* ask<CommitResult>(() =>
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
  if (result.status === 'conflict') return 'conflict'
  return { receipt: result.status === 'duplicate' ? repeat(result.result, key) : receipt }
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

function* commitTurn(
  turn: Turn,
  vetoed: Extract<Receipt, { status: 'vetoed' }> | undefined,
  key: Key | undefined,
): Generator<PromiseLike<unknown>, TurnResult | 'conflict', unknown> {
  const receipt = vetoed ?? doneReceipt(turn, turn.version)
  const commit = toCommit(turn, { receipt, key, isVetoed: vetoed !== undefined })
  const result = yield* ask<CommitResult>(() => turn.services.store.commit(commit))
  switch (result.status) {
    case 'ok':
      turn.isCommitted = true
      return { receipt, committed: toCommitted(turn, commit, { agents: result.agents, vetoed }) }
    case 'duplicate':
      return { receipt: key === undefined ? receipt : repeat(result.result, key) }
    case 'refused':
      return yield* keepRefusal(turn, refused(result.code, `The agent \`${result.agentId}\` cannot take it now.`), key)
    case 'conflict':
      return 'conflict'
    case 'fenced':
      throw new MaitredError('STORE_UNAVAILABLE', {
        message: 'The lease for this work has passed to another node.',
        hint: 'Nothing was written; the other node goes on.',
      })
  }
}

type TurnCommit = Commit & { readonly row: NonNullable<Commit['row']> }

function toCommit(
  turn: Turn,
  about: { readonly receipt: Receipt; readonly key: Key | undefined; readonly isVetoed: boolean },
): TurnCommit {
  const { begun, state, version } = turn
  const { receipt, key } = about
  const record = toRecord(turn)
  const snapshot = finish(begun.row?.snapshot, state, record)
  const openKey = openKeyOf(state)
  const queueRow = diffQueue(begun.state, state, version)
  return {
    id: turn.id,
    expect: version - 1,
    at: turn.now,
    ...(key === undefined ? {} : { key: toKept(key, receipt) }),
    row: {
      id: turn.id,
      snapshot,
      customer: turn.customer,
      pages: turn.pages,
      entryCount: (begun.row?.entryCount ?? 0) + turn.entries.length,
      previousId: begun.previousId,
      ...(begun.row?.erasedVersion === undefined ? {} : { erasedVersion: begun.row.erasedVersion }),
    },
    ...(begun.row === undefined || openKey !== openKeyOf(begun.state) ? { openKey } : {}),
    entries: turn.entries,
    turn: record,
    nextDueAt: earliest(snapshot.timers),
    slots: diffSlots(begun.state.context.holds, state.context.holds, { missed: turn.missedOffer, forced: turn.forced }),
    ...(queueRow === undefined ? {} : { queueRow }),
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
  return [{ id: turn.effectId('after'), topic: 'after', conversationId: turn.id, body: { version: turn.version } }]
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
    plugins: asked.timers.map(({ plugin, name, dueAt }) => ({ name: pluginTimer(plugin, name), dueAt })),
  })
  const plugins =
    asked.states.size === 0
      ? undefined
      : Object.fromEntries([...asked.states].map(([name, { stored }]) => [name, stored]))
  return {
    version,
    at: turn.now,
    ...(begun.opening === undefined ? {} : { opening: begun.opening }),
    walks: turn.walks,
    notes: turn.notes,
    ...(timers === begun.timers ? {} : { timers }),
    ...(plugins === undefined ? {} : { plugins }),
    depth: turn.depth,
  }
}

function doneReceipt(turn: Turn, revision: number): Extract<Receipt, { ok: true }> {
  return {
    ok: true,
    status: 'applied',
    conversationId: turn.id,
    revision,
    phase: phaseOf(turn.state.path),
    transitions: turn.taken.map(({ transition }) => transition),
    ...(turn.redirectedBy === undefined ? {} : { redirectedBy: turn.redirectedBy }),
  }
}

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
  const { conversationId: id, customer, channel = 'web', skills = [], page, at } = event
  const opening = { id, customerId: customer.id, channel, skills, at }
  return {
    row: undefined,
    opening,
    state: initialState(opening),
    customer,
    pages: page === undefined ? [] : [{ url: page, at }],
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
function* ask<Value>(operation: () => unknown): Generator<PromiseLike<unknown>, Value, unknown> {
  try {
    const answer = operation()
    return (isPromise(answer) ? yield answer : answer) as Value // each caller names the operation's own result
  } catch (error) {
    if (isMaitredError(error)) throw error
    throw new MaitredError('STORE_UNAVAILABLE', {
      message: 'The store did not answer.',
      hint: 'Nothing is lost: send it once more with the same key.',
      cause: error,
    })
  }
}

function hashOf(event: EngineEvent): string {
  return createHash('sha256').update(JSON.stringify(event)).digest('base64url')
}
