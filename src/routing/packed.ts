/**
 * By what groups are ordered, as one number that is exact: the share of the load in parts of 120, then a level that the crew adds, then the
 * idle time. So a look at many groups is one comparison each, of which nearly all come out alike.
 */

/** Shares are counted in these parts: whole numbers for the capacities 1 to 6, 8, 10, 12, 15, 20, 24, 30 and so on. */
const PARTS = 120
/** Idle times are moments, whole and below: the year 2109. */
const MOMENTS = 2 ** 42
/** So many levels fit in between. */
export const LEVELS = 16

/** The rank where share or idle time is none of these numbers. */
export const UNPACKED = -1

/** What is added to the rank of a group for its level. */
export const toStep = (level: number): number => level * MOMENTS

/** A share in parts, or `UNPACKED`. */
export function toParts(share: number): number {
  const parts = Math.round(share * PARTS)
  return parts / PARTS === share ? parts : UNPACKED
}

export function toRank(parts: number, idleSince: number): number {
  const isWhole = idleSince >= 0 && idleSince < MOMENTS && Math.floor(idleSince) === idleSince
  return isWhole && parts !== UNPACKED ? parts * (LEVELS * MOMENTS) + idleSince : UNPACKED
}

/** By what the lower of two ranks comes first: the share, the level or the idle time. */
export function toPlace(rank: number, next: number): 2 | 3 | 4 {
  const [level, nextLevel] = [Math.floor(rank * (1 / MOMENTS)), Math.floor(next * (1 / MOMENTS))]
  if (level === nextLevel) return 4
  return Math.floor(level / LEVELS) === Math.floor(nextLevel / LEVELS) ? 3 : 2
}
