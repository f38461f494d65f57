import { type AgentState, proficiencyOf } from './agent-state.ts'

/** How a set of skills is covered by the agents on duty. `bestProficiency` is 1 to 5, 0 when nobody has all of them. */
export interface Supply {
  readonly onDutyCount: number
  readonly capableCount: number
  readonly bestProficiency: number
}

/** Everyone who has all of a set of skills, whatever their presence, and how the skills are covered by those on duty. */
export interface Crew extends Supply {
  readonly members: readonly AgentState[]
  /** The lowest over the skills, 1 to 5, for each of the members. */
  readonly proficiencies: readonly number[]
}

/** Who has which skills. On duty: online by their row; neither load nor the end of a lease counts here. */
export interface SkillIndex {
  add(agent: AgentState): void
  remove(agent: AgentState): void
  /** Somebody went on or off duty. */
  dutyChanged(): void
  /** The same value as long as nobody comes, goes, learns or forgets. */
  crew(skills: readonly string[]): Crew
  /** Changes whenever any crew may have changed. */
  readonly version: number
}

const CACHE_SIZE = 1_000

export function createSkillIndex(): SkillIndex {
  const everyone = new Set<AgentState>()
  const bySkill = new Map<string, Set<AgentState>>()
  const crews = new Map<string, Crew>()
  /** The same once more, by the very list that was asked with: whoever asks often asks with the same one. */
  const crewsByList = new Map<readonly string[], Crew>()
  let version = 0

  function changed(): void {
    version += 1
    if (crewsByList.size > 0) crewsByList.clear()
    if (crews.size > 0) crews.clear()
  }

  /** Everyone who has all the skills. */
  function membersOf(skills: readonly string[]): readonly AgentState[] {
    if (skills.length === 0) return [...everyone]
    const [rarest, ...others] = skills
      .map((skill) => bySkill.get(skill))
      .sort((a, b) => (a?.size ?? 0) - (b?.size ?? 0))
    return [...(rarest ?? [])].filter((agent) => others.every((set) => set?.has(agent)))
  }

  return {
    add(agent) {
      everyone.add(agent)
      for (const skill of agent.skills.keys()) bySkill.set(skill, (bySkill.get(skill) ?? new Set()).add(agent))
      changed()
    },
    remove(agent) {
      everyone.delete(agent)
      for (const skill of agent.skills.keys()) {
        bySkill.get(skill)?.delete(agent)
        if (bySkill.get(skill)?.size === 0) bySkill.delete(skill)
      }
      changed()
    },
    dutyChanged: changed,
    crew(skills) {
      const quick = crewsByList.get(skills)
      if (quick !== undefined) return quick
      const key = JSON.stringify(skills)
      if (crews.size >= CACHE_SIZE) crews.clear()
      if (crewsByList.size >= CACHE_SIZE) crewsByList.clear()
      const crew = crews.get(key) ?? toCrew(membersOf(skills), skills, everyone)
      crews.set(key, crew)
      crewsByList.set(skills, crew)
      return crew
    },
    get version() {
      return version
    },
  }
}

function toCrew(members: readonly AgentState[], skills: readonly string[], everyone: Iterable<AgentState>): Crew {
  let [onDutyCount, capableCount, bestProficiency] = [0, 0, 0]
  for (const { row } of everyone) if (row.presence === 'online') onDutyCount += 1
  const proficiencies = members.map((agent) => proficiencyOf(agent, skills))
  for (const [index, { row }] of members.entries()) {
    if (row.presence !== 'online') continue
    capableCount += 1
    bestProficiency = Math.max(bestProficiency, proficiencies[index] ?? 0)
  }
  return { members, proficiencies, onDutyCount, capableCount, bestProficiency }
}
