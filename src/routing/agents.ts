import type { AgentRow } from '../core/ports.ts'
import { type AgentState, toSkills } from './agent-state.ts'
import { createReservations, type Reservation, type Reservations } from './reservations.ts'
import { createSkillIndex, type Supply } from './skill-index.ts'

/** Everyone who may answer. Load = units of the newest row + reservations that it does not hold yet. */
export interface Roster {
  readonly size: number
  get(agentId: string): AgentState | undefined
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
  /** Everyone who has all the skills, whatever their presence. */
  capable(skills: readonly string[]): readonly AgentState[]
  supply(skills: readonly string[]): Supply
}

const DEFAULT_CAPACITY = 3
const RETRY_MS = 1_000
const NEVER = Number.NEGATIVE_INFINITY
const UNTIL_TOLD = Number.POSITIVE_INFINITY

/** `refusedVersion`: the row that the ledger refused last, as long as it is the newest. */
type Entry = { -readonly [Key in keyof AgentState]: AgentState[Key] } & { refusedVersion: number | undefined }

export function createRoster(): Roster {
  const entries = new Map<string, Entry>()
  const skillIndex = createSkillIndex()
  const reservations = createReservations()

  function put(row: AgentRow): void {
    const entry = entries.get(row.agent.id)
    const next = toEntry(row, entry)
    const isIndexed = entry !== undefined && isSame(entry.skills, next.skills)
    if (entry !== undefined && !isIndexed) skillIndex.remove(entry)
    if (entry?.row.presence !== row.presence) skillIndex.dutyChanged()
    const current = entry === undefined ? next : Object.assign(entry, next)
    entries.set(current.id, current)
    if (!isIndexed) skillIndex.add(current)
  }

  return {
    get size() {
      return entries.size
    },
    get: (agentId) => entries.get(agentId),
    put(row) {
      const entry = entries.get(row.agent.id)
      if (entry !== undefined && row.version < entry.row.version) return false
      put(row)
      reservations.sawRow(row.agent.id, row.version)
      recount(entries.get(row.agent.id), reservations)
      return true
    },
    remove(agentId) {
      const entry = entries.get(agentId)
      if (entry === undefined) return
      entries.delete(agentId)
      skillIndex.remove(entry)
      reservations.forget(agentId)
    },
    reserve(agentId, units, at) {
      const reservation = { agentId, units, reservedAt: at, seenVersion: entries.get(agentId)?.row.version ?? -1 }
      reservations.add(reservation)
      recount(entries.get(agentId), reservations)
      return reservation
    },
    confirm(reservation) {
      reservations.confirm(reservation, entries.get(reservation.agentId)?.row.version)
      recount(entries.get(reservation.agentId), reservations)
    },
    release(reservation) {
      reservations.release(reservation)
      recount(entries.get(reservation.agentId), reservations)
    },
    doubt: (reservation, at) => doubt(entries.get(reservation.agentId), reservation.seenVersion, at),
    capable: (skills) => skillIndex.capable(skills),
    supply: (skills) => skillIndex.supply(skills),
  }
}

function recount(entry: Entry | undefined, reservations: Reservations): void {
  if (entry === undefined) return
  const { units, newestAt } = reservations.at(entry.id)
  entry.load = entry.row.units + units
  entry.assignedAt = Math.max(entry.row.lastAssignedAt, newestAt)
}

function doubt(entry: Entry | undefined, seenVersion: number, at: number): number | undefined {
  if (entry?.row.version !== seenVersion) return undefined
  const retryAt = entry.refusedVersion === seenVersion ? at + RETRY_MS : undefined
  entry.refusedVersion = seenVersion
  entry.doubtedUntil = retryAt ?? UNTIL_TOLD
  return retryAt
}

/** A newer row ends every doubt. The same row again ends a first doubt, which is remembered; after that, only time does. */
function toEntry(row: AgentRow, before: Entry | undefined): Entry {
  const { agent, units, lastAssignedAt } = row
  const isNews = before === undefined || row.version > before.row.version
  return {
    id: agent.id,
    row,
    skills: before?.row.agent === agent ? before.skills : toSkills(agent),
    capacity: agent.capacity ?? DEFAULT_CAPACITY,
    load: units,
    assignedAt: lastAssignedAt,
    doubtedUntil: isNews || before.doubtedUntil === UNTIL_TOLD ? NEVER : before.doubtedUntil,
    refusedVersion: isNews ? undefined : before.refusedVersion,
  }
}

function isSame(some: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): boolean {
  return some.size === others.size && [...some].every(([skill, proficiency]) => others.get(skill) === proficiency)
}
