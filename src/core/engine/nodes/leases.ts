import type { Clock, Commit, Log, TenantStore } from '../../ports.ts'
import { SHARED_WORK, type SharedWork } from './shared-work.ts'

export interface Leases {
  /** What a commit for this work carries; `undefined` while somebody else does it, or once the lease has run out. */
  fence(work: SharedWork): NonNullable<Commit['fence']> | undefined
  /** Asks for each lease; those that are ours are renewed. `true`: one has come to us that somebody else had. */
  renew(): Promise<boolean>
  /** A write of ours has been fenced off: somebody else does this work by now. */
  lost(name: string): void
  /** Lets go, so that others need not wait. */
  release(): Promise<void>
}

interface Held {
  readonly epoch: number
  /** On our own clock, counted from before the store was asked: never later than the store lets go. */
  readonly until: number
}

export function createLeases(about: {
  readonly store: () => TenantStore
  readonly clock: Clock
  readonly log: Log
  readonly holder: string
  readonly ttlMs: number
}): Leases {
  const { store, clock, log, holder, ttlMs } = about
  const held = new Map<SharedWork, Held>()

  async function ask(name: SharedWork): Promise<boolean> {
    const at = clock.now()
    const lease = await store().lease(name, { holder, at, ttlMs })
    const before = held.get(name)
    if (lease === undefined) held.delete(name)
    else held.set(name, { epoch: lease.epoch, until: at + ttlMs })
    const isGained = lease !== undefined && lease.epoch !== before?.epoch
    if (isGained) log.info({ work: name, epoch: lease.epoch, holder }, 'this node does the work from now on')
    return isGained
  }

  return {
    fence(work) {
      const lease = held.get(work)
      return lease !== undefined && clock.now() < lease.until ? { name: work, epoch: lease.epoch } : undefined
    },
    async renew() {
      const gained = await Promise.all(SHARED_WORK.map(ask))
      return gained.includes(true)
    },
    lost: (name) => {
      for (const work of SHARED_WORK) if (work === name) held.delete(work)
    },
    async release() {
      const names = [...held.keys()]
      held.clear()
      for (const name of names) await store().lease(name, { holder, at: clock.now(), ttlMs: 0 })
    },
  }
}
