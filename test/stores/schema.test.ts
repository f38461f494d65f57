import { randomBytes } from 'node:crypto'
import Database from 'libsql'
import { afterAll, describe, expect, test } from 'vitest'
import { createEngine } from '../../src/index.ts'
import { postgresStore, sqliteStore } from '../../src/stores/index.ts'
import { openDatabase } from './database.ts'

const database = await openDatabase('the schema on PostgreSQL')
afterAll(() => database?.drop())

describe.skipIf(database === undefined)('F68: the schema of PostgreSQL', () => {
  const { pool, schema } = database as NonNullable<typeof database>

  test('is asked for by an engine that finds none, with what to run', async () => {
    const engine = createEngine({ store: postgresStore(pool, { schema: `none_${randomBytes(4).toString('hex')}` }) })
    await expect(engine.start()).rejects.toMatchObject({
      code: 'STORE_VERSION',
      hint: expect.stringContaining('maitred migrate'),
    })
  })

  test('is made once by many who migrate at the same time, and again changes nothing', async () => {
    const store = postgresStore(pool, { schema })
    await Promise.all(Array.from({ length: 8 }, () => store.migrate()))
    const tenant = await store.open('')
    await tenant.saveAgent({ id: 'ana' })
    await store.migrate()
    expect(await tenant.agent('ana')).toMatchObject({ agent: { id: 'ana' } })
  })

  test('of another version is refused, with the step that is needed', async () => {
    const store = postgresStore(pool, { schema })
    await store.migrate()
    const engine = createEngine({ store })
    await pool.query(`update "${schema}".schema_version set version = 99`)
    await expect(engine.start()).rejects.toMatchObject({
      code: 'STORE_VERSION',
      hint: expect.stringContaining('newer version'),
    })
    await expect(store.migrate()).rejects.toMatchObject({ code: 'STORE_VERSION' })
    await pool.query(`update "${schema}".schema_version set version = 1`)
    await engine.start()
    await engine.stop()
  })

  test.each(['', 'a-b', '"; drop', 7])('has no such name as %s', (name) => {
    expect(() => postgresStore(pool, { schema: name as string })).toThrow(/CONFIG_INVALID.*schema/)
  })
})

describe('F68: the schema of SQLite', () => {
  test('is made by the engine in an empty file, and refused when it is of another version', async () => {
    const handle = new Database(':memory:')
    const store = sqliteStore(handle)
    const engine = createEngine({ store })
    await engine.start()
    await engine.stop()
    handle.exec('update maitred_meta set version = 99')
    await expect(createEngine({ store }).start()).rejects.toMatchObject({
      code: 'STORE_VERSION',
      hint: expect.stringContaining('newer version'),
    })
    handle.exec('update maitred_meta set version = 0')
    await expect(createEngine({ store }).start()).rejects.toMatchObject({
      hint: expect.stringContaining('maitred migrate'),
    })
  })

  test('says what it expected when it is given no handle', () => {
    expect(() => sqliteStore('conversations.db' as never)).toThrow(/CONFIG_INVALID.*handle/)
    expect(() => sqliteStore(new Database(':memory:'), { durability: 'most' as never })).toThrow(/durability/)
  })
})

test('F68: a store on PostgreSQL says what it expected when it is given no client', () => {
  expect(() => postgresStore('postgres://here' as never)).toThrow(/CONFIG_INVALID.*client/)
})
