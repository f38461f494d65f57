import { changesOpenKey, diffEffects, diffQueue, diffSlots, openKeyOf } from './diff.ts'
import { MaitredError, isMaitredError } from '../errors.ts'
import { isPromise } from '../hooks/hook-run.ts'
import type {
  AgentRow,
  Commit,
  CommitResult,
  Loaded,
  QueueRow,
  SlotChange,
  StoredResult,
  TenantStore,
  TurnRecord,
} from '../ports.ts'
import { type Receipt, refused } from '../receipts.ts'
import { finish } from './record.ts'
import type { Effect, Snapshot } from '../snapshot.ts'
import { stepIn } from './step-run.ts'
import { earliest, nextTimers } from './timers.ts'
import type { Turn } from './turn.ts'
import type { Awaitable, Json, Message } from '../types.ts'
import { phaseOf } from './view.ts'

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
  readonly outbox: Commit['outbox']
  readonly vetoed: Extract<Receipt, { status: 'vetoed' }> | undefined
}

export interface Key {
  readonly name: string
  readonly bodyHash: string
}

/** What a commit carries besides the turn. */
interface Keyed {
  readonly key: Key | undefined
  readonly fence: Commit['fence'] | undefined
}

type Kept = TurnResult | 'conflict'
type Keeping = Generator<PromiseLike<unknown>, Kept, unknown>

export function isKeeping(kept: Kept | Keeping): kept is Keeping {
  return typeof kept === 'object' && (kept as { readonly next?: unknown }).next !== undefined // several times faster than `in`
}

/** Writes what the turn came to; work only if the store has to be waited for. */
export function keep(turn: Turn, receipt: Receipt, { key, fence }: Keyed): Kept | Keeping {
  const { store } = turn.services
  if (!receipt.ok && receipt.status === 'refused') return keepAnswer(turn, receipt, key)
  const vetoed = receipt.ok ? undefined : receipt
  const commit = toCommit(turn, { receipt, key, fence, isVetoed: vetoed !== undefined })
  const answer = commitTo(store, commit)
  const about = { receipt, key, fence, commit, vetoed }
  return isPromise(answer) ? keepLater(turn, answer, about) : done(turn, answer, about)
}

/** A commit that was asked for, and what is to be told of it. */
interface Asked extends Keyed {
  readonly receipt: Receipt
  readonly commit: TurnCommit
  readonly vetoed: Committed['vetoed']
}

function* keepLater(turn: Turn, answer: PromiseLike<CommitResult>, about: Asked): Keeping {
  const kept = done(turn, (yield answer) as CommitResult, about) // the promise resolves to it
  return isKeeping(kept) ? yield* kept : kept
}

function done(turn: Turn, result: CommitResult, { receipt, key, fence, commit, vetoed }: Asked): Kept | Keeping {
  switch (result.status) {
    case 'ok':
      turn.isCommitted = true
      return { receipt, committed: toCommitted(turn, commit, { agents: result.agents, vetoed }) }
    case 'duplicate':
      return { receipt: key === undefined ? receipt : repeat(result.result, key) }
    case 'refused':
      return keepAnswer(turn, refused(result.code, `The agent \`${result.agentId}\` cannot take it now.`), key)
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

/** A refusal is a result too, and so is finding that there is nothing to do: under a key it is kept, so that a repeated command gets the same answer. */
export function* keepAnswer(turn: Turn, receipt: Receipt, key: Key | undefined): Keeping {
  if (key === undefined) return { receipt }
  const answer = commitTo(turn.services.store, {
    id: turn.id,
    expect: turn.version - 1,
    at: turn.now,
    key: toKept(key, receipt),
    entries: [],
    nextDueAt: earliest(turn.begun.timers),
    slots: [],
    records: [],
    outbox: [],
  })
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
  const { offerTo } = turn.services.settings
  const queueRow = diffQueue(begun.state, state, { version, offerTo })
  return {
    id: turn.id,
    expect: version - 1,
    fence,
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
    openKey: begun.row === undefined || changesOpenKey(begun.state, state) ? openKeyOf(state) : undefined,
    entries: turn.entries,
    turn: record,
    nextDueAt: earliest(snapshot.timers),
    slots: diffSlots(begun.state.context.holds, state.context.holds, turn),
    queueRow,
    records: turn.asked.puts,
    outbox: joined(afterRows(turn, about.isVetoed), deliveryRows(turn)),
  }
}

function toKept(key: Key, receipt: Receipt): NonNullable<Commit['key']> {
  return { name: key.name, result: { bodyHash: key.bodyHash, receipt: receipt as unknown as Json } } // receipts are plain data
}

function toCommitted(turn: Turn, commit: TurnCommit, about: Pick<Committed, 'agents' | 'vetoed'>): Committed {
  const { entries, slots, queueRow, nextDueAt, outbox, row } = commit
  const effects = diffEffects(turn.begun.state.context.pending, turn.state.context.pending)
  const { agents, vetoed } = about
  const { snapshot } = row
  const { version } = turn
  return { turn, snapshot, version, entries, slots, queueRow, effects, nextDueAt, outbox, agents, vetoed }
}

/** One row per turn that has an `after` hook to call. */
function afterRows(turn: Turn, isVetoed: boolean): Commit['outbox'] {
  const { after } = turn.services.hooks
  if (isVetoed || after.size === 0 || !turn.taken.some(({ transition }) => after.has(transition))) return NONE
  const heldUntil = turn.services.heldUntil(turn.now)
  const row = { id: turn.effectId('after'), topic: 'after', conversationId: turn.id, body: { version: turn.version } }
  return [heldUntil === undefined ? row : { ...row, heldUntil }]
}

function joined(one: Commit['outbox'], other: Commit['outbox']): Commit['outbox'] {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one
  return [...one, ...other]
}

/** One row for all that is said to a customer who is not here. The words stay in the transcript. */
function deliveryRows(turn: Turn): Commit['outbox'] {
  if (turn.entries.length === 0 || !turn.services.isDelivered(turn.state.context)) return NONE
  const seqs = turn.entries.filter(isReply).map(({ seq }) => seq)
  if (seqs.length === 0) return NONE
  return [{ id: turn.effectId('deliver'), topic: 'deliver', conversationId: turn.id, body: { seqs } }]
}

function isReply({ author, internal }: Message): boolean {
  return (author === 'agent' || author === 'bot') && internal !== true
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

export function doneReceipt(turn: Turn, revision: number): Extract<Receipt, { ok: true }> {
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

const NONE: readonly never[] = []

/** The first result under a key, told again. @throws MaitredError `IDEMPOTENCY_MISMATCH` */
export function repeat(prior: StoredResult, key: Key): Receipt {
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

/** Asks the store; without a closure, because every turn does it twice. @throws MaitredError `STORE_UNAVAILABLE` when it fails */
export function loadFrom(store: TenantStore, id: string, key: string | undefined): Awaitable<Loaded> {
  try {
    const answer = store.load(id, key)
    return isPromise(answer) ? answer.then(undefined, fail) : answer
  } catch (error) {
    return fail(error)
  }
}

/** @throws MaitredError `STORE_UNAVAILABLE` when it fails */
function commitTo(store: TenantStore, commit: Commit): Awaitable<CommitResult> {
  try {
    const answer = store.commit(commit)
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
