import type { AgentRow } from '../core/ports.ts'
import type { AgentState } from './agent-state.ts'
import { createCrews, type Crews } from './crew.ts'
import {
  createGroupTable,
  type GroupTable,
  growTable,
  type Member,
  type MutableGroup,
  type OrderInGroup,
  shelve,
} from './group.ts'
import type { Holdings } from './reservations.ts'

/** One agent as the roster keeps them. */
export interface Entry extends Member {
  row: AgentRow
  skills: ReadonlyMap<string, number>
  capacity: number
  load: number
  assignedAt: number
  doubtedUntil: number
  /** The row that the ledger refused last, as long as it is the newest. */
  refusedVersion: number | undefined
  /** The lease of their presence has run out. */
  isLapsed: boolean
  /** They may stand on the wrong shelf. */
  isMoving: boolean
  /** Removed from the roster. */
  isGone: boolean
  holdings: Holdings
}

/** Everyone, in groups of those who are alike. */
export interface Groups extends Pick<Crews, 'crew' | 'crewOf'> {
  readonly table: GroupTable
  readonly order: OrderInGroup
  /** Online by their row. */
  readonly onDutyCount: number
  /** Changes whenever any crew may have changed. */
  readonly version: number
  /** Changes whenever a group is made or given up. */
  readonly groupVersion: number
  join(entry: Entry): void
  leave(entry: Entry): void
  /** Counts the entry in or out, as its row and lapse stand. */
  count(entry: Entry, by: 1 | -1): void
}

export function createGroups(order: OrderInGroup): Groups {
  const groups = new Map<string, MutableGroup>()
  const table = createGroupTable()
  const crews = createCrews({ [Symbol.iterator]: () => groups.values() })
  const spareNumbers: number[] = []
  let [groupVersion, onDutyCount] = [0, 0]

  function count({ group, row, isLapsed }: Entry, by: 1 | -1): void {
    crews.changed()
    if (row.presence !== 'online') return
    // Whoever may hold nothing is of no use to anybody: they make no skill less rare.
    if (group.capacity > 0) {
      onDutyCount += by
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
    const created: MutableGroup = {
      ...{ number, skills, capacity, members: [], shelves: [] },
      ...{ onDutyCount: 0, presentCount: 0 },
    }
    groups.set(key, created)
    groupVersion += 1
    crews.regrouped()
    return created
  }

  return {
    ...{ table, order, count },
    crew: (skills) => crews.crew(skills),
    crewOf: (line) => crews.crewOf(line),
    get onDutyCount() {
      return onDutyCount
    },
    get version() {
      return crews.version
    },
    get groupVersion() {
      return groupVersion
    },
    join(entry) {
      const group = groupFor(entry)
      entry.group = group
      entry.skills = group.skills // one for all of them: looked at often
      entry.memberIndex = group.members.push(entry) - 1
      count(entry, 1)
    },
    leave(entry) {
      const { group, memberIndex } = entry
      shelve(entry, false, { table, order })
      count(entry, -1)
      const last = group.members.pop()
      if (last !== undefined && last !== entry) {
        group.members[memberIndex] = last
        last.memberIndex = memberIndex
      }
      if (group.members.length > 0) return
      groups.delete(keyOf(entry))
      spareNumbers.push(group.number)
      groupVersion += 1
      crews.regrouped()
    },
  }
}

function keyOf({ skills, capacity }: Pick<AgentState, 'skills' | 'capacity'>): string {
  return JSON.stringify([capacity, ...[...skills].sort(([one], [other]) => (one < other ? -1 : 1))])
}
