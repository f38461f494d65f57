import { type AgentState, canTake, proficiencyOf } from './agent-state.ts'
import type { Roster } from './agents.ts'
import { isBefore, type Line, type Waiting } from './line.ts'
import { pickAgent } from './pick-agent.ts'
import type { PickedAgent } from './picked.ts'
import type { Fit } from './queue-policies.ts'
import { isBarred, isOpenToAll } from './barred.ts'
import { suits } from './sift.ts'
import { isAskedFor, isForAnybody, isSparedFor, sparesAnybody } from './spare.ts'
import type { World } from './world.ts'

const MAX_ROUNDS = 8

/** What is found out while nothing changes. */
export interface Round {
  at: number
  /** Conversations that the agent policy keeps back: not asked about again. */
  skipped: Set<string> | undefined
  /** Whom the agent policy picked for the conversation asked about last. */
  known: PickedAgent | undefined
}

export function beginRound(round: Round, at: number): Round {
  round.at = at
  round.skipped = undefined
  round.known = undefined
  return round
}

/**
 * A conversation and an agent who suit each other: it is the best for this agent by the queue policy, and where possible they
 * are the best for it by the agent policy. Starts from an agent and goes back and forth until both sides agree. Where tastes run
 * in a circle the queue policy wins, except over a developer's own agent policy, whose word is binding.
 * `undefined`: nothing that waits can go to the agent.
 */
export function pickPair(world: World, start: AgentState, round: Round): PickedAgent | undefined {
  const { at, known } = round
  let asked: AgentState[] | undefined
  let agent = start
  for (;;) {
    const waiting: Waiting | undefined = pickConversation(world, agent, round)
    if (waiting === undefined) return undefined
    const picked = waiting === known?.waiting ? known : pickAgent(world, waiting, at)
    if (picked === undefined) {
      round.skipped = (round.skipped ?? new Set()).add(waiting.id)
      continue
    }
    if (picked.agent === agent) return picked
    asked = [...(asked ?? []), agent]
    if (asked.includes(picked.agent) || asked.length >= MAX_ROUNDS) {
      if (typeof world.agentPolicy === 'function') return picked
      return { ...picked, agent, because: { text: 'can take nothing that is more urgent' } }
    }
    agent = picked.agent
  }
}

/** The best conversation for an agent by the queue policy. Of each line only the first is looked at that may go to this agent. */
function pickConversation(world: World, agent: AgentState, round: Round): Waiting | undefined {
  const { queue, queuePolicy, roster } = world
  const asking = { world, agent, round, canBeSpared: sparesAnybody(world) }
  let best: Waiting | undefined
  /** Nothing is scored until there are two of them. */
  let bestScore: number | undefined
  const lines = queue.linesFor(roster.groupOf(agent), roster.groupVersion)
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]
    if (line === undefined || line.size === 0) continue
    const { need } = line
    if (!canTake(agent, need.weight, round.at) || !suits(roster, agent, line)) continue
    const waiting = firstFor(asking, line)
    if (waiting === undefined) continue
    if (best === undefined) {
      best = waiting
      continue
    }
    bestScore ??= queuePolicy.score(best, toFit(roster, agent, best.line), round.at)
    const score = queuePolicy.score(waiting, toFit(roster, agent, line), round.at)
    if (score < bestScore || (score === bestScore && !isBefore(waiting, best))) continue
    best = waiting
    bestScore = score
  }
  return best
}

/** How an agent on duty suits a line. An agent without skills in question counts as one of the best. */
export function toFit(roster: Roster, agent: Pick<AgentState, 'skills'>, line: Line): Fit {
  const { skills, bestProficiency, capableCount } = roster.crewOf(line)
  return { speedRatio: proficiencyOf(agent, skills) / bestProficiency, scarcity: roster.onDutyCount / capableCount }
}

interface Asking {
  readonly world: World
  readonly agent: AgentState
  readonly round: Round
  readonly canBeSpared: boolean
}

function firstFor(asking: Asking, line: Line): Waiting | undefined {
  if (asking.canBeSpared && isSparedFor(asking.world, line, { group: asking.world.roster.groupOf(asking.agent) }))
    return firstInSpite(asking, line)
  const { first } = line
  if (first === undefined || mayHave(asking, first)) return first
  for (const waiting of line) if (mayHave(asking, waiting)) return waiting
  return undefined
}

/** Of a line for which the agent is spared. */
function firstInSpite(asking: Asking, line: Line): Waiting | undefined {
  const { world, agent, round } = asking
  const about = { group: world.roster.groupOf(agent), at: round.at }
  for (const waiting of line)
    if (mayHave(asking, waiting) && (isAskedFor(waiting, agent) || isForAnybody(world, waiting, about))) return waiting
  return undefined
}

function mayHave({ world, agent, round }: Asking, waiting: Waiting): boolean {
  if (waiting.proposal !== undefined || round.skipped?.has(waiting.id) === true) return false
  return isOpenToAll(world, waiting) || !isBarred(world, waiting, { agentId: agent.id, at: round.at })
}
