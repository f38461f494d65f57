import type { Awaitable } from '../core/types.ts'
import { backoffMs, codeOf, pause, unavailable } from './failure.ts'
import type { Found } from './rows.ts'

/** What `better-sqlite3`, `libsql` and `node:sqlite` have in common. */
export interface SqliteHandle {
  exec(sql: string): unknown
  prepare(sql: string): unknown
}

type Param = string | number | null

interface Statement {
  run(...params: readonly Param[]): { readonly changes: number | bigint }
  get(...params: readonly Param[]): Found | null | undefined
  all(...params: readonly Param[]): readonly Found[]
}

export interface Db {
  one(sql: string, ...params: readonly Param[]): Found | undefined
  all(sql: string, ...params: readonly Param[]): readonly Found[]
  /** How many rows were changed. */
  run(sql: string, ...params: readonly Param[]): number
  exec(sql: string): void
  /** Reads: at once, or later if another process is in the way. @throws MaitredError `STORE_UNAVAILABLE` */
  read<Result>(work: () => Result): Awaitable<Result>
  /** Everything the work writes, or nothing. `undo` in what it returns takes it back. @throws MaitredError `STORE_UNAVAILABLE` */
  write<Result>(work: () => Result, isKept?: (result: Result) => boolean): Awaitable<Result>
}

/** Another process writes for a few milliseconds at a time; who has waited this long gives up. */
const PATIENCE_MS = 5_000

/** `ours` are the errors that the work throws itself. */
export function createDb(handle: SqliteHandle): Db {
  const statements = new Map<string, Statement>()

  function statement(sql: string): Statement {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const fresh = handle.prepare(sql) as Statement // all three drivers have these three methods
    statements.set(sql, fresh)
    return fresh
  }

  function transact<Result>(work: () => Result, isKept: (result: Result) => boolean): Result {
    handle.exec('begin immediate')
    try {
      const result = work()
      handle.exec(isKept(result) ? 'commit' : 'rollback')
      return result
    } catch (error) {
      rollBack()
      throw error
    }
  }

  function rollBack(): void {
    try {
      handle.exec('rollback')
    } catch {
      // SQLite has taken it back by itself: there is nothing left to roll back
    }
  }

  function attempt<Result>(work: () => Result): Awaitable<Result> {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw toError(error)
      return later(work)
    }
  }

  async function later<Result>(work: () => Result): Promise<Result> {
    const until = Date.now() + PATIENCE_MS
    for (let tries = 1; ; tries += 1) {
      await pause(backoffMs(Math.min(tries, 5)))
      try {
        return work()
      } catch (error) {
        if (!isBusy(error) || Date.now() > until) throw toError(error)
      }
    }
  }

  return {
    one: (sql, ...params) => statement(sql).get(...params) ?? undefined,
    all: (sql, ...params) => statement(sql).all(...params),
    run: (sql, ...params) => Number(statement(sql).run(...params).changes),
    exec: (sql) => {
      handle.exec(sql)
    },
    read: (work) => attempt(work),
    write: (work, isKept = () => true) => attempt(() => transact(work, isKept)),
  }
}

/** `node:sqlite` tells the kind of an error in its text alone. */
function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error)) || /database (table )?is locked/.test(String(error))
}

function toError(error: unknown): Error {
  const isSql = codeOf(error).startsWith('SQLITE_') || codeOf(error) === 'ERR_SQLITE_ERROR'
  if (isSql) return unavailable('SQLite', error)
  return error instanceof Error ? error : new Error(String(error))
}
