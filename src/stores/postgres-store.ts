import { MaitredError } from '../core/errors.ts'
import type { Store } from '../core/ports.ts'
import { codeOf, unavailable, wrongVersion } from './failure.ts'
import { createPostgresTenant } from './postgres-tenant.ts'
import { POSTGRES_VERSION, postgresMigration } from './postgres-schema.ts'
import { createSql, type SqlClient } from './postgres-sql.ts'

export interface PostgresStoreOptions {
  /** Where the tables are: a plain name of letters, digits and `_`; `maitred` unless said. */
  readonly schema?: string
}

/**
 * Conversations in PostgreSQL (13 or newer), for one node or many. Its tables are made by `maitred migrate`, or `store.migrate()`; an engine
 * does not start on any other version of them. Every commit is one statement, and durable as the server's `synchronous_commit` says.
 * @throws MaitredError `CONFIG_INVALID`
 * @example const store = postgresStore(new Pool({ connectionString: process.env.DATABASE_URL }))
 */
export function postgresStore(client: SqlClient, { schema = 'maitred' }: PostgresStoreOptions = {}): Store {
  if (typeof (client as Partial<SqlClient> | undefined)?.query !== 'function')
    throw invalid('client', 'something with `query(text, params)`', typeof client)
  if (typeof schema !== 'string' || !/^[a-z_][a-z0-9_]{0,62}$/i.test(schema))
    throw invalid('schema', 'a name of letters, digits and `_`', String(schema))
  const quoted = `"${schema}"`
  const sql = createSql(client)
  outliveIdleConnections(client)
  return {
    name: 'postgres',
    isShared: true,
    migration: postgresMigration(quoted),
    async migrate() {
      try {
        await client.query(postgresMigration(quoted))
      } catch (error) {
        if (codeOf(error) === 'MT001') throw wrongVersion(`The schema ${quoted}`, await versionOf(), POSTGRES_VERSION)
        throw unavailable('PostgreSQL', error)
      }
    },
    async open(tenant) {
      const version = await versionOf()
      if (version !== POSTGRES_VERSION) throw wrongVersion(`The schema ${quoted}`, version, POSTGRES_VERSION)
      return createPostgresTenant({ sql, tenant, schema: quoted })
    },
  }

  async function versionOf(): Promise<number | undefined> {
    try {
      const [row] = await sql.rows(`select version from ${quoted}.schema_version`, [])
      return row?.version as number | undefined // an int by the schema
    } catch (error) {
      const isMissing = error instanceof MaitredError && ['42P01', '3F000'].includes(codeOf(error.cause))
      if (isMissing) return undefined
      throw error
    }
  }
}

/**
 * A pool whose idle connection breaks (the database restarts) says so by an `error` event, which ends the process where nobody listens. The
 * pool has replaced the connection by then, and a statement that was under way fails by itself.
 */
function outliveIdleConnections(client: SqlClient): void {
  if (client.listenerCount?.('error') === 0) client.on?.('error', () => undefined)
}

function invalid(path: string, expected: string, got: string): MaitredError {
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected ${expected} at \`${path}\`, got \`${got}\`.`,
    hint: 'For example: `postgresStore(new Pool({ connectionString }), { schema: "maitred" })`.',
    path,
  })
}
