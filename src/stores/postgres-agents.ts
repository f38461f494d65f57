import { busyWith, DEFAULT_CAPACITY } from '../core/memory/ledger.ts'
import type { RoutingChanges, TenantStore } from '../core/ports.ts'
import { first, type Place, timeOf } from './postgres-sql.ts'
import { AGENT, type Found, isTrue, parse, toAgent, toHold, toQueueRow } from './rows.ts'

/** A cursor older than this gets everything: places in the queue that were left are kept twice as long. */
const CURSOR_MS = 5 * 60_000
/** So often are those swept out. */
const SWEEP_EVERY = 1_000

type Agents = Pick<
  TenantStore,
  'agents' | 'agent' | 'saveAgent' | 'removeAgent' | 'setPresence' | 'setOutside' | 'holdsOf' | 'waiting' | 'changes'
>

/** Who may answer, who waits, and what has changed of it. */
export function createAgents({ sql, tenant, schema: s }: Place): Agents {
  const AGENT_OF = `select ${AGENT} from ${s}.agents where tenant = $1 and not is_removed`
  let lookCount = 0

  async function changes(since: string | undefined): Promise<RoutingChanges> {
    const [xid = '0', at = '0'] = since?.split('@') ?? []
    const found = await first(sql, CHANGES(s), [tenant, xid, Number(at) + CURSOR_MS])
    const { agents, places, is_whole: isWhole, cursor } = found as Found & { readonly is_whole: boolean } // see CHANGES
    const rows = parse<readonly Found[]>(agents, 'agents')
    const queue = parse<readonly Found[]>(places, 'queue')
    if ((lookCount += 1) % SWEEP_EVERY === 0)
      await sql.rows(`delete from ${s}.queue where tenant = $1 and body is null and left_at < $2`, [
        tenant,
        (await timeOf(sql)) - 2 * CURSOR_MS,
      ])
    return {
      cursor: cursor as string,
      isWhole,
      agents: rows.filter((row) => !isTrue(row.is_removed)).map(toAgent),
      removedAgentIds: rows.filter((row) => isTrue(row.is_removed)).map(({ id }) => id as string),
      queued: queue.filter(({ body }) => body !== null).map(toQueueRow),
      leftIds: queue.filter(({ body }) => body === null).map(({ conversation_id: id }) => id as string),
    }
  }

  return {
    agents: async () => (await sql.rows(`${AGENT_OF} order by id`, [tenant])).map(toAgent),
    async agent(id) {
      const found = await first(sql, `${AGENT_OF} and id = $2`, [tenant, id])
      return found === undefined ? undefined : toAgent(found)
    },
    async saveAgent(agent) {
      const [found] = await sql.rows(
        `insert into ${s}.agents as old values ($1, $2, $3, $4, 'offline', null, 0, 0, '[]', 0, null, 1, false, pg_current_xact_id())
          on conflict (tenant, id) do update set profile = excluded.profile, capacity = excluded.capacity,
            presence = case when old.is_removed then 'offline' else old.presence end,
            presence_until = case when old.is_removed then null else old.presence_until end,
            presence_at = case when old.is_removed then 0 else old.presence_at end,
            last_assigned_at = case when old.is_removed then 0 else old.last_assigned_at end,
            last_freed_at = case when old.is_removed then null else old.last_freed_at end,
            version = old.version + 1, is_removed = false, changed = excluded.changed
          returning ${AGENT}`,
        [tenant, agent.id, JSON.stringify(agent), agent.capacity ?? DEFAULT_CAPACITY],
      )
      return toAgent(found as Found) // an upsert gives the row
    },
    async removeAgent(id) {
      await sql.rows(
        `update ${s}.agents set is_removed = true, outside = '[]',
            units = coalesce((select sum(h.units) from ${s}.holds h where h.tenant = $1 and h.agent_id = $2), 0), version = version + 1, changed = pg_current_xact_id()
          where tenant = $1 and id = $2 and not is_removed`,
        [tenant, id],
      )
    },
    async setPresence(id, { presence, until, at }) {
      const found = await first(
        sql,
        `update ${s}.agents set presence = $3, presence_until = $4,
            presence_at = case when presence = $3 then presence_at else $5 end, version = version + 1, changed = pg_current_xact_id()
          where tenant = $1 and id = $2 and not is_removed returning ${AGENT}`,
        [tenant, id, presence, until, at],
      )
      return found === undefined ? undefined : toAgent(found)
    },
    async setOutside(id, work) {
      for (;;) {
        const known = await first(sql, `${AGENT_OF} and id = $2`, [tenant, id])
        if (known === undefined) return undefined
        const row = toAgent(known)
        const busy = busyWith(row, work)
        if (busy === 'NO_CAPACITY') return busy
        const found = await first(
          sql,
          `update ${s}.agents set units = $3, outside = $4, version = version + 1, changed = pg_current_xact_id()
            where tenant = $1 and id = $2 and version = $5 and not is_removed returning ${AGENT}`,
          [tenant, id, busy.units, JSON.stringify(busy.outside), row.version],
        )
        if (found !== undefined) return toAgent(found)
      }
    },
    holdsOf: async (agentId) =>
      (await sql.rows(`select * from ${s}.holds where tenant = $1 and agent_id = $2`, [tenant, agentId])).map(toHold),
    waiting: async () =>
      (await sql.rows(`select * from ${s}.queue where tenant = $1 and body is not null`, [tenant])).map(toQueueRow),
    changes,
  }
}

/**
 * What has been committed since a transaction that was the oldest still running at the last look: whatever was written then and could not be
 * seen yet is seen now. `$3` is the time until which the cursor is good.
 */
const CHANGES = (s: string): string => `
  with look as (
    select extract(epoch from clock_timestamp()) * 1000 as at, extract(epoch from clock_timestamp()) * 1000 > $3 as is_whole
  )
  select pg_snapshot_xmin(pg_current_snapshot())::text || '@' || floor(look.at)::text as cursor, look.is_whole,
    (select coalesce(json_agg(json_build_object('id', id, 'profile', profile, 'presence', presence, 'presence_until', presence_until,
        'presence_at', presence_at, 'units', units, 'outside', outside, 'last_assigned_at', last_assigned_at, 'last_freed_at', last_freed_at, 'version', version, 'is_removed', is_removed))::text, '[]')
      from ${s}.agents where tenant = $1 and ((is_whole and not is_removed) or (not is_whole and changed >= $2::text::xid8))) as agents,
    (select coalesce(json_agg(json_build_object('conversation_id', conversation_id, 'body', body))::text, '[]')
      from ${s}.queue where tenant = $1 and ((is_whole and body is not null) or (not is_whole and changed >= $2::text::xid8))) as places
  from look`
