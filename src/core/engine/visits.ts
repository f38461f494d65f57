import type { Clock, TenantStore } from '../ports.ts'
import type { Receipt } from '../receipts.ts'
import type { InternalEvent } from '../turn/engine-events.ts'
import { toMs } from '../duration.ts'
import { notFound } from '../turn/run-turn.ts'
import type { Duration } from '../types.ts'

/** What is needed of an engine. */
interface House {
  readonly clock: Clock
  store(): TenantStore
  submit(event: InternalEvent): Promise<Receipt>
  raise(event: InternalEvent): void
}

/** Who is here among the customers, as their connections say. */
export interface Visits {
  /** @throws MaitredError `NOT_FOUND`, `CONFIG_INVALID` */
  present(conversationId: string, lease: Duration): Promise<void>
  stop(): void
}

/** One customer's connection to this node. */
interface Visit {
  /** The arrival it began with. */
  readonly token: number
  /** Until when the conversation itself believes it. */
  readonly believedUntil: number
  readonly cancel: () => void
}

/** The conversation believes in an arrival for so long, and no shorter than so many leases: repeated in time, it need not be told. */
const BELIEVED_MS = 5 * 60_000
const BELIEVED_LEASES = 4

/**
 * Heartbeats come often and change nothing, so most of them only set an alarm anew. The conversation is told of the first, of one every
 * few minutes (if this node dies, it finds out by itself), and of the end.
 */
export function createVisits(house: () => House): Visits {
  const visits = new Map<string, Visit>()

  function keep(id: string, visit: Omit<Visit, 'cancel'>, until: number): void {
    visits.get(id)?.cancel()
    const cancel = house().clock.at(until, () => end(id, visit.token))
    visits.set(id, { ...visit, cancel })
  }

  function end(conversationId: string, token: number): void {
    visits.get(conversationId)?.cancel()
    visits.delete(conversationId)
    house().raise({ type: 'customer.vanished', conversationId, token })
  }

  return {
    async present(conversationId, lease) {
      const leaseMs = toMs(lease, 'lease')
      const { clock, store, submit } = house()
      const now = clock.now()
      const visit = visits.get(conversationId)
      if (leaseMs === 0) {
        if (visit !== undefined) end(conversationId, visit.token)
        else if ((await store().load(conversationId)).row === undefined) throw notFound(conversationId)
        return
      }
      const until = now + leaseMs
      if (visit !== undefined && visit.believedUntil > until) return keep(conversationId, visit, until)
      const believedUntil = now + Math.max(BELIEVED_MS, BELIEVED_LEASES * leaseMs)
      const receipt = await submit({ type: 'customer.arrived', conversationId, until: believedUntil })
      if (receipt.ok) keep(conversationId, { token: receipt.revision, believedUntil }, until)
    },
    stop() {
      for (const { cancel } of visits.values()) cancel()
      visits.clear()
    },
  }
}
