import { backoffMs, codeOf, pause, unavailable } from './failure.ts'
import type { Found } from './rows.ts'

/** Anything that runs SQL: a `Pool` of `pg`, PGlite, or three lines around another client. */
export interface SqlClient {
  query(text: string, params?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
  /** A pool's own: told of connections that break while nobody uses them. */
  on?(event: 'error', listener: (error: Error) => void): unknown
  listenerCount?(event: 'error'): number
}

/** Statements with what may go wrong taken care of. */
export interface Sql {
  /** @throws MaitredError `STORE_UNAVAILABLE` */
  rows(text: string, params: readonly unknown[]): Promise<readonly Found[]>
}

/** Whose rows, and where. */
export interface Place {
  readonly sql: Sql
  readonly tenant: string
  /** A quoted name. */
  readonly schema: string
}

export async function first(sql: Sql, text: string, params: readonly unknown[]): Promise<Found | undefined> {
  return (await sql.rows(text, params))[0]
}

/** The server's own time. */
export async function timeOf(sql: Sql): Promise<number> {
  const found = await first(sql, 'select extract(epoch from clock_timestamp())::double precision * 1000 as at', [])
  return Math.floor(found?.at as number)
}

/** Two transactions met, and the server has called off ours: it has left nothing behind, and can be run again. */
const MET = new Set(['40001', '40P01', '55P03'])
const MAX_TRIES = 8

/** Nobody waits longer than this for a server that does not answer. */
const LIMIT_MS = 15_000

export function createSql(client: SqlClient): Sql {
  async function ask(text: string, params: readonly unknown[]): Promise<readonly Found[]> {
    const { rows } = await withinLimit(client.query(text, [...params]))
    return rows as readonly Found[] // drivers give objects by column
  }
  return {
    async rows(text, params) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await ask(text, params)
        } catch (error) {
          if (isOurs(error)) throw error
          if (!MET.has(codeOf(error)) || tries === MAX_TRIES) throw unavailable('PostgreSQL', error)
        }
        await pause(backoffMs(tries))
      }
    },
  }
}

/** What the functions of the schema raise is an answer. */
function isOurs(error: unknown): boolean {
  return codeOf(error) === 'MT409' || codeOf(error) === '23505'
}

/** Whether a statement was called off because something else was written first. */
export function isOvertaken(error: unknown): boolean {
  return isOurs(error) || (error instanceof Error && MET.has(codeOf(error.cause)))
}

function withinLimit<Value>(answer: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS)
    timer.unref()
    const done = (): void => clearTimeout(timer)
    answer.then(
      (value) => {
        done()
        resolve(value)
      },
      (error: unknown) => {
        done()
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}
