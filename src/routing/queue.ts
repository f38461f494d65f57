import type { QueueRow } from '../core/ports.ts'
import type { Need } from './need.ts'

/** One conversation that waits. A new row or a relaxed need makes a new value. */
export interface Waiting {
  readonly id: string
  readonly row: QueueRow
  readonly need: Need
}

/** Conversations that ask for the same: whoever may take one may take all, and they rank by time alone. */
export interface WaitingClass {
  readonly need: Pick<Need, 'skills' | 'weight' | 'targetMs' | 'priority'>
  /** First come, first: by `queuedAt`, then id. Never empty. */
  readonly members: readonly Waiting[]
}

/** All that wait, in classes of equal need. */
export interface Queue {
  readonly size: number
  /** Of these, the customers who are here: the others have left a message. */
  readonly presentCount: number
  get(conversationId: string): Waiting | undefined
  put(row: QueueRow, need: Need): void
  remove(conversationId: string): void
  classes(): Iterable<WaitingClass>
  classOf(waiting: Waiting): WaitingClass | undefined
}

/** Sorted lists: joining at the end and leaving cost a binary search. */
export function createQueue(): Queue {
  const byId = new Map<string, Waiting>()
  const classes = new Map<string, { readonly need: Need; readonly members: Waiting[] }>()
  let presentCount = 0

  function remove(conversationId: string): void {
    const waiting = byId.get(conversationId)
    if (waiting === undefined) return
    byId.delete(conversationId)
    if (waiting.row.reach === 'present') presentCount -= 1
    const key = keyOf(waiting.need)
    const members = classes.get(key)?.members ?? []
    members.splice(countBefore(members, waiting), 1)
    if (members.length === 0) classes.delete(key)
  }

  return {
    get size() {
      return byId.size
    },
    get presentCount() {
      return presentCount
    },
    get: (conversationId) => byId.get(conversationId),
    put(row, need) {
      remove(row.conversationId)
      const waiting = { id: row.conversationId, row, need }
      const key = keyOf(need)
      const group = classes.get(key) ?? { need, members: [] }
      group.members.splice(countBefore(group.members, waiting), 0, waiting)
      classes.set(key, group)
      byId.set(waiting.id, waiting)
      if (row.reach === 'present') presentCount += 1
    },
    remove,
    classes: () => classes.values(),
    classOf: (waiting) => classes.get(keyOf(waiting.need)),
  }
}

/** Came this one before the other? Ids decide between equal times, so the order is total. */
export function isBefore(waiting: Waiting, other: Waiting): boolean {
  const difference = waiting.row.queuedAt - other.row.queuedAt
  return difference === 0 ? waiting.id < other.id : difference < 0
}

function keyOf({ skills, weight, targetMs, priority }: Need): string {
  return JSON.stringify([skills, weight, targetMs, priority])
}

function countBefore(members: readonly Waiting[], waiting: Waiting): number {
  let [low, high] = [0, members.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = members[middle]
    if (other !== undefined && isBefore(other, waiting)) low = middle + 1
    else high = middle
  }
  return low
}
