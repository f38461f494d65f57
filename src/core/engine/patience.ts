// How long work that has failed is tried again: growing pauses, a limit, and never the same moment for two that have failed together.

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10 * 60_000
/** Attempts in all: for half an hour, about. */
export const MAX_TRIES = 12
/** A row that is tried again by whoever has its turn at hand is left to them for so long beyond the pause. */
const GRACE_MS = 60_000
/** The farthest that anything is put off that is not parked. */
export const LONGEST_HOLD_MS = LONGEST_PAUSE_MS * 1.25 + GRACE_MS

/** After so many attempts. Doubles each time, up to a limit; up to a quarter more or less, by the name of the work: the same in every run. */
export function pauseAfter(tries: number, name: string): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
  return Math.round(pauseMs * (0.75 + 0.5 * shareOf(`${name}/${tries}`)))
}

/** Until when nobody else does what is tried again at this time. */
export function heldFrom(at: number): number {
  return at + GRACE_MS
}

/** From 0 to 1, spread evenly over names (FNV-1a). */
function shareOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32
}
