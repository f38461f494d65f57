import { proficiencyOf } from './agent-state.ts'
import type { Group } from './group.ts'
import { createLine, type Line, type MutableLine } from './line.ts'
import type { Need } from './need.ts'

/** All lines that are known, one for each need. */
export interface Lines {
  all(): readonly MutableLine[]
  lineFor(need: Need): MutableLine
  /** All that ask for the same skills as this one. */
  alike(line: Line): readonly Line[]
  /** Those that a group has the skills for. `groupVersion`: see the roster. */
  linesFor(group: Group, groupVersion: number): readonly Line[]
}

/** Lines in which nobody waits are kept for the next who asks for the same, up to so many. */
const MAX_LINES = 1_000
const NOTHING: readonly string[] = []

export function createLines(): Lines {
  let all: MutableLine[] = []
  let bySkills = createBranch()
  const forGroup: (readonly Line[])[] = []
  let [usedCount, knownGroups] = [0, -1]

  function lineFor(need: Need): MutableLine {
    let { lines } = branchOf(need.skills)
    for (const line of lines) if (isSameNeed(line.need, need)) return line
    if (all.length >= Math.max(MAX_LINES, 2 * usedCount)) {
      forgetUnused()
      ;({ lines } = branchOf(need.skills))
    }
    const created = createLine({ ...need, preferredSkills: NOTHING })
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
    all: () => all,
    lineFor,
    alike: ({ need }) => branchOf(need.skills).lines,
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
