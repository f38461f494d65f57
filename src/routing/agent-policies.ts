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
  readonly turn: number
  /** Whom the last pair went to; '' before the first. */
  readonly lastAgentId: string
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

/** The grounds of a policy in order. The preferred agent and preferred skills come first in all of them; the id comes last. */
export function groundsOf(policy: AgentPolicyName): readonly Ground[] {
  return [preferredAgent, preferredSkills, ...grounds[policy]]
}

/**
 * The best standing, and the ground on which it beat the runner-up (`undefined`: by id, or alone).
 * `standings` must not be empty.
 */
export function pickStanding(
  standings: readonly [Standing, ...Standing[]],
  order: readonly Ground[],
  history: History,
): { readonly best: Standing; readonly ground: Ground | undefined } {
  const [first, ...others] = standings
  let best = first
  let decidedBy = -1
  for (const other of others) {
    const index = order.findIndex((ground) => ground.of(other, history) !== ground.of(best, history))
    const ground = order[index]
    const wins =
      ground === undefined ? other.agent.id < best.agent.id : ground.of(other, history) < ground.of(best, history)
    const depth = ground === undefined ? order.length : index
    decidedBy = wins ? depth : Math.max(decidedBy, depth)
    if (wins) best = other
  }
  return { best, ground: order[decidedBy] }
}

/** FNV-1a, finished with murmur3's mixer, because neighbours must not come out as neighbours. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
