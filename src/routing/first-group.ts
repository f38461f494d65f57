import type { Roster } from './agents.ts'
import type { Columns } from './crew.ts'
import { toPlace } from './packed.ts'
import { comesBefore } from './shelf.ts'

/** The first of the groups by its index, or -1; how many agents have room; and by what the first comes before the next: 0 when there is none. */
export interface Found {
  readonly best: number
  readonly count: number
  readonly decidedBy: number
}

/** The order is the same as that of `compareStandings`. */
export function findFirst(roster: Roster, columns: Columns): Found {
  const { steps } = columns
  return steps === undefined || roster.table.unpackedCount > 0
    ? findByColumns(roster, columns)
    : findByRank(roster, columns, steps)
}

/** Tier by tier. Of the second best only the rank is kept: it tells by what it was beaten. */
function findByRank(roster: Roster, { numbers, tiers }: Columns, steps: Float64Array): Found {
  const { free, rank } = roster.table
  let best = -1
  let count = 0
  let isTied = false
  let bestRank = Number.POSITIVE_INFINITY
  let nextRank = Number.POSITIVE_INFINITY
  let index = 0
  for (let tier = 0; tier < tiers.length && best < 0; tier++) {
    const end = tiers[tier] ?? 0
    for (; index < end; index++) {
      const group = numbers[index] as number
      count += free[group] as number
      const own = (rank[group] as number) + (steps[index] as number)
      if (own >= nextRank) continue
      if (own > bestRank) {
        nextRank = own
        continue
      }
      isTied = own === bestRank
      if (isTied && !isFirstBefore(roster, group, numbers[best] as number)) continue
      if (!isTied) nextRank = bestRank
      bestRank = own
      best = index
    }
  }
  const countInTier = count
  for (; index < numbers.length; index++) count += free[numbers[index] as number] as number
  const isAlone = nextRank === Number.POSITIVE_INFINITY
  return { best, count, decidedBy: isTied ? 5 : isAlone ? (count > countInTier ? 1 : 0) : toPlace(bestRank, nextRank) }
}

function findByColumns(roster: Roster, { numbers, before, between }: Columns): Found {
  const { table } = roster
  const { free, share, idleSince } = table
  // All columns are as long as each other. Nothing is called and nothing is made in here: it runs for every group of the crew.
  let best = -1
  let count = 0
  let decidedBy = 0
  let bestBefore = 0
  let bestShare = 0
  let bestBetween = 0
  let bestSince = 0
  for (let index = 0; index < numbers.length; index++) {
    const group = numbers[index] as number
    const own = free[group] as number
    if (own === 0) continue
    count += own
    let place = 1
    let difference = best < 0 ? -1 : (before[index] as number) - bestBefore
    if (difference === 0) {
      place = 2
      difference = (share[group] as number) - bestShare
    }
    if (difference === 0) {
      place = 3
      difference = (between[index] as number) - bestBetween
    }
    if (difference === 0) {
      place = 4
      difference = (idleSince[group] as number) - bestSince
    }
    if (difference === 0) {
      place = 5
      difference = isFirstBefore(roster, group, numbers[best] as number) ? -1 : 1
    }
    if (difference > 0) {
      if (place > decidedBy) decidedBy = place
      continue
    }
    decidedBy = best < 0 ? 0 : place
    best = index
    bestBefore = before[index] as number
    bestShare = share[group] as number
    bestBetween = between[index] as number
    bestSince = idleSince[group] as number
  }
  return { best, count, decidedBy }
}

/** Does the first of the one group come before the first of the other? */
function isFirstBefore({ table, floor }: Roster, one: number, other: number): boolean {
  return comesBefore(floor, table.first[one] as number, table.first[other] as number)
}
