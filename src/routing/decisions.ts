import type { Rejected } from './match.ts'

/** Who was chosen for a conversation, why, and how many others were not. */
export interface Decision {
  readonly agentId: string
  readonly because: string
  readonly rejected: Rejected
}

/** The last decision about each conversation, of which the newest are kept. */
export interface Decisions {
  get(conversationId: string): Decision | undefined
  put(conversationId: string, decision: Decision): void
}

const LIMIT = 1_000

export function createDecisions(): Decisions {
  const byConversation = new Map<string, Decision>()
  return {
    get: (conversationId) => byConversation.get(conversationId),
    put(conversationId, decision) {
      byConversation.delete(conversationId)
      byConversation.set(conversationId, decision)
      const [oldest] = byConversation.keys()
      if (byConversation.size > LIMIT && oldest !== undefined) byConversation.delete(oldest)
    },
  }
}
