import type { Explanation } from '../core/ports.ts'
import type { Waiting } from './line.ts'
import { type PickedAgent, toWords } from './picked.ts'
import { keptFor, type Sifted, sift } from './sift.ts'
import type { World } from './world.ts'

const NONE: Explanation['rejected'] = { skill: 0, capacity: 0, presence: 0, declined: 0, plugin: 0 }

/** What is known of a conversation that does not wait: the last decision about it, if it is remembered. */
export function explainDecision(decision: PickedAgent | undefined): Explanation {
  if (decision === undefined) return { rejected: NONE, hooks: [] }
  const { agent, because, rejected } = decision
  return { chosen: { agentId: agent.id, because: toWords(because) }, rejected, hooks: [] }
}

/** Why a conversation still waits: what would have to happen, and how many agents are out of the question for which reason. */
export function explainWaiting(world: World, waiting: Waiting, at: number): Explanation {
  const sifted = sift(world, waiting, at)
  return { waitingFor: toSentence(world, waiting, sifted), rejected: sifted.rejected, hooks: [] }
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
