import { type AgentState, toShare } from './agent-state.ts'
import type { AgentPolicyName } from './routing.ts'

/** How one agent stands for one conversation. */
export interface Standing {
  readonly agent: AgentState
  /** The lowest proficiency over the required skills, 1 to 5. */
  readonly proficiency: number
  /** The best proficiency on duty, 1 to 5. */
  readonly bestProficiency: number
  readonly isPreferred: boolean
  /** How many of the preferred skills they have. */
  readonly preferredCount: number
}

/** What a policy may know of earlier choices. */
export interface History {
  readonly seed: number
  /** How many pairs were reserved so far. */
  turn: number
  /** Whom the last pair went to; '' before the first. */
  lastAgentId: string
}

/** One reason to prefer an agent: the lower the better. `label` completes "the agent ...". */
export interface Ground {
  readonly label: string
  readonly of: (standing: Standing, history: History) => number
}

const preferredAgent: Ground = { label: 'is the preferred agent', of: ({ isPreferred }) => (isPreferred ? 0 : 1) }
const preferredSkills: Ground = { label: 'has the most preferred skills', of: ({ preferredCount }) => -preferredCount }
/** Quarters of the best speed on duty: small differences leave the choice to the load. */
const speedTier: Ground = {
  label: 'is in the fastest tier',
  of: ({ proficiency, bestProficiency }) => -Math.round((4 * proficiency) / bestProficiency) / 4,
}
const load: Ground = { label: 'is the least loaded', of: ({ agent }) => toShare(agent) }
const skillCount: Ground = { label: 'has the fewest skills', of: ({ agent }) => agent.skills.size }
const idle: Ground = { label: 'has gone longest without a conversation', of: ({ agent }) => agent.assignedAt }
const proficiency: Ground = { label: 'is the most proficient', of: (standing) => -standing.proficiency }
const turn: Ground = { label: 'is next in turn', of: ({ agent }, { lastAgentId }) => (agent.id > lastAgentId ? 0 : 1) }
const draw: Ground = { label: 'was drawn', of: ({ agent }, { seed, turn }) => hash(`${seed}:${turn}:${agent.id}`) }

const grounds: Readonly<Record<AgentPolicyName, readonly Ground[]>> = {
  default: [speedTier, load, skillCount, idle],
  longestIdle: [idle],
  leastLoaded: [load, idle],
  roundRobin: [turn],
  random: [draw],
  mostSpecialised: [skillCount, load, idle],
  mostProficient: [proficiency, load, idle],
}

/** Grounds in order, with what they may know. */
export interface Ranking {
  readonly grounds: readonly Ground[]
  readonly history: History
}

/** The grounds of a policy. The id comes last in all of them. */
export interface Order {
  /** The preferred agent and preferred skills come first. */
  readonly all: Ranking
  /** For conversations that prefer nobody and nothing. */
  readonly plain: Ranking
}

export function orderOf(policy: AgentPolicyName, history: History): Order {
  const plain = grounds[policy]
  return { all: { grounds: [preferredAgent, preferredSkills, ...plain], history }, plain: { grounds: plain, history } }
}

/**
 * Is the one better than the other? Above 0 if so, below 0 if not; the magnitude is 1 + the index of the ground that tells them apart,
 * 1 + the number of grounds when only the id does.
 */
export function compareStandings(one: Standing, other: Standing, ranking: Ranking): number {
  const { grounds: order, history } = ranking
  for (let index = 0; index < order.length; index++) {
    const ground = order[index]
    if (ground === undefined) break
    const difference = ground.of(one, history) - ground.of(other, history)
    if (difference !== 0) return difference < 0 ? index + 1 : -(index + 1)
  }
  return one.agent.id < other.agent.id ? order.length + 1 : -(order.length + 1)
}

/** FNV-1a, finished with murmur3's mixer, because neighbours must not come out as neighbours. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
