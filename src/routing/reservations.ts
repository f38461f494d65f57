/**
 * A seat that has been promised but is not yet in the agent's row.
 *
 * Rows are absolute and versioned, so what counts is whether the newest row already holds the seat. A reservation counts from
 * `reserve` until
 * - `release`: the offer was not made; or
 * - after `confirm`, a row newer than the one seen at `reserve`. If that row came first, `confirm` ends it at once; if it comes
 *   later, the row does.
 *
 * So the seat is never missing between the two reports. When the row comes first, the seat counts twice until `confirm`: too
 * careful for a moment, never too bold. The sum is exact once both have come, and a row that is late or comes twice changes
 * nothing. Only if an unrelated change of the same agent slips in between reservation and confirmation may the seat be missing,
 * until the row that holds it arrives; the ledger's guard refuses what would be too much.
 */
export interface Reservation {
  readonly agentId: string
  readonly units: number
  readonly reservedAt: number
  /** The newest row of the agent when it was made. */
  readonly seenVersion: number
}

/** A reservation as the roster keeps it. */
export interface Held extends Reservation {
  agentId: string
  units: number
  reservedAt: number
  awaits: 'settlement' | 'row'
  seenVersion: number
  /** The one before it. */
  next: Held | undefined
}

/** What an agent holds beyond the row, the newest first. A chain: nearly always one or none, and an array that is emptied is made anew. */
export interface Holdings {
  newest: Held | undefined
}

export function addHeld(holdings: Holdings, held: Held): void {
  held.next = holdings.newest
  holdings.newest = held
}

/** `version`: the newest row of the agent; `undefined` when there is no such agent any more. Returns nothing when it was over already. */
export function confirmHeld(
  holdings: Holdings,
  reservation: Reservation,
  version: number | undefined,
): Held | undefined {
  let held = holdings.newest
  while (held !== undefined && held !== reservation) held = held.next
  if (held === undefined) return undefined
  if (version === undefined || version > held.seenVersion) dropHeld(holdings, held)
  else held.awaits = 'row'
  return held
}

/** Nearly always the newest, and then nothing is looked for. */
export function dropHeld(holdings: Holdings, reservation: Reservation): void {
  if (holdings.newest === reservation) holdings.newest = holdings.newest.next
  else keepOnly(holdings, (held) => held !== reservation)
}

/** A row of that version has come: what it holds is counted there from now on. */
export function sawRow(holdings: Holdings, version: number): void {
  const { newest } = holdings
  if (newest === undefined || (newest.next === undefined && newest.awaits === 'settlement')) return
  keepOnly(holdings, ({ awaits, seenVersion }) => awaits !== 'row' || version <= seenVersion)
}

/** The agent is gone. Should they come back, their versions may begin anew; what is not settled still counts then. */
export function forgetRows(holdings: Holdings): Holdings {
  keepOnly(holdings, ({ awaits }) => awaits !== 'row')
  for (let held = holdings.newest; held !== undefined; held = held.next) held.seenVersion = -1
  return holdings
}

function keepOnly(holdings: Holdings, isKept: (held: Held) => boolean): void {
  let kept: Held | undefined
  for (let held = holdings.newest; held !== undefined; held = held.next) {
    if (isKept(held)) kept = held
    else if (kept === undefined) holdings.newest = held.next
    else kept.next = held.next
  }
}
