import { ownerAgentId } from '../machine/holds.ts'
import type { ConversationRow, TenantStore } from '../ports.ts'
import { notFound } from '../turn/run-turn.ts'

/** The `seq` of the last message that each side has read; 0: none, as far as is known. */
export interface ReadUpTo {
  readonly customer: number
  readonly agent: number
}

/** How far a conversation was read, as those who read it say. Kept here only, and never stored: after a restart they say it again. */
export interface ReadMarks {
  /** Whoever does not take part (any more) leaves no mark. @throws MaitredError `NOT_FOUND` */
  note(conversationId: string, by: 'customer' | { readonly agentId: string }, seq: number): Promise<void>
  of(conversationId: string): ReadUpTo
}

interface House {
  readonly signals: { wake(topic: string): void }
  store(): TenantStore
}

/** Conversations remembered: those that were read longest ago are forgotten. */
const MOST = 10_000
const UNREAD: ReadUpTo = { customer: 0, agent: 0 }

export function createReadMarks(house: () => House): ReadMarks {
  const marks = new Map<string, ReadUpTo>() // the latest last
  const of = (id: string): ReadUpTo => marks.get(id) ?? UNREAD

  function put(id: string, readUpTo: ReadUpTo): void {
    marks.delete(id)
    marks.set(id, readUpTo)
    const [oldest] = marks.keys()
    if (marks.size > MOST && oldest !== undefined) marks.delete(oldest)
  }

  return {
    of,
    async note(id, by, seq) {
      const { signals, store } = house()
      const { row } = await store().load(id)
      if (row === undefined) throw notFound(id)
      if (by !== 'customer' && !takesPart(row, by.agentId)) return
      const side = by === 'customer' ? 'customer' : 'agent'
      const upTo = Math.min(Math.floor(seq), row.entryCount) // nobody has read what is not written
      if (!(upTo > of(id)[side])) return
      put(id, { ...of(id), [side]: upTo })
      signals.wake(id)
    },
  }
}

function takesPart({ snapshot: { context } }: ConversationRow, agentId: string): boolean {
  return ownerAgentId(context) === agentId || context.guests.includes(agentId)
}
