import type { Score } from '../core/ports.ts'
import type { Candidate, Requirements } from '../core/types.ts'
import { compareStandings, type Order, type Ranking, type Ranks, type Standing } from './agent-policies.ts'
import { type AgentState, canTake, isOnline, proficiencyOf, toShare } from './agent-state.ts'
import { countFree, firstIn, type Group } from './group.ts'
import type { Waiting } from './line.ts'
import { pickFirst } from './pick-first.ts'
import type { PickedAgent } from './picked.ts'
import type { AgentPolicy } from './routing.ts'
import { isGroupSpared, isSpared } from './spare.ts'
import { isPlain, noneRejected, type Question, sift, toQuestion, toStanding, whyNot } from './sift.ts'
import type { Rejected, World } from './world.ts'

interface Moment {
  readonly waiting: Waiting
  readonly at: number
}

/** The best agent for a conversation by the agent policy; `undefined` when nobody is available or the policy names nobody. */
export function pickAgent(world: World, waiting: Waiting, at: number): PickedAgent | undefined {
  const { agentPolicy: policy, score } = world
  if (typeof policy === 'function') return pickNamed(world, policy, { waiting, at })
  if (policy.takesTurns) world.history.lastAgentId = world.history.lastOf.get(ringOf(waiting)) ?? ''
  if (score !== undefined) return pickScored(world, { policy, score }, { waiting, at })
  if (policy.inGroup === undefined) return pickOfAll(world, policy, { waiting, at })
  const prefersNone =
    waiting.row.requirements.preferredAgentId === undefined && waiting.need.preferredSkills.length === 0
  if (prefersNone && hasRanks(policy) && isPlain(world, waiting)) {
    const first = pickFirst(world, policy, { waiting, at })
    // The fastest come first: if the one who does is spared, it has to be asked of all who are slow.
    if (first === undefined || !isSpared(world, waiting, { agent: first.agent, at })) return first
  }
  const question = toQuestion(world, waiting, at)
  const kept = question.onlyAgentId === undefined ? undefined : world.roster.get(question.onlyAgentId)
  if (kept !== undefined) return pickKept(world, question, kept)
  return pickOfGroups(world, prefersNone ? policy.plain : policy.all, question)
}

function hasRanks(order: Order): order is Order & { readonly ranks: Ranks } {
  return order.ranks !== undefined
}

/** Those who may take the same: each has a turn of its own under `roundRobin`. */
export function ringOf({ line }: Waiting): string {
  return JSON.stringify(line.need.skills)
}

/** It is kept for this agent: all others lack what is asked for. */
function pickKept({ roster }: World, question: Question, agent: AgentState): PickedAgent | undefined {
  const reason = whyNot(agent, proficiencyOf(agent, question.crew.skills), question)
  if (reason !== undefined) return undefined
  const rejected = { ...noneRejected(), skill: roster.size - 1 }
  return {
    waiting: question.waiting,
    at: question.at,
    agent,
    because: { text: 'is the agent it was kept for' },
    rejected,
  }
}

/** Looks at the first of each group, and at whoever is preferred or barred by name. */
function pickOfGroups(world: World, ranking: Ranking, question: Question): PickedAgent | undefined {
  const { roster } = world
  const { crew, weight: units, barred, waiting, leastProficiency, at } = question
  const rejected = { ...noneRejected(), skill: roster.size - crew.memberCount }
  const contest = createContest(ranking, question)
  const isBarred = barred.size === 0 ? undefined : (agentId: string): boolean => barred.has(agentId)
  const spared = new Set<Group>()
  for (const [index, group] of crew.groups.entries()) {
    const proficiency = crew.proficiencies[index] ?? 0
    if (proficiency < leastProficiency) {
      rejected.skill += group.members.length
      continue
    }
    const free = countFree(group, units)
    rejected.presence += group.members.length - group.presentCount
    rejected.capacity += group.presentCount - free
    if (free > 0 && isGroupSpared(world, waiting, { group, at })) {
      spared.add(group)
      rejected.skill += free
      continue
    }
    contest.count += free
    const first = free === 0 ? undefined : firstIn(group, roster, { units, isBarred })
    if (first !== undefined) contest.enter(toStanding(question, first, proficiency))
  }
  for (const [agentId, reason] of barred) {
    const agent = roster.get(agentId)
    if (agent !== undefined && isIn(question, agent))
      recount(agent, { question, reason, rejected, contest, wasSpared: spared.has(roster.groupOf(agent)) })
  }
  const { preferredAgentId } = waiting.row.requirements
  const preferred = preferredAgentId === undefined ? undefined : roster.get(preferredAgentId)
  if (
    preferred !== undefined &&
    isIn(question, preferred) &&
    isBarred?.(preferred.id) !== true &&
    canTake(preferred, units, at)
  ) {
    contest.enter(toStanding(question, preferred, proficiencyOf(preferred, crew.skills)))
    if (spared.has(roster.groupOf(preferred))) {
      contest.count += 1
      rejected.skill -= 1
    }
  }
  const { best } = contest
  if (best === undefined) return undefined
  const isOut = (agentId: string): boolean => agentId === best.agent.id || barred.has(agentId)
  const own = roster.groupOf(best.agent)
  const next = spared.has(own) ? undefined : firstIn(own, roster, { units, isBarred: isOut })
  if (next !== undefined) contest.enter(toStanding(question, next, best.proficiency))
  return contest.end(rejected)
}

/** Is the agent among those who are able to do it? */
function isIn({ crew, leastProficiency }: Question, agent: AgentState): boolean {
  const proficiency = proficiencyOf(agent, crew.skills)
  return proficiency > 0 && proficiency >= leastProficiency
}

/** Whoever is barred by name was counted by presence and load until now. */
function recount(
  agent: AgentState,
  {
    question,
    reason,
    rejected,
    contest,
    wasSpared,
  }: {
    readonly question: Question
    readonly reason: 'declined' | 'plugin'
    readonly rejected: Record<keyof Rejected, number>
    readonly contest: Contest
    readonly wasSpared: boolean
  },
): void {
  rejected[reason] += 1
  if (!isOnline(agent, question.at)) rejected.presence -= 1
  else if (!canTake(agent, question.weight, question.at)) rejected.capacity -= 1
  else if (wasSpared) rejected.skill -= 1
  else contest.count -= 1
}

interface Contest {
  count: number
  readonly best: Standing | undefined
  enter(standing: Standing): void
  end(rejected: Rejected): PickedAgent | undefined
}

/** Finds the best of those who enter, and by what they beat the next. */
function createContest(ranking: Ranking, { waiting, at }: Moment): Contest {
  let decidedBy = 0
  const contest = {
    count: 0,
    best: undefined as Standing | undefined,
    enter(standing: Standing): void {
      const { best } = contest
      if (best?.agent === standing.agent) return
      const verdict = best === undefined ? 1 : compareStandings(standing, best, ranking)
      if (best !== undefined) decidedBy = verdict > 0 ? verdict : Math.max(decidedBy, -verdict)
      if (verdict > 0) contest.best = standing
    },
    end(rejected: Rejected): PickedAgent | undefined {
      const { best } = contest
      if (best === undefined) return undefined
      const because = { label: ranking.grounds[decidedBy - 1]?.label, count: contest.count }
      return { waiting, agent: best.agent, at, because, rejected }
    },
  }
  return contest
}

/** For policies to which no two agents are alike. */
function pickOfAll(world: World, policy: Order, { waiting, at }: Moment): PickedAgent | undefined {
  const { standings, rejected } = sift(world, waiting, at)
  const { preferredAgentId } = waiting.row.requirements
  const prefersNone = preferredAgentId === undefined && waiting.need.preferredSkills.length === 0
  const contest = createContest(prefersNone ? policy.plain : policy.all, { waiting, at })
  contest.count = standings.length
  for (const standing of standings) contest.enter(standing)
  return contest.end(rejected)
}

/** So many are asked about, the best by the policy: plugins are slow beside the rest of a choice. */
const SHORTLIST = 32

/** Of the best by the agent policy, the one with the highest score; among equals the first. */
function pickScored(
  world: World,
  { policy, score }: { readonly policy: Order; readonly score: Score },
  { waiting, at }: Moment,
): PickedAgent | undefined {
  const { standings, rejected } = sift(world, waiting, at)
  const need = needOf(waiting)
  let best: { readonly agent: AgentState; readonly score: number } | undefined
  let isContested = false
  const ranked = [...standings].sort((one, other) => compareStandings(other, one, policy.all)).slice(0, SHORTLIST)
  for (const standing of ranked) {
    const own = score({ candidate: toCandidate(standing, at), need }, waiting.id)
    if (best !== undefined && own !== best.score) isContested = true
    if (best === undefined || own > best.score) best = { agent: standing.agent, score: own }
  }
  if (best === undefined) return undefined
  const because = isContested
    ? { text: `has the highest score of ${ranked.length}` }
    : { label: undefined, count: ranked.length }
  return { waiting, agent: best.agent, at, because, rejected }
}

function toCandidate({ agent, proficiency }: Standing, at: number): Candidate {
  return { agent: agent.row.agent, load: toShare(agent), idleMs: Math.max(0, at - agent.assignedAt), proficiency }
}

/** As relaxed by now. */
function needOf({ row, need }: Waiting): Requirements {
  return { ...row.requirements, skills: need.skills, preferredSkills: need.preferredSkills }
}

/** Asks a developer's own policy. What it throws, and a name that is no candidate, is reported and counts as "nobody". */
function pickNamed(world: World, policy: AgentPolicy, { waiting, at }: Moment): PickedAgent | undefined {
  const { standings, rejected } = sift(world, waiting, at)
  if (standings.length === 0) return undefined
  const sorted = [...standings].sort((a, b) => (a.agent.id < b.agent.id ? -1 : 1))
  const candidates = sorted.map((standing) => toCandidate(standing, at))
  try {
    const agentId = policy(candidates, needOf(waiting))
    const chosen = sorted.find(({ agent }) => agent.id === agentId)
    if (chosen !== undefined)
      return { waiting, agent: chosen.agent, at, because: { text: 'was named by the custom agent policy' }, rejected }
    if (agentId === undefined) return undefined
    throw new RangeError(`The agent policy named \`${String(agentId)}\`, who is not one of the candidates.`)
  } catch (error) {
    world.onPolicyFault({ conversationId: waiting.id, error })
    return undefined
  }
}
