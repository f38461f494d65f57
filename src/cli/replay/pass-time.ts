import type { VirtualClock } from '../../testing/index.ts'

/** Real time after which something that a plugin waits for is not waited for any more. */
const PATIENCE_MS = 1_000

/**
 * Fires every timer until `until`, the earliest first, and lets all that follows from one happen before the next. `onInstant` is called after
 * each. `true` when no timer is left.
 */
export async function passTime(clock: VirtualClock, until: number, onInstant: () => void): Promise<boolean> {
  const given = new WeakSet<PromiseLike<unknown>>()
  while (clock.fireNext(until)) {
    await settle(clock, given)
    onInstant()
  }
  return clock.nextAt() === undefined
}

/** Lets everything run that needs no time; what a plugin awaits of the real world is waited for a second. */
async function settle(clock: VirtualClock, given: WeakSet<PromiseLike<unknown>>): Promise<void> {
  let beganAt: number | undefined
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (clock.waiting.size === 0) return
    const held = [...clock.waiting.keys()].filter((promise) => !given.has(promise))
    if (held.length === 0) return
    beganAt ??= performance.now()
    if (performance.now() - beganAt > PATIENCE_MS) for (const promise of held) given.add(promise)
  }
}
