import { isHung } from './fault.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Real time after which a plugin that is waited for counts as hanging. */
const PATIENCE_MS = 1_000

const named = new WeakSet<PromiseLike<unknown>>()

/**
 * Lets everything run that needs no time. What a plugin awaits outside of virtual time (a file, a real request) is waited for, at most a
 * second of real time; after that it is named, and counts as hanging.
 */
export async function settle(clock: VirtualClock): Promise<void> {
  const beganAt = performance.now()
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    const held = [...clock.waiting].filter(([promise]) => !isHung(promise) && !named.has(promise))
    if (held.length === 0) return
    if (performance.now() - beganAt < PATIENCE_MS) continue
    for (const [promise, what] of held) {
      named.add(promise)
      process.emitWarning(
        `${what} has been waiting for ${PATIENCE_MS} ms of real time: from now on it counts as hanging. Hand plugins a fake for their I/O.`,
      )
    }
  }
}
