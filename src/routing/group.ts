import { type AgentState, toShare, unchangedSince } from './agent-state.ts'
import { toParts, toRank, UNPACKED } from './packed.ts'
import { comesBefore, type Floor, putOnShelf, type Shelf, type Shelved, takeOffShelf } from './shelf.ts'

/** Agents with the same skills, proficiencies and capacity: for every conversation they differ in load and idle time alone. */
export interface Group {
  /** Its row in the {@link GroupTable}. */
  readonly number: number
  readonly skills: ReadonlyMap<string, number>
  readonly capacity: number
  readonly members: readonly AgentState[]
  /** Members who are online by their row. */
  readonly onDutyCount: number
  /** Of these, those whose presence has not lapsed. */
  readonly presentCount: number
  /** Those who may take something, by load, the least first. */
  readonly shelves: readonly Shelf[]
}

/** In which order agents of one group are asked. */
export interface OrderInGroup {
  /** The least loaded first; otherwise idle time alone decides. */
  readonly byLoad: boolean
  /** Idle since the last assignment, or since anything began or ended. */
  readonly idleSince: 'assigned' | 'changed'
}

/** What a choice looks at in each group, for conversations of one unit: columns, so that many groups are read quickly. */
export interface GroupTable {
  /** How many could take one unit. */
  free: Int32Array
  /** Load of the first of them as a share of capacity; 0 where load does not count. */
  share: Float64Array
  /** Since when the first is idle. */
  idleSince: Float64Array
  /** The number of that first agent, or -1. */
  first: Int32Array
  /** Share and idle time as one number, see `packed.ts`; infinite where nobody has room. */
  rank: Float64Array
  /** In how many rows that could not be done. */
  unpackedCount: number
}

/** Where the agents of all groups stand. */
export interface Sorting {
  readonly floor: Floor
  readonly order: OrderInGroup
}

/** A member as the group keeps them. */
export interface Member extends Shelved {
  group: MutableGroup
  memberIndex: number
}

export interface MutableGroup extends Group {
  readonly members: Member[]
  onDutyCount: number
  presentCount: number
  readonly shelves: Shelf[]
}

// Written out: V8 gives each object that is made by spreading others a shape of its own.
export function createGroup({ number, skills, capacity }: Pick<Group, 'number' | 'skills' | 'capacity'>): MutableGroup {
  return { number, skills, capacity, members: [], onDutyCount: 0, presentCount: 0, shelves: [] }
}

export function createGroupTable(): GroupTable {
  const size = 16
  return {
    free: new Int32Array(size),
    share: new Float64Array(size),
    idleSince: new Float64Array(size),
    first: new Int32Array(size).fill(-1),
    rank: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    unpackedCount: 0,
  }
}

/** Makes room for one more group. */
export function growTable(table: GroupTable, number: number): void {
  if (number < table.free.length) return
  const size = 2 * table.free.length
  table.free = copied(new Int32Array(size), table.free)
  table.share = copied(new Float64Array(size), table.share)
  table.idleSince = copied(new Float64Array(size), table.idleSince)
  table.first = copied(new Int32Array(size).fill(-1), table.first)
  table.rank = copied(new Float64Array(size).fill(Number.POSITIVE_INFINITY), table.rank)
}

function copied<Column extends Int32Array | Float64Array>(larger: Column, column: Column): Column {
  larger.set(column)
  return larger
}

/** Where an agent stands who has not joined yet. */
export const NO_GROUP: MutableGroup = createGroup({ number: -1, skills: new Map<string, number>(), capacity: 0 })

/** Shelves that are empty are kept up to this many: loads come again. */
const SPARE_SHELVES = 16

/** Puts the member on the shelf of their load, or takes them off when they may take nothing. */
export function shelve(member: Member, isReady: boolean, about: Sorting & { readonly table: GroupTable }): void {
  const { group } = member
  const { floor, order } = about
  takeOffShelf(floor, member)
  if (isReady) {
    floor.idleSince[member.number] = idleKey(member, order)
    putOnShelf(floor, shelfFor(group, member.load), member)
  }
  refresh(group, about)
}

/** The first of the group who has room for so many units and is not barred. */
export function firstIn(
  { shelves, capacity }: Group,
  { floor, order }: Sorting,
  { units, isBarred }: { readonly units: number; readonly isBarred?: ((agentId: string) => boolean) | undefined },
): AgentState | undefined {
  let best: number | undefined
  for (const shelf of shelves) {
    if (shelf.load + units > capacity) break
    const number =
      shelf.size === 0
        ? undefined
        : isBarred === undefined
          ? shelf.agents[0]
          : firstAllowed(floor, shelf, { isBarred, from: 0 })
    if (number === undefined) continue
    if (best === undefined || comesBefore(floor, number, best)) best = number
    if (order.byLoad) break
  }
  return best === undefined ? undefined : floor.agents[best]
}

/** How many of the group have room for so many units. */
export function countFree({ shelves, capacity }: Group, units: number): number {
  let count = 0
  for (const shelf of shelves) if (shelf.load + units <= capacity) count += shelf.size
  return count
}

function idleKey(agent: AgentState, { idleSince }: OrderInGroup): number {
  return idleSince === 'assigned' ? agent.assignedAt : unchangedSince(agent)
}

function shelfFor({ shelves, capacity }: MutableGroup, load: number): Shelf {
  // Where loads are whole numbers, each nearly always stands at its own.
  const guessed = load < shelves.length ? shelves[load] : undefined
  if (guessed?.load === load) return guessed
  let index = 0
  while (index < shelves.length && (shelves[index]?.load ?? 0) < load) index += 1
  const known = shelves[index]
  if (known?.load === load) return known
  const created: Shelf = { load, parts: toParts(toShare({ load, capacity })), size: 0, agents: [] }
  shelves.splice(index, 0, created)
  if (shelves.length > SPARE_SHELVES)
    for (let at = shelves.length - 1; at >= 0; at--)
      if (shelves[at] !== created && shelves[at]?.size === 0) shelves.splice(at, 1)
  return created
}

function refresh({ number, shelves, capacity }: Group, { table, floor, order }: Sorting & { table: GroupTable }): void {
  let free = 0
  let first = -1
  let load = 0
  let parts = 0
  for (let index = 0; index < shelves.length; index++) {
    const shelf = shelves[index]
    if (shelf === undefined || shelf.load + 1 > capacity) break
    const headCount = shelf.size
    if (headCount === 0) continue
    free += headCount
    if (first >= 0 && order.byLoad) continue
    const head = shelf.agents[0] ?? -1
    if (first >= 0 && !comesBefore(floor, head, first)) continue
    first = head
    if (!order.byLoad) continue
    load = shelf.load
    parts = shelf.parts
  }
  const idleSince = first < 0 ? 0 : (floor.idleSince[first] ?? 0)
  const rank = first < 0 ? Number.POSITIVE_INFINITY : toRank(parts, idleSince)
  if (table.rank[number] === UNPACKED) table.unpackedCount -= 1
  if (rank === UNPACKED) table.unpackedCount += 1
  table.free[number] = free
  table.first[number] = first
  table.share[number] = toShare({ load, capacity })
  table.idleSince[number] = idleSince
  table.rank[number] = rank
}

/** The first on the shelf who is not barred. Below somebody who is not, nobody comes before them. */
function firstAllowed(
  floor: Floor,
  shelf: Shelf,
  { isBarred, from }: { readonly isBarred: (agentId: string) => boolean; readonly from: number },
): number | undefined {
  const number = shelf.agents[from]
  if (number === undefined || !isBarred(floor.agents[number]?.id ?? '')) return number
  const left = firstAllowed(floor, shelf, { isBarred, from: 2 * from + 1 })
  const right = firstAllowed(floor, shelf, { isBarred, from: 2 * from + 2 })
  if (left === undefined || right === undefined) return left ?? right
  return comesBefore(floor, left, right) ? left : right
}
