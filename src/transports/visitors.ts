import type { Engine } from '../core/engine/engine-api.ts'
import { isMaitredError } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import type { Reader } from './actions.ts'

/** Customers are here while somebody reads their stream: in one tab or in several, and for a moment longer. */
export function createVisitors(
  engine: Engine,
  leaseMs: number,
  log: Pick<Log, 'error'> | undefined,
): (conversationId: string) => Reader {
  const readers = new Map<string, number>()

  function tell(conversationId: string, lease: number): void {
    engine
      .conversation(conversationId)
      .present({ lease })
      .catch((error: unknown) => {
        if (isMaitredError(error, 'ENGINE_NOT_STARTED')) return // streams end with the engine: nobody asks any more who is here
        log?.error({ error, conversationId }, 'the presence of a customer was not noted')
      })
  }

  return (conversationId) => {
    let isCounted = false
    return {
      isHere() {
        if (!isCounted) readers.set(conversationId, (readers.get(conversationId) ?? 0) + 1)
        isCounted = true
        tell(conversationId, leaseMs)
      },
      hasGone() {
        if (!isCounted) return
        const left = (readers.get(conversationId) ?? 1) - 1
        if (left > 0) return void readers.set(conversationId, left)
        readers.delete(conversationId)
        tell(conversationId, 0)
      },
    }
  }
}
