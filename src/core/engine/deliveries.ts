import type { OutboxRow } from '../ports.ts'
import { createCarrier, type House } from './carrier.ts'

/** What is said to customers who are not here, carried by the channels: in order, one conversation beside another. */
export interface Deliveries {
  /** A row of the outbox (topic `deliver`) that is owed; one that is under way already is not begun again. */
  take(row: OutboxRow): void
  stop(): void
}

/** What is owed to one conversation, the oldest first. */
interface Lane {
  readonly rows: OutboxRow[]
  wake: () => void
}

/** How long to leave a store alone that has failed. */
const PAUSE_MS = 1_000
/** Rows that are done, but whose striking out may have been lost. */
const REMEMBERED = 1_000

export function createDeliveries(house: () => House): Deliveries {
  const carry = createCarrier(house)
  const lanes = new Map<string, Lane>()
  const done = new Set<string>()
  let isStopped = false

  async function work(conversationId: string, lane: Lane): Promise<void> {
    for (let row = lane.rows[0]; row !== undefined; row = lane.rows[0]) {
      if (!(await carryAll(row, lane))) break // not ours to do any more
      remember(row.id)
      await strike(row.id)
      lane.rows.shift()
    }
    lanes.delete(conversationId)
  }

  async function carryAll({ conversationId, body }: OutboxRow, lane: Lane): Promise<boolean> {
    const { seqs } = body as { readonly seqs: readonly number[] } // as the turn wrote it
    for (const seq of seqs) if (!(await carry({ conversationId, seq }, (at) => waitUntil(at, lane)))) return false
    return true
  }

  /** `false`: stopped meanwhile, or the work is another node's now. */
  async function waitUntil(at: number, lane: Lane): Promise<boolean> {
    const { clock, node } = house()
    if (at > clock.now())
      await new Promise<void>((resolve) => {
        const cancel = clock.at(at, resolve)
        lane.wake = () => {
          cancel()
          resolve()
        }
      })
    return !isStopped && node.does('outbox')
  }

  /** The store has failed. What is owed stands in the outbox still. */
  function again(conversationId: string, { rows }: Lane, error: unknown): void {
    lanes.delete(conversationId)
    if (isStopped) return
    const { clock, options } = house()
    options.log.warn({ error, conversationId }, 'what is to be delivered could not be read; it is tried again')
    clock.at(clock.now() + PAUSE_MS, () => {
      for (const row of rows) deliveries.take(row)
    })
  }

  async function strike(id: string): Promise<void> {
    try {
      await house().store().outboxDone([id])
    } catch (error) {
      house().options.log.warn({ error }, 'what was delivered could not be struck from the outbox')
    }
  }

  function remember(id: string): void {
    done.add(id)
    const [oldest] = done
    if (done.size > REMEMBERED && oldest !== undefined) done.delete(oldest)
  }

  const deliveries: Deliveries = {
    take(row) {
      const { id, conversationId } = row
      if (isStopped || !house().node.does('outbox')) return
      if (done.has(id)) return void strike(id)
      const known = lanes.get(conversationId)
      if (known !== undefined) {
        if (!known.rows.some((other) => other.id === id)) known.rows.push(row)
        return
      }
      const lane: Lane = { rows: [row], wake: () => {} }
      lanes.set(conversationId, lane)
      work(conversationId, lane).catch((error: unknown) => again(conversationId, lane, error))
    },
    stop() {
      isStopped = true
      for (const { wake } of lanes.values()) wake()
    },
  }
  return deliveries
}
