/** Work that lets others go on wherever it yields, at least every millisecond or so. */
export type Work<Result> = Generator<void, Result, void>

/** How long others wait at most. */
const SLICE_MS = 8

/** Does all of it at once. */
export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** Does it in slices, other work in between. It does not keep the process alive unless somebody waits for it. */
export function runInSlices<Result>(work: Work<Result>, { isHeld = (): boolean => true } = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const slice = (): void => {
      try {
        const until = performance.now() + SLICE_MS
        do {
          const step = work.next()
          if (step.done === true) return resolve(step.value)
        } while (performance.now() < until)
        const next = setImmediate(slice)
        if (!isHeld()) next.unref()
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    slice()
  })
}
