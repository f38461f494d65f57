import Database from 'libsql' // or better-sqlite3
import { createEngine } from 'maitred'
import { sqliteStore } from 'maitred/stores'

export const engine = createEngine({ store: sqliteStore(new Database(process.env['CONVERSATIONS'] ?? 'conversations.db')) })
