import type { Order, Ranks } from './agent-policies.ts'
import type { Columns, Crew } from './crew.ts'
import { findFirst } from './first-group.ts'
import type { Group, Sorting } from './group.ts'
import type { Waiting } from './line.ts'
import { LEVELS, toStep } from './packed.ts'
import type { PickedAgent } from './picked.ts'
import { secondOn } from './shelf.ts'
import type { World } from './world.ts'

/**
 * The choice that nearly all conversations come to: one unit, nobody barred, nobody preferred. One look at each group, and nothing is
 * made but what is returned. The order is the same as that of `compareStandings`.
 */
export function pickFirst(
  { roster }: World,
  order: Order & { readonly ranks: Ranks },
  { waiting, at }: { readonly waiting: Waiting; readonly at: number },
): PickedAgent | undefined {
  const crew = roster.crewOf(waiting.line)
  const columns = crew.columns ?? toColumns(crew, order)
  const { numbers } = columns
  const { table, floor } = roster
  const { best, count, decidedBy } = findFirst(roster, columns)
  const number = numbers[best]
  const agent = number === undefined ? undefined : floor.agents[table.first[number] ?? -1]
  if (agent === undefined) return undefined
  const inGroup = decidedInGroup(roster.groupOf(agent), roster)
  return {
    waiting,
    agent,
    at,
    because: { label: order.ranks.labels[Math.max(decidedBy, inGroup)], count },
    rejected: {
      skill: roster.size - crew.memberCount,
      declined: 0,
      plugin: 0,
      presence: crew.memberCount - crew.presentCount,
      capacity: crew.presentCount - count,
    },
  }
}

/** By what the first of a group comes before the next of the same group: 0 when there is none. */
function decidedInGroup({ shelves, capacity }: Group, { floor, order: { byLoad } }: Sorting): number {
  let least = Number.POSITIVE_INFINITY
  let decidedBy = 0
  for (let index = 0; index < shelves.length; index++) {
    const shelf = shelves[index]
    if (shelf === undefined || shelf.load + 1 > capacity) break
    if (shelf.size === 0) continue
    const second = secondOn(shelf, floor)
    const own = second === undefined ? 0 : second === 'equal' ? 5 : 4
    if (byLoad) return own > 0 ? own : hasMore(shelves, index, capacity) ? 2 : 0
    const key = floor.idleSince[shelf.agents[0] ?? 0] ?? 0
    if (decidedBy > 0 || least < Number.POSITIVE_INFINITY) decidedBy = Math.max(decidedBy, key === least ? 5 : 4)
    if (key < least) decidedBy = Math.max(own, Math.min(decidedBy, 4))
    least = Math.min(least, key)
  }
  return decidedBy
}

function hasMore(shelves: Group['shelves'], after: number, capacity: number): boolean {
  for (let index = after + 1; index < shelves.length; index++) {
    const shelf = shelves[index]
    if (shelf === undefined || shelf.load + 1 > capacity) return false
    if (shelf.size > 0) return true
  }
  return false
}

function toColumns(crew: Crew, { plain, ranks }: Order & { readonly ranks: Ranks }): Columns {
  const valueOf = (ground: Ranks['before'], index: number): number => {
    const agent = crew.groups[index]?.members[0]
    if (agent === undefined || ground === undefined) return 0
    const proficiency = crew.proficiencies[index] ?? 0
    return ground.of({ agent, proficiency, crew, isPreferred: false, preferredCount: 0 }, plain.history)
  }
  const rows = crew.groups.map(({ number }, index) => ({
    number,
    before: valueOf(ranks.before, index),
    between: valueOf(ranks.between, index),
  }))
  rows.sort((one, other) => one.before - other.before)
  const ends = rows.flatMap(({ before }, index) => (rows[index + 1]?.before === before ? [] : [index + 1]))
  const columns = {
    numbers: Int32Array.from(rows, ({ number }) => number),
    before: Float64Array.from(rows, ({ before }) => before),
    between: Float64Array.from(rows, ({ between }) => between),
    tiers: ends,
    steps: toSteps(rows.map(({ between }) => between)),
  }
  crew.columns = columns
  return columns
}

function toSteps(between: readonly number[]): Float64Array | undefined {
  const levels = [...new Set(between)].sort((one, other) => one - other)
  return levels.length > LEVELS ? undefined : Float64Array.from(between, (own) => toStep(levels.indexOf(own)))
}
