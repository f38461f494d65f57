import type { AgentRow } from '../core/ports.ts'
import type { Agent } from '../core/types.ts'
import { type AgentState, toSkills } from './agent-state.ts'
import { type MutableGroup, type Member, NO_GROUP } from './group.ts'
import type { Held, Holdings } from './reservations.ts'
import type { Shelf } from './shelf.ts'

const DEFAULT_CAPACITY = 3

/**
 * One agent as the roster keeps them. Their newest row, what they hold beyond it and where they stand are fields of one object, those of
 * every step first: of a hundred thousand agents the next is never in the processor's cache, and each object more is one more wait for
 * memory.
 */
export class Entry implements Member, Holdings, AgentRow {
  version: number
  units: number
  agent: Agent
  presence: AgentRow['presence']
  presenceUntil: AgentRow['presenceUntil']
  outside: AgentRow['outside']
  /** The newest reservation. */
  newest: Held | undefined
  load: number
  /** They may stand on the wrong shelf. */
  isMoving = false
  lastAssignedAt: number
  lastFreedAt: number
  assignedAt: number
  shelf: Shelf | undefined = undefined
  group: MutableGroup = NO_GROUP // until it joins
  readonly number: number
  capacity: number
  /** The lease of their presence has run out. */
  isLapsed = false
  doubtedUntil: number | undefined = undefined
  readonly id: string
  /** Removed from the roster. */
  isGone = false
  presenceAt: number
  skills: ReadonlyMap<string, number>
  memberIndex = 0
  /** The row that the ledger refused last, as long as it is the newest. */
  refusedVersion: number | undefined = undefined

  constructor(row: AgentRow, { newest }: Holdings, number: number) {
    const { agent } = row
    this.version = row.version
    this.units = row.units
    this.agent = agent
    this.presence = row.presence
    this.presenceUntil = row.presenceUntil
    this.outside = row.outside
    this.newest = newest
    this.load = row.units
    this.lastAssignedAt = row.lastAssignedAt
    this.lastFreedAt = row.lastFreedAt ?? 0
    this.assignedAt = row.lastAssignedAt
    this.number = number
    this.capacity = agent.capacity ?? DEFAULT_CAPACITY
    this.id = agent.id
    this.presenceAt = row.presenceAt
    this.skills = toSkills(agent)
  }

  get row(): AgentRow {
    return this
  }
}

/** Into the fields that are kept: rows come all the time, and those that nobody keeps cost the least. */
export function copyRow(entry: Entry, row: AgentRow): void {
  entry.version = row.version
  entry.units = row.units
  entry.lastAssignedAt = row.lastAssignedAt
  entry.lastFreedAt = row.lastFreedAt ?? 0
  entry.presenceUntil = row.presenceUntil
  entry.presenceAt = row.presenceAt
  if (entry.agent !== row.agent) entry.agent = row.agent
  if (entry.presence !== row.presence) entry.presence = row.presence
  if (entry.outside !== row.outside) entry.outside = row.outside
}

export function isSameProfile({ skills, capacity }: AgentState, { agent }: AgentRow): boolean {
  if (capacity !== (agent.capacity ?? DEFAULT_CAPACITY)) return false
  const others = toSkills(agent)
  return skills.size === others.size && [...skills].every(([skill, proficiency]) => others.get(skill) === proficiency)
}

/** What the agent's profile says. */
export function takeProfile(entry: Entry, agent: Agent): void {
  entry.skills = toSkills(agent)
  entry.capacity = agent.capacity ?? DEFAULT_CAPACITY
}
