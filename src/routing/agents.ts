import type { AgentRow } from '../core/ports.ts'
import { type AgentState, toSkills } from './agent-state.ts'
import { createReservations, type Reservation, type Reservations } from './reservations.ts'
import { type Crew, createSkillIndex } from './skill-index.ts'

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
  /** Everyone who has all the skills, whatever their presence: the same value until `version` changes. */
  crew(skills: readonly string[]): Crew
  /** Changes whenever somebody comes, goes, learns, forgets, or goes on or off duty. */
  readonly version: number
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

  function change(entry: Entry, row: AgentRow): void {
    const { agent, presence } = entry.row
    if (agent !== row.agent) changeProfile(entry, row)
    const isNews = row.version > entry.row.version
    entry.row = row
    entry.load = row.units
    entry.assignedAt = row.lastAssignedAt
    if (presence !== row.presence) skillIndex.dutyChanged()
    // A newer row ends every doubt. The same row again ends a first doubt, which is remembered; after that, only time does.
    if (isNews || entry.doubtedUntil === UNTIL_TOLD) entry.doubtedUntil = NEVER
    if (isNews) entry.refusedVersion = undefined
  }

  function changeProfile(entry: Entry, { agent }: AgentRow): void {
    const skills = toSkills(agent)
    entry.capacity = agent.capacity ?? DEFAULT_CAPACITY
    if (isSame(entry.skills, skills)) return
    skillIndex.remove(entry)
    entry.skills = skills
    skillIndex.add(entry)
  }

  return {
    get size() {
      return entries.size
    },
    get: (agentId) => entries.get(agentId),
    put(row) {
      const entry = entries.get(row.agent.id)
      if (entry === undefined) {
        const created = toEntry(row)
        entries.set(created.id, created)
        skillIndex.add(created)
        recount(created, reservations)
        return true
      }
      if (row.version < entry.row.version) return false
      change(entry, row)
      reservations.sawRow(entry.id, row.version)
      recount(entry, reservations)
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
      const entry = entries.get(agentId)
      const reservation = { agentId, units, reservedAt: at, seenVersion: entry?.row.version ?? -1 }
      reservations.add(reservation)
      recount(entry, reservations)
      return reservation
    },
    confirm(reservation) {
      const entry = entries.get(reservation.agentId)
      reservations.confirm(reservation, entry?.row.version)
      recount(entry, reservations)
    },
    release(reservation) {
      reservations.release(reservation)
      recount(entries.get(reservation.agentId), reservations)
    },
    doubt: (reservation, at) => doubt(entries.get(reservation.agentId), reservation.seenVersion, at),
    crew: (skills) => skillIndex.crew(skills),
    get version() {
      return skillIndex.version
    },
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

function toEntry(row: AgentRow): Entry {
  const { agent, units, lastAssignedAt } = row
  return {
    id: agent.id,
    row,
    skills: toSkills(agent),
    capacity: agent.capacity ?? DEFAULT_CAPACITY,
    load: units,
    assignedAt: lastAssignedAt,
    doubtedUntil: NEVER,
    refusedVersion: undefined,
  }
}

function isSame(some: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): boolean {
  return some.size === others.size && [...some].every(([skill, proficiency]) => others.get(skill) === proficiency)
}
