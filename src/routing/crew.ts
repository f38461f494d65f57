import { proficiencyOf } from './agent-state.ts'
import type { Group } from './group.ts'

/** How a set of skills is covered by the agents on duty. `bestProficiency` is 1 to 5, 0 when nobody has all of them. */
export interface Supply {
  readonly capableCount: number
  readonly bestProficiency: number
}

/** The groups who have all of a set of skills, and how the skills are covered by those on duty. */
export interface Crew extends Supply {
  readonly skills: readonly string[]
  readonly groups: readonly Group[]
  /** The lowest over the skills, 1 to 5, for each of the groups. */
  readonly proficiencies: readonly number[]
  /** Whatever their presence. */
  readonly memberCount: number
  /** Online, and not lapsed. */
  readonly presentCount: number
  /** What the agent policy makes of them, once it has been asked. */
  columns: Columns | undefined
  /** What is known of those who are slow at it, once somebody has asked. */
  sparing: Sparing | undefined
}

/** By how much others are faster, by proficiency and weight; and who does better what a group does better, by the number of the group. */
export interface Sparing {
  readonly gaps: Map<number, Map<number, number>>
  readonly colleagues: Map<number, readonly (readonly number[])[]>
}

/** What the policy makes of each group of a crew before load is looked at, and after: sorted by the first. */
export interface Columns {
  readonly numbers: Int32Array
  readonly before: Float64Array
  readonly between: Float64Array
  /** Where those end that are alike before load is looked at. */
  readonly tiers: readonly number[]
  /** `between` as what is added to a rank; `undefined` where that does not fit. */
  readonly steps: Float64Array | undefined
}

/** Finds crews, and remembers them until somebody comes, goes, or goes on or off duty. */
export interface Crews {
  crew(skills: readonly string[]): Crew
  /** The same, remembered where it is asked for. */
  crewOf(line: Asker): Crew
  /** Somebody came, went, or went on or off duty. */
  changed(): void
  /** A group was made or given up. */
  regrouped(): void
}

/** What is counted of everybody: fields, because V8 keeps an object with getters of its own as a dictionary. */
export interface Counts {
  size: number
  /** Online by their row. */
  onDutyCount: number
  /** Changes whenever somebody comes, goes, learns, forgets, or goes on or off duty: any crew may have changed. */
  version: number
  /** Changes whenever a group is made or given up. */
  groupVersion: number
  /** Groups who are not fully proficient at everything they do. */
  gradedCount: number
}

/** Whoever asks for the same crew again and again. */
export interface Asker {
  readonly need: { readonly skills: readonly string[] }
  crew: Crew | undefined
  crewVersion: number
}

const CACHE_SIZE = 1_000

interface Known {
  crew: Crew
  version: number
  groupVersion: number
}

export function createCrews(groups: Iterable<Group>, counts: Counts): Crews {
  const known = new Map<string, Known>()

  function look(skills: readonly string[], before: Crew | undefined): Crew {
    const own = before === undefined ? [...groups].filter((group) => proficiencyOf(group, skills) > 0) : before.groups
    const proficiencies = before?.proficiencies ?? own.map((group) => proficiencyOf(group, skills))
    let [capableCount, bestProficiency, memberCount, presentCount] = [0, 0, 0, 0]
    for (const [index, group] of own.entries()) {
      memberCount += group.members.length
      presentCount += group.presentCount
      if (group.onDutyCount === 0) continue
      capableCount += group.onDutyCount
      bestProficiency = Math.max(bestProficiency, proficiencies[index] ?? 0)
    }
    return {
      skills,
      groups: own,
      proficiencies,
      capableCount,
      bestProficiency,
      memberCount,
      presentCount,
      columns: undefined,
      sparing: undefined,
    }
  }

  function find(skills: readonly string[]): Crew {
    const [first = '[]'] = skills
    const key = skills.length > 1 ? JSON.stringify(skills) : first
    const { version, groupVersion } = counts
    const found = known.get(key)
    if (found?.version === version) return found.crew
    const crew = look(skills, found?.groupVersion === groupVersion ? found.crew : undefined)
    if (found === undefined && known.size >= CACHE_SIZE) known.clear()
    known.set(key, { crew, version, groupVersion })
    return crew
  }

  return {
    crew: find,
    crewOf(line) {
      if (line.crew !== undefined && line.crewVersion === counts.version) return line.crew
      line.crewVersion = counts.version
      line.crew = find(line.need.skills)
      return line.crew
    },
    changed() {
      counts.version += 1
    },
    regrouped() {
      counts.version += 1
      counts.groupVersion += 1
    },
  }
}
