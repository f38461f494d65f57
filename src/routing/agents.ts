import { createHeap } from '../core/heap.ts'
import type { AgentRow } from '../core/ports.ts'
import { type AgentState, isOnline } from './agent-state.ts'
import type { Asker, Counts, Crew } from './crew.ts'
import { copyRow, Entry, isSameProfile, takeProfile } from './entry.ts'
import { type Group, type GroupTable, type OrderInGroup, shelve, type Sorting } from './group.ts'
import { createGroups, type Groups } from './groups.ts'
import {
  addHeld,
  confirmHeld,
  dropHeld,
  forgetRows,
  type Held,
  type Holdings,
  type Reservation,
  sawRow,
} from './reservations.ts'
import { growFloor } from './shelf.ts'

/** Everyone who may answer. Load = units of the newest row + reservations that it does not hold yet. */
export interface Roster extends Readonly<Counts>, Sorting {
  get(agentId: string): AgentState | undefined
  groupOf(agent: AgentState): Group
  /** `false` when the row is older than what is known. */
  put(row: AgentRow): boolean
  remove(agentId: string): void
  reserve(agent: AgentState, units: number, at: number): Reservation
  confirm(reservation: Reservation): void
  release(reservation: Reservation): void
  /**
   * The ledger refused: the agent takes nothing until a row comes, unless news came since the reservation. When the very same
   * row was refused before, its coming again proves nothing: then returns the moment to try again anyway.
   */
  doubt(reservation: Reservation, at: number): number | undefined
  /** It is that late: presences lapse, doubts end. */
  pass(at: number): void
  /** Puts everybody where they belong. To be called before anything is read from groups and their table. */
  tidy(): void
  /** Everyone who has all the skills, whatever their presence: the same value until `version` changes. */
  crew(skills: readonly string[]): Crew
  /** Everyone who has the skills that the line asks for. */
  crewOf(line: Asker): Crew
  readonly table: GroupTable
}

const RETRY_MS = 1_000
const UNTIL_TOLD = Number.POSITIVE_INFINITY
const DEFAULT_ORDER: OrderInGroup = { byLoad: true, idleSince: 'assigned' }

/** What a roster is made of. */
interface Books {
  readonly entries: Map<string, Entry>
  readonly groups: Groups
  readonly lapses: Lapses
  readonly counts: Counts
  /** Numbers of those who have gone. */
  readonly spareNumbers: number[]
  /** Those whose place on the shelves may not be what it should be: the first so many. */
  readonly moving: Entry[]
  movingCount: number
}

/** Presences that lapse and doubts that end, by their time. */
type Lapses = ReturnType<typeof createHeap<{ readonly at: number; readonly entry: Entry; readonly isDoubt: boolean }>>

export function createRoster(order: OrderInGroup = DEFAULT_ORDER): Roster {
  const entries = new Map<string, Entry>()
  const counts: Counts = { size: 0, onDutyCount: 0, version: 0, groupVersion: 0, gradedCount: 0 }
  const groups = createGroups(order, counts)
  const lapses: Lapses = createHeap((one, other) => one.at < other.at)
  const books: Books = { entries, groups, lapses, counts, spareNumbers: [], moving: [], movingCount: 0 }
  /** Who was asked for last: the same one is nearly always asked for again at once. */
  let last: Entry | undefined
  /** One that is over, to be written over: what is made anew for every pair and hangs on an old object is a collector's work. */
  let spare: Held | undefined
  /** What was reserved of agents who have been removed since. */
  const orphans = new Map<string, Holdings>()

  function find(agentId: string): Entry | undefined {
    if (last?.id !== agentId || last.isGone) last = entries.get(agentId)
    return last
  }

  function remove(agentId: string): void {
    const entry = entries.get(agentId)
    if (entry === undefined) return
    entries.delete(agentId)
    counts.size -= 1
    entry.isGone = true
    groups.leave(entry)
    books.spareNumbers.push(entry.number)
    const kept = forgetRows({ newest: entry.newest })
    if (kept.newest !== undefined) orphans.set(agentId, kept)
  }

  return Object.assign(counts, readGroups(groups), {
    get: find,
    put(row: AgentRow) {
      const entry = find(row.agent.id)
      if (entry === undefined) {
        enter(books, row, orphans.get(row.agent.id) ?? { newest: undefined })
        orphans.delete(row.agent.id)
        return true
      }
      if (row.version < entry.version) return false
      change(books, entry, row)
      return true
    },
    remove,
    reserve(agent: AgentState, units: number, at: number) {
      const entry = agent as Entry // every agent state was made here
      last = entry
      const { id: agentId, version: seenVersion } = entry
      const held = spare ?? { agentId, units, reservedAt: at, seenVersion, awaits: 'settlement', next: undefined }
      if (spare !== undefined) {
        held.agentId = agentId
        held.units = units
        held.reservedAt = at
        held.seenVersion = seenVersion
        held.awaits = 'settlement'
        spare = undefined
      }
      addHeld(entry, held)
      settle(books, entry)
      return held
    },
    confirm(reservation: Reservation) {
      const entry = find(reservation.agentId)
      const holdings = entry ?? orphans.get(reservation.agentId)
      if (holdings === undefined) return
      const held = confirmHeld(holdings, reservation, entry?.version)
      if (held === undefined) return
      if (holdings.newest === undefined) spare = held
      if (entry !== undefined) settle(books, entry)
    },
    release(reservation: Reservation) {
      const entry = find(reservation.agentId)
      const holdings = entry ?? orphans.get(reservation.agentId)
      if (holdings !== undefined) dropHeld(holdings, reservation)
      if (entry !== undefined) settle(books, entry)
    },
    doubt: (reservation: Reservation, at: number) => doubt(books, reservation, at),
    pass: (at: number) => pass(books, at),
    tidy: () => tidy(books),
  })
}

/** What is asked of the groups. Every agent state and group was made by them. */
function readGroups({
  table,
  floor,
  order,
  crew,
  crewOf,
}: Groups): Sorting & Pick<Roster, 'table' | 'groupOf' | 'crew' | 'crewOf'> {
  return { table, floor, order, crew, crewOf, groupOf: (agent) => (agent as Entry).group }
}

function enter(books: Books, row: AgentRow, holdings: Holdings): void {
  const entry = new Entry(row, holdings, books.spareNumbers.pop() ?? books.counts.size)
  books.entries.set(entry.id, entry)
  books.counts.size += 1
  growFloor(books.groups.floor, entry.number)
  books.groups.floor.agents[entry.number] = entry
  books.groups.join(entry)
  watchLease(books, entry)
  settle(books, entry)
}

function change(books: Books, entry: Entry, row: AgentRow): void {
  const { groups } = books
  const { agent, presence, presenceUntil } = entry
  const isNews = row.version > entry.version
  const isMoved = agent !== row.agent && !isSameProfile(entry, row)
  const isOtherPresence = presence !== row.presence || presenceUntil !== row.presenceUntil
  if (isMoved) groups.leave(entry)
  else if (isOtherPresence) groups.count(entry, -1)
  copyRow(entry, row)
  if (isMoved || isOtherPresence) entry.isLapsed = false
  if (isMoved) {
    takeProfile(entry, row.agent)
    groups.join(entry)
  } else if (isOtherPresence) groups.count(entry, 1)
  if (isMoved || isOtherPresence) watchLease(books, entry)
  // A newer row ends every doubt. The same row again ends a first doubt, which is remembered; after that, only time does.
  if (isNews || entry.doubtedUntil === UNTIL_TOLD) entry.doubtedUntil = undefined
  if (isNews) entry.refusedVersion = undefined
  sawRow(entry, row.version)
  settle(books, entry)
}

/** Counts what the entry holds. Where it stands is put right at the next look, once for all that happened until then. */
function settle(books: Books, entry: Entry): void {
  let load = entry.units
  let assignedAt = entry.lastAssignedAt
  for (let held = entry.newest; held !== undefined; held = held.next) {
    load += held.units
    if (held.reservedAt > assignedAt) assignedAt = held.reservedAt
  }
  entry.load = load
  entry.assignedAt = assignedAt
  if (entry.isMoving) return
  entry.isMoving = true
  books.moving[books.movingCount++] = entry
}

function tidy(books: Books): void {
  if (books.movingCount === 0) return
  for (let index = 0; index < books.movingCount; index++) {
    const entry = books.moving[index]
    if (entry === undefined) break
    entry.isMoving = false
    if (entry.isGone) continue
    const isReady = entry.presence === 'online' && !entry.isLapsed && entry.doubtedUntil === undefined
    if (isReady || entry.shelf !== undefined) shelve(entry, isReady, books.groups)
  }
  books.movingCount = 0
}

function pass(books: Books, at: number): void {
  const { lapses } = books
  for (let first = lapses.peek(); first !== undefined && first.at <= at; first = lapses.peek()) {
    lapses.pop()
    if (first.isDoubt) trust(books, first.entry, at)
    else lapse(books, first.entry, at)
  }
}

function watchLease({ lapses }: Books, entry: Entry): void {
  const { presence, presenceUntil } = entry
  if (presence === 'online' && presenceUntil !== null) lapses.push({ at: presenceUntil, entry, isDoubt: false })
}

function lapse(books: Books, entry: Entry, at: number): void {
  if (entry.isGone || entry.isLapsed || entry.presence !== 'online' || isOnline(entry, at)) return
  books.groups.count(entry, -1)
  entry.isLapsed = true
  books.groups.count(entry, 1)
  settle(books, entry)
}

function trust(books: Books, entry: Entry, at: number): void {
  if (entry.isGone || (entry.doubtedUntil !== undefined && at < entry.doubtedUntil)) return
  entry.doubtedUntil = undefined
  settle(books, entry)
}

function doubt(books: Books, { agentId, seenVersion }: Reservation, at: number): number | undefined {
  const entry = books.entries.get(agentId)
  if (entry?.version !== seenVersion) return undefined
  const retryAt = entry.refusedVersion === seenVersion ? at + RETRY_MS : undefined
  entry.refusedVersion = seenVersion
  entry.doubtedUntil = retryAt ?? UNTIL_TOLD
  if (retryAt !== undefined) books.lapses.push({ at: retryAt, entry, isDoubt: true })
  settle(books, entry)
  return retryAt
}

/** Has the lease of their presence run out, as of the last look at the time? */
export function isLapsed(agent: AgentState): boolean {
  return (agent as Entry).isLapsed // every agent state was made here
}
