import { MaitredError } from '../core/errors.ts'
import type { Store } from '../core/ports.ts'
import type { Awaitable } from '../core/types.ts'
import { unavailable, wrongVersion } from './failure.ts'
import { createDb, type SqliteHandle } from './sqlite-db.ts'
import { SQLITE_MIGRATIONS, SQLITE_VERSION } from './sqlite-schema.ts'
import { createSqliteTenant } from './sqlite-tenant.ts'

export interface SqliteStoreOptions {
  /**
   * What an acknowledged message survives. `full` (unless said): the end of the process, and of the power. `normal`: the end of the process;
   * a power cut may take the last moments, and leaves the rest whole. Several times faster.
   */
  readonly durability?: 'normal' | 'full'
}

/**
 * Conversations in one SQLite file, for one machine. Takes a handle of `libsql`, `better-sqlite3` or `node:sqlite` that nobody else writes
 * through; other processes may work on the same file. An empty file gets its tables when the engine starts; older ones are upgraded by
 * `maitred migrate`.
 * @throws MaitredError `CONFIG_INVALID`
 * @example const store = sqliteStore(new Database('conversations.db'))
 */
export function sqliteStore(handle: SqliteHandle, { durability = 'full' }: SqliteStoreOptions = {}): Store {
  const { exec, prepare } = handle ?? {}
  if (typeof exec !== 'function' || typeof prepare !== 'function')
    throw invalid('handle', 'something with `exec(sql)` and `prepare(sql)`', typeof handle)
  if (!['normal', 'full'].includes(durability)) throw invalid('durability', '`normal` or `full`', String(durability))
  const db = createDb(handle)
  let isPrepared = false

  function prepareHandle(): void {
    if (isPrepared) return
    try {
      db.exec('pragma busy_timeout = 20') // longer waits give way to other work
      db.exec('pragma journal_mode = wal')
      db.exec(`pragma synchronous = ${durability}`)
    } catch (error) {
      throw unavailable('SQLite', error)
    }
    isPrepared = true
  }

  function versionOf(): Awaitable<number | undefined> {
    return db.read(() => {
      const table = db.one("select name from sqlite_master where type = 'table' and name = 'maitred_meta'")
      return table === undefined ? undefined : (db.one('select version from maitred_meta')?.version as number)
    })
  }

  function upgrade(): Awaitable<void> {
    return db.write(() => {
      db.exec('create table if not exists maitred_meta (version integer not null)')
      const version = db.one('select version from maitred_meta')?.version as number | undefined
      if (version !== undefined && version > SQLITE_VERSION) throw wrongVersion('The file', version, SQLITE_VERSION)
      if (version === undefined) db.exec('insert into maitred_meta (version) values (0)')
      for (const migration of SQLITE_MIGRATIONS.slice(version ?? 0)) db.exec(migration)
      db.exec(`update maitred_meta set version = ${SQLITE_VERSION}`)
    })
  }

  return {
    name: 'sqlite',
    isShared: true,
    answersAtOnce: true,
    migration: SQLITE_MIGRATIONS.join('\n'),
    async migrate() {
      prepareHandle()
      await upgrade()
    },
    async open(tenant) {
      prepareHandle()
      if ((await versionOf()) === undefined) await upgrade()
      const version = await versionOf()
      if (version !== SQLITE_VERSION) throw wrongVersion('The file', version, SQLITE_VERSION)
      return createSqliteTenant(db, tenant)
    },
  }
}

function invalid(path: string, expected: string, got: string): MaitredError {
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected ${expected} at \`${path}\`, got \`${got}\`.`,
    hint: 'For example: `sqliteStore(new Database(file), { durability: "full" })`.',
    path,
  })
}
