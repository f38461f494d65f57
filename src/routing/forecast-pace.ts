import type { Group } from './group.ts'
import type { Line } from './line.ts'

/** How fast things happen, learnt from what has happened. Rates are per ms. */
export interface Pace {
  /** An agent's row tells of so many units held; before, of so many, perhaps as one of another group. */
  heldChanged(
    before: { readonly group: Group; readonly units: number } | undefined,
    after: { readonly group: Group; readonly units: number } | undefined,
  ): void
  /** It is that late, and all that happened until then has been told. */
  passed(at: number): void
  /** Somebody joined the line. */
  joined(line: Line, at: number): void
  /** Somebody waited so long in all, and then was served or gave up. */
  waited(waitMs: number, end: 'served' | 'gaveUp'): void
  /** Units that come free of one seat of the group while its agents have no seat to spare; 0 while nothing is known. */
  releaseRate(group: Group): number
  /** At which one of those who wait gives up. */
  leavingRate(): number
  joiningRate(line: Line, at: number): number
  /** Changes with every unit that comes free. */
  readonly freedCount: number
}

/** Of the last so many: releases of all agents, and of a group; joins of a line; ends of waits. */
const MEMORY = { all: 1_000, group: 500, joins: 50, waits: 2_000 } as const
/** A narrower figure counts for as much as the wider one once it rests on so many releases. */
const TRUSTED = 40
/** Before so many gave up, nobody is expected to. */
const LEAST_GAVE_UP = 5

/**
 * Seats come free at a pace that depends on how much each agent has to do at once. Whoever waits, waits for agents who are full: so what
 * counts is how fast those let go. What one group does is taken with a grain of salt of what all do.
 */
export function createPace(): Pace {
  /** Whoever holds anything, and of these, whoever is full. */
  const [held, full] = [createMeter(MEMORY.all), createMeter(MEMORY.all)]
  const meters = new WeakMap<Group, Meter>()
  const joins = new WeakMap<Line, Joins>()
  let touched: Meter[] = []
  let [now, freedCount, gaveUpCount, waitedMs] = [Number.NaN, 0, 0, 0]

  function meterOf(group: Group): Meter {
    let meter = meters.get(group)
    if (meter === undefined) meters.set(group, (meter = createMeter(MEMORY.group)))
    return meter
  }

  function add(meter: Meter, units: number, freed: number): void {
    if (!meter.isTouched) touched.push(meter)
    meter.isTouched = true
    meter.units += units
    meter.freed += freed
  }

  function isFull({ group, units }: { readonly group: Group; readonly units: number }): boolean {
    return units > 0 && units >= group.capacity
  }

  function rateOf({ ms, count, unitsThen, since }: Meter, prior: number): number {
    const trust = prior > 0 ? TRUSTED : 0
    const units = trust + count
    return units === 0 ? 0 : units / ((prior > 0 ? trust / prior : 0) + ms + unitsThen * Math.max(0, now - since))
  }

  return {
    heldChanged(before, after) {
      const [unitsBefore, unitsAfter] = [before?.units ?? 0, after?.units ?? 0]
      const freed = after === undefined ? 0 : Math.max(0, unitsBefore - unitsAfter)
      add(held, unitsAfter - unitsBefore, freed)
      freedCount += freed
      if (before !== undefined && isFull(before)) {
        add(full, -unitsBefore, freed)
        add(meterOf(before.group), -unitsBefore, freed)
      }
      if (after !== undefined && isFull(after)) {
        add(full, unitsAfter, 0)
        add(meterOf(after.group), unitsAfter, 0)
      }
    },
    passed(at) {
      if (!(at <= now)) now = at // also when nothing has passed yet
      if (touched.length === 0) return
      for (const meter of touched) bringUpToDate(meter, now)
      touched = []
    },
    joined(line, at) {
      const known = joins.get(line)
      if (known === undefined) {
        joins.set(line, { lastAt: at, everyMs: 0, count: 0 })
        return
      }
      const everyMs = Math.max(0, at - known.lastAt)
      known.count += 1
      known.everyMs += (everyMs - known.everyMs) / Math.min(known.count, MEMORY.joins)
      known.lastAt = Math.max(known.lastAt, at)
    },
    waited(waitMs, end) {
      const keep = 1 - 1 / MEMORY.waits
      gaveUpCount = gaveUpCount * keep + (end === 'gaveUp' ? 1 : 0)
      waitedMs = waitedMs * keep + Math.max(0, waitMs)
    },
    releaseRate(group) {
      const all = rateOf(full, rateOf(held, 0))
      const meter = meters.get(group)
      return meter === undefined ? all : rateOf(meter, all)
    },
    leavingRate: () => (gaveUpCount > LEAST_GAVE_UP && waitedMs > 0 ? gaveUpCount / waitedMs : 0),
    joiningRate(line, at) {
      const known = joins.get(line)
      if (known === undefined || known.count === 0) return 0
      const weight = Math.min(known.count, MEMORY.joins)
      const sinceMs = Math.max(0, at - known.lastAt)
      return 1 / Math.max(1, known.everyMs + Math.max(0, sinceMs - known.everyMs) / weight)
    },
    get freedCount() {
      return freedCount
    },
  }
}

/** The last joins of a line: how long from one to the next, on average. */
interface Joins {
  lastAt: number
  everyMs: number
  count: number
}

/** Units held over time, and how many of them came free: running sums over the last of those. */
interface Meter {
  readonly keep: number
  /** Unit-ms until `since`, and what came free in them. */
  ms: number
  count: number
  since: number
  /** Units held since then. */
  unitsThen: number
  /** Units held now, and what came free at this very moment. */
  units: number
  freed: number
  isTouched: boolean
}

function createMeter(memory: number): Meter {
  return {
    ...{ keep: 1 - 1 / memory, ms: 0, count: 0, since: Number.NaN, unitsThen: 0 },
    ...{ units: 0, freed: 0, isTouched: false },
  }
}

function bringUpToDate(meter: Meter, now: number): void {
  if (meter.since < now) meter.ms += meter.unitsThen * (now - meter.since)
  if (meter.freed > 0) {
    const keep = meter.keep ** meter.freed
    meter.ms *= keep
    meter.count = meter.count * keep + meter.freed
  }
  meter.since = now
  meter.unitsThen = meter.units
  meter.freed = 0
  meter.isTouched = false
}
