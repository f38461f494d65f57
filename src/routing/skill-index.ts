import { type AgentState, proficiencyOf } from './agent-state.ts'

/** How a set of skills is covered by the agents on duty. `bestProficiency` is 1 to 5, 0 when nobody has all of them. */
export interface Supply {
  readonly onDutyCount: number
  readonly capableCount: number
  readonly bestProficiency: number
}

/** Who has which skills. On duty: online by their row; neither load nor the end of a lease counts here. */
export interface SkillIndex {
  add(agent: AgentState): void
  remove(agent: AgentState): void
  /** Somebody went on or off duty. */
  dutyChanged(): void
  /** Everyone who has all the skills, whatever their presence. */
  capable(skills: readonly string[]): readonly AgentState[]
  supply(skills: readonly string[]): Supply
}

const SUPPLY_CACHE_SIZE = 1_000

export function createSkillIndex(): SkillIndex {
  const everyone = new Set<AgentState>()
  const bySkill = new Map<string, Set<AgentState>>()
  const supplies = new Map<string, Supply>()

  return {
    add(agent) {
      everyone.add(agent)
      for (const skill of agent.skills.keys()) bySkill.set(skill, (bySkill.get(skill) ?? new Set()).add(agent))
      supplies.clear()
    },
    remove(agent) {
      everyone.delete(agent)
      for (const skill of agent.skills.keys()) {
        bySkill.get(skill)?.delete(agent)
        if (bySkill.get(skill)?.size === 0) bySkill.delete(skill)
      }
      supplies.clear()
    },
    dutyChanged: () => supplies.clear(),
    capable(skills) {
      if (skills.length === 0) return [...everyone]
      const [rarest, ...others] = skills
        .map((skill) => bySkill.get(skill))
        .sort((a, b) => (a?.size ?? 0) - (b?.size ?? 0))
      return [...(rarest ?? [])].filter((agent) => others.every((set) => set?.has(agent)))
    },
    supply(skills) {
      const key = JSON.stringify(skills)
      const known = supplies.get(key)
      if (known !== undefined) return known
      if (supplies.size >= SUPPLY_CACHE_SIZE) supplies.clear()
      const supply = toSupply(everyone, skills)
      supplies.set(key, supply)
      return supply
    },
  }
}

function toSupply(agents: Iterable<AgentState>, skills: readonly string[]): Supply {
  let [onDutyCount, capableCount, bestProficiency] = [0, 0, 0]
  for (const agent of agents) {
    if (agent.row.presence !== 'online') continue
    const proficiency = proficiencyOf(agent, skills)
    onDutyCount += 1
    if (proficiency > 0) capableCount += 1
    bestProficiency = Math.max(bestProficiency, proficiency)
  }
  return { onDutyCount, capableCount, bestProficiency }
}
