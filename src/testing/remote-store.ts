import { MaitredError } from '../core/errors.ts'
import type { Commit, CommitResult, Store, TenantStore } from '../core/ports.ts'

/** What may go wrong between an engine and a store elsewhere; each is asked for every commit. */
export interface Trouble {
  /** The commit is never made. */
  fails?(commit: Commit): boolean
  /** The commit is made, and the answer lost. */
  losesAnswer?(commit: Commit): boolean
  /** Somebody else wins the race for this conversation. */
  conflicts?(commit: Commit): boolean
  /** Called before and after each operation, so that a test can hold one up. */
  before?(operation: string, commit: Commit | undefined): Promise<void> | undefined
}

/** A store as a store on another machine is: every answer is a promise, and may go missing. */
export function remoteStore(store: Store, trouble: Trouble = {}): Store {
  return {
    name: 'remote',
    migrate: () => store.migrate(),
    open: async (tenant) => toRemote(await store.open(tenant), trouble),
  }
}

function toRemote(store: TenantStore, trouble: Trouble): TenantStore {
  const operations = Object.entries(store).map(([name, operation]) => [
    name,
    async (...args: readonly unknown[]) => {
      await trouble.before?.(name, name === 'commit' ? (args[0] as Commit) : undefined)
      return name === 'commit'
        ? commit(store, args[0] as Commit, trouble)
        : (operation as (...given: readonly unknown[]) => unknown)(...args)
    },
  ])
  const remote: unknown = Object.fromEntries(operations)
  return remote as TenantStore // the same operations, each with a promise for its answer
}

async function commit(store: TenantStore, wanted: Commit, trouble: Trouble): Promise<CommitResult> {
  if (trouble.fails?.(wanted) === true) throw gone('The store is not there.')
  if (trouble.conflicts?.(wanted) === true) return { status: 'conflict' }
  const result = await store.commit(wanted)
  if (trouble.losesAnswer?.(wanted) === true) throw gone('The answer was lost.')
  return result
}

function gone(message: string): MaitredError {
  return new MaitredError('STORE_UNAVAILABLE', { message, hint: 'Send it once more with the same key.' })
}
