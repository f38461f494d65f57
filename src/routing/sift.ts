import type { Rejection } from '../core/ports.ts'
import type { Standing } from './agent-policies.ts'
import { type AgentState, canTake, isOnline, proficiencyOf } from './agent-state.ts'
import type { Roster } from './agents.ts'
import { type Barred, isOpenToAll, toBarred } from './barred.ts'
import type { Crew } from './crew.ts'
import type { Line, Waiting } from './line.ts'
import { isAskedFor, isGroupSpared } from './spare.ts'
import type { Rejected, World } from './world.ts'

/** The agents who could take a conversation now, and how many could not. */
export interface Sifted {
  readonly standings: readonly Standing[]
  readonly rejected: Rejected
  /** Of those who lack the skill: how many have room and some of it, and are spared for something better. */
  readonly sparedCount: number
}

/** One conversation, looked at at one moment: what is the same for all agents is found out once. */
export interface Question {
  readonly waiting: Waiting
  readonly at: number
  readonly crew: Crew
  readonly weight: number
  /** Less will not do. */
  readonly leastProficiency: number
  /** Nobody else will do. */
  readonly onlyAgentId: string | undefined
  /** Those who may not have it, and why. */
  readonly barred: Barred
}

/** Agents this close to the best on duty count as equally good where only the best will do. */
const CHOOSY_SHARE = 0.9

export function toQuestion(world: World, waiting: Waiting, at: number): Question {
  const { need } = waiting.line
  return {
    waiting,
    at,
    crew: world.roster.crewOf(waiting.line),
    weight: need.weight,
    leastProficiency: leastProficiency(world.roster, waiting.line),
    onlyAgentId: keptFor(world.roster, waiting.line),
    barred: toBarred(world, waiting, at),
  }
}

/** May everybody have it who has the skills and a unit to spare? */
export function isPlain(world: World, waiting: Waiting): boolean {
  const { weight, isChoosy, onlyAgentId } = waiting.line.need
  return weight === 1 && !isChoosy && onlyAgentId === undefined && isOpenToAll(world, waiting)
}

/** Sorts all agents into those who could take the conversation now and those who could not. */
export function sift(world: World, waiting: Waiting, at: number): Sifted {
  const question = toQuestion(world, waiting, at)
  const { crew } = question
  const rejected = { ...noneRejected(), skill: world.roster.size - crew.memberCount }
  const standings: Standing[] = []
  let sparedCount = 0
  for (const [index, group] of crew.groups.entries()) {
    const proficiency = crew.proficiencies[index] ?? 0
    const isSpared = isGroupSpared(world, waiting, { group, at })
    for (const agent of group.members) {
      const reason = whyNot(agent, proficiency, question)
      if (reason !== undefined) rejected[reason] += 1
      else if (isSpared && !isAskedFor(waiting, agent)) sparedCount += 1
      else standings.push(toStanding(question, agent, proficiency))
    }
  }
  rejected.skill += sparedCount
  return { standings, rejected, sparedCount }
}

/** Why an agent who has the skills cannot take the conversation now; `undefined` when they can, unless they are spared. */
export function whyNot(agent: AgentState, proficiency: number, question: Question): Rejection | undefined {
  const { at, barred, leastProficiency: least, onlyAgentId } = question
  if (proficiency < least || (onlyAgentId !== undefined && onlyAgentId !== agent.id)) return 'skill'
  const bar = barred.size === 0 ? undefined : barred.get(agent.id)
  if (bar !== undefined) return bar
  if (!isOnline(agent, at)) return 'presence'
  return canTake(agent, question.weight, at) ? undefined : 'capacity'
}

export function toStanding({ waiting, crew }: Question, agent: AgentState, proficiency: number): Standing {
  const { need, row } = waiting
  return {
    agent,
    proficiency,
    crew,
    isPreferred: row.requirements.preferredAgentId === agent.id,
    preferredCount: need.preferredSkills.filter((skill) => agent.skills.has(skill)).length,
  }
}

export function noneRejected(): Record<keyof Rejected, number> {
  return { skill: 0, capacity: 0, presence: 0, declined: 0, plugin: 0 }
}

/** Is the agent good enough at it, and is it not kept for somebody else? */
export function canServe(roster: Roster, agent: AgentState, line: Line): boolean {
  return proficiencyOf(agent, line.need.skills) > 0 && suits(roster, agent, line)
}

/** The same about an agent who has the skills. */
export function suits(roster: Roster, agent: AgentState, line: Line): boolean {
  const { need } = line
  if (need.isChoosy && proficiencyOf(agent, need.skills) < leastProficiency(roster, line)) return false
  if (need.onlyAgentId === undefined) return true
  const only = keptFor(roster, line)
  return only === undefined || only === agent.id
}

function leastProficiency(roster: Roster, line: Line): number {
  return line.need.isChoosy ? CHOOSY_SHARE * roster.crewOf(line).bestProficiency : 0
}

/** Whom it is kept for, as long as they are on duty and able to do it. */
export function keptFor(roster: Roster, { need: { onlyAgentId, skills } }: Pick<Line, 'need'>): string | undefined {
  const agent = onlyAgentId === undefined ? undefined : roster.get(onlyAgentId)
  if (agent?.row.presence !== 'online' || proficiencyOf(agent, skills) === 0) return undefined
  return onlyAgentId
}
