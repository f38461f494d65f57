import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import Database from 'libsql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sqliteStore } from '../../src/stores/index.ts'
import { findViolations, readStore } from '../../src/testing/index.ts'

const PROCESSES = 2
const MESSAGES = 150

const root = path.resolve(import.meta.dirname, '../..')
let folder = ''
/** An engine of its own on the file: its customers ask for the one agent, and say what they have to say. */
const NEIGHBOUR = `
  import Database from 'libsql'
  import { createEngine } from './src/index.ts'
  import { sqliteStore } from './src/stores/index.ts'

  const [file, name, count] = process.argv.slice(2)
  const store = sqliteStore(new Database(file), { durability: 'normal' })
  const engine = createEngine({ store, agents: [{ id: 'ana', capacity: 3, autoAccept: true }] })
  await engine.start()
  await engine.agent('ana').setPresence('online')
  const told = { applied: 0 }
  await Promise.all(
    [0, 1, 2].map(async (index) => {
      const customer = await engine.openConversation({ customer: { id: name + index } })
      await customer.requestAgent()
      for (let said = index; said < Number(count); said += 3) {
        const { status } = await customer.say('message ' + said, { key: 'k' + said })
        if (status === 'applied') told.applied += 1
      }
    }),
  )
  process.send(told, () => process.exit())
`

beforeAll(async () => {
  folder = mkdtempSync(path.join(root, 'node_modules/.cache-two-processes-')) // from where `libsql` is found
  await build({
    stdin: { contents: NEIGHBOUR, resolveDir: root, sourcefile: 'neighbour.ts', loader: 'ts' },
    outfile: path.join(folder, 'neighbour.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

function runNeighbour(file: string, name: string): Promise<{ readonly applied: number }> {
  const child = fork(path.join(folder, 'neighbour.mjs'), [file, name, String(MESSAGES)])
  return new Promise((resolve, reject) => {
    child.on('message', (told) => resolve(told as { readonly applied: number })) // as sent above
    child.on('exit', (code) => reject(new Error(`the process ended with ${code}, and had told nothing`)))
  })
}

describe('two processes on one SQLite file', () => {
  test('both write at once: every message is there once, nobody has more than their seats, and the file is sound', async () => {
    const file = path.join(folder, 'shared.db')
    await sqliteStore(new Database(file)).migrate()
    const names = Array.from({ length: PROCESSES }, (_, index) => `p${index}-`)
    const told = await Promise.all(names.map((name) => runNeighbour(file, name)))
    expect(told).toEqual(names.map(() => ({ applied: MESSAGES })))

    const database = new Database(file)
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    const tenant = await sqliteStore(database).open('')
    const conversations = await tenant.find({})
    expect(conversations).toHaveLength(3 * PROCESSES)
    const said = await Promise.all(conversations.map(async ({ id }) => await tenant.transcript(id, 0)))
    for (const name of names) {
      const texts = conversations.flatMap(({ customer }, index) =>
        customer.id.startsWith(name)
          ? (said[index] ?? []).flatMap(({ author, text }) => (author === 'customer' ? [text] : []))
          : [],
      )
      const expected = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
      expect(texts.filter((text) => text.startsWith('message')).sort()).toEqual(expected.sort())
    }
    expect(findViolations(await readStore(tenant)).filter(({ rule }) => rule !== 'stuck')).toEqual([])
    database.close()
  })
})
