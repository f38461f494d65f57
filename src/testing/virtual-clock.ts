import { createHeap } from '../core/heap.ts'
import type { Clock } from '../core/ports.ts'

/** Time that moves only when it is told to, from timer to timer, so that chained timers fire when they should. */
export interface VirtualClock extends Clock {
  /** When the next timer is due. */
  nextAt(): number | undefined
  /** Moves on to the next timer due by then and fires it; `false` when there is none. Timers of one moment fire in the order they were set. */
  fireNext(until: number): boolean
  /** Moves on without firing anything; there must be no timer before. */
  moveTo(at: number): void
  /** What is being waited for outside of virtual time: promises of plugins. */
  readonly waiting: ReadonlyMap<PromiseLike<unknown>, string>
}

interface Alarm {
  readonly at: number
  readonly order: number
  readonly callback: () => void
  isCancelled: boolean
}

/** @example const clock = createVirtualClock(Date.parse('2026-01-05T09:00Z')) */
export function createVirtualClock(startAt: number): VirtualClock {
  const alarms = createHeap<Alarm>(
    (one, other) => one.at < other.at || (one.at === other.at && one.order < other.order),
  )
  const waiting = new Map<PromiseLike<unknown>, string>()
  let now = startAt
  let order = 0
  let cancelledCount = 0

  function dropCancelled(): Alarm | undefined {
    for (let first = alarms.peek(); first !== undefined; first = alarms.peek()) {
      if (!first.isCancelled) return first
      alarms.pop()
      cancelledCount -= 1
    }
    return undefined
  }

  /** Called-off alarms that lie deep in the heap are swept out when they are the greater part of it. */
  function sweep(): void {
    if (cancelledCount < 64 || cancelledCount * 2 < alarms.size) return
    const kept: Alarm[] = []
    for (let alarm = alarms.pop(); alarm !== undefined; alarm = alarms.pop()) if (!alarm.isCancelled) kept.push(alarm)
    for (const alarm of kept) alarms.push(alarm)
    cancelledCount = 0
  }

  return {
    now: () => now,
    at(at, callback) {
      const alarm: Alarm = { at: Math.max(at, now), order: (order += 1), callback, isCancelled: false }
      alarms.push(alarm)
      return () => {
        if (alarm.isCancelled) return
        alarm.isCancelled = true
        cancelledCount += 1
        sweep()
      }
    },
    breathe: (callback) => callback(),
    sliceMs: Number.POSITIVE_INFINITY,
    watch(promise, what) {
      waiting.set(promise, what)
      const done = (): void => {
        waiting.delete(promise)
      }
      promise.then(done, done)
    },
    waiting,
    nextAt: () => dropCancelled()?.at,
    fireNext(until) {
      const first = dropCancelled()
      if (first === undefined || first.at > until) return false
      alarms.pop()
      now = Math.max(now, first.at)
      first.isCancelled = true // called off from now on means nothing
      first.callback()
      return true
    },
    moveTo(at) {
      now = Math.max(now, at)
    },
  }
}
