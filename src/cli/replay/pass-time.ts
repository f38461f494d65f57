import { settle } from '../../testing/settle.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'

/**
 * Fires every timer until `until`, the earliest first, and lets all that follows from one happen before the next. `onInstant` is called after
 * each. `true` when no timer is left.
 */
export async function passTime(clock: VirtualClock, until: number, onInstant: () => void): Promise<boolean> {
  while (clock.fireNext(until)) {
    await settle(clock)
    onInstant()
  }
  return clock.nextAt() === undefined
}
