import type { Clock } from './ports.ts'

/** `setTimeout` takes at most this; longer waits are taken in pieces. */
const LONGEST_MS = 2_147_483_647

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(at, callback) {
    let timer: ReturnType<typeof setTimeout>
    const arm = (): void => {
      const left = at - Date.now()
      timer = setTimeout(left > LONGEST_MS ? arm : fire, Math.max(0, Math.min(left, LONGEST_MS)))
    }
    const fire = (): void => {
      if (Date.now() < at)
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
