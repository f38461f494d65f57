import type { Because } from './reason.ts'
import type { Rejected } from './world.ts'

/** Who was chosen for a conversation, why, and how many others were not. */
export interface Decision {
  readonly agentId: string
  readonly because: Because
  readonly rejected: Rejected
  readonly at: number
}

/** The last decision about each conversation, of which the newest are kept. */
export interface Decisions {
  get(conversationId: string): Decision | undefined
  put(conversationId: string, decision: Decision): void
}

const LIMIT = 1_000

/** Written at every match and seldom read: a ring, searched from the newest on. */
export function createDecisions(): Decisions {
  const ring: { readonly conversationId: string; readonly decision: Decision }[] = []
  let count = 0
  return {
    get(conversationId) {
      for (let back = 1; back <= ring.length; back++) {
        const entry = ring[(count - back) % LIMIT]
        if (entry?.conversationId === conversationId) return entry.decision
      }
      return undefined
    },
    put(conversationId, decision) {
      ring[count % LIMIT] = { conversationId, decision }
      count += 1
    },
  }
}
