import { expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/stores/index.ts'
import { commitOf, rowOf } from '../../src/testing/store-cases/script.ts'
import { forgetAfterAYear } from '../../docs/examples/store-forget.ts'
import { openDatabase } from '../stores/database.ts'

const database = await openDatabase('the example with PostgreSQL')
await database?.drop()

test('the engine of the SQLite example keeps its conversations (F64)', async () => {
  vi.stubEnv('CONVERSATIONS', ':memory:')
  const { engine } = await import('../../docs/examples/store-sqlite.ts')
  await engine.start()
  const kim = await engine.openConversation({ customer: { id: 'kim' } })
  expect(await kim.say('hello')).toMatchObject({ ok: true })
  await engine.stop()
})

test.skipIf(database === undefined)(
  'the engine of the PostgreSQL example asks for its tables, or finds them (F68)',
  async () => {
    vi.stubEnv('DATABASE_URL', process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test')
    const { engine, pool } = await import('../../docs/examples/store-postgres.ts')
    const started = await engine.start().catch((error: unknown) => error)
    if (started === undefined) await engine.stop()
    else expect(started).toMatchObject({ code: 'STORE_VERSION', hint: expect.stringContaining('maitred migrate') })
    await pool.end()
  },
)

test('what was closed more than a year ago is forgotten, and nothing else (F56)', async () => {
  const store = memoryStore()
  const tenant = await store.open('')
  const now = Date.UTC(2026, 5, 1)
  for (const [id, days] of [
    ['old', 400],
    ['new', 300],
  ] as const)
    await tenant.commit(
      commitOf(id, { row: rowOf(id, { path: 'closed', context: { closedAt: now - days * 86_400_000 } }) }),
    )
  expect(await forgetAfterAYear(store, now)).toBe(1)
  expect((await tenant.find({})).map(({ id }) => id)).toEqual(['new'])
})
