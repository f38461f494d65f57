import { createHeap } from './heap.ts'
import type {
  AgentRow,
  Commit,
  CommitResult,
  ConversationFilter,
  ConversationRow,
  HoldRow,
  OutboxRow,
  QueueRow,
  RecordPut,
  SlotChange,
  Store,
  StoredResult,
  TenantStore,
  TurnRecord,
} from './ports.ts'
import type { Agent, Json, Message, Presence } from './types.ts'
import { agentOf, phaseOf } from './turn/view.ts'

/** A store that lives as long as the process: for tests, demos, and as the reference of what the others must do. */
export function memoryStore(): Store {
  const tenants = new Map<string, TenantStore>()
  return {
    name: 'memory',
    migrate: () => Promise.resolve(),
    open(tenant) {
      const opened = tenants.get(tenant) ?? createTenant()
      tenants.set(tenant, opened)
      return opened
    },
  }
}

/** Units an agent can hold unless the profile says. */
export const DEFAULT_CAPACITY = 3

interface Kept {
  row: ConversationRow
  entries: readonly Message[]
  turns: readonly TurnRecord[]
  nextDueAt: number | null
  openKey: string | null
  keys: Map<string, StoredResult> | undefined
}

interface KeptRecord {
  readonly value: Json
  readonly version: number
}

function createTenant(): TenantStore {
  const conversations = new Map<string, Kept>()
  const openKeys = new Map<string, string>()
  const agents = new Map<string, AgentRow>()
  const holds = new Map<string, HoldRow>()
  const queue = new Map<string, QueueRow>()
  const records = new Map<string, KeptRecord>()
  const outbox = new Map<string, { readonly row: OutboxRow; leasedUntil: number }>()
  const leases = new Map<string, { readonly holder: string; readonly epoch: number; readonly until: number }>()
  const alarms = createHeap<{ readonly id: string; readonly dueAt: number }>(
    (one, other) => one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.id < other.id),
  )

  const recordKey = (plugin: string, key: string): string => `${plugin}\n${key}`
  const capacityOf = ({ agent }: AgentRow): number => agent.capacity ?? DEFAULT_CAPACITY

  /** The first change that the ledger cannot take; later changes see what earlier ones did. */
  function refusedSlot(slots: readonly SlotChange[]): Extract<CommitResult, { status: 'refused' }> | undefined {
    const freed = new Map<string, number>()
    for (const slot of slots) {
      if (slot.op === 'release')
        freed.set(slot.agentId, (freed.get(slot.agentId) ?? 0) + (holds.get(slot.holdId)?.units ?? 0))
      if (slot.op !== 'take') continue
      const agent = agents.get(slot.agentId)
      if (agent === undefined || (agent.presence !== 'online' && slot.force !== true))
        return { status: 'refused', code: 'AGENT_GONE', agentId: slot.agentId }
      const units = agent.units - (freed.get(slot.agentId) ?? 0) + slot.units
      if (units > capacityOf(agent) && slot.force !== true)
        return { status: 'refused', code: 'NO_CAPACITY', agentId: slot.agentId }
      freed.set(slot.agentId, (freed.get(slot.agentId) ?? 0) - slot.units)
    }
    return undefined
  }

  function applySlot(slot: SlotChange, conversationId: string, at: number): void {
    const agent = agents.get(slot.agentId)
    if (slot.op === 'take') {
      const { agentId, holdId, units, phase } = slot
      holds.set(holdId, { holdId, agentId, conversationId, units, phase })
      if (agent !== undefined) setAgent({ ...agent, units: agent.units + units, lastAssignedAt: at })
      return
    }
    const hold = holds.get(slot.holdId)
    if (hold === undefined) return
    if (slot.op === 'phase') {
      holds.set(slot.holdId, { ...hold, phase: slot.phase })
      return
    }
    holds.delete(slot.holdId)
    if (agent === undefined) return
    const presence: Presence = slot.away === true && agent.presence === 'online' ? 'away' : agent.presence
    setAgent({ ...agent, units: agent.units - hold.units, presence })
  }

  function setAgent(row: AgentRow): AgentRow {
    const next = { ...row, version: row.version + 1 }
    agents.set(row.agent.id, next)
    return next
  }

  function holdsRecords(puts: readonly RecordPut[]): boolean {
    return puts.every(
      ({ plugin, key, ifVersion }) =>
        ifVersion === undefined || (records.get(recordKey(plugin, key))?.version ?? 0) === ifVersion,
    )
  }

  function put({ plugin, key, value }: RecordPut): void {
    const name = recordKey(plugin, key)
    records.set(name, { value, version: (records.get(name)?.version ?? 0) + 1 })
  }

  function ownKey(kept: Kept, openKey: string | null): void {
    if (kept.openKey !== null) openKeys.delete(kept.openKey)
    kept.openKey = openKey
    if (openKey !== null) openKeys.set(openKey, kept.row.id)
  }

  function setAlarm(kept: Kept, dueAt: number | null): void {
    if (kept.nextDueAt === dueAt) return
    kept.nextDueAt = dueAt
    if (dueAt !== null) alarms.push({ id: kept.row.id, dueAt })
  }

  function judge(commit: Commit, kept: Kept | undefined): CommitResult | undefined {
    const prior = commit.key === undefined ? undefined : kept?.keys?.get(commit.key.name)
    if (prior !== undefined) return { status: 'duplicate', result: prior }
    if ((kept?.row.version ?? 0) !== commit.expect) return { status: 'conflict' }
    if (commit.fence !== undefined && leases.get(commit.fence.name)?.epoch !== commit.fence.epoch)
      return { status: 'fenced' }
    const owner = commit.openKey === undefined || commit.openKey === null ? undefined : openKeys.get(commit.openKey)
    if (owner !== undefined && owner !== commit.id) return { status: 'conflict' }
    if (!holdsRecords(commit.records)) return { status: 'conflict' }
    return refusedSlot(commit.slots)
  }

  function commit(commit: Commit): CommitResult {
    const known = conversations.get(commit.id)
    const judged = judge(commit, known)
    if (judged !== undefined) return judged
    const version = commit.expect + (commit.row === undefined ? 0 : 1)
    if (commit.row !== undefined) {
      const kept: Kept = known ?? {
        row: { ...commit.row, version },
        entries: [],
        turns: [],
        nextDueAt: null,
        openKey: null,
        keys: undefined,
      }
      kept.row = { ...commit.row, version }
      if (commit.entries.length > 0) kept.entries = [...kept.entries, ...commit.entries]
      if (commit.turn !== undefined) kept.turns = [...kept.turns, commit.turn]
      conversations.set(commit.id, kept)
      setAlarm(kept, commit.nextDueAt)
      if (commit.openKey !== undefined) ownKey(kept, commit.openKey)
    }
    if (commit.key !== undefined) keep(commit.id, commit.key)
    for (const slot of commit.slots) applySlot(slot, commit.id, commit.at)
    if (commit.queueRow === null) queue.delete(commit.id)
    else if (commit.queueRow !== undefined) queue.set(commit.id, commit.queueRow)
    for (const record of commit.records) put(record)
    for (const row of commit.outbox) outbox.set(row.id, { row, leasedUntil: 0 })
    const touched = [...new Set(commit.slots.map((slot) => slot.agentId))].flatMap((id) => agents.get(id) ?? [])
    return { status: 'ok', version, agents: touched }
  }

  function keep(id: string, key: NonNullable<Commit['key']>): void {
    const kept = conversations.get(id)
    if (kept === undefined) return
    kept.keys ??= new Map()
    kept.keys.set(key.name, key.result)
  }

  function due(at: number, limit: number): readonly { readonly id: string; readonly dueAt: number }[] {
    const found: { readonly id: string; readonly dueAt: number }[] = []
    while (found.length < limit) {
      const first = nextAlarm()
      if (first === undefined || first.dueAt > at) break
      alarms.pop()
      found.push(first)
    }
    for (const alarm of found) alarms.push(alarm) // due until its turn has been committed
    return found
  }

  /** The first alarm that still holds; those that were moved or called off are dropped. */
  function nextAlarm(): { readonly id: string; readonly dueAt: number } | undefined {
    for (;;) {
      const first = alarms.peek()
      if (first === undefined || conversations.get(first.id)?.nextDueAt === first.dueAt) return first
      alarms.pop()
    }
  }

  function find({
    customerId,
    agentId,
    phase,
    openKey,
    closedFromAt,
    closedToAt,
    after,
    newestFirst = false,
    limit = 100,
  }: ConversationFilter): readonly ConversationRow[] {
    if (openKey !== undefined) {
      const kept = conversations.get(openKeys.get(openKey) ?? '')
      return kept === undefined ? [] : [kept.row]
    }
    const matches = ({ row }: Kept): boolean => {
      const { path, context } = row.snapshot
      if (after !== undefined && (newestFirst ? row.id >= after : row.id <= after)) return false
      if (customerId !== undefined && row.customer.id !== customerId) return false
      if (agentId !== undefined && agentOf(context, path) !== agentId) return false
      if (phase !== undefined && phaseOf(path) !== phase) return false
      if (closedFromAt === undefined && closedToAt === undefined) return true
      const { closedAt } = context
      return closedAt !== null && closedAt >= (closedFromAt ?? 0) && closedAt < (closedToAt ?? Number.POSITIVE_INFINITY)
    }
    return [...conversations.values()]
      .filter(matches)
      .map(({ row }) => row)
      .sort((one, other) => (one.id < other.id === newestFirst ? 1 : -1))
      .slice(0, limit)
  }

  function erase(customerId: string): { readonly conversationIds: readonly string[] } {
    const theirs = [...conversations.values()].filter(({ row }) => row.customer.id === customerId)
    for (const kept of theirs) {
      kept.row = { ...kept.row, customer: { id: customerId }, pages: [] }
      kept.entries = kept.entries.map(({ id, seq, at, author, agentId, internal }) => ({
        id,
        seq,
        at,
        author,
        text: '',
        ...(agentId === undefined ? {} : { agentId }),
        ...(internal === undefined ? {} : { internal }),
      }))
    }
    return { conversationIds: theirs.map(({ row }) => row.id) }
  }

  function saveAgent(agent: Agent): AgentRow {
    const known = agents.get(agent.id)
    return setAgent(
      known === undefined
        ? {
            agent,
            presence: 'offline',
            presenceUntil: null,
            units: unitsHeldBy(agent.id),
            lastAssignedAt: 0,
            version: 0,
          }
        : { ...known, agent },
    )
  }

  function unitsHeldBy(agentId: string): number {
    return [...holds.values()].reduce((sum, hold) => (hold.agentId === agentId ? sum + hold.units : sum), 0)
  }

  return {
    load: (id, key) => {
      const kept = conversations.get(id)
      return { row: kept?.row, prior: key === undefined ? undefined : kept?.keys?.get(key) }
    },
    turns: (id, fromVersion) => (conversations.get(id)?.turns ?? []).filter((turn) => turn.version >= fromVersion),
    transcript: (id, afterSeq) => {
      const entries = conversations.get(id)?.entries ?? []
      return afterSeq <= 0 ? entries : entries.slice(afterSeq) // seq counts from 1 without gaps
    },
    commit,
    due,
    nextDueAt: () => nextAlarm()?.dueAt ?? null,
    outboxTake: (at, leaseMs, limit) => {
      const taken = [...outbox.values()].filter(({ leasedUntil }) => leasedUntil <= at).slice(0, limit)
      for (const item of taken) item.leasedUntil = at + leaseMs
      return taken.map(({ row }) => row)
    },
    outboxDone: (ids) => {
      for (const id of ids) outbox.delete(id)
    },
    agents: () => [...agents.values()],
    agent: (id) => agents.get(id),
    saveAgent,
    removeAgent: (id) => {
      agents.delete(id)
    },
    setPresence: (id, presence, until) => {
      const known = agents.get(id)
      return known === undefined ? undefined : setAgent({ ...known, presence, presenceUntil: until })
    },
    holdsOf: (agentId) => [...holds.values()].filter((hold) => hold.agentId === agentId),
    waiting: () => [...queue.values()],
    find,
    record: (plugin, key) => records.get(recordKey(plugin, key)),
    putRecord: (record) => {
      if (!holdsRecords([record])) return false
      put(record)
      return true
    },
    lease: (name, holder, at, ttlMs) => {
      const known = leases.get(name)
      if (known !== undefined && known.holder !== holder && known.until > at) return undefined
      const epoch =
        known === undefined ? 1 : known.holder === holder && known.until > at ? known.epoch : known.epoch + 1
      leases.set(name, { holder, epoch, until: at + ttlMs })
      return { epoch }
    },
    erase,
    health: () => ({ ok: true, outboxCount: outbox.size }),
    close: () => {},
  }
}
