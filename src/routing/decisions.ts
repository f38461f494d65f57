import type { PickedAgent } from './picked.ts'
import type { Rejected } from './world.ts'

/** The last decision about each conversation, of which the newest are kept. */
export interface Decisions {
  get(conversationId: string): Decision | undefined
  put(decision: PickedAgent): void
}

/** Who was chosen when, and why. Written over by and by. */
export interface Decision extends Pick<PickedAgent, 'at' | 'because' | 'rejected'> {
  readonly conversationId: string
  readonly agentId: string
}

/** A record of the ring. */
interface Page {
  conversationId: string
  agentId: string
  at: number
  because: PickedAgent['because']
  readonly rejected: { -readonly [Reason in keyof Rejected]: Rejected[Reason] }
}

const LIMIT = 1_000

/**
 * Written at every match and seldom read: a ring, searched from the newest on. Its pages are written over, because what is made anew and
 * kept for a while is what a garbage collector has most to do with.
 */
export function createDecisions(): Decisions {
  const ring: Page[] = []
  let count = 0
  return {
    get(conversationId) {
      for (let back = 1; back <= ring.length; back++) {
        const page = ring[(count - back) % LIMIT]
        if (page?.conversationId === conversationId) return page
      }
      return undefined
    },
    put({ waiting, agent, at, because, rejected }) {
      const page = ring[count % LIMIT]
      count += 1
      if (page === undefined) {
        ring.push({ conversationId: waiting.id, agentId: agent.id, at, because, rejected: { ...rejected } })
        return
      }
      page.conversationId = waiting.id
      page.agentId = agent.id
      page.at = at
      page.because = because
      page.rejected.skill = rejected.skill
      page.rejected.capacity = rejected.capacity
      page.rejected.presence = rejected.presence
      page.rejected.declined = rejected.declined
      page.rejected.plugin = rejected.plugin
    },
  }
}
