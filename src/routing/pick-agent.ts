import { compareStandings, type Order, type Standing } from './agent-policies.ts'
import { type AgentState, canTake, isOnline, toShare } from './agent-state.ts'
import type { Waiting } from './queue.ts'
import type { AgentPolicy } from './routing.ts'
import { sift, preferencesFor, toQuestion, whyNot } from './sift.ts'
import type { Rejected, World } from './world.ts'

/** The agent chosen for a conversation. `because` completes "the agent ...". */
export interface PickedAgent {
  readonly agent: AgentState
  readonly because: string
  readonly rejected: Rejected
}

/** The best agent for a conversation by the agent policy; `undefined` when nobody is available or the policy names nobody. */
export function pickAgent(world: World, waiting: Waiting, at: number): PickedAgent | undefined {
  return typeof world.agentPolicy === 'function'
    ? pickNamed(world, world.agentPolicy, { waiting, at })
    : pickBest(world, world.agentPolicy, { waiting, at })
}

interface Moment {
  readonly waiting: Waiting
  readonly at: number
}

/** One look at everyone who is able to do it. Called for every conversation: nothing is made here but what is returned. */
function pickBest(world: World, policy: Order, { waiting, at }: Moment): PickedAgent | undefined {
  const { members, proficiencies, bestProficiency } = world.roster.crew(waiting.group.need.skills)
  const { need, row } = waiting
  const prefersNone = row.requirements.preferredAgentId === undefined && need.preferredSkills.length === 0
  const ranking = prefersNone ? policy.plain : policy.all
  const question = toQuestion(world, waiting, at)
  const isPlain = !question.isRestricted && question.leastProficiency === 0
  let rejected: Record<keyof Rejected, number> | undefined
  let fullCount = 0
  let best: Mutable<Standing> | undefined
  let other: Mutable<Standing> | undefined
  let [count, decidedBy] = [0, 0]
  for (let index = 0; index < members.length; index++) {
    const agent = members[index]
    if (agent === undefined) break
    const proficiency = proficiencies[index] ?? 0
    if (isPlain && isOnline(agent, at) && !canTake(agent, question.weight, at)) {
      fullCount += 1
      continue
    }
    const reason = whyNot(agent, proficiency, question)
    if (reason !== undefined) {
      rejected ??= noneRejected()
      rejected[reason] += 1
      continue
    }
    count += 1
    other ??= { agent, proficiency, bestProficiency, isPreferred: false, preferredCount: 0 }
    other.agent = agent
    other.proficiency = proficiency
    if (!prefersNone) Object.assign(other, preferencesFor(waiting, agent))
    const verdict = best === undefined ? 1 : compareStandings(other, best, ranking)
    if (best !== undefined) decidedBy = verdict > 0 ? verdict : Math.max(decidedBy, -verdict)
    if (verdict > 0) [best, other] = [other, best]
  }
  if (best === undefined) return undefined
  rejected ??= noneRejected()
  rejected.capacity += fullCount
  rejected.skill += world.roster.size - members.length
  return { agent: best.agent, because: toReason(ranking.grounds[decidedBy - 1]?.label, count), rejected }
}

function noneRejected(): Record<keyof Rejected, number> {
  return { skill: 0, capacity: 0, presence: 0, declined: 0, plugin: 0 }
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

function toReason(label: string | undefined, count: number): string {
  return count === 1 ? 'is the only one who can take it' : `${label ?? 'comes first by id'} of ${count} who can take it`
}

/** Asks a developer's own policy. What it throws, and a name that is no candidate, is reported and counts as "nobody". */
function pickNamed(world: World, policy: AgentPolicy, { waiting, at }: Moment): PickedAgent | undefined {
  const { standings, rejected } = sift(world, waiting, at)
  if (standings.length === 0) return undefined
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
    if (chosen !== undefined) return { agent: chosen.agent, because: 'was named by the custom agent policy', rejected }
    if (agentId === undefined) return undefined
    throw new RangeError(`The agent policy named \`${String(agentId)}\`, who is not one of the candidates.`)
  } catch (error) {
    world.onPolicyFault({ conversationId: waiting.id, error })
    return undefined
  }
}
