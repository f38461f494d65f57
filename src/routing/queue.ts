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
  /** Those in which somebody waits. */
  lines(): Iterable<Line>
  /** The lines that a group has the skills for; some of them may be empty. `groupVersion`: see the roster. */
  linesFor(group: Group, groupVersion: number): readonly Line[]
}

/** Lines in which nobody waits are kept for the next who asks for the same, up to so many. */
const MAX_LINES = 1_000

export function createQueue(): Queue {
  const byId = new Map<string, Waiting>()
  const linesBySkills = new Map<string, MutableLine[]>()
  const inUse = new Set<MutableLine>()
  const forGroup: (readonly Line[])[] = []
  let [lineCount, presentCount, knownGroups] = [0, 0, -1]

  function remove(conversationId: string): void {
    const waiting = byId.get(conversationId)
    if (waiting === undefined) return
    byId.delete(conversationId)
    leave(waiting)
  }

  function leave(waiting: Waiting): void {
    if (waiting.row.reach === 'present') presentCount -= 1
    const line = waiting.line as MutableLine // every one of them was made below
    line.remove(waiting)
    if (line.size === 0) inUse.delete(line)
  }

  function lineFor(need: Need): MutableLine {
    const { skills } = need
    const key = skills.length === 1 ? (skills[0] ?? '') : JSON.stringify(skills)
    const siblings = linesBySkills.get(key)
    if (siblings !== undefined) for (const line of siblings) if (isSameNeed(line.need, need)) return line
    if (lineCount >= MAX_LINES) forgetUnused()
    const created = createLine(need)
    linesBySkills.set(key, [...(linesBySkills.get(key) ?? []), created])
    lineCount += 1
    forGroup.length = 0
    return created
  }

  function forgetUnused(): void {
    lineCount = 0
    for (const [key, lines] of linesBySkills) {
      const used = lines.filter((line) => inUse.has(line))
      lineCount += used.length
      if (used.length === 0) linesBySkills.delete(key)
      else if (used.length < lines.length) linesBySkills.set(key, used)
    }
  }

  return {
    get size() {
      return byId.size
    },
    get presentCount() {
      return presentCount
    },
    get: (conversationId) => byId.get(conversationId),
    put(row, need, proposal) {
      const known = byId.get(row.conversationId)
      if (known !== undefined) leave(known)
      const line = lineFor(need)
      const waiting: Waiting = { id: row.conversationId, row, need, line, proposal: known?.proposal ?? proposal }
      line.add(waiting)
      if (line.size === 1) inUse.add(line)
      byId.set(waiting.id, waiting)
      if (row.reach === 'present') presentCount += 1
    },
    remove,
    lines: () => inUse,
    linesFor(group, groupVersion) {
      if (groupVersion !== knownGroups) {
        forGroup.length = 0
        knownGroups = groupVersion
      }
      const known = forGroup[group.number]
      if (known !== undefined) return known
      const found: Line[] = []
      for (const lines of linesBySkills.values())
        for (const line of lines) if (proficiencyOf(group, line.need.skills) > 0) found.push(line)
      forGroup[group.number] = found
      return found
    },
  }
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
