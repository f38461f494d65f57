import type { Awaitable } from '../../core/types.ts'

/**
 * Work that lets others go on wherever it yields, saying how much it has done since it last did: never much more than
 * `SLICE_OPERATIONS`. An operation is a multiplication, or what takes as long: about two nanoseconds.
 */
export type Work<Result> = Generator<number, Result, void>

/** About a millisecond. */
export const SLICE_OPERATIONS = 500_000

/** How long others wait at most. */
const SLICE_MS = 8

export interface Pace {
  /** Milliseconds of work after which others are let go on; without end in a simulation, where work takes no time. */
  readonly sliceMs?: number
  /** Does somebody wait for it? Else it does not keep the process alive. */
  readonly isHeld?: () => boolean
}

/** Does all of it at once. */
export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** Does it in slices, other work in between; or at once where time stands still. */
export function runInSlices<Result>(
  work: Work<Result>,
  { sliceMs = SLICE_MS, isHeld = (): boolean => true }: Pace = {},
): Awaitable<Result> {
  if (sliceMs === Number.POSITIVE_INFINITY) return runAtOnce(work)
  return new Promise((resolve, reject) => {
    const slice = (): void => {
      try {
        const until = performance.now() + Math.min(sliceMs, SLICE_MS)
        do {
          const step = work.next()
          if (step.done === true) return resolve(step.value)
        } while (performance.now() < until)
        goOn(slice, isHeld())
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    goOn(slice, isHeld())
  })
}

/** Does it, and keeps the process alive meanwhile: somebody waits for what nothing else might wait for. */
export async function whileAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  const alive = setInterval(() => undefined, 60_000)
  try {
    return await work()
  } finally {
    clearInterval(alive)
  }
}

/**
 * Calls it when others had their turn. What nobody waits for does not keep the process alive: that is a timer, as an
 * immediate without a reference does not wake a process that is idle, and would be called at the next request only.
 */
function goOn(slice: () => void, isHeld: boolean): void {
  if (isHeld) setImmediate(slice)
  else setTimeout(slice).unref()
}
