import type { Standing } from './agent-policies.ts'
import { type AgentState, canTake, isOnline, proficiencyOf } from './agent-state.ts'
import type { Roster } from './agents.ts'
import type { WaitingClass, Waiting } from './queue.ts'
import type { Vetoes } from './vetoes.ts'
import type { Rejected, World } from './world.ts'

/** The agents who could take a conversation now, and how many could not. */
export interface Sifted {
  readonly standings: readonly Standing[]
  readonly rejected: Rejected
}

/** One conversation, looked at at one moment: what is the same for all agents is found out once. */
export interface Question {
  readonly waiting: Waiting
  readonly at: number
  readonly weight: number
  /** Less will not do. */
  readonly leastProficiency: number
  readonly vetoes: Vetoes
  /** Is there anybody at all who may not have it? */
  readonly isRestricted: boolean
}

/** Agents this close to the best on duty count as equally good where only the best will do. */
const CHOOSY_SHARE = 0.9

/** Sorts all agents into those who could take the conversation now and those who could not. */
export function sift(world: World, waiting: Waiting, at: number): Sifted {
  const { members, proficiencies, bestProficiency } = world.roster.crew(waiting.group.need.skills)
  const rejected = { skill: world.roster.size - members.length, capacity: 0, presence: 0, declined: 0, plugin: 0 }
  const standings: Standing[] = []
  const question = toQuestion(world, waiting, at)
  for (const [index, agent] of members.entries()) {
    const proficiency = proficiencies[index] ?? 0
    const reason = whyNot(agent, proficiency, question)
    if (reason !== undefined) rejected[reason] += 1
    else standings.push({ agent, proficiency, bestProficiency, ...preferencesFor(waiting, agent) })
  }
  return { standings, rejected }
}

export function toQuestion({ roster, vetoes }: World, waiting: Waiting, at: number): Question {
  const { declinedBy, requirements } = waiting.row
  return {
    waiting,
    at,
    weight: waiting.need.weight,
    leastProficiency: leastProficiency(roster, waiting.group.need),
    vetoes,
    isRestricted: declinedBy.length > 0 || requirements.excludedAgentIds !== undefined || vetoes.has(waiting.id),
  }
}

/** Why a capable agent cannot take the conversation now; `undefined` when they can. */
export function whyNot(agent: AgentState, proficiency: number, question: Question): keyof Rejected | undefined {
  const { at } = question
  if (proficiency < question.leastProficiency) return 'skill'
  if (question.isRestricted) {
    const { vetoes, waiting } = question
    if (hasDeclined(waiting, agent.id)) return 'declined'
    if (vetoes.holds(waiting.id, agent.id, at)) return 'plugin'
  }
  if (!isOnline(agent, at)) return 'presence'
  return canTake(agent, question.weight, at) ? undefined : 'capacity'
}

/** What the conversation would like, and the agent has. */
export function preferencesFor(
  { need, row }: Waiting,
  agent: AgentState,
): Pick<Standing, 'isPreferred' | 'preferredCount'> {
  return {
    isPreferred: row.requirements.preferredAgentId === agent.id,
    preferredCount: need.preferredSkills.filter((skill) => agent.skills.has(skill)).length,
  }
}

/** May this pair be made at all, seats and presence apart? */
export function isBarred(
  world: World,
  waiting: Waiting,
  { agentId, at }: { readonly agentId: string; readonly at: number },
): boolean {
  return hasDeclined(waiting, agentId) || world.vetoes.holds(waiting.id, agentId, at)
}

/** Is the agent good enough at it? */
export function canServe(roster: Roster, agent: AgentState, need: WaitingClass['need']): boolean {
  const proficiency = proficiencyOf(agent, need.skills)
  return proficiency > 0 && proficiency >= leastProficiency(roster, need)
}

function leastProficiency(roster: Roster, { isChoosy, skills }: WaitingClass['need']): number {
  return isChoosy ? CHOOSY_SHARE * roster.crew(skills).bestProficiency : 0
}

function hasDeclined({ row }: Waiting, agentId: string): boolean {
  return row.declinedBy.includes(agentId) || row.requirements.excludedAgentIds?.includes(agentId) === true
}
