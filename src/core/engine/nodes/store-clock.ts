import type { Clock } from '../../ports.ts'

/** Differences up to this are the way to the store and back, or clocks that are kept together: nobody minds them. */
const TOLERATED_MS = 100

/** Time as the store has it, so that nodes whose own clocks differ, or jump, agree on what is due. */
export interface StoreClock extends Clock {
  /** The store's time, as it was somewhere between asking for it and hearing it; both on the node's own clock. */
  heard(storeAt: number, about: { readonly askedAt: number; readonly heardAt: number }): void
  /** The node's own time. */
  ownNow(): number
}

export function createStoreClock(clock: Clock): StoreClock {
  let aheadMs = 0
  return {
    now: () => clock.now() + aheadMs,
    ownNow: () => clock.now(),
    at: (at, callback) => clock.at(at - aheadMs, callback),
    breathe: (callback) => clock.breathe(callback),
    ...(clock.watch === undefined ? {} : { watch: clock.watch.bind(clock) }),
    sliceMs: clock.sliceMs,
    heard(storeAt, { askedAt, heardAt }) {
      const measured = Math.round(storeAt - (askedAt + heardAt) / 2)
      if (Math.abs(measured - aheadMs) > TOLERATED_MS + (heardAt - askedAt)) aheadMs = measured
    },
  }
}
