import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'libsql'
import { afterAll, describe, test } from 'vitest'
import { sqliteStore } from '../../src/stores/index.ts'
import { storeCases } from '../../src/testing/index.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'maitred-'))
afterAll(() => rmSync(folder, { recursive: true }))

const database = new Database(path.join(folder, 'cases.db'))

describe('F64: the SQLite store', () => {
  for (const { name, run } of storeCases(() => sqliteStore(database, { durability: 'normal' }))) test(name, run)
})
