import type { Clock } from './ports.ts'

/** `setTimeout` takes at most this; longer waits are taken in pieces. */
const LONGEST_MS = 2_147_483_647
/** The wall clock and the steady one may drift this far apart between two looks without anybody having set a clock. */
const SLACK_MS = 1_000

/** The wall clock, epoch ms, and one that nobody can set, in ms from whenever. */
export interface TimeSources {
  wall(): number
  steady(): number
}

/**
 * The machine's own time, except that it never goes back: when somebody sets the wall clock back, it goes on from where it was, so that no
 * offer waits an hour for its end and no entry of a transcript is older than the one before. It falls in with the wall clock again when that
 * is set forward, and in the next process.
 */
export function createSystemClock({ wall, steady }: TimeSources): Clock {
  let ahead = 0
  let last = 0
  /** The two clocks at the last look: numbers in a list of their own, because the clock is looked at all the time. NaN: nobody has looked yet. */
  const seen = Float64Array.of(Number.NaN, Number.NaN)
  const now = (): number => {
    const wallMs = wall()
    const steadyMs = steady()
    const leap = wallMs - (seen[0] as number) - (steadyMs - (seen[1] as number)) // both are there
    seen[0] = wallMs
    seen[1] = steadyMs
    if (Math.abs(leap) > SLACK_MS) ahead = Math.max(0, ahead - Math.round(leap)) // not if nobody has looked
    last = Math.max(last, wallMs + ahead)
    return last
  }
  return {
    now,
    at(at, callback) {
      let timer: ReturnType<typeof setTimeout>
      const arm = (): void => {
        const left = at - now()
        timer = setTimeout(left > LONGEST_MS ? arm : fire, Math.max(0, Math.min(left, LONGEST_MS)))
      }
      const fire = (): void => {
        if (now() < at)
          arm() // Node may fire a millisecond early
        else callback()
      }
      arm()
      return () => clearTimeout(timer)
    },
    breathe: (callback) => {
      setImmediate(callback)
    },
    sliceMs: 10,
  }
}

export const systemClock: Clock = createSystemClock({ wall: () => Date.now(), steady: () => performance.now() })
