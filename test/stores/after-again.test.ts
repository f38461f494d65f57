import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { definePlugin, type Observation, type Plugin } from '../../src/index.ts'
import { memoryStore, postgresStore, sqliteStore, type Store } from '../../src/stores/index.ts'
import { simulate } from '../../src/testing/index.ts'
import { openDatabase, type TestDatabase } from './database.ts'
import { openWaitingHouse, type WaitingHouse } from './waiting-house.ts'

const databases: TestDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop()
})

const STORES: readonly (readonly [string, () => Promise<Store | undefined>])[] = [
  ['in memory', () => Promise.resolve(memoryStore())],
  ['on SQLite', () => Promise.resolve(sqliteStore(new Database(':memory:')))],
  [
    'on PostgreSQL',
    async () => {
      const database = await openDatabase('failed after hooks on PostgreSQL', 4)
      if (database === undefined) return undefined
      databases.push(database)
      const store = postgresStore(database.pool, { schema: database.schema })
      await store.migrate()
      return store
    },
  ],
]

/** A ledger elsewhere that is told of every end, and takes each only once by its `effectId`. */
interface Ledger {
  readonly calls: { readonly at: number; readonly effectId: string; readonly path: string }[]
  readonly booked: Set<string>
  failures: number
}

function createLedger(failures: number): Ledger {
  return { calls: [], booked: new Set(), failures }
}

function booking(ledger: Ledger, { isLate = false }: { readonly isLate?: boolean } = {}): Plugin {
  return definePlugin({
    name: 'booking',
    version: '1.0.0',
    hooks: {
      'after:close': ({ effectId, now, conversation }) => {
        ledger.calls.push({ at: now, effectId, path: conversation.phase })
        const book = (): void => {
          if (ledger.calls.length <= ledger.failures) throw new Error('the ledger does not answer')
          ledger.booked.add(effectId)
        }
        return isLate ? Promise.resolve().then(book) : book()
      },
    },
  })()
}

/** Between one call and the next. */
function pausesOf(times: readonly number[]): readonly number[] {
  return times.slice(1).map((at, index) => at - (times[index] ?? at))
}

/** Kim comes, says something, and goes. */
async function visit({ engine, quiet }: WaitingHouse, customerId: string): Promise<void> {
  const customer = await engine.openConversation({ customer: { id: customerId } })
  await quiet()
  await customer.say('hello')
  await customer.leave()
  await quiet()
}

describe('P29: an after hook that fails', () => {
  test.each(STORES)('%s is called again, later each time, and books once', async (_where, open) => {
    const store = await open()
    if (store === undefined) return
    const ledger = createLedger(3)
    let noted = 0
    const noting = definePlugin({
      name: 'noting',
      version: '1.0.0',
      hooks: {
        'after:close': () => {
          noted += 1
        },
      },
    })()
    const house = await openWaitingHouse(store, { plugins: [booking(ledger, { isLate: true }), noting] })
    const attempts: number[] = []
    house.engine.on('plugin.failed', ({ at }) => attempts.push(at))
    await visit(house, 'kim')
    await house.advance(60_000)
    expect(ledger.calls).toHaveLength(4)
    expect(ledger.booked.size).toBe(1)
    expect(new Set(ledger.calls.map(({ effectId }) => effectId)).size).toBe(1)
    expect(ledger.calls.every(({ path }) => path === 'closed')).toBe(true)
    expect(attempts).toHaveLength(3)
    const [first = 0, second = 0] = pausesOf(attempts)
    expect(first).toBeGreaterThanOrEqual(750)
    expect(second).toBeGreaterThan(first)
    expect(noted).toBe(1) // the neighbour, whose hook has not failed, is not called again
    expect((await house.engine.health()).outboxCount).toBe(0)
    expect((await house.engine.conversations({})).map(({ phase }) => phase)).toEqual(['closed'])
    await house.engine.stop({ within: 0 })
  })

  test.each(STORES)('%s is parked and told of when it fails for good, and holds nothing up', async (_where, open) => {
    const store = await open()
    if (store === undefined) return
    const ledger = createLedger(Number.POSITIVE_INFINITY)
    const house = await openWaitingHouse(store, { plugins: [booking(ledger)] })
    const attempts: number[] = []
    const parked: Observation<'effect.parked'>[] = []
    house.engine.on('plugin.failed', ({ at }) => attempts.push(at))
    house.engine.on('effect.parked', (fact) => parked.push(fact))
    await visit(house, 'lee')
    await house.advance(2 * 3_600_000)
    expect(ledger.calls).toHaveLength(12)
    expect(parked).toMatchObject([{ plugin: 'booking', hook: 'after:close', attemptCount: 12 }])
    expect(parked[0]?.effectId).toBe(ledger.calls[0]?.effectId)
    const pauses = pausesOf(attempts)
    for (const [index, pause] of pauses.slice(0, 9).entries()) expect(pause).toBeLessThan(pauses[index + 1] ?? 0)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(12.5 * 60_000)
    expect((await house.engine.health()).outboxCount).toBe(1)
    ledger.failures = 0
    await house.advance(24 * 3_600_000)
    expect(ledger.booked.size).toBe(0)
    await visit(house, 'mia')
    expect(ledger.booked.size).toBe(1)
    await house.engine.stop({ within: 0 })
  })

  test.each(STORES)('%s goes on after a restart where it stood', async (_where, open) => {
    const store = await open()
    if (store === undefined) return
    const ledger = createLedger(5)
    const before = await openWaitingHouse(store, { plugins: [booking(ledger)] })
    await visit(before, 'kim')
    await before.advance(5_000)
    const madeBefore = ledger.calls.length
    expect(madeBefore).toBeGreaterThanOrEqual(2)
    expect(madeBefore).toBeLessThan(5)
    await before.engine.stop({ within: 0 })
    const after = await openWaitingHouse(store, { plugins: [booking(ledger)] })
    await after.quiet()
    expect(ledger.calls).toHaveLength(madeBefore + 1)
    const begunAt = after.now()
    const attempts: number[] = []
    after.engine.on('plugin.failed', ({ at }) => attempts.push(at))
    await after.advance(10 * 60_000)
    expect(ledger.calls).toHaveLength(6)
    expect(ledger.booked.size).toBe(1)
    expect(new Set(ledger.calls.map(({ effectId }) => effectId)).size).toBe(1)
    expect((attempts[0] ?? 0) - begunAt).toBeGreaterThanOrEqual(750 * 2 ** madeBefore) // not from the first pause again
    expect((await after.engine.health()).outboxCount).toBe(0)
    await after.engine.stop({ within: 0 })
  })

  test('two that failed together are not tried together', async () => {
    const ledger = createLedger(Number.POSITIVE_INFINITY)
    await using sim = simulate({ plugins: [booking(ledger)] })
    const attempts: number[] = []
    sim.engine.on('plugin.failed', ({ at }) => attempts.push(at))
    for (const id of ['kim', 'lee', 'mia']) await sim.customer(id).says('hello')
    const open = await sim.engine.conversations({})
    await Promise.all(open.map(({ id }) => sim.engine.conversation(id).leave()))
    await sim.advance('1500ms')
    expect(new Set(attempts.slice(0, 3)).size).toBe(1)
    expect(attempts).toHaveLength(6)
    expect(new Set(attempts.slice(3)).size).toBe(3)
  })

  test('is told nothing that was erased meanwhile', async () => {
    const told: string[] = []
    const telling = definePlugin({
      name: 'telling',
      version: '1.0.0',
      hooks: {
        'after:close': ({ conversation }) => {
          told.push(JSON.stringify([conversation.customer, conversation.transcript]))
          throw new Error('nobody listens')
        },
      },
    })()
    await using sim = simulate({ plugins: [telling] })
    const kim = sim.customer({ id: 'kim', name: 'Kim Okafor' })
    await kim.says('my secret')
    await kim.leaves()
    await sim.engine.erase('kim')
    await sim.advance('10s')
    expect(told.length).toBeGreaterThan(1)
    expect(told[0]).toContain('my secret')
    for (const later of told.slice(1)) expect(later).not.toMatch(/secret|Okafor/)
  })
})
