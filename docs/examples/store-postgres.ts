import pg from 'pg'
import { createEngine } from 'maitred'
import { postgresStore } from 'maitred/stores'

export const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 })
export const engine = createEngine({ store: postgresStore(pool, { schema: 'maitred' }) })
