import { type AgentState, toShare, unchangedSince } from './agent-state.ts'
import { comesBefore, putOnShelf, type Shelf, type Shelved, takeOffShelf } from './shelf.ts'

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
  readonly first: (AgentState | undefined)[]
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

export function createGroupTable(): GroupTable {
  return { free: new Int32Array(16), share: new Float64Array(16), idleSince: new Float64Array(16), first: [] }
}

/** Makes room for one more group. */
export function growTable(table: GroupTable, number: number): void {
  if (number < table.free.length) return
  const size = 2 * table.free.length
  table.free = copied(new Int32Array(size), table.free)
  table.share = copied(new Float64Array(size), table.share)
  table.idleSince = copied(new Float64Array(size), table.idleSince)
}

function copied<Column extends Int32Array | Float64Array>(larger: Column, column: Column): Column {
  larger.set(column)
  return larger
}

/** Where an agent stands who has not joined yet. */
export const NO_GROUP: MutableGroup = {
  ...{ number: -1, skills: new Map<string, number>(), capacity: 0, members: [], shelves: [] },
  ...{ onDutyCount: 0, presentCount: 0 },
}

/** Shelves that are empty are kept up to this many: loads come again. */
const SPARE_SHELVES = 16

/** Puts the member on the shelf of their load, or takes them off when they may take nothing. */
export function shelve(
  member: Member,
  isReady: boolean,
  { table, order }: { table: GroupTable; order: OrderInGroup },
): void {
  const { group } = member
  takeOffShelf(member)
  if (isReady) putOnShelf(shelfFor(group, member.load), member, idleKey(member, order))
  refresh(group, table, order)
}

/** The first of the group who has room for so many units and is not barred. */
export function firstIn(
  { shelves, capacity }: Group,
  order: OrderInGroup,
  { units, isBarred }: { readonly units: number; readonly isBarred?: ((agentId: string) => boolean) | undefined },
): AgentState | undefined {
  let best: { readonly agent: AgentState; readonly key: number } | undefined
  for (const shelf of shelves) {
    if (shelf.load + units > capacity) break
    const place = isBarred === undefined ? 0 : firstAllowed(shelf, isBarred)
    const agent = shelf.agents[place]
    if (agent === undefined) continue
    if (order.byLoad) return agent
    const key = shelf.keys[place] ?? 0
    if (best === undefined || key < best.key || (key === best.key && agent.id < best.agent.id)) best = { agent, key }
  }
  return best?.agent
}

/** How many of the group have room for so many units. */
export function countFree({ shelves, capacity }: Group, units: number): number {
  let count = 0
  for (const shelf of shelves) if (shelf.load + units <= capacity) count += shelf.agents.length
  return count
}

function idleKey(agent: AgentState, { idleSince }: OrderInGroup): number {
  return idleSince === 'assigned' ? agent.assignedAt : unchangedSince(agent)
}

function shelfFor({ shelves }: MutableGroup, load: number): Shelf {
  let index = 0
  while (index < shelves.length && (shelves[index]?.load ?? 0) < load) index += 1
  const known = shelves[index]
  if (known?.load === load) return known
  const created: Shelf = { load, agents: [], keys: [] }
  shelves.splice(index, 0, created)
  if (shelves.length > SPARE_SHELVES)
    for (let at = shelves.length - 1; at >= 0; at--)
      if (shelves[at] !== created && shelves[at]?.agents.length === 0) shelves.splice(at, 1)
  return created
}

function refresh({ number, shelves, capacity }: Group, table: GroupTable, { byLoad }: OrderInGroup): void {
  let free = 0
  let first: AgentState | undefined
  let key = 0
  for (let index = 0; index < shelves.length; index++) {
    const shelf = shelves[index]
    if (shelf === undefined || shelf.load + 1 > capacity) break
    const head = shelf.agents[0]
    if (head === undefined) continue
    free += shelf.agents.length
    const own = shelf.keys[0] ?? 0
    const isBetter = first === undefined || (!byLoad && (own < key || (own === key && head.id < first.id)))
    if (!isBetter) continue
    first = head
    key = own
  }
  table.free[number] = free
  table.first[number] = first
  table.share[number] = byLoad && first !== undefined ? toShare(first) : 0
  table.idleSince[number] = key
}

/** The place of the first on the shelf who is not barred, or -1. Below somebody who is not, nobody comes before them. */
function firstAllowed(shelf: Shelf, isBarred: (agentId: string) => boolean, from = 0): number {
  const agent = shelf.agents[from]
  if (agent === undefined) return -1
  if (!isBarred(agent.id)) return from
  const left = firstAllowed(shelf, isBarred, 2 * from + 1)
  const right = firstAllowed(shelf, isBarred, 2 * from + 2)
  if (left < 0 || right < 0) return Math.max(left, right)
  return comesBefore(shelf, left, right) ? left : right
}
