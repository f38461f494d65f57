import type { AgentState } from './agent-state.ts'
import { type Counts, createCrews, type Crews } from './crew.ts'
import type { Entry } from './entry.ts'
import {
  createGroup,
  createGroupTable,
  type GroupTable,
  growTable,
  type MutableGroup,
  type OrderInGroup,
  shelve,
  type Sorting,
} from './group.ts'
import { createFloor } from './shelf.ts'

/** Everyone, in groups of those who are alike. */
export interface Groups extends Pick<Crews, 'crew' | 'crewOf'>, Sorting {
  readonly table: GroupTable
  join(entry: Entry): void
  leave(entry: Entry): void
  /** Counts the entry in or out, as its row and lapse stand. */
  count(entry: Entry, by: 1 | -1): void
}

export function createGroups(order: OrderInGroup, counts: Counts): Groups {
  const groups = new Map<string, MutableGroup>()
  const table = createGroupTable()
  const floor = createFloor()
  const crews = createCrews({ [Symbol.iterator]: () => groups.values() }, counts)
  const spareNumbers: number[] = []

  function count({ group, presence, isLapsed }: Entry, by: 1 | -1): void {
    crews.changed()
    if (presence !== 'online') return
    // Whoever may hold nothing is of no use to anybody: they make no skill less rare.
    if (group.capacity > 0) {
      counts.onDutyCount += by
      group.onDutyCount += by
    }
    if (!isLapsed) group.presentCount += by
  }

  function groupFor({ skills, capacity }: Entry): MutableGroup {
    const key = keyOf({ skills, capacity })
    const known = groups.get(key)
    if (known !== undefined) return known
    const number = spareNumbers.pop() ?? groups.size
    growTable(table, number)
    const created = createGroup({ number, skills, capacity })
    groups.set(key, created)
    if (isGraded(skills)) counts.gradedCount += 1
    crews.regrouped()
    return created
  }

  return {
    table,
    floor,
    order,
    count,
    crew: crews.crew,
    crewOf: crews.crewOf,
    join(entry) {
      const group = groupFor(entry)
      entry.group = group
      entry.skills = group.skills // one for all of them: looked at often
      entry.memberIndex = group.members.push(entry) - 1
      count(entry, 1)
    },
    leave(entry) {
      const { group, memberIndex } = entry
      shelve(entry, false, { table, floor, order })
      count(entry, -1)
      const last = group.members.pop()
      if (last !== undefined && last !== entry) {
        group.members[memberIndex] = last
        last.memberIndex = memberIndex
      }
      if (group.members.length > 0) return
      groups.delete(keyOf(entry))
      spareNumbers.push(group.number)
      if (isGraded(group.skills)) counts.gradedCount -= 1
      crews.regrouped()
    },
  }
}

function isGraded(skills: AgentState['skills']): boolean {
  for (const proficiency of skills.values()) if (proficiency < 5) return true
  return false
}

function keyOf({ skills, capacity }: Pick<AgentState, 'skills' | 'capacity'>): string {
  return JSON.stringify([capacity, ...[...skills].sort(([one], [other]) => (one < other ? -1 : 1))])
}
