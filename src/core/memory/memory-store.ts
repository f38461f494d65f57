import { MaitredError } from '../errors.ts'
import { deepFreeze, isFrozenJson } from '../hooks/installed.ts'
import type {
  Commit,
  CommitResult,
  OutboxRow,
  QueueRow,
  RecordPut,
  RoutingChanges,
  Store,
  TenantStore,
} from '../ports.ts'
import type { Json } from '../types.ts'
import { createJournal } from './journal.ts'
import { createLedger } from './ledger.ts'
import { unpacked, versionOf } from './packed-row.ts'
import { unpackTurns } from './packed-turn.ts'
import { createShelf, type Kept, type Shelf } from './shelf.ts'

export interface MemoryStoreOptions {
  /**
   * How many closed conversations are kept; all unless said. When there are more, those closed first are forgotten with their transcripts,
   * and can be neither reopened nor rated any more.
   */
  readonly keepClosed?: number
}

/**
 * A store that lives as long as the process: for tests, demos, and as the reference of what the others must do.
 * @throws MaitredError `CONFIG_INVALID` for a number of conversations that cannot be
 */
export function memoryStore({ keepClosed = Number.POSITIVE_INFINITY }: MemoryStoreOptions = {}): Store {
  if (typeof keepClosed !== 'number' || !(keepClosed >= 0)) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a number from 0 at \`keepClosed\`, got \`${String(keepClosed)}\`.`,
      hint: 'Leave it out to keep every conversation.',
      path: 'keepClosed',
    })
  }
  const tenants = new Map<string, TenantStore>()
  return {
    name: 'memory',
    answersAtOnce: true,
    migrate: () => Promise.resolve(),
    open(tenant) {
      const opened = tenants.get(tenant) ?? createTenant(keepClosed)
      tenants.set(tenant, opened)
      return opened
    },
  }
}

function createTenant(keepClosed: number): TenantStore {
  const shelf = createShelf(keepClosed)
  const journal = createJournal()
  const ledger = createLedger(journal.agent)
  const records = createRecords()
  const outbox = createOutbox()
  const leases = createLeases()
  const queue = new Map<string, QueueRow>()

  /** Why a commit cannot be made; `undefined` if it can. */
  function judge(commit: Commit, kept: Kept | undefined): CommitResult | undefined {
    const { id, key, expect, fence, openKey, slots, records: puts } = commit
    const prior = key === undefined ? undefined : kept?.keys?.get(key.name)
    if (prior !== undefined) return { status: 'duplicate', result: prior }
    if ((kept === undefined ? 0 : versionOf(kept.row)) !== expect) return { status: 'conflict' }
    if (fence !== undefined && !leases.holds(fence.name, fence.epoch)) return { status: 'fenced' }
    const holder = openKey === undefined || openKey === null ? undefined : shelf.holderOf(openKey)
    if (holder !== undefined && holder !== id) return { status: 'conflict' }
    return puts.every(records.canPut) ? ledger.refused(slots) : { status: 'conflict' }
  }

  function place(id: string, row: QueueRow | null): void {
    if (row === null) queue.delete(id)
    else queue.set(id, row)
    journal.place(id)
  }

  function changes(since: string | undefined): RoutingChanges {
    const known = journal.since(since)
    const cursor = journal.cursor()
    if (known === undefined) {
      const queued = [...queue.values()].map(deepFreeze)
      return { cursor, isWhole: true, agents: ledger.agents(), removedAgentIds: [], queued, leftIds: [] }
    }
    const { agentIds, placeIds } = known
    return {
      cursor,
      isWhole: false,
      agents: agentIds.flatMap((id) => ledger.agent(id) ?? []),
      removedAgentIds: agentIds.filter((id) => ledger.agent(id) === undefined),
      queued: placeIds.flatMap((id) => deepFreeze(queue.get(id)) ?? []),
      leftIds: placeIds.filter((id) => !queue.has(id)),
    }
  }

  return {
    load: (id, key) => {
      const kept = shelf.get(id)
      const row = kept === undefined ? undefined : unpacked(kept.row)
      return { row, prior: key === undefined ? undefined : kept?.keys?.get(key) }
    },
    turns: (id, fromVersion) => unpackTurns(shelf.get(id)?.turns, fromVersion).map(deepFreeze),
    transcript: (id, afterSeq) => {
      const entries = shelf.get(id)?.entries ?? []
      return entries.slice(Math.max(0, afterSeq)) // seq counts from 1 without gaps
    },
    commit(commit) {
      const kept = shelf.get(commit.id)
      const judged = judge(commit, kept)
      if (judged !== undefined) return judged
      shelf.put(commit, kept)
      const agents = ledger.apply(commit.slots, { conversationId: commit.id, at: commit.at })
      if (commit.queueRow !== undefined) place(commit.id, commit.queueRow)
      for (const put of commit.records) records.put(put)
      outbox.add(commit.outbox)
      return { status: 'ok', version: commit.expect + (commit.row === undefined ? 0 : 1), agents }
    },
    due: shelf.due,
    nextDueAt: shelf.nextDueAt,
    ...outbox.operations,
    agents: ledger.agents,
    agent: ledger.agent,
    saveAgent: ledger.save,
    removeAgent: ledger.remove,
    setPresence: ledger.setPresence,
    setOutside: ledger.setOutside,
    holdsOf: ledger.holdsOf,
    waiting: () => [...queue.values()].map(deepFreeze),
    changes,
    versions: (ids) => versionsOf(shelf, ids),
    find: shelf.find,
    record: records.get,
    putRecord: (put) => {
      if (!records.canPut(put)) return false
      records.put(put)
      return true
    },
    lease: leases.take,
    erase: shelf.erase,
    forget: (closedBefore, limit) => outbox.without(shelf.forget(closedBefore, limit)),
    health: () => ({ ok: true, outboxCount: outbox.size() }),
    close: () => {},
  }
}

function versionsOf({ get }: Shelf, ids: readonly string[]): ReadonlyMap<string, number> {
  const versions = new Map<string, number>()
  for (const id of ids) {
    const kept = get(id)
    if (kept !== undefined) versions.set(id, versionOf(kept.row))
  }
  return versions
}

function createRecords() {
  const records = new Map<string, { readonly value: Json; readonly version: number }>()
  const nameOf = (plugin: string, key: string): string => `${plugin}\n${key}`
  const get = (plugin: string, key: string) => records.get(nameOf(plugin, key))
  const versionOf = ({ plugin, key }: RecordPut): number => get(plugin, key)?.version ?? 0
  return {
    get,
    canPut: (put: RecordPut): boolean => put.ifVersion === undefined || put.ifVersion === versionOf(put),
    put(put: RecordPut): void {
      const value = isFrozenJson(put.value) ? put.value : (JSON.parse(JSON.stringify(put.value)) as Json) // several times faster than a structured clone
      records.set(nameOf(put.plugin, put.key), deepFreeze({ value, version: versionOf(put) + 1 }))
    },
  }
}

function createOutbox() {
  const rows = new Map<string, { row: OutboxRow; leasedUntil: number }>()
  const operations: Pick<TenantStore, 'outboxTake' | 'outboxDone' | 'outboxPutOff'> = {
    outboxTake(at, leaseMs, limit) {
      const taken = [...rows.values()].filter(({ leasedUntil }) => leasedUntil <= at).slice(0, limit)
      for (const item of taken) item.leasedUntil = at + leaseMs
      return taken.map(({ row }) => row)
    },
    outboxDone(ids) {
      for (const id of ids) rows.delete(id)
    },
    outboxPutOff({ id, body, heldUntil = Number.NEGATIVE_INFINITY }) {
      const known = rows.get(id)
      if (known === undefined) return
      known.row = deepFreeze({ ...known.row, body })
      known.leasedUntil = heldUntil
    },
  }
  return {
    operations,
    add(added: readonly OutboxRow[]): void {
      for (const { id, topic, conversationId, body, heldUntil } of added) {
        const row = deepFreeze({ id, topic, conversationId, body })
        rows.set(id, { row, leasedUntil: heldUntil ?? Number.NEGATIVE_INFINITY })
      }
    },
    /** Removes what was owed to conversations that are forgotten. */
    without(forgotten: { readonly conversationIds: readonly string[] }) {
      const ids = new Set(forgotten.conversationIds)
      for (const { row } of rows.values()) if (ids.has(row.conversationId)) rows.delete(row.id)
      return forgotten
    },
    size: (): number => rows.size,
  }
}

function createLeases() {
  const leases = new Map<string, { readonly holder: string; readonly epoch: number; readonly until: number }>()
  return {
    holds: (name: string, epoch: number): boolean => leases.get(name)?.epoch === epoch,
    take(
      name: string,
      { holder, at, ttlMs }: { readonly holder: string; readonly at: number; readonly ttlMs: number },
    ) {
      const known = leases.get(name)
      const isRunning = known !== undefined && known.until > at
      if (isRunning && known.holder !== holder) return undefined
      const epoch = isRunning ? known.epoch : (known?.epoch ?? 0) + 1
      leases.set(name, { holder, epoch, until: at + ttlMs })
      return { epoch }
    },
  }
}
