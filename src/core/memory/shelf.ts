import { createHeap } from '../heap.ts'
import { deepFreeze } from '../hooks/installed.ts'
import type { Commit, ConversationFilter, ConversationRow, StoredResult } from '../ports.ts'
import { agentOf, phaseOf } from '../turn/view.ts'
import type { Message } from '../types.ts'
import { erasedRow, withoutPlugins, withoutText, withoutWords } from './erasure.ts'
import { customerOf, idOf, isPacked, type PackedRow, packRow, unpacked } from './packed-row.ts'
import { type PackedTurn, packTurn, unpackTurns } from './packed-turn.ts'

/** One conversation in memory. */
export interface Kept {
  /** Packed while nothing happens in it. */
  row: ConversationRow | PackedRow
  entries: Message[] | undefined
  /** The last turn, which knows those before it. */
  turns: PackedTurn | undefined
  nextDueAt: number | null
  /** Where it lies among those that must be woken; -1 without an alarm. */
  alarmPlace: number
  /** The key it holds while it is open; of one of its own customer only the channel, see {@link createOpenKeys}. */
  openKey: string | null
  keys: Map<string, StoredResult> | undefined
  /** The one before it of the same customer. */
  earlier: Kept | undefined
}

/** The conversations: rows, transcripts, event logs, and when each must be woken. */
export interface Shelf {
  get(id: string): Kept | undefined
  /** Who has this customer's conversation on this channel open. */
  holderOf(openKey: string): string | undefined
  /** Writes the conversation's part of a commit that has been judged. `known`: what `get` gave for it. */
  put(commit: Commit, known: Kept | undefined): void
  due(at: number, limit: number): readonly { readonly id: string; readonly dueAt: number }[]
  nextDueAt(): number | null
  find(filter: ConversationFilter): readonly ConversationRow[]
  erase(customerId: string): { readonly conversationIds: readonly string[] }
  /** Removes those closed before a moment that wait for nothing, the oldest first. */
  forget(closedBefore: number, limit: number): { readonly conversationIds: readonly string[] }
}

/** `keepClosed`: of the conversations that are over, and wait for nothing, this many; those closed first are forgotten first. */
export function createShelf(keepClosed = Number.POSITIVE_INFINITY): Shelf {
  const conversations = new Map<string, Kept>()
  const customers = createCustomers()
  const openKeys = createOpenKeys(customers)
  /** In the order in which they came to their end; empty if all are kept. */
  const ended = new Set<Kept>()
  const alarms = createAlarms()
  const awake = createAwake()

  function drop(kept: Kept): void {
    ended.delete(kept)
    conversations.delete(idOf(kept.row))
    customers.remove(kept)
    kept.entries = undefined // it may be among those awake for a while
    kept.turns = undefined
  }

  function retire(kept: Kept): void {
    ended.delete(kept)
    if (!isOver(kept)) return
    ended.add(kept)
    for (const first of ended) {
      if (ended.size <= keepClosed) return
      drop(first)
    }
  }

  function putRow(commit: Commit, row: NonNullable<Commit['row']>, known: Kept | undefined): Kept {
    const kept = known ?? createKept()
    const knownCustomerId = known === undefined ? undefined : customerOf(known.row).id
    const isNewToCustomer = knownCustomerId !== row.customer.id
    if (known !== undefined && isNewToCustomer) customers.remove(known)
    const wasAsleep = known === undefined || isPacked(known.row)
    // The engine replaces rows and never changes them, so none is copied or frozen on every turn's way, only where it is handed to others.
    kept.row = withVersion(row, commit.expect + 1)
    for (const entry of commit.entries) (kept.entries ??= []).push(deepFreeze(entry))
    if (commit.turn !== undefined) kept.turns = packTurn(commit.turn, kept.turns)
    if (wasAsleep) awake.add(kept)
    if (known === undefined) conversations.set(commit.id, kept)
    if (isNewToCustomer) customers.add(kept)
    alarms.set(kept, commit.nextDueAt)
    if (commit.openKey !== undefined) openKeys.own(kept, commit.openKey)
    if (keepClosed !== Number.POSITIVE_INFINITY) retire(kept)
    return kept
  }

  return {
    get: (id) => conversations.get(id),
    holderOf: (openKey) => {
      const holder = openKeys.holderOf(openKey)
      return holder === undefined ? undefined : idOf(holder.row)
    },
    put(commit, known) {
      const kept = commit.row === undefined ? known : putRow(commit, commit.row, known)
      if (kept === undefined || commit.key === undefined) return
      kept.keys ??= new Map()
      kept.keys.set(commit.key.name, deepFreeze(commit.key.result))
    },
    due: alarms.due,
    nextDueAt: alarms.nextDueAt,
    find(filter) {
      const holder = filter.openKey === undefined ? undefined : openKeys.holderOf(filter.openKey)
      if (filter.openKey !== undefined) return holder === undefined ? [] : [deepFreeze(unpacked(holder.row))]
      const { customerId: id } = filter
      if (id !== undefined && !customers.has(id)) return [] // as is said of everybody who comes for the first time
      return pick(id === undefined ? conversations.values() : customers.of(id), filter)
    },
    erase(customerId) {
      const theirs = customers.of(customerId)
      for (const kept of theirs) erasePerson(kept)
      return { conversationIds: theirs.map(({ row }) => idOf(row)) }
    },
    forget(closedBefore, limit) {
      const closedAt = ({ row }: Kept): number => unpacked(row).snapshot.context.closedAt ?? Number.POSITIVE_INFINITY
      const old = [...conversations.values()]
        .filter((kept) => isOver(kept) && closedAt(kept) < closedBefore)
        .sort((one, other) => closedAt(one) - closedAt(other))
        .slice(0, limit)
      for (const kept of old) drop(kept)
      return { conversationIds: old.map(({ row }) => idOf(row)) }
    },
  }
}

/**
 * A place for a conversation, before it has a row. V8 learns that these stay, and makes them where it keeps what is old; a row that was made
 * as a part of one would go there as well, and so would the rows after it: each would have to wait for a major collection, and would hold a
 * context, a snapshot and whatever else was young with it until then.
 */
function createKept(): Kept {
  return {
    row: NO_ROW,
    entries: undefined,
    turns: undefined,
    nextDueAt: null,
    alarmPlace: -1,
    openKey: null,
    keys: undefined,
    earlier: undefined,
  }
}

const NO_ROW: PackedRow = []

/** Those that fit, in order. */
function pick(all: Iterable<Kept>, filter: ConversationFilter): readonly ConversationRow[] {
  const { newestFirst = false, limit = 100 } = filter
  const found: ConversationRow[] = []
  for (const kept of all) {
    const row = unpacked(kept.row)
    if (matches(row, filter)) found.push(row)
  }
  found.sort((one, other) => (one.id < other.id === newestFirst ? 1 : -1))
  return found.slice(0, limit).map(deepFreeze)
}

/** So many are kept as they are: those in which something has happened last. The others are packed. */
const AWAKE = 128

/** The conversations whose rows are not packed. Whoever came first is packed first, and comes again when something happens in it. */
function createAwake() {
  const places = new Array<Kept | undefined>(AWAKE).fill(undefined)
  let next = 0
  return {
    add(kept: Kept): void {
      const first = places[next]
      if (first !== undefined && first !== kept && !isPacked(first.row)) first.row = packRow(first.row) ?? first.row
      places[next] = kept
      next = (next + 1) % AWAKE
    },
  }
}

/** Nothing will happen in it any more by itself: it has no timer left, such as that of a wrap-up. */
function isOver({ row, nextDueAt }: Kept): boolean {
  return nextDueAt === null && unpacked(row).snapshot.path === 'closed'
}

/** When each conversation must be woken. */
function createAlarms() {
  const alarms = createHeap<Kept>(
    (one, other) =>
      dueAtOf(one) < dueAtOf(other) || (dueAtOf(one) === dueAtOf(other) && idOf(one.row) < idOf(other.row)),
    (kept, place) => (kept.alarmPlace = place),
  )
  return {
    set(kept: Kept, dueAt: number | null): void {
      if (kept.nextDueAt === dueAt) return
      kept.nextDueAt = dueAt
      if (dueAt === null) alarms.remove(kept.alarmPlace)
      else if (kept.alarmPlace < 0) alarms.push(kept)
      else alarms.moved(kept.alarmPlace)
    },
    due(at: number, limit: number): readonly { readonly id: string; readonly dueAt: number }[] {
      const found: Kept[] = []
      for (let first = alarms.peek(); first !== undefined && found.length < limit; first = alarms.peek()) {
        if (dueAtOf(first) > at) break
        alarms.pop()
        found.push(first)
      }
      for (const kept of found) alarms.push(kept) // due until its turn has been committed
      return found.map((kept) => Object.freeze({ id: idOf(kept.row), dueAt: dueAtOf(kept) }))
    },
    nextDueAt: (): number | null => alarms.peek()?.nextDueAt ?? null,
  }
}

function dueAtOf({ nextDueAt }: Kept): number {
  return nextDueAt ?? Number.POSITIVE_INFINITY
}

/**
 * Who holds which key. One that says what its own row says, `channel\ncustomerId`, is found among the conversations of the customer: those
 * need no table, and no string of their own. The others stand in a table.
 */
function createOpenKeys(customers: ReturnType<typeof createCustomers>) {
  const others = new Map<string, Kept>()
  const partsOf = (openKey: string) => {
    const end = openKey.indexOf('\n')
    return { channel: openKey.slice(0, end), customerId: openKey.slice(end + 1) }
  }
  return {
    own(kept: Kept, openKey: string | null): void {
      if (kept.openKey !== null) others.delete(kept.openKey)
      if (openKey === null) {
        kept.openKey = null
        return
      }
      const { channel } = unpacked(kept.row).snapshot.context
      const { channel: named, customerId } = partsOf(openKey)
      const isOwn = named === channel && customerId === customerOf(kept.row).id
      kept.openKey = isOwn ? channel : openKey
      if (!isOwn) others.set(openKey, kept)
    },
    holderOf(openKey: string): Kept | undefined {
      const other = others.get(openKey)
      if (other !== undefined) return other
      const { channel, customerId } = partsOf(openKey)
      return customers.newestWhere(customerId, (kept) => kept.openKey === channel)
    },
  }
}

/** Whose conversations are whose: the last of each customer, which knows the one before it. */
function createCustomers() {
  const last = new Map<string, Kept>()
  return {
    add(kept: Kept): void {
      const { id } = customerOf(kept.row)
      kept.earlier = last.get(id)
      last.set(id, kept)
    },
    /** To be called while it is still the customer's. */
    remove(kept: Kept): void {
      const { id } = customerOf(kept.row)
      const { earlier } = kept
      const first = last.get(id)
      kept.earlier = undefined
      if (first !== kept) {
        for (let later = first; later !== undefined; later = later.earlier)
          if (later.earlier === kept) later.earlier = earlier
      } else if (earlier === undefined) last.delete(id)
      else last.set(id, earlier)
    },
    has: (id: string): boolean => last.has(id),
    /** The newest of theirs that fits. */
    newestWhere(id: string, fits: (kept: Kept) => boolean): Kept | undefined {
      for (let kept = last.get(id); kept !== undefined; kept = kept.earlier) if (fits(kept)) return kept
      return undefined
    },
    /** Oldest first. */
    of(id: string): readonly Kept[] {
      const found: Kept[] = []
      for (let kept = last.get(id); kept !== undefined; kept = kept.earlier) found.push(kept)
      return found.reverse()
    },
  }
}

function withVersion(row: NonNullable<Commit['row']>, version: number): ConversationRow {
  const { id, snapshot, customer, pages, entryCount, previousId, erasedVersion } = row
  return { id, version, snapshot, customer, pages, entryCount, previousId, erasedVersion }
}

function matches({ id, customer, snapshot }: ConversationRow, filter: ConversationFilter): boolean {
  const { path, context } = snapshot
  const { after, newestFirst = false, customerId, agentId, phase, closedFromAt, closedToAt, pending } = filter
  if (after !== undefined && (newestFirst ? id >= after : id <= after)) return false
  if (customerId !== undefined && customer.id !== customerId) return false
  if (agentId !== undefined && agentOf(context, path) !== agentId) return false
  if (phase !== undefined && phaseOf(path) !== phase) return false
  if (pending === true && context.pending.length === 0) return false
  if (closedFromAt === undefined && closedToAt === undefined) return true
  const { closedAt } = context
  return closedAt !== null && closedAt >= (closedFromAt ?? 0) && closedAt < (closedToAt ?? Number.POSITIVE_INFINITY)
}

function erasePerson(kept: Kept): void {
  const { entries, turns, keys } = kept
  kept.row = deepFreeze(erasedRow(unpacked(kept.row)))
  kept.entries = entries?.map(withoutWords)
  kept.turns = unpackTurns(turns).reduce(
    (earlier: PackedTurn | undefined, turn) => packTurn(withoutPlugins(turn), earlier),
    undefined,
  )
  for (const [name, result] of keys ?? []) keys?.set(name, deepFreeze(withoutText(result)))
}
