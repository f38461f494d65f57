import type { TenantStore } from '../core/ports.ts'
import { createAgents } from './postgres-agents.ts'
import { createConversations } from './postgres-conversations.ts'
import type { Place } from './postgres-sql.ts'
import { createWork } from './postgres-work.ts'

/** One tenant's rows in the tables of one schema. */
export function createPostgresTenant(place: Place): TenantStore {
  return { ...createConversations(place), ...createAgents(place), ...createWork(place) }
}
