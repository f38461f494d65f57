import type { Store, TenantStore } from '../../src/core/ports.ts'

/** The same store with other manners: what `wrap` returns replaces what the tenant does. */
export function wrapStore(store: Store, wrap: (tenant: TenantStore) => Partial<TenantStore>): Store {
  return {
    ...store,
    open: async (tenant) => {
      const opened = await store.open(tenant)
      return { ...opened, ...wrap(opened) }
    },
  }
}

/** The same store over a slow line: every operation answers with a promise, and lets others in between. */
export function asyncStore(store: Store): Store {
  return wrapStore(store, (tenant) => {
    const operations = Object.entries(tenant).map(([name, operation]) => [name, later(operation as Operation)])
    return Object.fromEntries(operations) as TenantStore // each does what it did
  })
}

type Operation = (...args: readonly unknown[]) => unknown

function later(operation: Operation): Operation {
  return async (...args) => {
    await Promise.resolve()
    return operation(...args)
  }
}
