import type { TenantStore } from '../core/ports.ts'
import { createAgents } from './sqlite-agents.ts'
import { createConversations } from './sqlite-conversations.ts'
import type { Db } from './sqlite-db.ts'
import { createWork } from './sqlite-work.ts'

/** One tenant's rows in one file. */
export function createSqliteTenant(db: Db, tenant: string): TenantStore {
  return { ...createConversations(db, tenant), ...createAgents(db, tenant), ...createWork(db, tenant) }
}
