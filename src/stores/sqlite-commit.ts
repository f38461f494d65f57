import { DEFAULT_CAPACITY } from '../core/memory/ledger.ts'
import type { AgentRow, Commit, CommitResult, RecordPut, SlotChange, StoredResult } from '../core/ports.ts'
import type { Db } from './sqlite-db.ts'
import type { ConversationTexts } from './conversation-texts.ts'
import { AGENT, toAgent, toPrior } from './rows.ts'

const INSERT_CONVERSATION = `insert into maitred_conversations (tenant, id, version, open_key, customer_id, agent_id, phase, closed_at,
  next_due_at, is_pending, entry_count, previous_id, erased_version, customer, pages, snapshot)
  values (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const UPDATED = `update maitred_conversations set version = version + 1, customer_id = ?, agent_id = ?, phase = ?, closed_at = ?,
  next_due_at = ?, is_pending = ?, entry_count = ?, previous_id = ?, erased_version = ?, customer = ?, pages = ?, snapshot = ?`
const UPDATE_CONVERSATION = `${UPDATED} where tenant = ? and id = ?`
const UPDATE_CONVERSATION_AND_KEY = `${UPDATED}, open_key = ? where tenant = ? and id = ?`

/** Whose rows, and where. */
interface Place {
  readonly db: Db
  readonly tenant: string
  readonly texts: ConversationTexts
}

/** Judges a commit, and writes it if it can be made. To be called within a transaction that is taken back unless the result is `ok`. */
export function commitTo({ db, tenant, texts }: Place, commit: Commit): CommitResult {
  const judged = judge(db, tenant, commit)
  if (judged !== undefined) return judged
  const { id, expect, at, row, slots, queueRow } = commit
  if (row !== undefined) putRow({ db, tenant, texts }, commit, row)
  if (commit.key !== undefined && (row !== undefined || expect > 0)) {
    const { name, result } = commit.key
    db.run(
      'insert into maitred_keys values (?, ?, ?, ?, ?)',
      tenant,
      id,
      name,
      result.bodyHash,
      JSON.stringify(result.receipt),
    )
  }
  for (const slot of slots) changeSlot(db, tenant, { slot, commit })
  if (queueRow === null)
    db.run(
      'update maitred_queue set body = null, left_at = ?, changed = ? where tenant = ? and conversation_id = ? and body is not null',
      at,
      nextTick(db),
      tenant,
      id,
    )
  else if (queueRow !== undefined)
    db.run(
      'insert or replace into maitred_queue values (?, ?, ?, null, ?)',
      tenant,
      id,
      JSON.stringify(queueRow),
      nextTick(db),
    )
  for (const put of commit.records) putRecord(db, tenant, put)
  for (const { id: outboxId, topic, conversationId, body, heldUntil = 0 } of commit.outbox)
    db.run(
      'insert or ignore into maitred_outbox (tenant, id, topic, conversation_id, body, leased_until) values (?, ?, ?, ?, ?, ?)',
      tenant,
      outboxId,
      topic,
      conversationId,
      JSON.stringify(body),
      heldUntil,
    )
  return {
    status: 'ok',
    version: expect + (row === undefined ? 0 : 1),
    agents: slots.length === 0 ? NOBODY : agentsOf(db, tenant, slots),
  }
}

const AGENT_OF = `select ${AGENT} from maitred_agents where tenant = ? and id = ? and not is_removed`
const NOBODY: readonly AgentRow[] = []

function agentsOf(db: Db, tenant: string, slots: readonly SlotChange[]): readonly AgentRow[] {
  return [...new Set(slots.map(({ agentId }) => agentId))].flatMap((agentId) => {
    const found = db.one(AGENT_OF, tenant, agentId)
    return found === undefined ? [] : [toAgent(found)]
  })
}

/** Counts what routing has to hear of. */
export function nextTick(db: Db): number {
  db.run('update maitred_meta set tick = tick + 1')
  return db.one('select tick as at from maitred_meta')?.at as number // by the schema
}

export function canPut(db: Db, tenant: string, { plugin, key, ifVersion }: RecordPut): boolean {
  if (ifVersion === undefined) return true
  const found = db.one(
    'select version from maitred_records where tenant = ? and plugin = ? and key = ?',
    tenant,
    plugin,
    key,
  )
  return ifVersion === ((found?.version as number | undefined) ?? 0)
}

export function putRecord(db: Db, tenant: string, { plugin, key, value }: RecordPut): void {
  db.run(
    `insert into maitred_records values (?, ?, ?, ?, 1)
      on conflict (tenant, plugin, key) do update set value = excluded.value, version = version + 1`,
    tenant,
    plugin,
    key,
    JSON.stringify(value),
  )
}

/** What was answered under a key, if it was used before. */
export function readPrior(
  db: Db,
  tenant: string,
  { id, key }: { readonly id: string; readonly key: string },
): StoredResult | undefined {
  const prior = db.one(
    'select body_hash, receipt from maitred_keys where tenant = ? and conversation_id = ? and name = ?',
    tenant,
    id,
    key,
  )
  return prior === undefined ? undefined : toPrior(prior)
}

/** Why a commit cannot be made; `undefined` if it can. */
function judge(db: Db, tenant: string, commit: Commit): CommitResult | undefined {
  const { id, key, expect, fence, openKey } = commit
  const known = db.one('select version from maitred_conversations where tenant = ? and id = ?', tenant, id)
  const result = key === undefined ? undefined : readPrior(db, tenant, { id, key: key.name })
  if (result !== undefined) return { status: 'duplicate', result }
  if (((known?.version as number | undefined) ?? 0) !== expect) return { status: 'conflict' }
  if (
    fence !== undefined &&
    db.one(
      'select epoch from maitred_leases where tenant = ? and name = ? and epoch = ?',
      tenant,
      fence.name,
      fence.epoch,
    ) === undefined
  )
    return { status: 'fenced' }
  if (openKey !== undefined && openKey !== null) {
    const holder = db.one('select id from maitred_conversations where tenant = ? and open_key = ?', tenant, openKey)
    if (holder !== undefined && holder.id !== id) return { status: 'conflict' }
  }
  if (!commit.records.every((put) => canPut(db, tenant, put))) return { status: 'conflict' }
  return refusedSlot(db, tenant, commit.slots)
}

/** The first change that there is no room for; later changes see what earlier ones did. */
function refusedSlot(db: Db, tenant: string, slots: readonly SlotChange[]): CommitResult | undefined {
  const sums = new Map<string, number>()
  const add = (agentId: string, units: number): number => {
    const sum = (sums.get(agentId) ?? 0) + units
    sums.set(agentId, sum)
    return sum
  }
  for (const slot of slots) {
    if (slot.op === 'phase') continue
    const { agentId } = slot
    const hold = slot.op === 'take' ? undefined : unitsOf(db, tenant, slot.holdId)
    const held = hold ?? 0
    if (slot.op === 'release') add(agentId, -held)
    if (slot.op === 'release' || (slot.op === 'weigh' && hold === undefined)) continue
    const agent = db.one(
      'select presence, units, capacity from maitred_agents where tenant = ? and id = ? and not is_removed',
      tenant,
      agentId,
    )
    if (slot.op === 'weigh' && agent === undefined) continue
    const isForced = slot.force === true
    if (agent === undefined || (slot.op === 'take' && agent.presence !== 'online' && !isForced))
      return { status: 'refused', code: 'AGENT_GONE', agentId }
    const isFull = (agent.units as number) + add(agentId, slot.units - held) > (agent.capacity as number) // by the schema
    if (isFull && slot.units > held && !isForced) return { status: 'refused', code: 'NO_CAPACITY', agentId }
  }
  return undefined
}

function changeSlot(
  db: Db,
  tenant: string,
  { slot, commit }: { readonly slot: SlotChange; readonly commit: Commit },
): void {
  const { agentId, holdId } = slot
  if (slot.op === 'phase') {
    db.run('update maitred_holds set phase = ? where tenant = ? and hold_id = ?', slot.phase, tenant, holdId)
    return
  }
  if (slot.op === 'take') {
    db.run(
      'insert or replace into maitred_holds values (?, ?, ?, ?, ?, ?)',
      tenant,
      holdId,
      agentId,
      commit.id,
      slot.units,
      slot.phase,
    )
    db.run(
      'update maitred_agents set units = units + ?, last_assigned_at = ?, version = version + 1, changed = ? where tenant = ? and id = ?',
      slot.units,
      commit.at,
      nextTick(db),
      tenant,
      agentId,
    )
    return
  }
  const held = unitsOf(db, tenant, holdId)
  if (held === undefined) return
  if (slot.op === 'weigh') {
    db.run('update maitred_holds set units = ? where tenant = ? and hold_id = ?', slot.units, tenant, holdId)
    db.run(
      'update maitred_agents set units = units + ?, version = version + 1, changed = ? where tenant = ? and id = ?',
      slot.units - held,
      nextTick(db),
      tenant,
      agentId,
    )
    return
  }
  const leaves = slot.away === true ? 1 : 0
  db.run('delete from maitred_holds where tenant = ? and hold_id = ?', tenant, holdId)
  db.run(
    `update maitred_agents set units = units - ?, last_freed_at = ?, version = version + 1, changed = ?,
        presence_at = case when presence = 'online' and ? then ? else presence_at end,
        presence = case when presence = 'online' and ? then 'away' else presence end
      where tenant = ? and id = ?`,
    held,
    commit.at,
    nextTick(db),
    leaves,
    commit.at,
    leaves,
    tenant,
    agentId,
  )
}

/** What a hold weighs; `undefined` when there is none. */
function unitsOf(db: Db, tenant: string, holdId: string): number | undefined {
  return db.one('select units from maitred_holds where tenant = ? and hold_id = ?', tenant, holdId)?.units as
    | number
    | undefined // by the schema
}

function putRow({ db, tenant, texts }: Place, commit: Commit, row: NonNullable<Commit['row']>): void {
  const { id, expect, openKey, nextDueAt, entries, turn } = commit
  const columns = texts.write(row)
  const { customerId, agentId, phase, closedAt, isPending, entryCount, previousId, erasedVersion } = columns
  const { customer, pages, snapshot } = columns
  const values = [customerId, agentId, phase, closedAt, nextDueAt, isPending ? 1 : 0, entryCount, previousId] as const
  const bodies = [erasedVersion, customer, pages, snapshot] as const
  if (expect === 0) db.run(INSERT_CONVERSATION, tenant, id, openKey ?? null, ...values, ...bodies)
  else if (openKey === undefined) db.run(UPDATE_CONVERSATION, ...values, ...bodies, tenant, id)
  else db.run(UPDATE_CONVERSATION_AND_KEY, ...values, ...bodies, openKey, tenant, id)
  for (const entry of entries)
    db.run('insert into maitred_entries values (?, ?, ?, ?)', tenant, id, entry.seq, JSON.stringify(entry))
  if (turn !== undefined)
    db.run('insert into maitred_turns values (?, ?, ?, ?)', tenant, id, turn.version, JSON.stringify(turn))
}

/** The capacity of a profile, as the ledger guards it. */
export function capacityOf({ capacity = DEFAULT_CAPACITY }: { readonly capacity?: number }): number {
  return capacity
}
