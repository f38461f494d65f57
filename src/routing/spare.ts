import { type AgentState, proficiencyOf } from './agent-state.ts'
import { isOpenToAll, toBarred } from './barred.ts'
import type { Crew, Sparing } from './crew.ts'
import { countFree, type Group } from './group.ts'
import type { Line, Waiting } from './line.ts'
import type { World } from './world.ts'

/**
 * Whoever is slow at something is spared for what they do better. Slow work takes their time from everybody else, and once all hands do
 * what they are slow at, nobody catches up any more. Such an agent takes a conversation only when at least one of these is true:
 * - They do nothing better, or nobody who is faster is on duty.
 * - So many wait for the same skills, and so many have room who are at least as good at what the agent does better, that
 *   `units waiting x agents with room^2 >= 0.6 x the sum over the seats of faster agents of (their speed / the agent's speed - 1)`.
 *   The agent is one of those with room; of several skills that are done better the one with the fewest counts.
 * - The conversation asks for this agent, or has waited for four times its target; or none of the faster may have it, or has as many of
 *   the skills it prefers.
 *
 * Nothing is remembered, and no time but the target counts: the rule is the same after a restart and on any clock.
 */
const SHARE = 0.6
const TARGETS = 4

/** Can anybody be spared at all? Not where all are fully proficient. */
export function sparesAnybody({ sparesSlow, roster }: World): boolean {
  return sparesSlow && roster.gradedCount > 0
}

/** Is the agent, who has the skills, spared for something better? */
export function isSpared(
  world: World,
  waiting: Waiting,
  { agent, at }: { readonly agent: AgentState; readonly at: number },
): boolean {
  if (!sparesAnybody(world) || isAskedFor(waiting, agent)) return false
  return isGroupSpared(world, waiting, { group: world.roster.groupOf(agent), at })
}

/** The same of everybody in a group, but for the one whom the conversation asks for. */
export function isGroupSpared(
  world: World,
  waiting: Waiting,
  { group, at }: { readonly group: Group; readonly at: number },
): boolean {
  return isSparedFor(world, waiting.line, { group }) && !isForAnybody(world, waiting, { group, at })
}

export function isAskedFor({ row }: Waiting, { id }: Pick<AgentState, 'id'>): boolean {
  return row.requirements.preferredAgentId === id
}

/** The same as far as the line goes, whatever there is to single conversations; with so many units more in it. */
export function isSparedFor(
  world: World,
  line: Line,
  { group, joining = 0 }: { readonly group: Group; readonly joining?: number },
): boolean {
  const slow = toSlow(world, line, group)
  if (slow === undefined) return false
  const { own, least, colleagues } = slow
  const units = joining + countUnits(world.queue.alike(line), least / own)
  const isEnough = (room: number): boolean => units * room ** 2 * own >= least
  return colleagues.some((numbers) => !isEnough(countRoom(world, numbers, isEnough)))
}

/** Is there a state of queue and colleagues in which the group is spared? */
export function mayBeSparedFor(world: World, line: Line, group: Group): boolean {
  const slow = toSlow(world, line, group)
  const { weight } = line.need
  return slow !== undefined && (weight < 1 || weight * slow.own < slow.least)
}

export function hasRoom({ roster }: World, line: Line): boolean {
  return roster.crewOf(line).groups.some((group) => countFree(group, line.need.weight) > 0)
}

/** Has anybody room for it who is slower than the best on duty? */
export function hasSlowRoom({ roster }: World, line: Line): boolean {
  const { groups, proficiencies, bestProficiency } = roster.crewOf(line)
  return groups.some(
    (group, index) => (proficiencies[index] ?? 0) < bestProficiency && countFree(group, line.need.weight) > 0,
  )
}

/** Does any of them help the line as it stands? */
export function hasSlowHelp(world: World, line: Line): boolean {
  const { groups, proficiencies, bestProficiency } = world.roster.crewOf(line)
  return groups.some(
    (group, index) =>
      (proficiencies[index] ?? 0) < bestProficiency &&
      countFree(group, line.need.weight) > 0 &&
      !isSparedFor(world, line, { group }),
  )
}

/** From when on anybody will do. */
export function helpAt({ row, need }: Waiting): number {
  return row.queuedAt + TARGETS * need.targetMs
}

/** Is there more to this conversation than to others of its line? */
export function isSpecial(world: World, waiting: Waiting): boolean {
  const { need, row } = waiting
  return (
    need.preferredSkills.length > 0 || row.requirements.preferredAgentId !== undefined || !isOpenToAll(world, waiting)
  )
}

/** Nobody who is faster may have it or is as much to its liking, or it has waited too long to be choosy. */
export function isForAnybody(
  world: World,
  waiting: Waiting,
  { group, at }: { readonly group: Group; readonly at: number },
): boolean {
  if (at >= helpAt(waiting)) return true
  const { roster } = world
  const { line, need } = waiting
  const crew = roster.crewOf(line)
  const { preferredSkills, weight } = need
  const liked = countLiked(group, preferredSkills)
  if (liked === 0 && isOpenToAll(world, waiting)) return false
  const own = proficiencyOf(group, crew.skills)
  const isFaster = (other: Pick<Group, 'skills' | 'capacity'>): boolean =>
    proficiencyOf(other, crew.skills) > own && other.capacity >= weight && countLiked(other, preferredSkills) >= liked
  let count = 0
  for (const other of crew.groups) if (isFaster(other)) count += other.onDutyCount
  for (const agentId of toBarred(world, waiting, at).keys()) {
    const agent = roster.get(agentId)
    if (agent?.row.presence === 'online' && isFaster(agent)) count -= 1
  }
  return count <= 0
}

function countLiked({ skills }: Pick<Group, 'skills'>, preferredSkills: readonly string[]): number {
  let count = 0
  for (const skill of preferredSkills) if (skills.has(skill)) count += 1
  return count
}

/** A group that could be spared for something better than a line. */
interface Slow {
  /** Their proficiency at the line. */
  readonly own: number
  /** What units that wait x agents with room^2 x proficiency must come to before they help. */
  readonly least: number
  /** Numbers of the groups who are at least as good at it, for each skill that they do better. */
  readonly colleagues: Colleagues
}

type Colleagues = readonly (readonly number[])[]

function toSlow(world: World, line: Line, group: Group): Slow | undefined {
  if (!sparesAnybody(world)) return undefined
  const crew = world.roster.crewOf(line)
  const own = proficiencyOf(group, crew.skills)
  if (own >= crew.bestProficiency) return undefined
  const sparing = (crew.sparing ??= {
    gaps: new Map<number, Map<number, number>>(),
    colleagues: new Map<number, Colleagues>(),
  })
  const least = SHARE * gapOf(crew, sparing, { own, weight: line.need.weight })
  const colleagues = colleaguesOf(world, { crew, sparing, own }, group)
  return least === 0 || colleagues.length === 0 ? undefined : { own, least, colleagues }
}

/** By how much the faster agents on duty are faster, over all their seats; those count who have seats enough. */
function gapOf(
  { groups, proficiencies }: Crew,
  { gaps }: Sparing,
  { own, weight }: { readonly own: number; readonly weight: number },
): number {
  const byWeight = gaps.get(own) ?? new Map<number, number>()
  const known = byWeight.get(weight)
  if (known !== undefined) return known
  let gap = 0
  for (const [index, { capacity, onDutyCount }] of groups.entries())
    if (capacity >= weight) gap += capacity * onDutyCount * Math.max(0, (proficiencies[index] ?? 0) - own)
  gaps.set(own, byWeight.set(weight, gap))
  return gap
}

function colleaguesOf(
  { roster }: World,
  { crew, sparing, own }: { readonly crew: Crew; readonly sparing: Sparing; readonly own: number },
  { number, skills }: Group,
): Colleagues {
  const known = sparing.colleagues.get(number)
  if (known !== undefined) return known
  const found: (readonly number[])[] = []
  for (const [skill, level] of skills) {
    const others = roster.crew([skill])
    if (level * crew.bestProficiency <= own * others.bestProficiency) continue
    found.push(
      others.groups.flatMap((other, index) => ((others.proficiencies[index] ?? 0) < level ? [] : [other.number])),
    )
  }
  sparing.colleagues.set(number, found)
  return found
}

/** What waits in the lines and is not proposed to anybody; not counted any further than `enough`. */
function countUnits(lines: readonly Line[], enough: number): number {
  let units = 0
  for (const line of lines)
    for (const { proposal } of line) {
      if (proposal === undefined) units += line.need.weight
      if (units >= enough) return units
    }
  return units
}

/** How many of the groups have room for one unit; not counted any further than is enough. */
function countRoom({ roster }: World, numbers: readonly number[], isEnough: (room: number) => boolean): number {
  const { free } = roster.table
  let room = 0
  for (const number of numbers) {
    room += free[number] ?? 0
    if (isEnough(room)) break
  }
  return room
}
