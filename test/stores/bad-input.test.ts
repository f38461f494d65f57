import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'libsql'
import { afterAll, describe, expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { createEngine } from '../../src/index.ts'
import { memoryStore, postgresStore, sqliteStore, type SqlClient } from '../../src/stores/index.ts'
import { commitOf, written } from '../../src/testing/store-cases/script.ts'
import { createVirtualClock, remoteStore } from '../../src/testing/index.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'maitred-'))
afterAll(() => rmSync(folder, { recursive: true }))
const fileOf = (name: string): string => path.join(folder, `${name}.db`)

/** A server that answers each statement as it is told to. */
function serverThat(answer: (text: string, count: number) => Promise<{ rows: unknown[] }>): SqlClient {
  let count = 0
  return { query: (text) => answer(text, (count += text.includes('schema_version') ? 0 : 1)) }
}

const fine = { rows: [{ version: 1, result: '{"status":"ok","agents":[]}' }] }
const failing = (code: string, message: string) => Promise.reject(Object.assign(new Error(message), { code }))

describe('a PostgreSQL server', () => {
  test.each(['40P01', '40001', '55P03'])(
    'that calls a commit off with %s is asked again, with a pause that is never the same',
    async (code) => {
      const asked: string[] = []
      const client = serverThat((text, count) => {
        asked.push(text)
        return text.includes('commit_') && count < 4 ? failing(code, 'met another') : Promise.resolve(fine)
      })
      const tenant = await postgresStore(client).open('')
      expect(await tenant.commit(commitOf('c1'))).toMatchObject({ status: 'ok' })
      expect(asked.filter((text) => text.includes('commit_'))).toHaveLength(4)
    },
  )

  test('that calls it off every time makes it a conflict, which the turn knows what to do with', async () => {
    const client = serverThat((text) =>
      text.includes('commit_') ? failing('40P01', 'deadlock') : Promise.resolve(fine),
    )
    expect(await (await postgresStore(client).open('')).commit(commitOf('c1'))).toEqual({ status: 'conflict' })
  })

  test.each([
    ['is down', 'ECONNREFUSED', 'connect ECONNREFUSED'],
    ['is full', '53100', 'could not extend file: No space left on device'],
    ['takes no writes', '25006', 'cannot execute UPDATE in a read-only transaction'],
    ['cuts the connection', '57P01', 'terminating connection due to administrator command'],
  ])('that %s is an error that says so, and that the same can be sent again', async (_what, code, message) => {
    const client = serverThat((text) =>
      text.includes('schema_version') ? Promise.resolve(fine) : failing(code, message),
    )
    const tenant = await postgresStore(client).open('')
    const error: unknown = await Promise.resolve(tenant.commit(commitOf('c1'))).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    expect(String(error)).toContain(message)
  })

  test('that gives what is no JSON is a snapshot that cannot be read', async () => {
    const row = {
      version: 1,
      id: 'c1',
      snapshot: '{"chart":',
      customer: '{}',
      pages: '[]',
      entry_count: 0,
      previous_id: null,
      erased_version: null,
    }
    const tenant = await postgresStore(serverThat(() => Promise.resolve({ rows: [row] }))).open('')
    await expect(tenant.load('c1')).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
      hint: expect.stringContaining('verify-store'),
    })
  })
})

describe('one SQLite file', () => {
  test('is worked on by two handles, one of which waits while the other writes', async () => {
    const [mine, theirs] = [new Database(fileOf('two')), new Database(fileOf('two'))]
    const tenant = await sqliteStore(mine).open('')
    await sqliteStore(theirs).open('')
    theirs.exec('begin immediate')
    const writing = Promise.resolve(tenant.commit(commitOf('c1')))
    await tenant.load('c1')
    theirs.exec('commit')
    expect(await writing).toMatchObject({ status: 'ok' })
  })

  test('that may not be written is an error that says so', async () => {
    await (await sqliteStore(new Database(fileOf('read'))).open('')).close()
    const handle = new Database(fileOf('read'))
    const tenant = await sqliteStore(handle).open('')
    handle.exec('pragma query_only = 1')
    const write = async () => tenant.commit(commitOf('c1'))
    await expect(write()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    handle.exec('pragma query_only = 0')
    await written(tenant, 'c1')
  })

  test('that is full keeps nothing of a commit that did not fit', async () => {
    const handle = new Database(fileOf('full'))
    const tenant = await sqliteStore(handle).open('')
    const { n } = handle.prepare('select page_count as n from pragma_page_count').get() as { n: number }
    handle.exec(`pragma max_page_count = ${n + 2}`)
    const text = 'x'.repeat(100_000)
    const entries = [{ id: 'c1.1', seq: 1, at: 0, author: 'customer', text }] as const
    await expect((async () => tenant.commit(commitOf('c1', { entries })))()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect((await tenant.load('c1')).row).toBeUndefined()
    expect(await tenant.transcript('c1', 0)).toEqual([])
    handle.exec('pragma max_page_count = 1000000')
    await written(tenant, 'c1', { entries })
  })

  test('that is no database is refused when the engine starts', async () => {
    writeFileSync(fileOf('text'), 'Dear diary, '.repeat(1_000))
    const engine = createEngine({ store: sqliteStore(new Database(fileOf('text'))) })
    await expect(engine.start()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('a conversation that cannot be read (P45)', () => {
  test.each([
    ['a newer chart', `json_set(snapshot, '$.chart', 99)`, /newer version/],
    ['no path', `json_remove(snapshot, '$.path')`, /verify-store/],
    ['nothing', `'{}'`, /verify-store/],
    ['half of it', 'substr(snapshot, 1, 40)', /verify-store/],
  ])('because the store has %s is refused, and the others go on', async (_what, damage, hint) => {
    const handle = new Database(':memory:')
    const engine = createEngine({ store: sqliteStore(handle) })
    await engine.start()
    const [kim, lee] = [
      await engine.openConversation({ customer: { id: 'kim' } }),
      await engine.openConversation({ customer: { id: 'lee' } }),
    ]
    handle.exec(`update maitred_conversations set snapshot = ${damage} where customer_id = 'kim'`)
    await expect(kim.say('hello')).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
      hint: expect.stringMatching(hint),
    })
    expect(await lee.say('hello')).toMatchObject({ ok: true })
    await engine.stop({ within: 0 })
  })
})

/** An engine on a file, on a virtual clock; `told` are the conversations that errors were logged of. */
function onFile() {
  const handle = new Database(':memory:')
  const clock = createVirtualClock(Date.UTC(2026, 0, 5, 9))
  const told: string[] = []
  const error = (data: object): void => void told.push((data as { readonly conversationId: string }).conversationId)
  const log = { debug() {}, info() {}, warn() {}, error }
  let idCount = 0
  const createId = (): string => `c${String((idCount += 1)).padStart(4, '0')}`
  const engine = assemble({ store: sqliteStore(handle), log }, { clock, seed: 1, createId, isAlone: true })
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 20; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const advance = async (ms: number): Promise<void> => {
    const until = clock.now() + ms
    await settled()
    while (clock.fireNext(until)) await settled()
    clock.moveTo(until)
  }
  return { handle, engine, told, advance }
}

describe('a conversation whose timer is due and that cannot be read (P45)', () => {
  test('keeps no other waiting, not even with 299 like it, and is spoken of less and less', async () => {
    const { handle, engine, told, advance } = onFile()
    await engine.start()
    for (let index = 0; index < 300; index += 1) await engine.openConversation({ customer: { id: `ill${index}` } })
    const kim = await engine.openConversation({ customer: { id: 'kim' } })
    await advance(1_000)
    handle.exec(`update maitred_conversations set snapshot = '{}' where customer_id like 'ill%'`)
    await advance(3_600_000)
    expect(await kim.view()).toMatchObject({ phase: 'closed' })
    expect(new Set(told).size).toBe(300)
    expect(told.length / 300).toBeGreaterThan(5)
    expect(told.length / 300).toBeLessThan(30) // not once a second
    await engine.stop({ within: 0 })
  })

  test('goes on where its timers stood when it can be read again', async () => {
    const { handle, engine, advance } = onFile()
    await engine.start()
    const kim = await engine.openConversation({ customer: { id: 'kim' } })
    handle.exec('create table kept as select snapshot from maitred_conversations')
    handle.exec(`update maitred_conversations set snapshot = '{}'`)
    await advance(3_600_000)
    handle.exec('update maitred_conversations set snapshot = (select snapshot from kept)')
    await advance(15 * 60_000)
    expect(await kim.view()).toMatchObject({ phase: 'closed' })
    await engine.stop({ within: 0 })
  })
})

describe('a store that does not answer', () => {
  test('is told to no more than 10,000 who wait: the others may try again later', async () => {
    const stuck = { isStuck: false }
    const never = new Promise<never>(() => {})
    const engine = createEngine({
      store: remoteStore(memoryStore(), { before: () => (stuck.isStuck ? never : undefined) }),
    })
    await engine.start()
    const kim = await engine.openConversation({ customer: { id: 'kim' } })
    stuck.isStuck = true
    const waiting = Array.from({ length: 10_000 }, (_, index) => kim.say(`message ${index}`, { key: String(index) }))
    for (const each of waiting) each.catch(() => undefined)
    await expect(kim.say('one more')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    stuck.isStuck = false
    await engine.stop({ within: 0 })
  })
})
