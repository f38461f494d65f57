import type { PickedAgent } from './picked.ts'

/** The last decision about each conversation, of which the newest are kept. */
export interface Decisions {
  get(conversationId: string): PickedAgent | undefined
  put(decision: PickedAgent): void
}

const LIMIT = 1_000

/** Written at every match and seldom read: a ring, searched from the newest on. */
export function createDecisions(): Decisions {
  const ring: PickedAgent[] = []
  let count = 0
  return {
    get(conversationId) {
      for (let back = 1; back <= ring.length; back++) {
        const decision = ring[(count - back) % LIMIT]
        if (decision?.waiting.id === conversationId) return decision
      }
      return undefined
    },
    put(decision) {
      ring[count % LIMIT] = decision
      count += 1
    },
  }
}
