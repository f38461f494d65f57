import type { AgentRow } from '../core/ports.ts'
import type { Agent } from '../core/types.ts'

/** One agent as the matcher sees them. */
export interface AgentState {
  readonly id: string
  readonly row: AgentRow
  /** Proficiency, 1 to 5, by skill. */
  readonly skills: ReadonlyMap<string, number>
  /** Units at once. */
  readonly capacity: number
  /** Units held: what the store counts, and reservations on top. */
  readonly load: number
  /** When they were last given a conversation; epoch ms, 0 for never. */
  readonly assignedAt: number
  /** Takes nothing before this moment, because the ledger sees them otherwise than the row does. */
  readonly doubtedUntil: number | undefined
}

/** Online, as far as presence and its lease go. */
export function isOnline({ row }: AgentState, at: number): boolean {
  return row.presence === 'online' && (row.presenceUntil === null || at < row.presenceUntil)
}

/** Online, not in doubt, and with room for so many units. */
export function canTake(agent: AgentState, units: number, at: number): boolean {
  const { doubtedUntil } = agent
  return (
    isOnline(agent, at) && (doubtedUntil === undefined || at >= doubtedUntil) && agent.load + units <= agent.capacity
  )
}

/** No room for anything, however small. */
export function isFull({ load, capacity }: AgentState): boolean {
  return load >= capacity
}

/** Load as a share of capacity. */
export function toShare({ load, capacity }: Pick<AgentState, 'load' | 'capacity'>): number {
  return load / Math.max(capacity, 1)
}

/** Since when nothing has come to the agent and nothing has ended; epoch ms, 0 for ever. */
export function unchangedSince({ row, assignedAt }: AgentState): number {
  return Math.max(assignedAt, row.lastFreedAt ?? 0)
}

/** How good somebody is at a set of skills: the lowest proficiency among them, 5 when none is asked for, 0 when one is missing. */
export function proficiencyOf({ skills }: Pick<AgentState, 'skills'>, wanted: readonly string[]): number {
  let lowest = 5
  for (let index = 0; index < wanted.length; index++) {
    const own = skills.get(wanted[index] ?? '') ?? 0
    if (own < lowest) lowest = own
  }
  return lowest
}

/** An agent's proficiency by skill. A list means 5 in each. */
export function toSkills({ skills = [] }: Agent): ReadonlyMap<string, number> {
  if (isList(skills)) return new Map(skills.map((skill) => [skill, 5]))
  return new Map(Object.entries(skills).flatMap(([skill, proficiency]) => (proficiency ? [[skill, proficiency]] : [])))
}

function isList(skills: NonNullable<Agent['skills']>): skills is readonly string[] {
  return Array.isArray(skills)
}
