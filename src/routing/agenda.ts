import { createHeap } from '../core/heap.ts'

/** What time alone will bring. `version`: the queue row for which it was planned. */
export type Due =
  | { readonly type: 'relax'; readonly conversationId: string; readonly version: number }
  | { readonly type: 'vetoOver'; readonly conversationId: string; readonly agentId: string }
  | { readonly type: 'doubtOver'; readonly agentId: string }

/**
 * What has changed since the last match and has not been looked at: agents who may have got room, conversations that may have got
 * an agent; and what will change by itself. When both lists are empty, no new pair is possible.
 */
export interface Agenda {
  readonly agents: Names
  readonly conversations: Names
  plan(dueAt: number, due: Due): void
  /** Takes out the earliest that is due by then. */
  takeDue(at: number): Due | undefined
  /** When something will change by itself. What `isOver` has no use for any more is thrown away. */
  dueAt(isOver: (due: Due) => boolean): number | undefined
}

/** Ids in the order in which they were added. */
export interface Names {
  readonly isEmpty: boolean
  add(id: string): void
  readonly first: string | undefined
  strikeFirst(): void
}

export function createAgenda(): Agenda {
  const plans = createHeap<{ readonly dueAt: number; readonly due: Due }>((one, other) => one.dueAt < other.dueAt)
  return {
    agents: createNames(),
    conversations: createNames(),
    plan: (dueAt, due) => plans.push({ dueAt, due }),
    takeDue(at) {
      const first = plans.peek()
      return first !== undefined && first.dueAt <= at ? plans.pop()?.due : undefined
    },
    dueAt(isOver) {
      for (let first = plans.peek(); first !== undefined; first = plans.peek()) {
        if (!isOver(first.due)) return first.dueAt
        plans.pop()
      }
      return undefined
    },
  }
}

const FEW = 64

/** A list, because it is nearly always short; from time to time those that come twice are taken out. */
function createNames(): Names {
  let ids: string[] = []
  let head = 0
  let limit = FEW
  return {
    get isEmpty() {
      return head === ids.length
    },
    add(id) {
      if (ids.length > head && ids[ids.length - 1] === id) return
      ids.push(id)
      if (ids.length < limit) return
      ids = [...new Set(ids.slice(head))]
      head = 0
      limit = Math.max(FEW, 2 * ids.length)
    },
    get first() {
      return ids[head]
    },
    strikeFirst() {
      if (ids.length === 1) ids.pop()
      else head += 1
      if (head < ids.length || head === 0) return
      ids = []
      head = 0
    },
  }
}
