import { busyWith } from '../core/memory/ledger.ts'
import type { RoutingChanges, TenantStore } from '../core/ports.ts'
import { AGENT, type Found, isTrue, toAgent, toQueueRow } from './rows.ts'
import { capacityOf, nextTick } from './sqlite-commit.ts'
import type { Db } from './sqlite-db.ts'

const AGENT_OF = `select ${AGENT} from maitred_agents where tenant = ? and not is_removed`
/** Places in the queue that were left are kept so long for those who have not heard of it. */
const LEFT_MS = 10 * 60_000
const SWEEP_EVERY = 1_000

type Agents = Pick<
  TenantStore,
  'agents' | 'agent' | 'saveAgent' | 'removeAgent' | 'setPresence' | 'setOutside' | 'changes'
>

/** Who may answer, and what has changed for routing. */
export function createAgents(db: Db, tenant: string): Agents {
  let lookCount = 0
  const agentOf = (id: string): Found | undefined => db.one(`${AGENT_OF} and id = ?`, tenant, id)

  return {
    agents: () => db.read(() => db.all(`${AGENT_OF} order by id`, tenant).map(toAgent)),
    agent: (id) =>
      db.read(() => {
        const found = agentOf(id)
        return found === undefined ? undefined : toAgent(found)
      }),
    saveAgent: (agent) =>
      db.write(() => {
        db.run(
          `insert into maitred_agents values (?, ?, ?, ?, 'offline', null, 0, 0, '[]', 0, null, 1, 0, ?)
            on conflict (tenant, id) do update set profile = excluded.profile, capacity = excluded.capacity,
              presence = case when is_removed then 'offline' else presence end,
              presence_until = case when is_removed then null else presence_until end,
              presence_at = case when is_removed then 0 else presence_at end,
              last_assigned_at = case when is_removed then 0 else last_assigned_at end,
              last_freed_at = case when is_removed then null else last_freed_at end,
              version = version + 1, is_removed = 0, changed = excluded.changed`,
          tenant,
          agent.id,
          JSON.stringify(agent),
          capacityOf(agent),
          nextTick(db),
        )
        return toAgent(agentOf(agent.id) as Found) // it has just been written
      }),
    removeAgent: (id) =>
      db.write(() => {
        db.run(
          `update maitred_agents set is_removed = 1, outside = '[]', version = version + 1, changed = ?,
              units = coalesce((select sum(units) from maitred_holds where tenant = ? and agent_id = ?), 0)
            where tenant = ? and id = ?`,
          nextTick(db),
          tenant,
          id,
          tenant,
          id,
        )
      }),
    setPresence: (id, { presence, until, at }) =>
      db.write(() => {
        const changed = db.run(
          `update maitred_agents set presence = ?, presence_until = ?,
              presence_at = case when presence = ? then presence_at else ? end, version = version + 1, changed = ?
            where tenant = ? and id = ? and not is_removed`,
          presence,
          until,
          presence,
          at,
          nextTick(db),
          tenant,
          id,
        )
        return changed === 0 ? undefined : toAgent(agentOf(id) as Found) // it has just been written
      }),
    setOutside: (id, work) =>
      db.write(() => {
        const known = agentOf(id)
        if (known === undefined) return undefined
        const busy = busyWith(toAgent(known), work)
        if (busy === 'NO_CAPACITY') return busy
        db.run(
          'update maitred_agents set units = ?, outside = ?, version = version + 1, changed = ? where tenant = ? and id = ?',
          busy.units,
          JSON.stringify(busy.outside),
          nextTick(db),
          tenant,
          id,
        )
        return toAgent(agentOf(id) as Found) // it has just been written
      }),
    changes: (since) => {
      if ((lookCount += 1) % SWEEP_EVERY !== 0) return db.read(() => changesSince(db, tenant, since))
      return db.write(() => {
        sweep(db)
        return changesSince(db, tenant, since)
      })
    },
  }
}

function changesSince(db: Db, tenant: string, since: string | undefined): RoutingChanges {
  const meta = db.one('select tick as at, swept_tick as until from maitred_meta') as Found // there is always one
  const from = since === undefined ? -1 : Number(since)
  const isWhole = from < (meta.until as number)
  const agents = db.all(
    `select ${AGENT}, is_removed from maitred_agents where tenant = ? and changed > ? ${isWhole ? 'and not is_removed' : ''}`,
    tenant,
    isWhole ? -1 : from,
  )
  const places = db.all(
    `select conversation_id, body from maitred_queue where tenant = ? and changed > ? ${isWhole ? 'and body is not null' : ''}`,
    tenant,
    isWhole ? -1 : from,
  )
  return {
    cursor: String(meta.at),
    isWhole,
    agents: agents.filter((row) => !isTrue(row.is_removed)).map(toAgent),
    removedAgentIds: agents.filter((row) => isTrue(row.is_removed)).map(({ id }) => id as string),
    queued: places.filter(({ body }) => body !== null).map(toQueueRow),
    leftIds: places.filter(({ body }) => body === null).map(({ conversation_id: id }) => id as string),
  }
}

function sweep(db: Db): void {
  const before = Date.now() - LEFT_MS
  db.run(
    `update maitred_meta set swept_tick = max(swept_tick,
      coalesce((select max(changed) from maitred_queue where body is null and left_at < ?), 0))`,
    before,
  )
  db.run('delete from maitred_queue where body is null and left_at < ?', before)
}
