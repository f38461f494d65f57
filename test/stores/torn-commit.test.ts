import type pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { postgresStore, type TenantStore } from '../../src/stores/index.ts'
import { AT, commitOf, online, take, written } from '../../src/testing/store-cases/script.ts'
import { openDatabase } from './database.ts'

const database = await openDatabase('commits that are torn on purpose on PostgreSQL')
afterAll(() => database?.drop())

type Take = (tenant: TenantStore) => Promise<unknown>

/** What anybody would write first: one statement, every part with its own condition, nothing that compares how many rows they met. */
const plain = (pool: pg.Pool, schema: string): Take => {
  const statement = `
    with moved as (
      update "${schema}".conversations set version = version + 1 where tenant = $1 and id = 'c1' and version = 1 returning 1
    ), seat as (
      update "${schema}".agents set units = units + 1
        where tenant = $1 and id = 'ana' and presence = 'online' and units + 1 <= capacity returning 1
    ), hold as (
      insert into "${schema}".holds select $1, 'h1', 'ana', 'c1', 1, 'offered'
        from (select 1) one where exists (select 1 from "${schema}".conversations where tenant = $1 and id = 'c1' and version = 1)
    )
    select (select count(*) from moved) as moved, (select count(*) from seat) as seat`
  return () => pool.query(statement, [TENANT])
}

const ours: Take = async (tenant) => tenant.commit(commitOf('c1', { expect: 1, slots: [take('ana', 'h1')] }))

const TENANT = 'torn'

describe.skipIf(database === undefined)('F66: a commit that has to wait for a row which then has changed', () => {
  const { pool, schema } = database as NonNullable<typeof database>

  /** Somebody else holds one of its rows, changes it, and commits: while it waits. Is every part of it there, or none? */
  async function isWhole(first: 'conversation' | 'agent', attempt: Take): Promise<boolean> {
    const store = postgresStore(pool, { schema })
    await store.migrate()
    await pool.query(
      `delete from "${schema}".conversations; delete from "${schema}".agents; delete from "${schema}".holds`,
    )
    const tenant = await store.open(TENANT)
    await online(tenant, { id: 'ana', capacity: 1 })
    await written(tenant, 'c1', { at: AT })
    const other = await pool.connect()
    await other.query('begin')
    if (first === 'conversation')
      await other.query(`update "${schema}".conversations set version = 2, phase = 'closed' where id = 'c1'`)
    else {
      await other.query(`update "${schema}".agents set units = 1 where id = 'ana'`)
      await other.query(`insert into "${schema}".holds values ($1, 'theirs', 'ana', 'c9', 1, 'open')`, [TENANT])
    }
    const attempted = attempt(tenant).catch(() => undefined)
    await untilSomebodyWaits()
    await other.query('commit')
    other.release()
    await attempted
    const holds = await tenant.holdsOf('ana')
    const units = (await tenant.agent('ana'))?.units
    const moved = (await tenant.load('c1')).row?.version === (first === 'conversation' ? 3 : 2)
    return units === holds.length && moved === holds.some(({ holdId }) => holdId === 'h1')
  }

  async function untilSomebodyWaits(): Promise<void> {
    for (;;) {
      const { rows } = await pool.query<{ count: string }>(
        `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like $1`,
        [`%${schema}%`],
      )
      if (Number(rows[0]?.count) > 0) return
    }
  }

  test.each(['conversation', 'agent'] as const)('is torn when it is a plain statement: %s', async (first) => {
    expect(await isWhole(first, plain(pool, schema))).toBe(false)
  })

  test.each(['conversation', 'agent'] as const)('is whole when it is ours: %s', async (first) => {
    expect(await isWhole(first, ours)).toBe(true)
  })
})
