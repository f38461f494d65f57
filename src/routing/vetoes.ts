/** Pairs that a plugin said no to, for a while. */
export interface Vetoes {
  add(conversationId: string, agentId: string, untilAt: number): void
  holds(conversationId: string, agentId: string, at: number): boolean
  /** Is there any for this conversation, over or not? */
  has(conversationId: string): boolean
  /** The agents it is barred from at that time. */
  of(conversationId: string, at: number): readonly string[]
  /** The conversations that have any, over or not. */
  conversationIds(): Iterable<string>
  /** Forgets the pair if its time is over. */
  end(conversationId: string, agentId: string, at: number): void
}

const NOBODY: readonly string[] = []

export function createVetoes(): Vetoes {
  const byConversation = new Map<string, Map<string, number>>()
  const untilOf = (conversationId: string, agentId: string) =>
    byConversation.get(conversationId)?.get(agentId) ?? Number.NEGATIVE_INFINITY

  return {
    add(conversationId, agentId, untilAt) {
      const pairs = byConversation.get(conversationId) ?? new Map<string, number>()
      byConversation.set(conversationId, pairs.set(agentId, untilAt))
    },
    holds: (conversationId, agentId, at) => byConversation.size > 0 && at < untilOf(conversationId, agentId),
    has: (conversationId) => byConversation.size > 0 && byConversation.has(conversationId),
    of(conversationId, at) {
      const pairs = byConversation.size === 0 ? undefined : byConversation.get(conversationId)
      return pairs === undefined ? NOBODY : [...pairs].flatMap(([agentId, until]) => (at < until ? [agentId] : []))
    },
    conversationIds: () => byConversation.keys(),
    end(conversationId, agentId, at) {
      if (at < untilOf(conversationId, agentId)) return
      const pairs = byConversation.get(conversationId)
      pairs?.delete(agentId)
      if (pairs?.size === 0) byConversation.delete(conversationId)
    },
  }
}
