import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { createEngine, definePlugin } from '../../src/index.ts'
import { memoryStore, postgresStore, sqliteStore, type Store } from '../../src/stores/index.ts'
import { simulate } from '../../src/testing/index.ts'
import { openDatabase, type TestDatabase } from './database.ts'
import { createCluster } from './nodes/cluster.ts'
import { openWaitingHouse } from './waiting-house.ts'

const DAY_MS = 86_400_000

const STORES: readonly (readonly [string, () => Store])[] = [
  ['in memory', memoryStore],
  ['on SQLite', () => sqliteStore(new Database(':memory:'))],
]

/** What customers write in goes out of here without numbers of cards. */
const redacting = definePlugin({
  name: 'redacting',
  version: '1.0.0',
  hooks: {
    'message:in': (message) => ({ ...message, text: message.text.replaceAll(/\d{16}/gu, '[card]') }),
    'after:close': () => undefined,
  },
})

/** Everything that is kept of all customers, as text. */
async function kept(store: Store): Promise<string> {
  const tenant = await store.open('')
  const rows = await tenant.find({})
  const bodies = rows.map(async ({ id }) => [await tenant.transcript(id, 0), await tenant.turns(id, 0)])
  return JSON.stringify([rows, await Promise.all(bodies), await tenant.outboxTake(Number.MAX_SAFE_INTEGER, 1, 100)])
}

describe('F56: what is personal', () => {
  test.each(STORES)(
    '%s is redacted on its way in, erased everywhere on request, and gone when its time is over',
    async (_where, open) => {
      const store = open()
      await using sim = simulate({ store, plugins: [redacting()], retention: { closed: '90d' } })
      const kim = sim.customer({ id: 'kim', name: 'Kim Okafor', email: 'kim@example.org' })
      const lee = sim.customer('lee')
      await kim.says('My card 4111111111111111 was charged twice')
      expect(kim.messages.map(({ text }) => text)).toContain('My card [card] was charged twice')
      expect(await kept(store)).not.toContain('4111111111111111')
      await lee.says('Do you sell umbrellas?')
      expect(await kept(store)).toContain('Okafor')
      expect(await sim.engine.erase('kim')).toEqual({ conversationCount: 1 })
      for (const word of ['Okafor', 'kim@example.org', 'charged twice']) expect(await kept(store)).not.toContain(word)
      expect(await kept(store)).toContain('umbrellas')
      await kim.leaves()
      await lee.leaves()
      await sim.advance('89d')
      expect(await sim.engine.conversations({})).toHaveLength(2)
      await sim.advance('2d')
      expect(await sim.engine.conversations({})).toEqual([])
      expect(await kept(store)).toBe('[[],[],[]]')
    },
  )
})

/** Rows that name a conversation, in every table there is. */
type Count = (conversationId: string) => Promise<number>

interface RealHouse {
  readonly store: Store
  /** Of these, how many rows there are: told past the store. */
  readonly rowsOf: Count
}

async function onPostgres(): Promise<RealHouse | undefined> {
  const database = await openDatabase('retention on PostgreSQL', 4)
  if (database === undefined) return undefined
  databases.push(database)
  const { pool, schema } = database
  const store = postgresStore(pool, { schema })
  await store.migrate()
  return {
    store,
    async rowsOf(id) {
      const { rows: tables } = await pool.query<{ name: string }>(
        'select table_name as name from information_schema.tables where table_schema = $1',
        [schema],
      )
      let count = 0
      for (const { name } of tables) {
        const { rows } = await pool.query<{ count: number }>(
          `select count(*)::int as count from "${schema}"."${name}" t where row_to_json(t)::text like $1`,
          [`%${id}%`],
        )
        count += rows[0]?.count ?? 0
      }
      return count
    },
  }
}

async function onSqlite(): Promise<RealHouse> {
  const handle = new Database(':memory:')
  const store = sqliteStore(handle)
  await store.migrate()
  return {
    store,
    rowsOf(id) {
      const tables = handle.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[] // by the query
      const rows = tables.flatMap(({ name }) => handle.prepare(`select * from "${name}"`).all() as object[]) // by the query
      return Promise.resolve(rows.filter((row) => JSON.stringify(row).includes(id)).length)
    },
  }
}

const databases: TestDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop()
})

describe('F56: what was closed longer ago than `retention.closed`', () => {
  test.each([
    ['SQLite', onSqlite],
    ['PostgreSQL', onPostgres],
  ])('is in no table of %s any more, and the rest stays', async (_where, open) => {
    const real = await open()
    if (real === undefined) return
    const failing = definePlugin({
      name: 'failing',
      version: '1.0.0',
      hooks: {
        'after:close': () => {
          throw new Error('what is owed stays in the outbox')
        },
      },
    })()
    const options = { plugins: [failing], retention: { closed: '10d' }, agents: [{ id: 'ana', capacity: 3 }] } as const
    const house = await openWaitingHouse(real.store, options)
    const visit = async (customerId: string) => {
      const customer = await house.engine.openConversation({ customer: { id: customerId } })
      await customer.say('hello', { key: 'k1' })
      await customer.requestAgent({ key: 'k2' })
      await house.quiet()
      return customer
    }
    const old = await visit('kim')
    await old.leave({ key: 'k3' })
    await house.advance(5 * DAY_MS) // who asked for a person, and left, is waited for until the third
    const young = await visit('lee')
    await young.leave({ key: 'k3' })
    expect(await real.rowsOf(old.id)).toBeGreaterThan(8)
    await house.advance(9 * DAY_MS)
    const waiting = await visit('mia')
    expect(await real.rowsOf(old.id)).toBe(0)
    expect(await real.rowsOf(young.id)).toBeGreaterThan(8)
    expect(await real.rowsOf(waiting.id)).toBeGreaterThan(4)
    expect((await house.engine.conversations({})).map(({ id }) => id)).toEqual([young.id, waiting.id])
    expect((await house.engine.agents()).map(({ agent }) => agent.id)).toEqual(['ana'])
    await house.engine.stop({ within: 0 })
  })
})

describe('retention', () => {
  test('removes all there is, hundreds at a time, and nothing that is open or younger', async () => {
    await using sim = simulate({ retention: { closed: '1d' } })
    for (let index = 0; index < 250; index += 1) {
      const customer = await sim.engine.openConversation({ customer: { id: `c${index}` } })
      await customer.leave()
    }
    await sim.advance('23h')
    const young = await sim.engine.openConversation({ customer: { id: 'young' } })
    await young.leave()
    await sim.advance('2h')
    const open = await sim.engine.openConversation({ customer: { id: 'open' } })
    await sim.advance('1m')
    const ids = (await sim.engine.conversations({ limit: 1_000 })).map(({ id }) => id)
    expect(ids).toEqual([young.id, open.id])
  })

  test('is the work of one of several nodes, and of another when that one is gone', async () => {
    const store = sqliteStore(new Database(':memory:'))
    await store.migrate()
    const cluster = createCluster(store, { retention: { closed: '1d' }, nodes: { lease: '10m', poll: '5m' } })
    const [first, second] = [await cluster.start(), await cluster.start()]
    const kim = await second.openConversation({ customer: { id: 'kim' } })
    await kim.leave()
    cluster.kill(first)
    await cluster.advance(DAY_MS + 7_200_000)
    expect(await second.conversations({})).toEqual([])
    await second.stop({ within: 0 })
  })

  test('outlives a store that fails for a while', async () => {
    let isDown = false
    const tenant = await memoryStore().open('')
    const store: Store = {
      name: 'shaky',
      answersAtOnce: true,
      migrate: () => Promise.resolve(),
      open: () => ({
        ...tenant,
        forget: (...args) => {
          if (isDown) throw new Error('the disk is full')
          return tenant.forget(...args)
        },
      }),
    }
    await using sim = simulate({ store, retention: { closed: '1d' } })
    const kim = sim.customer('kim')
    await kim.says('hello')
    await kim.leaves()
    isDown = true
    await sim.advance('2d')
    expect(await sim.engine.conversations({})).toHaveLength(1)
    isDown = false
    await sim.advance('2m')
    expect(await sim.engine.conversations({})).toEqual([])
  })

  test.each([
    ['a minute', { closed: '1m' }, 'retention.closed'],
    ['a word', { closed: 'for ever' }, 'retention.closed'],
    ['an option that does not exist', { opened: '1d' }, 'retention.opened'],
  ])('of %s is refused at once', (_what, retention, path) => {
    expect(() => createEngine({ retention: retention as object })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', path }) as Error,
    )
  })
})
