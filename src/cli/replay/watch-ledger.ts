import { DEFAULT_CAPACITY } from '../../core/memory/ledger.ts'
import type { Commit, CommitResult, Store, TenantStore } from '../../core/ports.ts'
import type { Awaitable } from '../../core/types.ts'
import { memoryStore } from '../../stores/index.ts'

/** A store in memory whose seats are counted after every commit: from the holds themselves, not from anybody's sum of them. */
export interface WatchedLedger {
  readonly store: Store
  /** What is in it; only once the engine has started. */
  readonly content: TenantStore
  /** The most units that one agent has held. */
  readonly maxLoad: number
  /** How often an agent was above capacity after a commit. */
  readonly overCount: number
  /** Customers who wait in the chat, if that may have changed since the last look. */
  newWaitingCount(): number | undefined
}

export function watchLedger(): WatchedLedger {
  const memory = memoryStore()
  let content: TenantStore | undefined
  let maxLoad = 0
  let overCount = 0
  let isQueueChanged = false

  function commit(store: TenantStore, written: Commit): CommitResult {
    const result = atOnce(store.commit(written))
    if (result.status !== 'ok') return result
    if (written.queueRow !== undefined) isQueueChanged = true
    for (const agentId of new Set(written.slots.map((slot) => slot.agentId))) count(store, agentId)
    return result
  }

  function count(store: TenantStore, agentId: string): void {
    const units = atOnce(store.holdsOf(agentId)).reduce((sum, hold) => sum + hold.units, 0)
    maxLoad = Math.max(maxLoad, units)
    if (units > (atOnce(store.agent(agentId))?.agent.capacity ?? DEFAULT_CAPACITY)) overCount += 1
  }

  return {
    store: {
      ...memory,
      open(tenant) {
        const store = atOnce(memory.open(tenant))
        content = { ...store, commit: (written) => commit(store, written) }
        return content
      },
    },
    get content() {
      if (content === undefined) throw new Error('the engine has not been started')
      return content
    },
    get maxLoad() {
      return maxLoad
    },
    get overCount() {
      return overCount
    },
    newWaitingCount() {
      if (!isQueueChanged || content === undefined) return undefined
      isQueueChanged = false
      return atOnce(content.waiting()).filter(({ reach }) => reach === 'present').length
    },
  }
}

/** The store in memory never makes anybody wait. */
function atOnce<Value>(answer: Awaitable<Value>): Value {
  return answer as Value
}
