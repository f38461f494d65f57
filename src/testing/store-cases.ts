import { randomUUID } from 'node:crypto'
import type { Store, TenantStore } from '../core/ports.ts'
import type { Awaitable } from '../core/types.ts'
import { agentCases } from './store-cases/agent-cases.ts'
import { commitCases } from './store-cases/commit-cases.ts'
import { eraseCases } from './store-cases/erase-cases.ts'
import { ledgerCases } from './store-cases/ledger-cases.ts'
import { raceCases } from './store-cases/race-cases.ts'
import { readCases } from './store-cases/read-cases.ts'
import type { StoreCase } from './store-cases/script.ts'
import { sharedCases } from './store-cases/shared-cases.ts'
import { workCases } from './store-cases/work-cases.ts'

/** A ready-made test for any runner. It rejects when what it claims does not hold. */
export interface Case {
  readonly name: string
  run(): Promise<void>
}

const CASES: readonly StoreCase[] = [
  ...commitCases,
  ...ledgerCases,
  ...agentCases,
  ...workCases,
  ...readCases,
  ...eraseCases,
  ...raceCases,
  ...sharedCases,
]

/**
 * What every store must do, case by case. `open` gives the store, a new one each time or always the same: each case works for a tenant of
 * its own, whose name nobody has used before.
 * @example for (const { name, run } of storeCases(() => memoryStore())) test(name, run)
 */
export function storeCases(open: () => Awaitable<Store>): readonly Case[] {
  return CASES.map(({ name, run }) => ({
    name,
    async run() {
      const store = await open()
      await store.migrate()
      const opened: TenantStore[] = []
      const openTenant = async (): Promise<TenantStore> => {
        const tenant = await store.open(`case-${randomUUID()}`)
        opened.push(tenant)
        return tenant
      }
      try {
        await run(await openTenant(), openTenant)
      } finally {
        for (const tenant of opened) await tenant.close()
      }
    },
  }))
}
