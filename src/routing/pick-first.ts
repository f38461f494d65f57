import type { Order, Ranks, Standing } from './agent-policies.ts'
import type { Roster } from './agents.ts'
import type { Columns, Crew } from './crew.ts'
import type { Group, Sorting } from './group.ts'
import type { Waiting } from './line.ts'
import type { PickedAgent } from './picked.ts'
import { comesBefore, secondOn } from './shelf.ts'
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
  const { numbers, before, between } = columns
  const { table, floor } = roster
  const { free, share, idleSince } = table
  // All columns are as long as each other. Nothing is called and nothing is made in here: it runs for every group of the crew.
  let best = -1
  let count = 0
  let decidedBy = 0
  let bestBefore = 0
  let bestShare = 0
  let bestBetween = 0
  let bestSince = 0
  for (let index = 0; index < numbers.length; index++) {
    const group = numbers[index] as number
    const own = free[group] as number
    if (own === 0) continue
    count += own
    let place = 1
    let difference = best < 0 ? -1 : (before[index] as number) - bestBefore
    if (difference === 0) {
      place = 2
      difference = (share[group] as number) - bestShare
    }
    if (difference === 0) {
      place = 3
      difference = (between[index] as number) - bestBetween
    }
    if (difference === 0) {
      place = 4
      difference = (idleSince[group] as number) - bestSince
    }
    if (difference === 0) {
      place = 5
      difference = isFirstBefore(roster, group, numbers[best] as number) ? -1 : 1
    }
    if (difference > 0) {
      if (place > decidedBy) decidedBy = place
      continue
    }
    decidedBy = best < 0 ? 0 : place
    best = index
    bestBefore = before[index] as number
    bestShare = share[group] as number
    bestBetween = between[index] as number
    bestSince = idleSince[group] as number
  }
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

/** Does the first of the one group come before the first of the other? */
function isFirstBefore({ table, floor }: Roster, one: number, other: number): boolean {
  return comesBefore(floor, table.first[one] as number, table.first[other] as number)
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
  const { before, between } = ranks
  const standings = crew.groups.map(({ members }, index): Standing | undefined => {
    const [agent] = members
    const proficiency = crew.proficiencies[index] ?? 0
    return agent === undefined ? undefined : { agent, proficiency, crew, isPreferred: false, preferredCount: 0 }
  })
  const column = (ground: Ranks['before']): Float64Array =>
    Float64Array.from(standings, (standing) =>
      standing === undefined || ground === undefined ? 0 : ground.of(standing, plain.history),
    )
  const columns = {
    numbers: Int32Array.from(crew.groups, ({ number }) => number),
    before: column(before),
    between: column(between),
  }
  crew.columns = columns
  return columns
}
