const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000

/** A browser's page says when it is on or off the net; elsewhere nobody does. */
export const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>

/** Longer from time to time, never quite the same; over at once when the line is there again. */
export function pause(tries: number, signal: AbortSignal): Promise<void> {
  return wait(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2), signal, true)
}

export function wait(ms: number, signal: AbortSignal, isForLine = false): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      page.removeEventListener?.('online', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
    if (isForLine) page.addEventListener?.('online', over)
    if (signal.aborted) over()
  })
}
