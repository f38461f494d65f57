import type { Because, PickedAgent } from './picked.ts'
import type { Rejected } from './world.ts'

/** The last decision about each conversation, of which the newest are kept. */
export interface Decisions {
  get(conversationId: string): Decision | undefined
  put(decision: PickedAgent): void
}

/** Who was chosen when, and why. */
export interface Decision extends Pick<PickedAgent, 'at' | 'because' | 'rejected'> {
  readonly conversationId: string
  readonly agentId: string
}

const LIMIT = 1_000
/** The count of those who could have taken it, where the words say it all. */
const IN_WORDS = -1

/**
 * Written at every match and seldom read: a ring, searched from the newest on. It is kept in columns, one after the other: the next page of
 * a ring of objects is never in the processor's cache, and what is made anew and kept for a while is what a garbage collector has most to do
 * with.
 */
export function createDecisions(): Decisions {
  const conversationIds: string[] = []
  const agentIds: string[] = []
  const words: (string | undefined)[] = []
  const moments = new Float64Array(LIMIT)
  const counts = new Int32Array(LIMIT)
  const [skill, capacity, presence] = [new Int32Array(LIMIT), new Int32Array(LIMIT), new Int32Array(LIMIT)]
  const [declined, plugin] = [new Int32Array(LIMIT), new Int32Array(LIMIT)]
  let next = 0

  function read(page: number): Decision {
    const number = (column: Int32Array | Float64Array): number => column[page] ?? 0
    const rejected: Rejected = {
      skill: number(skill),
      capacity: number(capacity),
      presence: number(presence),
      declined: number(declined),
      plugin: number(plugin),
    }
    const [count, label] = [number(counts), words[page]]
    const because: Because = count === IN_WORDS ? { text: label ?? '' } : { label, count }
    return {
      conversationId: conversationIds[page] ?? '',
      agentId: agentIds[page] ?? '',
      at: number(moments),
      because,
      rejected,
    }
  }

  return {
    get(conversationId) {
      const { length } = conversationIds
      for (let back = 1; back <= length; back++) {
        const page = (next - back + LIMIT) % LIMIT
        if (conversationIds[page] === conversationId) return read(page)
      }
      return undefined
    },
    put({ waiting, agent, at, because, rejected }) {
      const page = next
      next = page + 1 === LIMIT ? 0 : page + 1
      conversationIds[page] = waiting.id
      agentIds[page] = agent.id
      moments[page] = at
      if ('text' in because) {
        words[page] = because.text
        counts[page] = IN_WORDS
      } else {
        words[page] = because.label
        counts[page] = because.count
      }
      skill[page] = rejected.skill
      capacity[page] = rejected.capacity
      presence[page] = rejected.presence
      declined[page] = rejected.declined
      plugin[page] = rejected.plugin
    },
  }
}
