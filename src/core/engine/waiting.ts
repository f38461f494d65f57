import type { InternalEvent } from '../turn/engine-events.ts'
import { FAILED, TimeUp, withLimit } from '../hooks/hook-run.ts'
import type { Handler } from '../hooks/hook-table.ts'
import type { Work } from './run-queue.ts'
import type { Turn } from '../turn/turn.ts'

/** Where the results go. */
export type Submit = (event: InternalEvent) => void

/** What work under way may know, and tell those who follow the conversation. */
export interface Watch {
  /** Nobody waits for it any more: somebody else has taken over, or asked anew. */
  readonly isOver: boolean
  /** Resolves then. */
  readonly over: Promise<void>
  tell(signal: { readonly type: 'typing' } | { readonly type: 'partial'; readonly text: string }): void
}

/** What a handler has promised, within its limit, or until nobody waits for it any more. A failure is reported, and answered with `FAILED`. */
export function* waitFor(
  turn: Turn,
  handler: Handler,
  about: {
    readonly promise: PromiseLike<unknown>
    readonly watch?: Watch
    readonly abort: (reason: unknown) => void
    readonly late?: (value: unknown) => void
  },
): Work<unknown> {
  const { promise, watch } = about
  try {
    const awaited = watch === undefined ? promise : Promise.race([promise, watch.over])
    const settled = yield withLimit(awaited, turn.clock, {
      limitMs: handler.timeoutMs,
      what: `${handler.plugin.name} in ${handler.hook}`,
    })
    if (watch?.isOver !== true) return settled
    promise.then(undefined, () => {}) // nobody is left to hear how it failed
    about.abort(new TimeUp('somebody else speaks for us by now'))
    return FAILED
  } catch (error) {
    const timedOut = error instanceof TimeUp
    turn.failed(handler, timedOut ? 'timedOut' : 'threw', error)
    about.abort(error)
    if (timedOut) {
      about.promise.then(about.late, () => {}) // it has been reported as too late already
    }
    return FAILED
  }
}
