import { randomBytes } from 'node:crypto'
import pg from 'pg'

const DATABASE_URL = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'

export interface TestDatabase {
  readonly pool: pg.Pool
  /** A schema of its own, that nobody else uses. */
  readonly schema: string
  /** Drops it. */
  drop(): Promise<void>
}

/** `undefined`, and one line that says so, when there is no PostgreSQL to be had. */
export async function openDatabase(about: string, max = 20): Promise<TestDatabase | undefined> {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max, connectionTimeoutMillis: 2_000 })
  pool.on('error', () => undefined) // a connection that is idle and breaks is replaced
  try {
    await pool.query('select 1')
  } catch (error) {
    console.warn(`skipped: ${about}; no PostgreSQL at DATABASE_URL (${String(error)}). \`npm run pg\` starts one.`)
    await pool.end()
    return undefined
  }
  const schema = `test_${randomBytes(6).toString('hex')}`
  return {
    pool,
    schema,
    async drop() {
      await pool.query(`drop schema if exists "${schema}" cascade`)
      await pool.end()
    },
  }
}
