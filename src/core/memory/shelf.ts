import { createHeap } from '../heap.ts'
import { deepFreeze } from '../hooks/installed.ts'
import type { Commit, ConversationFilter, ConversationRow, StoredResult, TurnRecord } from '../ports.ts'
import { agentOf, phaseOf } from '../turn/view.ts'
import type { Json, Message } from '../types.ts'

/** One conversation in memory. */
export interface Kept {
  row: ConversationRow
  readonly entries: Message[]
  readonly turns: TurnRecord[]
  nextDueAt: number | null
  openKey: string | null
  keys: Map<string, StoredResult> | undefined
}

interface Alarm {
  readonly id: string
  readonly dueAt: number
}

/** The conversations: rows, transcripts, event logs, and when each must be woken. */
export interface Shelf {
  get(id: string): Kept | undefined
  /** Who has this customer's conversation on this channel open. */
  holderOf(openKey: string): string | undefined
  /** Writes the conversation's part of a commit that has been judged. */
  put(commit: Commit): void
  due(at: number, limit: number): readonly Alarm[]
  nextDueAt(): number | null
  find(filter: ConversationFilter): readonly ConversationRow[]
  erase(customerId: string): { readonly conversationIds: readonly string[] }
}

interface CustomerIndex {
  of(customerId: string): Iterable<Kept>
  /** Before the row is replaced: a visitor may turn out to be somebody else. */
  put(kept: Kept, customerId: string, isNew: boolean): void
}

function indexByCustomer(): CustomerIndex {
  const byCustomer = new Map<string, Set<Kept>>()
  return {
    of: (customerId) => byCustomer.get(customerId) ?? [],
    put(kept, customerId, isNew) {
      const before = kept.row.customer.id
      if (!isNew && before === customerId) return
      byCustomer.get(before)?.delete(kept)
      const theirs = byCustomer.get(customerId)
      if (theirs === undefined) byCustomer.set(customerId, new Set([kept]))
      else theirs.add(kept)
    },
  }
}

export function createShelf(): Shelf {
  const conversations = new Map<string, Kept>()
  const openKeys = new Map<string, string>()
  const byCustomer = indexByCustomer()
  const alarms = createHeap<Alarm>(
    (one, other) => one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.id < other.id),
  )

  function ownKey(kept: Kept, openKey: string | null): void {
    if (kept.openKey !== null) openKeys.delete(kept.openKey)
    kept.openKey = openKey
    if (openKey !== null) openKeys.set(openKey, kept.row.id)
  }

  function setAlarm(kept: Kept, dueAt: number | null): void {
    if (kept.nextDueAt === dueAt) return
    kept.nextDueAt = dueAt
    if (dueAt !== null) alarms.push(Object.freeze({ id: kept.row.id, dueAt }))
  }

  /** The first alarm that still holds; those that were moved or called off are dropped. */
  function nextAlarm(): Alarm | undefined {
    for (;;) {
      const first = alarms.peek()
      if (first === undefined || conversations.get(first.id)?.nextDueAt === first.dueAt) return first
      alarms.pop()
    }
  }

  function putRow(commit: Commit, row: NonNullable<Commit['row']>): void {
    const version = commit.expect + 1
    const known = conversations.get(commit.id)
    const kept: Kept = known ?? {
      row: withVersion(row, version),
      entries: [],
      turns: [],
      nextDueAt: null,
      openKey: null,
      keys: undefined,
    }
    byCustomer.put(kept, row.customer.id, known === undefined)
    // The engine replaces rows and never changes them, so none is copied or frozen on every turn's way, only where it is handed to others.
    kept.row = withVersion(row, version)
    for (const entry of commit.entries) kept.entries.push(deepFreeze(entry))
    if (commit.turn !== undefined) kept.turns.push(commit.turn)
    conversations.set(commit.id, kept)
    setAlarm(kept, commit.nextDueAt)
    if (commit.openKey !== undefined) ownKey(kept, commit.openKey)
  }

  return {
    get: (id) => conversations.get(id),
    holderOf: (openKey) => openKeys.get(openKey),
    put(commit) {
      if (commit.row !== undefined) putRow(commit, commit.row)
      const kept = conversations.get(commit.id)
      if (kept === undefined || commit.key === undefined) return
      kept.keys ??= new Map()
      kept.keys.set(commit.key.name, deepFreeze(commit.key.result))
    },
    due(at, limit) {
      const found = new Map<string, Alarm>() // by id: a timer moved away and back has left two alarms
      for (
        let first = nextAlarm();
        first !== undefined && first.dueAt <= at && found.size < limit;
        first = nextAlarm()
      ) {
        alarms.pop()
        found.set(first.id, first)
      }
      for (const alarm of found.values()) alarms.push(alarm) // due until its turn has been committed
      return [...found.values()]
    },
    nextDueAt: () => nextAlarm()?.dueAt ?? null,
    find(filter) {
      const holder = filter.openKey === undefined ? undefined : conversations.get(openKeys.get(filter.openKey) ?? '')
      if (filter.openKey !== undefined) return holder === undefined ? [] : [deepFreeze(holder.row)]
      const { newestFirst = false, limit = 100, customerId: id } = filter
      return [...(id === undefined ? conversations.values() : byCustomer.of(id))]
        .map(({ row }) => row)
        .filter((row) => matches(row, filter))
        .sort((one, other) => (one.id < other.id === newestFirst ? 1 : -1))
        .slice(0, limit)
        .map(deepFreeze)
    },
    erase(customerId) {
      const theirs = [...byCustomer.of(customerId)]
      for (const kept of theirs) erasePerson(kept)
      return { conversationIds: theirs.map(({ row }) => row.id) }
    },
  }
}

function withVersion(row: NonNullable<Commit['row']>, version: number): ConversationRow {
  const { id, snapshot, customer, pages, entryCount, previousId, erasedVersion } = row
  return { id, version, snapshot, customer, pages, entryCount, previousId, erasedVersion }
}

function matches({ id, customer, snapshot }: ConversationRow, filter: ConversationFilter): boolean {
  const { path, context } = snapshot
  const { after, newestFirst = false, customerId, agentId, phase, closedFromAt, closedToAt } = filter
  if (after !== undefined && (newestFirst ? id >= after : id <= after)) return false
  if (customerId !== undefined && customer.id !== customerId) return false
  if (agentId !== undefined && agentOf(context, path) !== agentId) return false
  if (phase !== undefined && phaseOf(path) !== phase) return false
  if (closedFromAt === undefined && closedToAt === undefined) return true
  const { closedAt } = context
  return closedAt !== null && closedAt >= (closedFromAt ?? 0) && closedAt < (closedToAt ?? Number.POSITIVE_INFINITY)
}

function erasePerson(kept: Kept): void {
  const { row, entries, turns, keys } = kept
  const version = row.version + 1 // a turn under way still knows the person: it meets a conflict
  const snapshot = { ...row.snapshot, plugins: {} }
  const customer = { id: row.customer.id }
  kept.row = deepFreeze({ ...row, version, erasedVersion: version, snapshot, customer, pages: [] })
  entries.splice(0, entries.length, ...entries.map(withoutWords))
  turns.splice(0, turns.length, ...turns.map(withoutPlugins))
  for (const [name, result] of keys ?? []) keys?.set(name, withoutText(result))
}

function withoutPlugins({ plugins: _plugins, ...turn }: TurnRecord): TurnRecord {
  return turn
}

function withoutWords({ id, seq, at, author, agentId, internal }: Message): Message {
  return {
    id,
    seq,
    at,
    author,
    text: '',
    ...(agentId === undefined ? {} : { agentId }),
    ...(internal === undefined ? {} : { internal }),
  }
}

/** A refusal hands back what was written: that is words, too. */
function withoutText({ bodyHash, receipt }: StoredResult): StoredResult {
  const { text: _text, ...rest } = receipt as { readonly [key: string]: Json } // a receipt is an object
  return deepFreeze({ bodyHash, receipt: rest })
}
