import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresStore, type SqlClient } from '../../src/stores/index.ts'
import { commitOf, online, take } from '../../src/testing/store-cases/script.ts'
import { openDatabase } from './database.ts'

const database = await openDatabase('real deadlocks and serialization errors on PostgreSQL')
afterAll(() => database?.drop())

/** The pool, and the codes with which the server has called off what it was asked. */
function noting(pool: pg.Pool): { readonly client: SqlClient; readonly calledOff: readonly string[] } {
  const calledOff: string[] = []
  return {
    calledOff,
    client: {
      async query(text, params) {
        try {
          return await pool.query<object>(text, params)
        } catch (error) {
          calledOff.push((error as { readonly code: string }).code) // the server's errors have one
          throw error
        }
      },
    },
  }
}

describe.skipIf(database === undefined)('PostgreSQL that calls transactions off', () => {
  const { pool, schema } = database as NonNullable<typeof database>
  beforeAll(() => postgresStore(pool, { schema }).migrate())

  test('because of a deadlock: the commit is made in the end, and made once', async () => {
    const { client, calledOff } = noting(pool)
    const tenant = await postgresStore(client, { schema }).open('deadlock')
    await online(tenant, { id: 'ana', capacity: 2 }, { id: 'ben', capacity: 2 })
    const other = await pool.connect()
    await other.query(`set deadlock_timeout = '10s'`) // whoever waits for it is called off, not this one
    await other.query('begin')
    await other.query(`update "${schema}".agents set version = version + 1 where tenant = 'deadlock' and id = 'ben'`)
    const commit = tenant.commit(commitOf('c1', { slots: [take('ana', 'h1'), take('ben', 'h2')] }))
    for (let isWaiting = false; !isWaiting; ) {
      const { rows } = await pool.query<{ count: string }>(
        `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like $1`,
        [`%${schema}%`],
      )
      isWaiting = Number(rows[0]?.count) > 0
    }
    await other.query(`update "${schema}".agents set version = version + 1 where tenant = 'deadlock' and id = 'ana'`)
    await other.query('commit')
    other.release(true)
    expect(await commit).toMatchObject({ status: 'ok', version: 1 })
    expect([(await tenant.agent('ana'))?.units, (await tenant.agent('ben'))?.units]).toEqual([1, 1])
    expect(calledOff).toContain('40P01')
  })

  test('and breaks what is idle, as when it restarts: the process goes on, and so does the store', async () => {
    const idle = new pg.Pool({ ...pool.options, max: 1, application_name: schema })
    const tenant = await postgresStore(idle, { schema }).open('restart')
    postgresStore(idle, { schema })
    expect(idle.listenerCount('error')).toBe(1) // else the event would end the process
    const broken = new Promise((resolve) => idle.once('error', resolve))
    await pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [schema])
    await broken
    expect(await tenant.agent('nobody')).toBeUndefined()
    await idle.end()
  })

  test('because they cannot be told apart from one after the other: each commit is made, or answers what stood against it', async () => {
    const strict = new pg.Pool({ ...pool.options, max: 12, options: '-c default_transaction_isolation=serializable' })
    const { client, calledOff } = noting(strict)
    const tenant = await postgresStore(client, { schema }).open('serializable')
    await online(tenant, { id: 'ana', capacity: 5 })
    const ids = Array.from({ length: 24 }, (_, index) => `c${index}`)
    const results = await Promise.all(
      ids.map(async (id) => tenant.commit(commitOf(id, { slots: [take('ana', `h${id}`)] }))),
    )
    const made = results.filter(({ status }) => status === 'ok').length
    expect(calledOff).toContain('40001')
    expect(made).toBeGreaterThan(0)
    expect(made).toBeLessThanOrEqual(5)
    expect(results.every(({ status }) => ['ok', 'conflict', 'refused'].includes(status))).toBe(true)
    expect((await tenant.agent('ana'))?.units).toBe(made)
    expect(await tenant.holdsOf('ana')).toHaveLength(made)
    await strict.end()
  })
})
