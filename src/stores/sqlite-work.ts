import type { TenantStore } from '../core/ports.ts'
import type { Json } from '../core/types.ts'
import { parse, toHold, toOutboxRow, toQueueRow } from './rows.ts'
import { canPut, putRecord } from './sqlite-commit.ts'
import type { Db } from './sqlite-db.ts'

type Work = Pick<
  TenantStore,
  | 'holdsOf'
  | 'waiting'
  | 'due'
  | 'nextDueAt'
  | 'outboxTake'
  | 'outboxDone'
  | 'outboxPutOff'
  | 'record'
  | 'putRecord'
  | 'lease'
  | 'health'
  | 'close'
>

/** Seats, places in the queue, timers, deliveries, records of plugins, leases. */
export function createWork(db: Db, tenant: string): Work {
  return {
    holdsOf: (agentId) =>
      db.read(() =>
        db.all('select * from maitred_holds where tenant = ? and agent_id = ?', tenant, agentId).map(toHold),
      ),
    waiting: () =>
      db.read(() =>
        db.all('select * from maitred_queue where tenant = ? and body is not null', tenant).map(toQueueRow),
      ),
    due: (at, limit) =>
      db.read(() =>
        db
          .all(
            'select id, next_due_at from maitred_conversations where tenant = ? and next_due_at <= ? order by next_due_at, id limit ?',
            tenant,
            at,
            limit,
          )
          .map((row) => ({ id: row.id as string, dueAt: row.next_due_at as number })),
      ),
    nextDueAt: () =>
      db.read(
        () =>
          (db.one(
            'select next_due_at as at from maitred_conversations where tenant = ? and next_due_at is not null order by next_due_at limit 1',
            tenant,
          )?.at ?? null) as number | null, // by the schema
      ),
    ...createOutbox(db, tenant),
    record: (plugin, key) =>
      db.read(() => {
        const found = db.one(
          'select value, version from maitred_records where tenant = ? and plugin = ? and key = ?',
          tenant,
          plugin,
          key,
        )
        return found === undefined
          ? undefined
          : { value: parse<Json>(found.value, key), version: found.version as number }
      }),
    putRecord: (put) =>
      db.write(() => {
        if (!canPut(db, tenant, put)) return false
        putRecord(db, tenant, put)
        return true
      }),
    lease: (name, { holder, at, ttlMs }) =>
      db.write(() => {
        const known = db.one(
          'select holder, epoch, until from maitred_leases where tenant = ? and name = ?',
          tenant,
          name,
        )
        const isRunning = known !== undefined && (known.until as number) > at && !hasEnded(known.holder as string)
        if (isRunning && known.holder !== holder) return undefined
        const epoch = isRunning ? (known.epoch as number) : ((known?.epoch as number | undefined) ?? 0) + 1
        db.run('insert or replace into maitred_leases values (?, ?, ?, ?, ?)', tenant, name, holder, epoch, at + ttlMs)
        return { epoch }
      }),
    health: () =>
      db.read(() => ({
        ok: true,
        outboxCount: db.one('select count(*) as count from maitred_outbox where tenant = ?', tenant)?.count as number,
      })),
    close: () => {},
  }
}

function createOutbox(db: Db, tenant: string): Pick<Work, 'outboxTake' | 'outboxDone' | 'outboxPutOff'> {
  return {
    outboxTake: (at, leaseMs, limit) =>
      db.write(() => {
        const found = db.all(
          'select seq, id, topic, conversation_id, body from maitred_outbox where tenant = ? and leased_until <= ? order by seq limit ?',
          tenant,
          at,
          limit,
        )
        for (const { seq } of found)
          db.run('update maitred_outbox set leased_until = ? where seq = ?', at + leaseMs, seq as number)
        return found.map(toOutboxRow)
      }),
    outboxDone: (ids) =>
      ids.length === 0
        ? undefined
        : db.write(() => {
            for (const id of ids) db.run('delete from maitred_outbox where tenant = ? and id = ?', tenant, id)
          }),
    outboxPutOff: ({ id, body, heldUntil = 0 }) =>
      db.write(() => {
        db.run(
          'update maitred_outbox set body = ?, leased_until = ? where tenant = ? and id = ?',
          JSON.stringify(body),
          heldUntil,
          tenant,
          id,
        )
      }),
  }
}

/** A node on this machine whose process is gone holds nothing any more: nobody needs to wait until its lease has run out. */
function hasEnded(holder: string): boolean {
  const [host, pid] = holder.split('/')
  if (host !== process.getBuiltinModule('node:os').hostname() || !/^\d+$/.test(pid ?? '')) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
