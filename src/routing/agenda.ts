import { createHeap } from '../core/heap.ts'

/** What time alone will bring. `version`: the queue row for which it was planned. */
export type Due =
  | { readonly type: 'relax' | 'help'; readonly conversationId: string; readonly version: number }
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

/** Ids in an order of their own, whatever the order in which they were added: who has just restarted adds the same ones another way. */
export interface Names {
  add(id: string): void
  first(): string | undefined
  strikeFirst(): void
  clear(): void
}

/** `compareWaiting`: which of two conversations is looked at first, by their ids. */
export function createAgenda(compareWaiting: CompareIds): Agenda {
  const plans = createHeap<Plan>(isEarlier)
  return {
    agents: createNames(compareIds),
    conversations: createNames(compareWaiting),
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

interface Plan {
  readonly dueAt: number
  readonly due: Due
}

/** What is due at one moment has an order of its own: who has just restarted plans the same things another way. */
function isEarlier(one: Plan, other: Plan): boolean {
  return one.dueAt === other.dueAt ? nameOf(one.due) < nameOf(other.due) : one.dueAt < other.dueAt
}

function nameOf(due: Due): string {
  return due.type === 'doubtOver' ? due.agentId : due.conversationId
}

type CompareIds = (one: string, other: string) => number

export function compareIds(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

const FEW = 64

/** A list, because it is nearly always of one; it is sorted when somebody asks for the first of more. */
function createNames(compare: CompareIds): Names {
  /** From `head` to `end`; what stands behind is left over, and written over. */
  let ids: string[] = []
  let [head, end, limit] = [0, 0, FEW]
  let isSorted = true
  function sort(): void {
    ids = ids.slice(head, end).sort(compare)
    end -= head
    head = 0
    isSorted = true
  }
  return {
    add(id) {
      if (end > head) {
        if (ids[end - 1] === id) return
        isSorted = false
      }
      ids[end] = id
      end += 1
      if (end < limit) return
      ids = [...new Set(ids.slice(head, end))]
      head = 0
      end = ids.length
      limit = Math.max(FEW, 2 * end)
    },
    first() {
      if (!isSorted) sort()
      return head < end ? ids[head] : undefined
    },
    strikeFirst() {
      head += 1
      if (head >= end) head = end = 0
    },
    clear() {
      head = end = 0
      isSorted = true
    },
  }
}
