import type { TenantStore } from '../core/ports.ts'
import type { Json } from '../core/types.ts'
import { first, type Place, timeOf } from './postgres-sql.ts'
import { parse, toOutboxRow } from './rows.ts'

type Work = Pick<
  TenantStore,
  'outboxTake' | 'outboxDone' | 'outboxPutOff' | 'record' | 'putRecord' | 'lease' | 'now' | 'health' | 'close'
>

/** Deliveries, records of plugins, leases. */
export function createWork({ sql, tenant, schema: s }: Place): Work {
  return {
    async outboxTake(at, leaseMs, limit) {
      const found = await sql.rows(
        `update ${s}.outbox set leased_until = $3 where tenant = $1 and id in (
          select id from ${s}.outbox where tenant = $1 and leased_until <= $2 order by seq limit $4 for update skip locked
        ) returning id, topic, conversation_id, body, seq::double precision as seq`,
        [tenant, at, at + leaseMs, limit],
      )
      return [...found].sort((row, other) => (row.seq as number) - (other.seq as number)).map(toOutboxRow)
    },
    async outboxDone(ids) {
      if (ids.length === 0) return
      await sql.rows(
        `delete from ${s}.outbox where tenant = $1 and id in (select json_array_elements_text($2::json))`,
        [tenant, JSON.stringify(ids)],
      )
    },
    async outboxPutOff({ id, body, heldUntil = 0 }) {
      await sql.rows(`update ${s}.outbox set body = $3, leased_until = $4 where tenant = $1 and id = $2`, [
        tenant,
        id,
        JSON.stringify(body),
        heldUntil,
      ])
    },
    async record(plugin, key) {
      const found = await first(
        sql,
        `select value, version from ${s}.records where tenant = $1 and plugin = $2 and key = $3`,
        [tenant, plugin, key],
      )
      return found === undefined
        ? undefined
        : { value: parse<Json>(found.value, key), version: found.version as number }
    },
    async putRecord({ plugin, key, value, ifVersion = null }) {
      const put = [tenant, plugin, key, JSON.stringify(value)]
      const [found] =
        ifVersion === null
          ? await sql.rows(
              `insert into ${s}.records as old values ($1, $2, $3, $4, 1)
                on conflict (tenant, plugin, key) do update set value = excluded.value, version = old.version + 1 returning 1 as done`,
              put,
            )
          : ifVersion === 0
            ? await sql.rows(
                `insert into ${s}.records values ($1, $2, $3, $4, 1) on conflict do nothing returning 1 as done`,
                put,
              )
            : await sql.rows(
                `update ${s}.records set value = $4, version = version + 1
                  where tenant = $1 and plugin = $2 and key = $3 and version = $5 returning 1 as done`,
                [...put, ifVersion],
              )
      return found !== undefined
    },
    async lease(name, { holder, at, ttlMs }) {
      const found = await first(
        sql,
        `insert into ${s}.leases as old values ($1, $2, $3, 1, $5)
          on conflict (tenant, name) do update set holder = excluded.holder, until = excluded.until,
            epoch = case when old.until > $4 then old.epoch else old.epoch + 1 end
          where old.until <= $4 or old.holder = excluded.holder
          returning epoch`,
        [tenant, name, holder, at, at + ttlMs],
      )
      return found === undefined ? undefined : { epoch: found.epoch as number }
    },
    now: () => timeOf(sql),
    async health() {
      const found = await first(sql, `select count(*)::int as count from ${s}.outbox where tenant = $1`, [tenant])
      return { ok: true, outboxCount: found?.count as number }
    },
    close: () => {},
  }
}
