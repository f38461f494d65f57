export { type MemoryStoreOptions, memoryStore } from '../core/memory/memory-store.ts'
export type { Store, TenantStore } from '../core/ports.ts'
