import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'libsql'
import { afterAll, describe, expect, test } from 'vitest'
import { simulate } from '../../src/testing/index.ts'
import { sqliteStore } from '../../src/stores/index.ts'
import { runPiped } from './streams.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'maitred-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = path.join(folder, 'here.db')
const config = path.join(folder, 'maitred.config.ts')
writeFileSync(
  config,
  `import { createRequire } from 'node:module'
import { defineConfig } from 'maitred'
import { sqliteStore } from 'maitred/stores'
const Database = createRequire(${JSON.stringify(import.meta.filename)})('libsql')
export default defineConfig({ store: sqliteStore(new Database(${JSON.stringify(file)})) })`,
)
const plain = path.join(folder, 'plain.config.ts')
writeFileSync(plain, `import { defineConfig } from 'maitred'\nexport default defineConfig({})`)

const told = (...argv: readonly string[]) => runPiped(argv)

describe('F68: maitred migrate', () => {
  test('makes the tables, and says so', async () => {
    expect(await told('migrate', '--config', config)).toMatchObject({ code: 0, out: expect.stringContaining('sqlite') })
    expect(JSON.parse((await told('migrate', '--config', config, '--json')).out)).toEqual({
      store: 'sqlite',
      migrated: true,
    })
  })

  test('prints the SQL and changes nothing', async () => {
    const { out } = await told('migrate', '--config', config, '--print')
    expect(out).toContain('create table maitred_conversations')
  })

  test('refuses a configuration that keeps its conversations in memory', async () => {
    expect(await told('migrate', '--config', plain)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no `store`'),
    })
  })
})

describe('F67: maitred verify-store', () => {
  test('finds that every snapshot is what its log leads to, and the one that is not', async () => {
    const handle = new Database(file)
    {
      await using sim = simulate({ agents: [{ id: 'ana' }], store: sqliteStore(handle) })
      const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
      await kim.says('a person, please')
      await ana.accepts(kim)
      await ana.says(kim, 'hello')
      await sim.customer('lee').says('where is my parcel?')
    }
    const sound = await told('verify-store', '--config', config, '--json')
    expect(sound.code).toBe(0)
    expect(JSON.parse(sound.out)).toMatchObject({ conversationCount: 2, differences: [], violations: [] })
    handle.exec(`update maitred_conversations set snapshot = replace(snapshot, '"live.active"', '"live.held"')`)
    const damaged = await told('verify-store', '--config', config)
    expect(damaged).toMatchObject({ code: 1, out: expect.stringContaining('path as rebuilt') })
  })
})
