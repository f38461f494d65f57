import type { Explanation, Rejection } from '../core/ports.ts'
import { type AgentState, proficiencyOf } from './agent-state.ts'
import type { Decision } from './decisions.ts'
import type { Waiting } from './line.ts'
import { toWords } from './picked.ts'
import { keptFor, type Sifted, sift, toQuestion, whyNot } from './sift.ts'
import { isSpared } from './spare.ts'
import type { World } from './world.ts'

const NONE: Explanation['rejected'] = { skill: 0, capacity: 0, presence: 0, declined: 0, plugin: 0 }

/** What explains itself the same way each time: the rules, and whether everybody is to be named. */
export interface Telling {
  readonly rules: NonNullable<Explanation['rules']>
  readonly full: boolean
}

/** What is known of a conversation that does not wait: the last decision about it, if it is remembered. */
export function explainDecision(decision: Decision | undefined, { rules }: Telling): Explanation {
  if (decision === undefined) return { rejected: NONE, hooks: [] }
  const { agentId, at, because, rejected } = decision
  return { chosen: { agentId, because: toWords(because) }, rejected: { ...rejected }, hooks: [], rules, at }
}

/** Why a conversation still waits: what would have to happen, and how many agents are out of the question for which reason. */
export function explainWaiting(world: World, { waiting, at }: Moment, { rules, full }: Telling): Explanation {
  const sifted = sift(world, waiting, at)
  const waitingFor = `${toSentence(world, waiting, sifted)}${toSpared(sifted)}`
  const named = full ? { agents: nameEveryone(world, { waiting, at }) } : {}
  return { waitingFor, rejected: sifted.rejected, hooks: [], rules, at, ...named }
}

interface Moment {
  readonly waiting: Waiting
  readonly at: number
}

/** Everyone, in the order of their ids, with the first reason that stands against them. */
function nameEveryone(world: World, { waiting, at }: Moment): NonNullable<Explanation['agents']> {
  const question = toQuestion(world, waiting, at)
  const whyNotNow = (agent: AgentState, proficiency: number): Rejection | undefined =>
    whyNot(agent, proficiency, question) ?? (isSpared(world, waiting, { agent, at }) ? 'skill' : undefined)
  const everyone = world.roster.crew([]).groups.flatMap(({ members }) => members)
  const named = everyone.map((agent) => {
    const proficiency = proficiencyOf(agent, question.crew.skills)
    return {
      agentId: agent.id,
      rejected: proficiency === 0 ? ('skill' as const) : whyNotNow(agent, proficiency),
    }
  })
  return named.sort((one, other) => (one.agentId < other.agentId ? -1 : 1))
}

function toSentence(world: World, waiting: Waiting, { standings, rejected }: Sifted): string {
  const { need } = waiting
  if (keptFor(world.roster, waiting.line) !== undefined && rejected.capacity > 0)
    return 'a free seat at the agent it is kept for'
  const able = need.skills.length === 0 ? '' : ` with ${need.skills.join(' and ')}`
  if (rejected.skill === world.roster.size) return `an agent${able}: ${toLack(world, need.skills)}`
  if (standings.length > 0 && typeof world.agentPolicy === 'function')
    return `the agent policy to name ${oneOf(standings.length, able)}`
  if (standings.length > 0) return `the next match with ${oneOf(standings.length, able)}`
  if (rejected.capacity > 0)
    return `${need.weight > 1 ? `${need.weight} free units` : 'a free seat'} at ${oneOf(rejected.capacity, able)}`
  if (rejected.presence > 0) return `${oneOf(rejected.presence, able)} to come online`
  if (rejected.plugin > 0) return `a plugin to allow ${oneOf(rejected.plugin, able)}`
  return `another agent${able}: ${rejected.declined === 1 ? 'the only one has' : `all ${rejected.declined} have`} declined or been ruled out`
}

/** Why nobody slow helps who could. */
function toSpared({ sparedCount, standings }: Sifted): string {
  if (sparedCount === 0 || standings.length > 0) return ''
  const they = sparedCount === 1 ? '1 slower one has room and is' : `${sparedCount} slower ones have room and are`
  return `; ${they} spared for what they do better, until more wait or it has waited too long`
}

function toLack({ roster }: World, skills: readonly string[]): string {
  if (roster.size === 0) return 'there are no agents'
  const missing = skills.filter((skill) => roster.crew([skill]).memberCount === 0)
  if (missing.length === 0) return 'nobody has all of them'
  return missing.length === skills.length && skills.length === 1
    ? 'nobody has it'
    : `nobody has ${missing.join(' or ')}`
}

function oneOf(count: number, able: string): string {
  return count === 1 ? `the one agent${able}` : `one of ${count} agents${able}`
}
