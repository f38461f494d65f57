import type { Order, Ranks, Standing } from './agent-policies.ts'
import type { Columns, Crew } from './crew.ts'
import type { Group, GroupTable, Sorting } from './group.ts'
import type { Waiting } from './line.ts'
import type { PickedAgent } from './picked.ts'
import { comesBefore, type Floor, secondOn } from './shelf.ts'
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
  let best = -1
  let count = 0
  let decidedBy = 0
  for (let index = 0; index < numbers.length; index++) {
    const free = table.free[numbers[index] as number] as number // columns are as long as each other
    if (free === 0) continue
    count += free
    if (best < 0) {
      best = index
      continue
    }
    const verdict = compareGroups({ columns, table, floor }, index, best)
    if (verdict > 0) best = index
    decidedBy = verdict > 0 ? verdict : Math.max(decidedBy, -verdict)
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

/** As `compareStandings`: above 0 when the first of the one group is better; the magnitude is the place in `Ranks.labels`. */
function compareGroups(
  { columns, table, floor }: { readonly columns: Columns; readonly table: GroupTable; readonly floor: Floor },
  one: number,
  other: number,
): number {
  const { numbers, before, between } = columns
  const [a, b] = [numbers[one] as number, numbers[other] as number] // within the columns, as all below
  let difference = (before[one] as number) - (before[other] as number)
  if (difference !== 0) return difference < 0 ? 1 : -1
  difference = (table.share[a] as number) - (table.share[b] as number)
  if (difference !== 0) return difference < 0 ? 2 : -2
  difference = (between[one] as number) - (between[other] as number)
  if (difference !== 0) return difference < 0 ? 3 : -3
  difference = (table.idleSince[a] as number) - (table.idleSince[b] as number)
  if (difference !== 0) return difference < 0 ? 4 : -4
  return comesBefore(floor, table.first[a] as number, table.first[b] as number) ? 5 : -5
}

/** By what the first of a group comes before the next of the same group: 0 when there is none. */
function decidedInGroup({ shelves, capacity }: Group, { floor, order: { byLoad } }: Sorting): number {
  let least = Number.POSITIVE_INFINITY
  let decidedBy = 0
  for (let index = 0; index < shelves.length; index++) {
    const shelf = shelves[index]
    if (shelf === undefined || shelf.load + 1 > capacity) break
    if (shelf.agents.length === 0) continue
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
    if (shelf.agents.length > 0) return true
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
