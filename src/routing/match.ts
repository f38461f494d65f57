import type { Explanation } from '../core/ports.ts'
import { groundsOf, type History, pickStanding, type Standing } from './agent-policies.ts'
import { type AgentState, canTake, isOnline, proficiencyOf, toShare } from './agent-state.ts'
import type { Roster } from './agents.ts'
import type { Need } from './need.ts'
import { isBefore, type Queue, type Waiting, type WaitingClass } from './queue.ts'
import type { Fit, QueuePolicy } from './queue-policies.ts'
import type { AgentPolicy, AgentPolicyName } from './routing.ts'
import type { Vetoes } from './vetoes.ts'

/** Everything a choice looks at. Nothing here is changed by choosing. */
export interface World {
  readonly roster: Roster
  readonly queue: Queue
  readonly agentPolicy: AgentPolicyName | AgentPolicy
  readonly queuePolicy: QueuePolicy
  readonly history: History
  /** Proposed already, and not settled yet. */
  readonly isReserved: (conversationId: string) => boolean
  readonly vetoes: Vetoes
  /** Told what a developer's own agent policy did wrong; the conversation waits. */
  readonly onPolicyFault: (fault: { readonly conversationId: string; readonly error: unknown }) => void
}

export type Rejected = Explanation['rejected']

/** The agents who could take a conversation now, and how many could not, by the first reason that holds. */
export interface Sifted {
  readonly standings: readonly Standing[]
  readonly rejected: Rejected
}

/** The agent chosen for a conversation. `because` completes "the agent ...". */
export interface PickedAgent {
  readonly agent: AgentState
  readonly because: string
  readonly rejected: Rejected
}

export interface Pair extends PickedAgent {
  readonly waiting: Waiting
}

const MAX_ROUNDS = 8

interface Round {
  readonly at: number
  /** Conversations that the agent policy keeps back: added to as they are found, and not asked about again. */
  readonly skipped: Set<string>
  /** What has been found out already. */
  readonly known?: { readonly waiting: Waiting; readonly picked: PickedAgent }
}

/**
 * A conversation and an agent who suit each other: it is the best for this agent by the queue policy, and where possible they
 * are the best for it by the agent policy. Starts from an agent and goes back and forth until both sides agree. Where tastes run
 * in a circle the queue policy wins, except over a developer's own agent policy, whose word is binding.
 * `undefined`: nothing that waits can go to the agent.
 */
export function pickPair(world: World, start: AgentState, { at, skipped, known }: Round): Pair | undefined {
  const asked = new Set<string>()
  let agent = start
  for (;;) {
    const waiting = pickConversation(world, agent, { at, skipped })
    if (waiting === undefined) return undefined
    const picked = waiting === known?.waiting ? known.picked : pickAgent(world, waiting, at)
    if (picked === undefined) {
      skipped.add(waiting.id)
      continue
    }
    if (picked.agent === agent) return { ...picked, waiting }
    asked.add(agent.id)
    if (asked.has(picked.agent.id) || asked.size >= MAX_ROUNDS) {
      if (typeof world.agentPolicy === 'function') return { ...picked, waiting }
      return { ...picked, agent, waiting, because: 'can take nothing that is more urgent' }
    }
    agent = picked.agent
  }
}

/** The best agent for a conversation by the agent policy; `undefined` when nobody is available or the policy names nobody. */
export function pickAgent(world: World, waiting: Waiting, at: number): PickedAgent | undefined {
  const { standings, rejected } = sift(world, waiting, at)
  const [first, ...others] = standings
  if (first === undefined) return undefined
  if (typeof world.agentPolicy === 'function') {
    const agent = askPolicy(world, world.agentPolicy, { waiting, standings, at })
    return agent && { agent, because: 'was named by the custom agent policy', rejected }
  }
  const { best, ground } = pickStanding([first, ...others], groundsOf(world.agentPolicy), world.history)
  const because = `${ground?.label ?? 'comes first by id'} of ${standings.length} who can take it`
  return { agent: best.agent, because: others.length === 0 ? 'is the only one who can take it' : because, rejected }
}

/** The best conversation for an agent by the queue policy. Of each class only the first is looked at that may go to this agent. */
function pickConversation(
  world: World,
  agent: AgentState,
  { at, skipped }: { readonly at: number; readonly skipped: ReadonlySet<string> },
): Waiting | undefined {
  let best: { readonly waiting: Waiting; readonly score: number } | undefined
  for (const group of world.queue.classes()) {
    if (!canServe(agent, group.need) || !canTake(agent, group.need.weight, at)) continue
    const waiting = headFor(world, group, { agent, at, skipped })
    if (waiting === undefined) continue
    const score = world.queuePolicy.score(waiting, toFit(world.roster, agent, group.need), at)
    const isBetter =
      best === undefined || score > best.score || (score === best.score && isBefore(waiting, best.waiting))
    if (isBetter) best = { waiting, score }
  }
  return best?.waiting
}

/** Sorts all agents into those who could take the conversation now and those who could not. */
export function sift(world: World, waiting: Waiting, at: number): Sifted {
  const { skills, preferredSkills, weight } = waiting.need
  const capable = world.roster.capable(skills)
  const bestProficiency = world.roster.supply(skills).bestProficiency
  const rejected = { skill: world.roster.size - capable.length, capacity: 0, presence: 0, declined: 0, plugin: 0 }
  const standings: Standing[] = []
  for (const agent of capable) {
    if (hasDeclined(waiting, agent.id)) rejected.declined += 1
    else if (world.vetoes.holds(waiting.id, agent.id, at)) rejected.plugin += 1
    else if (!isOnline(agent, at)) rejected.presence += 1
    else if (!canTake(agent, weight, at)) rejected.capacity += 1
    else {
      const isPreferred = waiting.row.requirements.preferredAgentId === agent.id
      const preferredCount = preferredSkills.filter((skill) => agent.skills.has(skill)).length
      standings.push({ agent, proficiency: proficiencyOf(agent, skills), bestProficiency, isPreferred, preferredCount })
    }
  }
  return { standings, rejected }
}

/** May this pair be made at all, seats and presence apart? */
export function isBarred(
  world: World,
  waiting: Waiting,
  { agentId, at }: { readonly agentId: string; readonly at: number },
): boolean {
  return hasDeclined(waiting, agentId) || world.vetoes.holds(waiting.id, agentId, at)
}

export function canServe(agent: AgentState, { skills }: Pick<Need, 'skills'>): boolean {
  return skills.every((skill) => agent.skills.has(skill))
}

/** How an agent on duty suits a class. An agent without skills in question counts as one of the best. */
export function toFit(roster: Roster, agent: AgentState, { skills }: Pick<Need, 'skills'>): Fit {
  const { bestProficiency, capableCount, onDutyCount } = roster.supply(skills)
  return { speedRatio: proficiencyOf(agent, skills) / bestProficiency, scarcity: onDutyCount / capableCount }
}

function headFor(
  world: World,
  group: WaitingClass,
  { agent, at, skipped }: { readonly agent: AgentState; readonly at: number; readonly skipped: ReadonlySet<string> },
): Waiting | undefined {
  return group.members.find(
    (waiting) =>
      !world.isReserved(waiting.id) && !skipped.has(waiting.id) && !isBarred(world, waiting, { agentId: agent.id, at }),
  )
}

function hasDeclined({ row }: Waiting, agentId: string): boolean {
  return row.declinedBy.includes(agentId) || row.requirements.excludedAgentIds?.includes(agentId) === true
}

/** Asks a developer's own policy. What it throws, and a name that is no candidate, is reported and counts as "nobody". */
function askPolicy(
  world: World,
  policy: AgentPolicy,
  {
    waiting,
    standings,
    at,
  }: { readonly waiting: Waiting; readonly standings: readonly Standing[]; readonly at: number },
): AgentState | undefined {
  const sorted = [...standings].sort((a, b) => (a.agent.id < b.agent.id ? -1 : 1))
  const candidates = sorted.map(({ agent, proficiency }) => ({
    agent: agent.row.agent,
    load: toShare(agent),
    idleMs: Math.max(0, at - agent.assignedAt),
    proficiency,
  }))
  const { skills, preferredSkills } = waiting.need
  try {
    const agentId = policy(candidates, { ...waiting.row.requirements, skills, preferredSkills })
    const chosen = sorted.find(({ agent }) => agent.id === agentId)
    if (chosen !== undefined || agentId === undefined) return chosen?.agent
    throw new RangeError(`The agent policy named \`${String(agentId)}\`, who is not one of the candidates.`)
  } catch (error) {
    world.onPolicyFault({ conversationId: waiting.id, error })
    return undefined
  }
}
