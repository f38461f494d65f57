import { createHeap } from '../core/heap.ts'
import type { AgentRow } from '../core/ports.ts'
import { type AgentState, isOnline, toSkills } from './agent-state.ts'
import { type Crew, createCrews } from './crew.ts'
import {
  createGroupTable,
  type Group,
  type GroupTable,
  type Member,
  type MutableGroup,
  type OrderInGroup,
  shelve,
} from './group.ts'
import {
  confirmHeld,
  dropHeld,
  forgetRows,
  type Held,
  type Holdings,
  type Reservation,
  sawRow,
} from './reservations.ts'
import { takeOffShelf } from './shelf.ts'

/** Everyone who may answer. Load = units of the newest row + reservations that it does not hold yet. */
export interface Roster {
  readonly size: number
  /** Online by their row. */
  readonly onDutyCount: number
  get(agentId: string): AgentState | undefined
  groupOf(agent: AgentState): Group
  /** `false` when the row is older than what is known. */
  put(row: AgentRow): boolean
  remove(agentId: string): void
  reserve(agentId: string, units: number, at: number): Reservation
  confirm(reservation: Reservation): void
  release(reservation: Reservation): void
  /**
   * The ledger refused: the agent takes nothing until a row comes, unless news came since the reservation. When the very same
   * row was refused before, its coming again proves nothing: then returns the moment to try again anyway.
   */
  doubt(reservation: Reservation, at: number): number | undefined
  /** It is that late: presences lapse, doubts end. To be called before anything is read from groups and their table. */
  advance(at: number): void
  /** The same without looking at the time. */
  tidy(): void
  /** Everyone who has all the skills, whatever their presence: the same value until `version` changes. */
  crew(skills: readonly string[]): Crew
  /** Changes whenever somebody comes, goes, learns, forgets, or goes on or off duty. */
  readonly version: number
  /** Changes whenever a group is made or given up. */
  readonly groupVersion: number
  readonly table: GroupTable
  readonly order: OrderInGroup
}

const DEFAULT_CAPACITY = 3
const RETRY_MS = 1_000
const NEVER = Number.NEGATIVE_INFINITY
const UNTIL_TOLD = Number.POSITIVE_INFINITY
const DEFAULT_ORDER: OrderInGroup = { byLoad: true, idleSince: 'assigned' }

/** `refusedVersion`: the row that the ledger refused last, as long as it is the newest. */
interface Entry extends Member {
  row: AgentRow
  skills: ReadonlyMap<string, number>
  capacity: number
  load: number
  assignedAt: number
  doubtedUntil: number
  refusedVersion: number | undefined
  isLapsed: boolean
  isMoving: boolean
  isGone: boolean
  holdings: Holdings
}

export function createRoster(order: OrderInGroup = DEFAULT_ORDER): Roster {
  const entries = new Map<string, Entry>()
  /** What was reserved of agents who have been removed since. */
  const orphans = new Map<string, Holdings>()
  const groups = new Map<string, MutableGroup>()
  const table = createGroupTable()
  const crews = createCrews({ [Symbol.iterator]: () => groups.values() })
  const lapses = createHeap<{ readonly at: number; readonly entry: Entry; readonly isDoubt: boolean }>(
    (one, other) => one.at < other.at,
  )
  const spareNumbers: number[] = []
  /** Those whose place on the shelves is not what it should be: the first so many. */
  const moving: Entry[] = []
  let [groupVersion, onDutyCount, movingCount] = [0, 0, 0]

  function join(entry: Entry): void {
    const key = keyOf(entry)
    let group = groups.get(key)
    if (group === undefined) {
      group = createGroup(entry, spareNumbers.pop() ?? groups.size, table)
      groups.set(key, group)
      groupVersion += 1
      crews.regrouped()
    }
    entry.group = group
    entry.memberIndex = group.members.push(entry) - 1
    count(entry, 1)
  }

  function leave(entry: Entry): void {
    const { group, memberIndex } = entry
    shelve(entry, false, { table, order })
    count(entry, -1)
    const last = group.members.pop()
    if (last !== undefined && last !== entry) {
      group.members[memberIndex] = last
      last.memberIndex = memberIndex
    }
    if (group.members.length > 0) return
    groups.delete(keyOf(entry))
    spareNumbers.push(group.number)
    groupVersion += 1
    crews.regrouped()
  }

  /** Counts the entry in or out, as its row and lapse stand. */
  function count({ group, row, isLapsed }: Entry, by: 1 | -1): void {
    crews.changed()
    if (row.presence !== 'online') return
    onDutyCount += by
    group.onDutyCount += by
    if (!isLapsed) group.presentCount += by
  }

  function settle(entry: Entry): void {
    const { holdings, row } = entry
    let [load, assignedAt] = [row.units, row.lastAssignedAt]
    for (let index = 0; index < holdings.length; index++) {
      const held = holdings[index]
      if (held === undefined) break
      load += held.units
      if (held.reservedAt > assignedAt) assignedAt = held.reservedAt
    }
    entry.load = load
    entry.assignedAt = assignedAt
    if (entry.isMoving) return
    entry.isMoving = true
    moving[movingCount++] = entry
  }

  /** Whoever has changed stands where they belong from now on: once for all that happened since the last look. */
  function tidy(): void {
    for (let index = 0; index < movingCount; index++) {
      const entry = moving[index]
      if (entry === undefined) break
      entry.isMoving = false
      if (entry.isGone) continue
      const isReady = entry.row.presence === 'online' && !entry.isLapsed && entry.doubtedUntil === NEVER
      if (isReady || entry.shelf !== undefined) shelve(entry, isReady, { table, order })
    }
    movingCount = 0
  }

  function change(entry: Entry, row: AgentRow): void {
    const { agent, presence, presenceUntil } = entry.row
    const isNews = row.version > entry.row.version
    const isMoved = agent !== row.agent && !isSameProfile(entry, row)
    const isOtherPresence = presence !== row.presence || presenceUntil !== row.presenceUntil
    if (isMoved) leave(entry)
    else if (isOtherPresence) count(entry, -1)
    entry.row = row
    if (isMoved || isOtherPresence) entry.isLapsed = false
    if (isMoved) {
      entry.skills = toSkills(row.agent)
      entry.capacity = row.agent.capacity ?? DEFAULT_CAPACITY
      join(entry)
    } else if (isOtherPresence) count(entry, 1)
    if (isMoved || isOtherPresence) watchLease(entry)
    // A newer row ends every doubt. The same row again ends a first doubt, which is remembered; after that, only time does.
    if (isNews || entry.doubtedUntil === UNTIL_TOLD) entry.doubtedUntil = NEVER
    if (isNews) entry.refusedVersion = undefined
    sawRow(entry.holdings, row.version)
    settle(entry)
  }

  function watchLease(entry: Entry): void {
    const { presence, presenceUntil } = entry.row
    if (presence === 'online' && presenceUntil !== null) lapses.push({ at: presenceUntil, entry, isDoubt: false })
  }

  function lapse(entry: Entry, at: number): void {
    if (entry.isGone || entry.isLapsed || isOnline(entry, at)) return
    if (entry.row.presence !== 'online') return
    count(entry, -1)
    entry.isLapsed = true
    count(entry, 1)
    settle(entry)
  }

  function trust(entry: Entry, at: number): void {
    if (entry.isGone || at < entry.doubtedUntil) return
    entry.doubtedUntil = NEVER
    settle(entry)
  }

  const entryOf = (agentId: string): Entry | undefined => entries.get(agentId)

  return {
    table,
    order,
    get size() {
      return entries.size
    },
    get onDutyCount() {
      return onDutyCount
    },
    get: entryOf,
    groupOf: (agent) => (agent as Entry).group, // every agent state was made here
    put(row) {
      const entry = entryOf(row.agent.id)
      if (entry === undefined) {
        const created = toEntry(row, orphans.get(row.agent.id) ?? [])
        orphans.delete(created.id)
        entries.set(created.id, created)
        join(created)
        watchLease(created)
        settle(created)
        return true
      }
      if (row.version < entry.row.version) return false
      change(entry, row)
      return true
    },
    remove(agentId) {
      const entry = entryOf(agentId)
      if (entry === undefined) return
      entries.delete(agentId)
      entry.isGone = true
      leave(entry)
      const kept = forgetRows(entry.holdings)
      if (kept.length > 0) orphans.set(agentId, kept)
    },
    reserve(agentId, units, at) {
      const entry = entryOf(agentId)
      const held: Held = { agentId, units, reservedAt: at, seenVersion: entry?.row.version ?? -1, awaits: 'settlement' }
      if (entry === undefined) return held
      entry.holdings.push(held)
      settle(entry)
      return held
    },
    confirm(reservation) {
      const entry = entryOf(reservation.agentId)
      const holdings = entry?.holdings ?? orphans.get(reservation.agentId)
      if (holdings === undefined) return
      if (confirmHeld(holdings, reservation, entry?.row.version) && entry !== undefined) settle(entry)
    },
    release(reservation) {
      const entry = entryOf(reservation.agentId)
      dropHeld(entry?.holdings ?? orphans.get(reservation.agentId) ?? [], reservation)
      if (entry !== undefined) settle(entry)
    },
    doubt({ agentId, seenVersion }, at) {
      const entry = entryOf(agentId)
      if (entry?.row.version !== seenVersion) return undefined
      const retryAt = entry.refusedVersion === seenVersion ? at + RETRY_MS : undefined
      entry.refusedVersion = seenVersion
      entry.doubtedUntil = retryAt ?? UNTIL_TOLD
      if (retryAt !== undefined) lapses.push({ at: retryAt, entry, isDoubt: true })
      settle(entry)
      return retryAt
    },
    advance(at) {
      for (let first = lapses.peek(); first !== undefined && first.at <= at; first = lapses.peek()) {
        lapses.pop()
        if (first.isDoubt) trust(first.entry, at)
        else lapse(first.entry, at)
      }
      tidy()
    },
    tidy,
    crew: (skills) => crews.crew(skills),
    get version() {
      return crews.version
    },
    get groupVersion() {
      return groupVersion
    },
  }
}

function createGroup({ skills, capacity }: Entry, number: number, table: GroupTable): MutableGroup {
  if (number >= table.free.length) {
    const size = 2 * table.free.length
    table.free = grown(new Int32Array(size), table.free)
    table.share = grown(new Float64Array(size), table.share)
    table.idleSince = grown(new Float64Array(size), table.idleSince)
  }
  return { number, skills, capacity, members: [], onDutyCount: 0, presentCount: 0, shelves: [] }
}

function grown<Column extends Int32Array | Float64Array>(larger: Column, column: Column): Column {
  larger.set(column)
  return larger
}

function keyOf({ skills, capacity }: Pick<AgentState, 'skills' | 'capacity'>): string {
  return JSON.stringify([capacity, ...[...skills].sort(([one], [other]) => (one < other ? -1 : 1))])
}

function toEntry(row: AgentRow, holdings: Holdings): Entry {
  const { agent, units, lastAssignedAt } = row
  const skills = toSkills(agent)
  const capacity = agent.capacity ?? DEFAULT_CAPACITY
  return {
    id: agent.id,
    row,
    skills,
    capacity,
    load: units,
    assignedAt: lastAssignedAt,
    doubtedUntil: NEVER,
    refusedVersion: undefined,
    isLapsed: false,
    isMoving: false,
    isGone: false,
    holdings,
    group: NO_GROUP, // until it joins
    memberIndex: 0,
    shelf: undefined,
    place: 0,
  }
}

const NO_GROUP: MutableGroup = {
  number: -1,
  skills: new Map(),
  capacity: 0,
  members: [],
  onDutyCount: 0,
  presentCount: 0,
  shelves: [],
}

function isSameProfile({ skills, capacity }: AgentState, { agent }: AgentRow): boolean {
  if (capacity !== (agent.capacity ?? DEFAULT_CAPACITY)) return false
  const others = toSkills(agent)
  return skills.size === others.size && [...skills].every(([skill, proficiency]) => others.get(skill) === proficiency)
}
