import type { QueueRow } from '../../ports.ts'
import type { Effect } from '../../snapshot.ts'
import type { Core } from '../core.ts'
import { createFeed } from './feed.ts'
import { createLeases } from './leases.ts'
import type { Node, NodeSettings, SharedWork } from './shared-work.ts'
import { createOwedEffects } from './owed.ts'
import type { StoreClock } from './store-clock.ts'
import { nodeCrypto } from '../../node-crypto.ts'

/** What the node makes the rest of the engine do. */
export interface NodeDuties {
  arrived(row: QueueRow): void
  noteTimers(dueAt: number | null): void
  redeliver(): Promise<void>
  isUnderWay(effectId: string): boolean
  startEffect(conversationId: string, effect: Effect): void
}

/** Looks between two at what is pending: it is nothing to hurry about. */
const OWED_EVERY = 4

/** The host and the process are named, so that a store on one machine can see whether the holder of a lease still lives. */
export function createNode(
  core: Core,
  {
    clock,
    settings,
    duties,
  }: { readonly clock: StoreClock; readonly settings: NodeSettings; readonly duties: NodeDuties },
): Node {
  const { leaseMs, pollMs } = settings
  const { log } = core.options
  const holder = `${process.getBuiltinModule('node:os').hostname()}/${process.pid}/${nodeCrypto().randomUUID().slice(0, 8)}`
  const leases = createLeases({ store: () => core.store(), clock, log, holder, ttlMs: leaseMs })
  const does = (work: SharedWork): boolean => leases.fence(work) !== undefined
  const feed = createFeed(core, (row) => {
    if (does('matching')) duties.arrived(row)
  })
  const owed = createOwedEffects(core, { ...duties, afterMs: leaseMs })
  let lookCount = 0
  let isStopped = false
  const cancels = new Map<string, () => void>()
  const ailing = new Set<string>()

  /** Again and again, `everyMs` after the last time was done. What fails is tried again the next time. */
  function repeat(what: string, everyMs: number, work: () => Promise<void>): void {
    const again = (): void => {
      if (isStopped) return
      const cancel = clock.at(clock.now() + everyMs, () => {
        work().then(
          () => {
            ailing.delete(what)
            again()
          },
          (error: unknown) => {
            if (!ailing.has(what) && !isStopped)
              log.warn({ error, what }, 'the store does not answer; it is asked again')
            ailing.add(what)
            again()
          },
        )
      })
      cancels.set(what, cancel)
    }
    again()
  }

  async function readTime(): Promise<void> {
    const askedAt = clock.ownNow()
    const storeAt = await core.store().now?.()
    if (storeAt !== undefined) clock.heard(storeAt, { askedAt, heardAt: clock.ownNow() })
  }

  async function renew(): Promise<void> {
    await readTime()
    if (await leases.renew()) await look()
  }

  async function look(): Promise<void> {
    await feed.look()
    if (isStopped) return
    if (does('timers')) duties.noteTimers(await core.store().nextDueAt())
    if (does('outbox')) {
      await duties.redeliver()
      if ((lookCount += 1) % OWED_EVERY === 0) await owed.look()
    }
    if (does('matching')) core.matchSoon()
  }

  return {
    isShared: true,
    does,
    fence: (work) => leases.fence(work),
    lost: ({ name }) => leases.lost(name),
    heldUntil: (at) => at + leaseMs,
    async start() {
      await readTime()
      await leases.renew()
      await look()
      repeat('leases', leaseMs / 3, renew)
      repeat('what others write', pollMs, look)
    },
    look: () => feed.look(),
    stop() {
      isStopped = true
      for (const cancel of cancels.values()) cancel()
    },
    release: () => leases.release(),
  }
}
