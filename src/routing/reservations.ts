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

interface State {
  awaits: 'settlement' | 'row'
  seenVersion: number
}

const NOTHING = { units: 0, newestAt: 0 }

export function createReservations(): Reservations {
  const held = new Map<string, Map<Reservation, State>>()

  function drop(reservation: Reservation): void {
    const own = held.get(reservation.agentId)
    own?.delete(reservation)
    if (own?.size === 0) held.delete(reservation.agentId)
  }

  return {
    add(reservation) {
      const own = held.get(reservation.agentId) ?? new Map<Reservation, State>()
      held.set(
        reservation.agentId,
        own.set(reservation, { awaits: 'settlement', seenVersion: reservation.seenVersion }),
      )
    },
    confirm(reservation, version) {
      const state = held.get(reservation.agentId)?.get(reservation)
      if (state === undefined) return
      if (version === undefined || version > state.seenVersion) drop(reservation)
      else state.awaits = 'row'
    },
    release: drop,
    sawRow(agentId, version) {
      for (const [reservation, state] of held.get(agentId) ?? []) {
        if (state.awaits === 'row' && version > state.seenVersion) drop(reservation)
      }
    },
    forget(agentId) {
      for (const [reservation, state] of held.get(agentId) ?? []) {
        state.seenVersion = -1
        if (state.awaits === 'row') drop(reservation)
      }
    },
    at(agentId) {
      const own = held.get(agentId)
      if (own === undefined) return NOTHING
      let [units, newestAt] = [0, 0]
      for (const reservation of own.keys()) {
        units += reservation.units
        newestAt = Math.max(newestAt, reservation.reservedAt)
      }
      return { units, newestAt }
    },
  }
}
