import { PGlite } from '@electric-sql/pglite'
import { afterAll, describe, test } from 'vitest'
import { postgresStore, type SqlClient } from '../../src/stores/index.ts'
import { storeCases } from '../../src/testing/index.ts'
import { openDatabase } from './database.ts'

const database = await openDatabase('PostgreSQL as a server: its store cases run on PGlite, in this process')
const client: SqlClient = database?.pool ?? (await PGlite.create())
afterAll(() => database?.drop())

describe(`F64: the PostgreSQL store${database === undefined ? ', on PGlite' : ''}`, () => {
  const open = () => postgresStore(client, { schema: database?.schema ?? 'maitred' })
  for (const { name, run } of storeCases(open)) test(name, run)
})
