import type { QueueRow } from '../core/ports.ts'
import type { Need } from './need.ts'

/** One conversation that waits. A new row or a relaxed need makes a new value. */
export interface Waiting {
  readonly id: string
  readonly row: QueueRow
  readonly need: Need
  readonly group: WaitingClass
}

/** Conversations that ask for the same: whoever may take one may take all, and they rank by time alone. */
export interface WaitingClass {
  readonly need: Omit<Need, 'preferredSkills'>
  /** First come, first: by `queuedAt`, then id. */
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
  /** Those in which somebody waits. */
  classes(): Iterable<WaitingClass>
}

/** Classes in which nobody waits are kept for the next who asks for the same, up to so many. */
const MAX_CLASSES = 1_000

/** Sorted lists: joining at the end and leaving from the front are quick, anything else costs a binary search. */
export function createQueue(): Queue {
  const byId = new Map<string, Waiting>()
  const classesBySkill = new Map<string, Group[]>()
  let classCount = 0
  const inUse = new Set<Group>()
  let presentCount = 0

  function remove(conversationId: string): void {
    const waiting = byId.get(conversationId)
    if (waiting === undefined) return
    byId.delete(conversationId)
    if (waiting.row.reach === 'present') presentCount -= 1
    const { group } = waiting as Place // every one of them was made below
    if (group.members[0] === waiting) group.members.shift()
    else group.members.splice(countBefore(group.members, waiting), 1)
    if (group.members.length === 0) inUse.delete(group)
  }

  function classFor(need: Need): Group {
    const [skill = ''] = need.skills
    const siblings = classesBySkill.get(skill)
    const known = siblings?.find((group) => isSameNeed(group.need, need))
    if (known !== undefined) return known
    if (classCount >= MAX_CLASSES) forgetUnused()
    const created = { need, members: [] }
    classesBySkill.set(skill, [...(classesBySkill.get(skill) ?? []), created])
    classCount += 1
    return created
  }

  function forgetUnused(): void {
    classesBySkill.clear()
    for (const group of inUse) {
      const [skill = ''] = group.need.skills
      classesBySkill.set(skill, [...(classesBySkill.get(skill) ?? []), group])
    }
    classCount = inUse.size
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
      const group = classFor(need)
      const { members } = group
      const waiting: Place = { id: row.conversationId, row, need, group }
      const last = members[members.length - 1]
      if (last === undefined) inUse.add(group)
      if (last === undefined || isBefore(last, waiting)) members.push(waiting)
      else members.splice(countBefore(members, waiting), 0, waiting)
      byId.set(waiting.id, waiting)
      if (row.reach === 'present') presentCount += 1
    },
    remove,
    classes: () => inUse,
  }
}

interface Group extends WaitingClass {
  readonly members: Waiting[]
}

interface Place extends Waiting {
  readonly group: Group
}

/** Came this one before the other? Ids decide between equal times, so the order is total. */
export function isBefore(waiting: Waiting, other: Waiting): boolean {
  const difference = waiting.row.queuedAt - other.row.queuedAt
  return difference === 0 ? waiting.id < other.id : difference < 0
}

function isSameNeed(one: WaitingClass['need'], other: WaitingClass['need']): boolean {
  return (
    one.weight === other.weight &&
    one.targetMs === other.targetMs &&
    one.priority === other.priority &&
    one.isChoosy === other.isChoosy &&
    isSameList(one.skills, other.skills)
  )
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  if (some === others) return true
  return some.length === others.length && some.every((skill, index) => skill === others[index])
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
