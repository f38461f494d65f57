import type { QueuePlace } from '../core/types.ts'
import type { AgentState } from './agent-state.ts'
import type { Group } from './group.ts'
import { isBefore, type Line, type Waiting } from './line.ts'
import { toFit } from './match.ts'
import type { Fit } from './queue-policies.ts'
import { isBarred } from './barred.ts'
import { canServe, type Question, toQuestion } from './sift.ts'
import { helpAt, isSpecial, mayBeSparedFor } from './spare.ts'
import type { World } from './world.ts'

/** What the same agent makes of two lines: mine, and another. */
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
 *
 * Within a line everybody ranks by time alone, so those ahead are the first so many: found by halving, not by counting.
 */
export function toPosition(world: World, waiting: Waiting, at: number): QueuePlace['position'] {
  const groups = toGroups(world, waiting, at)
  let [best, worst] = [1, 1]
  for (const line of world.queue.lines()) {
    if (line.size === 0) continue
    const { sure, possible } =
      line === waiting.line ? inOwnLine(world, waiting, groups) : inOtherLine({ world, waiting, line, at }, groups)
    best += sure - countRestricted({ world, waiting, line, at }, { groups, sure })
    worst += possible
  }
  return best === worst ? best : [best, worst]
}

/** The groups on duty who could take this one, each by one of them. */
type Able = readonly { readonly group: Group; readonly agent: AgentState }[]

function toGroups(world: World, waiting: Waiting, at: number): Able {
  const { roster } = world
  const question = toQuestion(world, waiting, at)
  const able: Able[number][] = []
  for (const group of question.crew.groups) {
    if (group.onDutyCount === 0) continue
    const agent = group.members.find((each) => isAble(roster, each, question))
    if (agent !== undefined && canServe(roster, agent, waiting.line)) able.push({ group, agent })
  }
  return able
}

function isAble(roster: World['roster'], agent: AgentState, { waiting, barred, onlyAgentId }: Question): boolean {
  if (agent.row.presence !== 'online') return false
  if (barred.size === 0 && onlyAgentId === undefined) return true
  return !barred.has(agent.id) && canServe(roster, agent, waiting.line)
}

interface Ahead {
  readonly sure: number
  readonly possible: number
}

/** They go in their order, but for those to whom an agent will go who is spared for the others. */
function inOwnLine(world: World, waiting: Waiting, groups: Able): Ahead {
  const { line } = waiting
  const count = line.countBefore(waiting)
  if (!groups.some(({ group }) => mayBeSparedFor(world, line, group))) return { sure: count, possible: count }
  let behind = 0
  for (const other of line) if (isBefore(waiting, other) && isSpecial(world, other)) behind += 1
  return { sure: isSpecial(world, waiting) ? 0 : count, possible: count + behind }
}

interface Rivals {
  readonly world: World
  readonly waiting: Waiting
  readonly line: Line
  readonly at: number
}

function inOtherLine(rivals: Rivals, groups: Able): Ahead {
  const { line, waiting } = rivals
  const contests = toContests(rivals, groups)
  if (contests.length === 0) return { sure: 0, possible: 0 }
  const isSmaller = line.need.weight < waiting.need.weight
  const { world, at } = rivals
  const isSure =
    line.need.weight <= waiting.need.weight &&
    groups.every(({ agent, group }) => canServe(world.roster, agent, line) && !mayBeSparedFor(world, line, group))
  const isPassed =
    at < helpAt(waiting) &&
    groups.some(({ agent, group }) => canServe(world.roster, agent, line) && mayBeSparedFor(world, waiting.line, group))
  let [least, most] = [line.size, isSmaller || isPassed ? line.size : 0]
  for (const contest of contests) {
    const ahead = countAhead(rivals, contest)
    const growth = growthOver(rivals, contest)
    most = Math.max(most, growth > 0 ? line.size : ahead)
    least = Math.min(least, growth >= 0 ? ahead : 0)
  }
  return { sure: isSure ? least : 0, possible: most }
}

/** How many of the line go first at this agent now. The older, the higher the score. */
function countAhead({ world, waiting, line, at }: Rivals, { mine, theirs }: Contest): number {
  const own = world.queuePolicy.score(waiting, mine, at)
  return line.countWhile((other) => {
    const difference = world.queuePolicy.score(other, theirs, at) - own
    return difference === 0 ? isBefore(other, waiting) : difference > 0
  })
}

function growthOver({ world, waiting, line }: Rivals, { mine, theirs }: Contest): number {
  const { first } = line
  return first === undefined ? 0 : world.queuePolicy.growth(first, theirs) - world.queuePolicy.growth(waiting, mine)
}

/** The different ways in which the shared agents rank the two lines: at most one for each pair of proficiencies. */
function toContests({ world, waiting, line }: Rivals, groups: Able): readonly Contest[] {
  const { roster } = world
  const contests = new Map<number, Contest>()
  for (const { agent } of groups) {
    if (!canServe(roster, agent, line)) continue
    const contest = { mine: toFit(roster, agent, waiting.line), theirs: toFit(roster, agent, line) }
    contests.set(1_000 * contest.mine.speedRatio + contest.theirs.speedRatio, contest)
  }
  return [...contests.values()]
}

/** Of those who are ahead for certain, the ones whom not all of these agents may take: they are not, after all. */
function countRestricted(
  { world, line, waiting, at }: Rivals,
  { groups, sure }: { readonly groups: Able; readonly sure: number },
): number {
  if (sure === 0) return 0
  const vetoed = [...world.vetoes.conversationIds()].flatMap((id) => world.queue.get(id) ?? [])
  const some = new Set([...line.restricted, ...vetoed.filter((other) => other.line === line)])
  if (some.size === 0) return 0
  const question = toQuestion(world, waiting, at)
  const able = groups.flatMap(({ group }) => group.members.filter((agent) => isAble(world.roster, agent, question)))
  let count = 0
  for (const other of some) {
    if (other === waiting || line.countBefore(other) >= sure) continue
    if (able.some((agent) => isBarred(world, other, { agentId: agent.id, at }))) count += 1
  }
  return count
}
