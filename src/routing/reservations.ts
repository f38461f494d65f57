/** A seat held for a proposal until the store's own count holds it. */
export interface Reservation {
  readonly agentId: string
  readonly units: number
  readonly reservedAt: number
  /** The newest row of the agent when it was made. */
  readonly seenVersion: number
}

/**
 * The seats that have been promised but are not yet in the agent's row.
 *
 * Rows are absolute and versioned, so what counts is whether the newest row already holds the seat. A reservation counts from
 * `add` until
 * - `release`: the offer was not made; or
 * - after `confirm`, a row newer than the one seen at `add`. If that row came first, `confirm` ends it at once; if it comes
 *   later, `sawRow` does.
 *
 * So the seat is never missing between the two reports. When the row comes first, the seat counts twice until `confirm`: too
 * careful for a moment, never too bold. The sum is exact once both have come, and a row that is late or comes twice changes
 * nothing. Only if an unrelated change of the same agent slips in between reservation and confirmation may the seat be missing,
 * until the row that holds it arrives; the ledger's guard refuses what would be too much.
 */
export interface Reservations {
  add(reservation: Reservation): void
  /** `version`: the newest row of the agent; `undefined` when there is no such agent any more. */
  confirm(reservation: Reservation, version: number | undefined): void
  release(reservation: Reservation): void
  sawRow(agentId: string, version: number): void
  /** The agent is gone. Should they come back, their versions may begin anew. */
  forget(agentId: string): void
  /** What is held at an agent: units, and the time of the newest reservation (0 for none). */
  at(agentId: string): { readonly units: number; readonly newestAt: number }
}

interface Held {
  readonly reservation: Reservation
  awaits: 'settlement' | 'row'
  seenVersion: number
}

const NOTHING = { units: 0, newestAt: 0 }

/** Of one agent there are few at a time: a list is the quickest. */
export function createReservations(): Reservations {
  const heldAt = new Map<string, Held[]>()
  const NONE: readonly Held[] = []
  const listOf = (agentId: string): readonly Held[] => heldAt.get(agentId) ?? NONE

  function drop(reservation: Reservation): void {
    const held = heldAt.get(reservation.agentId)
    const index = held?.findIndex((each) => each.reservation === reservation) ?? -1
    if (index >= 0) held?.splice(index, 1)
  }

  return {
    add(reservation) {
      const held: Held = { reservation, awaits: 'settlement', seenVersion: reservation.seenVersion }
      const known = heldAt.get(reservation.agentId)
      if (known === undefined) heldAt.set(reservation.agentId, [held])
      else known.push(held)
    },
    confirm(reservation, version) {
      const held = listOf(reservation.agentId).find((each) => each.reservation === reservation)
      if (held === undefined) return
      if (version === undefined || version > held.seenVersion) drop(reservation)
      else held.awaits = 'row'
    },
    release: drop,
    sawRow(agentId, version) {
      const held = heldAt.get(agentId)
      if (held === undefined || held.length === 0) return
      const kept = held.filter(({ awaits, seenVersion }) => awaits !== 'row' || version <= seenVersion)
      if (kept.length < held.length) heldAt.set(agentId, kept)
    },
    forget(agentId) {
      const kept = listOf(agentId).filter(({ awaits }) => awaits !== 'row')
      for (const held of kept) held.seenVersion = -1
      if (kept.length === 0) heldAt.delete(agentId)
      else heldAt.set(agentId, kept)
    },
    at(agentId) {
      const held = heldAt.get(agentId)
      if (held === undefined || held.length === 0) return NOTHING
      let [units, newestAt] = [0, 0]
      for (const { reservation } of held) {
        units += reservation.units
        newestAt = Math.max(newestAt, reservation.reservedAt)
      }
      return { units, newestAt }
    },
  }
}
