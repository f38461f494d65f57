import type { QueuePlace } from '../core/types.ts'
import type { AgentState } from './agent-state.ts'
import type { Roster } from './agents.ts'
import { toFit } from './match.ts'
import type { Need } from './need.ts'
import { isBefore, type Waiting, type WaitingClass } from './queue.ts'
import type { Fit } from './queue-policies.ts'
import { canServe, isBarred } from './sift.ts'
import type { World } from './world.ts'

/** What the same agent makes of two classes: mine, and another. */
interface Contest {
  readonly mine: Fit
  readonly theirs: Fit
}

/**
 * How many of those waiting now are served before this one, plus one.
 *
 * Others compete where an agent on duty could take either. One of them is ahead for certain when it goes first at every agent who
 * could take this one, now and later; it may be ahead when it goes first at one of them, now or by waiting, or fits into a smaller
 * gap. The two counts give the best and the worst place; where they agree, the place is exact. Those who arrive later are not
 * counted: under `fifo` they never pass, elsewhere they may.
 */
export function toPosition(world: World, waiting: Waiting, at: number): QueuePlace['position'] {
  const { roster } = world
  const agents = roster.crew(waiting.group.need.skills).members.filter((agent) => {
    const isAble = agent.row.presence === 'online' && canServe(roster, agent, waiting.need)
    return isAble && !isBarred(world, waiting, { agentId: agent.id, at })
  })
  let [best, worst] = [1, 1]
  for (const group of world.queue.classes()) {
    const isOwn = group === waiting.group
    const contests = isOwn ? [EVEN] : toContests(roster, agents, { mine: waiting.need, theirs: group.need })
    if (contests.length === 0) continue
    const isSmaller = group.need.weight < waiting.need.weight
    const isSure =
      group.need.weight <= waiting.need.weight && agents.every((agent) => canServe(roster, agent, group.need))
    for (const other of group.members) {
      if (other === waiting) continue
      const rivals = { world, waiting, other, at }
      if (isSmaller || contests.some((contest) => mayPass(rivals, contest))) worst += 1
      if (isSure && contests.every((contest) => staysAhead(rivals, contest)) && !isRestricted(rivals, agents)) best += 1
    }
  }
  return best === worst ? best : [best, worst]
}

/** Within one class every agent ranks alike. */
const EVEN: Contest = { mine: { speedRatio: 1, scarcity: 1 }, theirs: { speedRatio: 1, scarcity: 1 } }

interface Rivals {
  readonly world: World
  readonly waiting: Waiting
  readonly other: Waiting
  readonly at: number
}

function mayPass(rivals: Rivals, contest: Contest): boolean {
  return isAhead(rivals, contest) || growthOver(rivals, contest) > 0
}

function staysAhead(rivals: Rivals, contest: Contest): boolean {
  return isAhead(rivals, contest) && growthOver(rivals, contest) >= 0
}

function isAhead({ world, waiting, other, at }: Rivals, { mine, theirs }: Contest): boolean {
  const difference = world.queuePolicy.score(other, theirs, at) - world.queuePolicy.score(waiting, mine, at)
  return difference === 0 ? isBefore(other, waiting) : difference > 0
}

function growthOver({ world, waiting, other }: Rivals, { mine, theirs }: Contest): number {
  return world.queuePolicy.growth(other, theirs) - world.queuePolicy.growth(waiting, mine)
}

/** The different ways in which the shared agents rank the two classes: at most one for each pair of proficiencies. */
function toContests(
  roster: Roster,
  agents: readonly AgentState[],
  { mine, theirs }: { readonly mine: Need; readonly theirs: WaitingClass['need'] },
): readonly Contest[] {
  const contests = new Map<string, Contest>()
  for (const agent of agents) {
    if (!canServe(roster, agent, theirs)) continue
    const contest = { mine: toFit(roster, agent, mine), theirs: toFit(roster, agent, theirs) }
    contests.set(`${contest.mine.speedRatio}:${contest.theirs.speedRatio}`, contest)
  }
  return [...contests.values()]
}

/** Is there an agent among these who may not take the other one? */
function isRestricted({ world, other, at }: Rivals, agents: readonly AgentState[]): boolean {
  const { declinedBy, requirements } = other.row
  if (declinedBy.length === 0 && !requirements.excludedAgentIds?.length && !world.vetoes.has(other.id)) return false
  return agents.some((agent) => isBarred(world, other, { agentId: agent.id, at }))
}
