import { afterAll, describe, test } from 'vitest'
import { postgresStore } from '../../src/stores/index.ts'
import { storeCases } from '../../src/testing/index.ts'
import { openDatabase } from './database.ts'

const database = await openDatabase('the store cases on PostgreSQL')
afterAll(() => database?.drop())

describe.skipIf(database === undefined)('F64: the PostgreSQL store', () => {
  const open = () =>
    postgresStore(database?.pool as NonNullable<typeof database>['pool'], { schema: database?.schema as string })
  for (const { name, run } of storeCases(open)) test(name, run)
})
