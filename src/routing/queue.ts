import type { QueueRow } from '../core/ports.ts'
import { proficiencyOf } from './agent-state.ts'
import type { Group } from './group.ts'
import { createLine, type Line, type MutableLine, type OpenProposal, type Waiting } from './line.ts'
import type { Need } from './need.ts'

/** All that wait, in lines of equal need. */
export interface Queue {
  readonly size: number
  /** Of these, the customers who are here: the others have left a message. */
  readonly presentCount: number
  get(conversationId: string): Waiting | undefined
  /** `proposal`: made before it left the queue last time, and still open. */
  put(row: QueueRow, need: Need, proposal?: OpenProposal): void
  remove(conversationId: string): void
  /** Some of them may be empty. */
  lines(): readonly Line[]
  /** The lines that a group has the skills for; some of them may be empty. `groupVersion`: see the roster. */
  linesFor(group: Group, groupVersion: number): readonly Line[]
}

/** Lines in which nobody waits are kept for the next who asks for the same, up to so many. */
const MAX_LINES = 1_000
/** So many who have left are remembered, and as many again as wait. */
const MAX_OVER = 256

export function createQueue(): Queue {
  /** Those who have left stay in it until they are many: a map that is emptied as often as it is filled is made anew at every other step. */
  let byId = new Map<string, Waiting>()
  let bySkills = createBranch()
  let all: MutableLine[] = []
  const forGroup: (readonly Line[])[] = []
  let [size, usedCount, presentCount, knownGroups] = [0, 0, 0, -1]

  function find(conversationId: string): Waiting | undefined {
    const waiting = byId.get(conversationId)
    return waiting === undefined || waiting.isOver ? undefined : waiting
  }

  function leave(waiting: Waiting): void {
    waiting.isOver = true
    size -= 1
    if (waiting.row.reach === 'present') presentCount -= 1
    const line = waiting.line as MutableLine // every one of them was made below
    line.remove(waiting)
    if (byId.size > MAX_OVER + 2 * size) byId = new Map([...byId].filter(([, { isOver }]) => !isOver))
  }

  function lineFor(need: Need): MutableLine {
    let { lines } = branchOf(need.skills)
    for (const line of lines) if (isSameNeed(line.need, need)) return line
    if (all.length >= Math.max(MAX_LINES, 2 * usedCount)) {
      forgetUnused()
      ;({ lines } = branchOf(need.skills))
    }
    const created = createLine(need)
    lines.push(created)
    all.push(created)
    forGroup.length = 0
    return created
  }

  function branchOf(skills: readonly string[]): Branch {
    let branch = bySkills
    for (let index = 0; index < skills.length; index++) {
      const skill = skills[index] ?? ''
      let next = branch.next.get(skill)
      if (next === undefined) branch.next.set(skill, (next = createBranch()))
      branch = next
    }
    return branch
  }

  function forgetUnused(): void {
    all = all.filter((line) => line.size > 0)
    usedCount = all.length
    bySkills = createBranch()
    for (const line of all) branchOf(line.need.skills).lines.push(line)
  }

  return {
    get size() {
      return size
    },
    get presentCount() {
      return presentCount
    },
    get: find,
    put(row, need, proposal) {
      const known = find(row.conversationId)
      if (known !== undefined) leave(known)
      const line = lineFor(need)
      const open = known === undefined ? proposal : known.proposal
      const waiting: Waiting = { id: row.conversationId, row, need, line, isOver: false, proposal: open }
      size += 1
      line.add(waiting)
      byId.set(waiting.id, waiting)
      if (row.reach === 'present') presentCount += 1
    },
    remove(conversationId) {
      const waiting = find(conversationId)
      if (waiting !== undefined) leave(waiting)
    },
    lines: () => all,
    linesFor(group, groupVersion) {
      if (groupVersion !== knownGroups) {
        forGroup.length = 0
        knownGroups = groupVersion
      }
      const known = forGroup[group.number]
      if (known !== undefined) return known
      const found: Line[] = []
      for (const line of all) if (proficiencyOf(group, line.need.skills) > 0) found.push(line)
      forGroup[group.number] = found
      return found
    },
  }
}

/** Lines by their skills, one after the other. */
interface Branch {
  readonly lines: MutableLine[]
  readonly next: Map<string, Branch>
}

function createBranch(): Branch {
  return { lines: [], next: new Map() }
}

function isSameNeed(one: Line['need'], other: Line['need']): boolean {
  return (
    one.weight === other.weight &&
    one.targetMs === other.targetMs &&
    one.priority === other.priority &&
    one.isChoosy === other.isChoosy &&
    one.onlyAgentId === other.onlyAgentId
  )
}
