import type { Score } from '../ports.ts'
import type { Called, FailureKind } from './scene.ts'
import { isPromise } from './hook-run.ts'
import type { Handler } from './hook-table.ts'
import { deepFreeze } from './installed.ts'

/**
 * What all `route:score` handlers together make of a candidate: each gets the score of the one before, the first 0. They are asked in the
 * middle of a choice and cannot be waited for. One that throws, promises or returns no number is reported, and the score goes on as it was.
 * `undefined`: there are none.
 */
export function createScore(
  handlers: readonly Handler[],
  failed: (
    called: Called,
    why: FailureKind,
    about: { readonly error: unknown; readonly conversationId: string },
  ) => void,
): Score | undefined {
  if (handlers.length === 0) return undefined
  return (about, conversationId) => {
    const frozen = deepFreeze(about)
    return handlers.reduce((score, handler) => {
      try {
        const result = handler.run(score, frozen)
        if (typeof result === 'number' && Number.isFinite(result)) return result
        if (isPromise(result)) Promise.resolve(result).catch(() => {}) // reported below, whatever comes of it
        const error = new TypeError('`route:score` must return a finite number, at once')
        failed(handler, 'invalid', { error, conversationId })
      } catch (error) {
        failed(handler, 'threw', { error, conversationId })
      }
      return score
    }, 0)
  }
}
