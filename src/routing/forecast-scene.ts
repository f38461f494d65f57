import type { Field } from './forecast-field.ts'
import type { Pace } from './forecast-pace.ts'
import type { Line } from './line.ts'
import type { QueuePolicy } from './queue-policies.ts'

/** How things stand for one conversation: what is ahead of it and may come to be, in numbers that can be run forward. */
export interface Scene {
  readonly at: number
  /** By line: since when those wait who may go first, the oldest first; of its own line, all before it. */
  readonly ahead: readonly (readonly number[])[]
  /** The place of its own line in the field. */
  readonly mine: number
  /** It waits since. */
  readonly since: number
  /** Each of `ahead` stands for so many, so that no run takes more than so many steps. */
  readonly quantum: number
  readonly aheadCount: number
  /** Others who are still to come and may go first; `undefined` when there are none. */
  readonly joining: Joining | undefined
  readonly leavingRate: number
}

export interface Joining {
  /** Per ms, by line, each with all before it. */
  readonly sums: Float64Array
  readonly total: number
  /** By group: seats that are free for them. */
  readonly free: Int32Array
}

interface About {
  readonly field: Field
  readonly pace: Pace
  readonly policy: QueuePolicy
  readonly line: Line
  /** The place of the line in the field. */
  readonly mine: number
  readonly at: number
  /** It waits since. */
  readonly since: number
  /** So many of its own line are before it. */
  readonly place: number
  /** So many may be ahead before they are taken together. */
  readonly most: number
}

// It is asked for every customer who waits: plain loops, because those over typed arrays are slow where they make others.
export function toScene({ field, pace, policy, line, mine, at, since, place, most }: About): Scene {
  const { fits, isEven, lines } = field
  const own = fits[mine]
  const myScore = own === undefined ? 0 : policy.score({ row: { queuedAt: since }, need: line.need }, own, at)
  const rates = new Float64Array(lines.length)

  /** How many of another line may go first; those who are still to join it too, if they may. */
  function countAhead(other: Line, index: number): number {
    const fit = fits[index]
    if (fit === undefined) return 0
    if (isEven && policy.score({ row: { queuedAt: at }, need: other.need }, fit, at) <= myScore)
      return other.size === 0 ? 0 : other.countWhile((waiting) => policy.score(waiting, fit, at) >= myScore)
    rates[index] = pace.joiningRate(other, at)
    return other.size
  }

  const counts: number[] = []
  let aheadCount = 0
  for (const [index, other] of lines.entries()) {
    const count = index === mine ? place : countAhead(other, index)
    counts.push(count)
    aheadCount += count
  }
  const quantum = Math.max(1, aheadCount / most)
  return {
    at,
    mine,
    since,
    quantum,
    aheadCount,
    ahead: sample(lines, counts, quantum),
    joining: toJoining(field, rates),
    leavingRate: pace.leavingRate(),
  }
}

function toJoining({ groups }: Field, rates: Float64Array): Joining | undefined {
  let total = 0
  for (let index = 0; index < rates.length; index++) rates[index] = total += rates[index] ?? 0
  if (total === 0) return undefined
  const free = new Int32Array(groups.length)
  for (const [index, { shelves, capacity }] of groups.entries()) {
    let seats = 0
    for (const { load, size } of shelves) if (load < capacity) seats += (capacity - load) * size
    free[index] = seats
  }
  return { sums: rates, total, free }
}

/** One of so many, over all lines together, so that short ones count for what they are. */
function sample(lines: readonly Line[], counts: readonly number[], quantum: number): readonly (readonly number[])[] {
  let carried = 0
  return lines.map((line, index) => {
    const count = counts[index] ?? 0
    if (count === 0) return NOBODY
    carried += count / quantum
    const taken = Math.floor(carried + 1e-9)
    carried -= taken
    return taken === 0 ? NOBODY : line.pick(taken, count)
  })
}

const NOBODY: readonly number[] = []
