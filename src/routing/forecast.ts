import type { Forecast } from '../core/types.ts'
import type { Roster } from './agents.ts'
import type { Crew } from './crew.ts'
import { proficiencyOf } from './agent-state.ts'
import type { Waiting } from './line.ts'
import type { Queue } from './queue.ts'

/**
 * How long those who wait, and those who would come now, are likely to wait; learnt from those who waited before them.
 *
 * A base is worked out from what is ahead, how much of the capacity it shares, how fast seats come free and how many give up; what the
 * waits turned out to be in proportion to their bases makes the median and the ninetieth percentile of the next ones.
 */
export interface Forecaster {
  /** An agent's row tells of so many units held, after so many. */
  heldChanged(before: number, after: number): void
  /** It is that late, and nothing more can be matched now. */
  passed(at: number): void
  /** It could not be matched at once. */
  mustWait(waiting: Waiting): void
  started(waiting: Waiting, at: number): void
  /** It left the queue without an agent. */
  gaveUp(waiting: Waiting): void
  forSkills(skills: readonly string[]): Forecast | 'unknown'
  forWaiting(waiting: Waiting): Forecast | 'unknown'
}

/** Weight of the newest in running means. */
const WEIGHT = 0.01
/** Ratios of waits to bases that are remembered for each set of skills, and so many are needed. */
const [MEMORY, LEAST] = [200, 50]
/** Shorter bases say little about ratios. */
const LEAST_BASE_MS = 5_000
/** Before so many gave up, nobody is expected to. */
const LEAST_GAVE_UP = 5
/** Above so many ahead, the sum over them is taken as an integral. */
const MANY = 500

export function createForecaster(roster: Roster, queue: Queue): Forecaster {
  const lessonsFor = createLibrary()
  const overlaps = createOverlaps()
  let [held, heldThen, freed, lastAt] = [0, 0, 0, Number.NaN]
  /** Running sums: unit-ms that were held, and units that came free. */
  let [heldMs, freedCount] = [0, 0]
  let [gaveUpCount, waitedMs] = [0, 0]
  let gone: Waiting[] = []

  /** Those ahead, each counted as far as they compete for the same seats. */
  function countAhead(crew: Crew, isAhead: (other: Waiting) => boolean): number {
    let sum = 0
    for (const line of queue.lines()) {
      if (line.size === 0) continue
      const overlap = overlaps(roster.crewOf(line), crew)
      if (overlap > 0) sum += overlap * line.countWhile(isAhead)
    }
    return sum
  }

  /** In ms; `undefined` when nothing is known of how fast seats come free. */
  function toBase(crew: Crew, isAhead: (other: Waiting) => boolean): number | undefined {
    const seats = crew.groups.reduce((sum, { presentCount, capacity }) => sum + presentCount * capacity, 0)
    const rate = heldMs > 0 ? seats * (freedCount / heldMs) : 0
    if (rate === 0) return undefined
    const leaving = gaveUpCount > LEAST_GAVE_UP && waitedMs > 0 ? gaveUpCount / waitedMs : 0
    return toSum(countAhead(crew, isAhead) + 1, rate, leaving)
  }

  function toForecast(skills: readonly string[], base: number | undefined): Forecast | 'unknown' {
    const { count, quantile } = lessonsFor(skills)
    if (base === undefined || count() < LEAST) return 'unknown'
    const scale = Math.max(LEAST_BASE_MS, base)
    return { p50Ms: Math.round(scale * quantile(0.5)), p90Ms: Math.round(scale * quantile(0.9)), sampleCount: count() }
  }

  return {
    heldChanged(before, after) {
      held += after - before
      if (after < before) freed += before - after
    },
    passed(at) {
      if (at > lastAt) heldMs += heldThen * (at - lastAt)
      if (!(at <= lastAt)) lastAt = at
      heldThen = held // what changes is told at the moment it does
      if (freed > 0) {
        const keep = (1 - WEIGHT) ** freed
        heldMs *= keep
        freedCount = freedCount * keep + freed
        freed = 0
      }
      for (const { row } of gone) {
        gaveUpCount += 1
        waitedMs += Math.max(0, at - row.queuedAt)
      }
      if (gone.length > 0) gone = []
    },
    mustWait(waiting) {
      if (waiting.base !== undefined) return
      const { line } = waiting
      waiting.base = toBase(roster.crewOf(line), (other) => other.row.queuedAt < waiting.row.queuedAt) ?? 0
    },
    started({ base, row, line }, at) {
      const waitMs = Math.max(0, at - row.queuedAt)
      waitedMs += waitMs
      if (base !== undefined && base > 0) lessonsFor(line.need.skills).learn(waitMs / Math.max(LEAST_BASE_MS, base))
    },
    gaveUp(waiting) {
      gone.push(waiting)
    },
    forSkills(skills) {
      roster.tidy()
      const crew = roster.crew(skills)
      const isFree = crew.groups.some(({ number }) => (roster.table.free[number] ?? 0) > 0)
      if (isFree && lessonsFor(skills).count() >= LEAST)
        return { p50Ms: 0, p90Ms: 0, sampleCount: lessonsFor(skills).count() }
      return isFree
        ? 'unknown'
        : toForecast(
            skills,
            toBase(crew, () => true),
          )
    },
    forWaiting(waiting) {
      const { line, row } = waiting
      return toForecast(
        line.need.skills,
        toBase(roster.crewOf(line), (other) => other.row.queuedAt < row.queuedAt),
      )
    },
  }
}

/** {@link overlapOf}, once for each two crews: they are made anew when anybody comes or goes. */
function createOverlaps(): (theirs: Crew, mine: Crew) => number {
  const known = new WeakMap<Crew, WeakMap<Crew, number>>()
  return (theirs, mine) => {
    if (theirs === mine) return 1
    let ours = known.get(mine)
    if (ours === undefined) known.set(mine, (ours = new WeakMap()))
    let overlap = ours.get(theirs)
    if (overlap === undefined) ours.set(theirs, (overlap = overlapOf(theirs, mine)))
    return overlap
  }
}

/** The share of the one's capacity that serves the other too. */
function overlapOf(theirs: Crew, mine: Crew): number {
  let [all, both] = [0, 0]
  for (const group of theirs.groups) {
    const seats = group.presentCount * group.capacity
    all += seats
    if (proficiencyOf(group, mine.skills) > 0) both += seats
  }
  return all === 0 ? 0 : both / all
}

/** The time until so many seats have come free, at a rate that those who give up add to: the sum of 1 / (rate + leaving x). */
function toSum(count: number, rate: number, leaving: number): number {
  if (leaving === 0) return count / rate
  if (count > MANY) return Math.log(1 + (leaving * count) / rate) / leaving
  let sum = 0
  for (let ahead = 0; ahead < count; ahead++) sum += Math.min(1, count - ahead) / (rate + leaving * ahead)
  return sum
}

interface Lessons {
  learn(ratio: number): void
  count(): number
  quantile(share: number): number
}

/** Lessons by skills, in whatever order; and by the list itself, because each line asks with its own again and again. */
function createLibrary(): (skills: readonly string[]) => Lessons {
  const byName = new Map<string, Lessons>()
  const byList = new WeakMap<readonly string[], Lessons>()
  return (skills) => {
    const known = byList.get(skills)
    if (known !== undefined) return known
    const name = JSON.stringify([...skills].sort())
    const found = byName.get(name) ?? createLessons()
    byName.set(name, found)
    byList.set(skills, found)
    return found
  }
}

function createLessons(): Lessons {
  const ratios: number[] = []
  let sorted: number[] | undefined
  let next = 0
  return {
    learn(ratio) {
      ratios[next] = ratio
      next = (next + 1) % MEMORY
      sorted = undefined
    },
    count: () => ratios.length,
    quantile(share) {
      sorted ??= [...ratios].sort((one, other) => one - other)
      return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    },
  }
}
