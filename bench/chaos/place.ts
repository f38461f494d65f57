import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type Libsql from 'libsql'
import { postgresStore, sqliteStore, type Store } from '../../src/stores/index.ts'

/** Where the nodes keep their conversations, and a way to look at it past the store. */
export interface Place {
  readonly url: string
  readonly schema: string
  readonly store: Store
  /** Agents who hold more than they may, and conversations that two hold open. */
  look(): Promise<{ readonly over: number; readonly twice: number; readonly leases: ReadonlyMap<string, string> }>
  drop(): Promise<void>
}

const LOOKS = (table: (name: string) => string) => ({
  over: `select count(*) as count from ${table('agents')} where units > capacity`,
  twice: `select count(*) as count from (select conversation_id from ${table('holds')} where phase = 'open' group by conversation_id having count(*) > 1) as pairs`,
  leases: `select name, holder, epoch from ${table('leases')}`,
})

const DATABASE_URL = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'

export async function postgresPlace(): Promise<Place> {
  const schema = `chaos_${randomBytes(5).toString('hex')}`
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 6 })
  const store = postgresStore(pool, { schema })
  await store.migrate()
  const looks = LOOKS((name) => `"${schema}".${name}`)
  return {
    url: DATABASE_URL,
    schema,
    store,
    async look() {
      const [over, twice, leases] = await Promise.all([
        pool.query<{ count: string }>(looks.over),
        pool.query<{ count: string }>(looks.twice),
        pool.query<{ name: string; holder: string }>(looks.leases),
      ])
      return {
        over: Number(over.rows[0]?.count),
        twice: Number(twice.rows[0]?.count),
        leases: new Map(leases.rows.map(({ name, holder }) => [name, holder])),
      }
    },
    async drop() {
      await pool.query(`drop schema if exists "${schema}" cascade`)
      await pool.end()
    },
  }
}

export async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(path.join(tmpdir(), 'maitred-chaos-'))
  const url = path.join(folder, 'chaos.db')
  const Database = createRequire(import.meta.url)('libsql') as typeof Libsql // loaded only where it is needed
  const handle = new Database(url)
  const store = sqliteStore(handle, { durability: 'normal' })
  await store.migrate()
  const looks = LOOKS((name) => `maitred_${name}`)
  const countOf = (sql: string): number => Number((handle.prepare(sql).get() as { count: number }).count)
  return {
    url,
    schema: '',
    store,
    look: () => {
      const leases = handle.prepare(looks.leases).all() as { name: string; holder: string }[] // by the schema
      return Promise.resolve({
        over: countOf(looks.over),
        twice: countOf(looks.twice),
        leases: new Map(leases.map(({ name, holder }) => [name, holder])),
      })
    },
    drop: () => {
      handle.close()
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}
