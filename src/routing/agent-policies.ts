import { type AgentState, toShare, unchangedSince } from './agent-state.ts'
import type { Crew } from './crew.ts'
import type { OrderInGroup } from './group.ts'
import type { AgentPolicyName } from './routing.ts'

/** How one agent stands for one conversation. */
export interface Standing {
  readonly agent: AgentState
  /** The lowest proficiency over the required skills, 1 to 5. */
  readonly proficiency: number
  /** Everyone who has the skills. */
  readonly crew: Crew
  readonly isPreferred: boolean
  /** How many of the preferred skills they have. */
  readonly preferredCount: number
}

/** What a policy may know of earlier choices. */
export interface History {
  readonly seed: number
  /** How many pairs were reserved so far. */
  turn: number
  /** Whom the last pair of the ring in question went to; '' before the first. */
  lastAgentId: string
  /** The same by ring: those who may take the same. */
  readonly lastOf: Map<string, string>
  /** For how much the other skills of an agent are needed elsewhere: higher the scarcer. */
  readonly needElsewhere: (standing: Standing) => number
}

/** One reason to prefer an agent: the lower the better. `label` completes "the agent ...". */
export interface Ground {
  readonly label: string
  /** The same for all agents of a group, whatever they hold. */
  readonly isStatic?: true
  readonly of: (standing: Standing, history: History) => number
}

const preferredAgent: Ground = { label: 'is the preferred agent', of: ({ isPreferred }) => (isPreferred ? 0 : 1) }
const preferredSkills: Ground = { label: 'has the most preferred skills', of: ({ preferredCount }) => -preferredCount }
/** Quarters of the best speed on duty: small differences leave the choice to the load. */
const speedTier: Ground = {
  label: 'is in the fastest tier',
  isStatic: true,
  of: ({ proficiency, crew }) => -Math.round((4 * proficiency) / crew.bestProficiency) / 4,
}
const load: Ground = { label: 'is the least loaded', of: ({ agent }) => toShare(agent) }
const skillCount: Ground = { label: 'has the fewest skills', isStatic: true, of: ({ agent }) => agent.skills.size }
const unassigned: Ground = { label: 'has gone longest without a conversation', of: ({ agent }) => agent.assignedAt }
const unchanged: Ground = { label: 'has been idle longest', of: ({ agent }) => unchangedSince(agent) }
const proficiency: Ground = {
  label: 'is the most proficient',
  isStatic: true,
  of: (standing) => -standing.proficiency,
}
const turn: Ground = { label: 'is next in turn', of: ({ agent }, { lastAgentId }) => (agent.id > lastAgentId ? 0 : 1) }
const draw: Ground = { label: 'was drawn', of: ({ agent }, { seed, turn }) => hash(`${seed}:${turn}:${agent.id}`) }
const leastMissed: Ground = {
  label: 'is missed the least elsewhere',
  of: (standing, { needElsewhere }) => needElsewhere(standing) - gain(standing),
}

/**
 * The grounds of a policy in order; the id comes last in all of them. `inGroup`: the order among agents who are alike, where the
 * grounds tell them apart by load and idle time alone; absent where every agent has to be looked at. `sparesSlow`: whoever is slow at
 * something is spared for what they do better.
 */
interface Rule {
  readonly grounds: readonly Ground[]
  readonly inGroup?: OrderInGroup
  readonly sparesSlow?: true
}

const byLoad: OrderInGroup = { byLoad: true, idleSince: 'assigned' }

const rules: Readonly<Record<AgentPolicyName, Rule>> = {
  default: { grounds: [speedTier, load, skillCount, unassigned], inGroup: byLoad, sparesSlow: true },
  sticky: { grounds: [speedTier, load, skillCount, unassigned], inGroup: byLoad, sparesSlow: true },
  longestIdle: { grounds: [unchanged], inGroup: { byLoad: false, idleSince: 'changed' } },
  leastLoaded: { grounds: [load, unassigned], inGroup: byLoad },
  roundRobin: { grounds: [turn] },
  random: { grounds: [draw] },
  mostSpecialised: { grounds: [skillCount, load, unassigned], inGroup: byLoad },
  mostProficient: { grounds: [proficiency, load, unassigned], inGroup: byLoad },
  scarcityAware: { grounds: [leastMissed, load, unassigned], inGroup: byLoad },
}

/** Grounds in order, with what they may know. */
export interface Ranking {
  readonly grounds: readonly Ground[]
  readonly history: History
}

/** The grounds of a policy. The id comes last in all of them. */
export interface Order {
  readonly name: AgentPolicyName
  /** The preferred agent and preferred skills come first. */
  readonly all: Ranking
  /** For conversations that prefer nobody and nothing. */
  readonly plain: Ranking
  readonly inGroup: OrderInGroup | undefined
  /** Present where groups can be compared by columns of numbers. */
  readonly ranks: Ranks | undefined
  /** Does each ring of agents have a turn of its own? */
  readonly takesTurns: boolean
  /** Is whoever is slow at something spared for what they do better? */
  readonly sparesSlow: boolean
}

/** The plain grounds of a policy, sorted into what is the same for all of a group, and what is not. */
export interface Ranks {
  /** Comes before the load. */
  readonly before: Ground | undefined
  /** Comes between load and idle time. */
  readonly between: Ground | undefined
  /** Of `before`, the load, `between` and idle time, from 1 on. Behind them stands the id. */
  readonly labels: readonly (string | undefined)[]
}

function ranksOf({ grounds, inGroup }: Rule): Ranks | undefined {
  if (inGroup === undefined || grounds.some((ground) => isChanging(ground))) return undefined
  const [loadAt, statics] = [grounds.indexOf(load), grounds.filter(({ isStatic }) => isStatic === true)]
  const before = statics.find((ground) => grounds.indexOf(ground) < loadAt)
  const between = statics.find((ground) => grounds.indexOf(ground) > loadAt)
  return { before, between, labels: [undefined, before?.label, load.label, between?.label, grounds.at(-1)?.label] }
}

/** Neither the same for all of a group nor what orders them within it. */
function isChanging(ground: Ground): boolean {
  return ground.isStatic !== true && ground !== load && ground !== unassigned && ground !== unchanged
}

export function orderOf(policy: AgentPolicyName, history: History): Order {
  const { grounds, inGroup, sparesSlow = false } = rules[policy]
  return {
    name: policy,
    all: { grounds: [preferredAgent, preferredSkills, ...grounds], history },
    plain: { grounds, history },
    inGroup,
    ranks: ranksOf(rules[policy]),
    takesTurns: policy === 'roundRobin',
    sparesSlow,
  }
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

/** How much more an agent gets done with one conversation more, in conversations at full speed; each slows the others by a quarter. */
function gain({ agent, proficiency: own, crew }: Standing): number {
  const { load: held } = agent
  const pace = (count: number): number => count / (1 + 0.25 * Math.max(0, count - 1))
  return (own / crew.bestProficiency) * (pace(held + 1) - pace(held))
}

/** FNV-1a, finished with murmur3's mixer, because neighbours must not come out as neighbours. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
