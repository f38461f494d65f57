import type { Forecast } from '../core/types.ts'
import { createFields, type Field } from './forecast-field.ts'
import { createLessons, type Lessons, type Outlook } from './forecast-lessons.ts'
import { createPace, type Pace } from './forecast-pace.ts'
import { toScene } from './forecast-scene.ts'
import type { Line, Waiting } from './line.ts'
import type { Need } from './need.ts'
import { createRun, rollOut, type Run, runEvenly } from './rollout.ts'
import { isSparedFor } from './spare.ts'
import type { World } from './world.ts'

/**
 * How long those who wait, and those who would come now, are likely to wait; learnt from those who waited before them.
 *
 * How things stand is run forward, once in even proportions or many times by chance, to the moment the conversation is served. What the
 * waits turned out to be against such outlooks corrects the next ones.
 */
export interface Forecaster extends Pick<Pace, 'heldChanged' | 'passed' | 'joined'> {
  /** It could not be matched at once. */
  mustWait(waiting: Waiting, at: number): void
  started(waiting: Waiting, at: number): void
  /** It left the queue without an agent. */
  gaveUp(waiting: Waiting): void
  forSkills(skills: readonly string[], at: number): Forecast | 'unknown'
  forWaiting(waiting: Waiting, at: number): Forecast | 'unknown'
}

/** How a forecast is made. */
export interface ForecastRules {
  /** How often the state is run forward by chance; 0: once, in even proportions. */
  readonly runs: number
  readonly seed: number
  /** What a conversation asks for that says no more than its skills. */
  toNeed(skills: readonly string[]): Need
}

/** So many lessons are needed before anything is told. */
const LEAST = 50
/** So many of those ahead are taken one by one. */
const MOST_AHEAD = { even: 100, random: 250 } as const

export function createForecaster(world: World, { runs, seed, toNeed }: ForecastRules): Forecaster {
  const { roster } = world
  const pace = createPace()
  const fieldOf = createFields(world, pace)
  const lessonsFor = createLibrary()
  const runsByField = new WeakMap<Field, Run>()
  let gone: Waiting[] = []

  function runOf(field: Field): Run {
    let run = runsByField.get(field)
    if (run === undefined) runsByField.set(field, (run = createRun(field, world.queuePolicy)))
    return run
  }

  /** `undefined`: nothing is known of how fast seats come free, or nobody is on duty for it. */
  function lookAhead({ line, since, place }: Place, at: number): Outlook | undefined {
    const field = fieldOf(line)
    const mine = field.lines.indexOf(line)
    let rate = 0
    for (const group of field.servedBy[mine] ?? []) rate += field.rates[group] ?? 0
    if (!(rate > 0)) return undefined
    const most = runs > 0 ? MOST_AHEAD.random : MOST_AHEAD.even
    const scene = toScene({ field, pace, policy: world.queuePolicy, line, mine, at, since, place, most })
    const run = runOf(field)
    if (runs > 0) return rollOut(run, scene, { count: runs, seed: seed ^ Math.floor(at) })
    const meanMs = runEvenly(run, scene)
    return { meanMs, shape: Math.max(1, (meanMs * rate) / line.need.weight) }
  }

  function toForecast(place: Place, at: number): Forecast | 'unknown' {
    const lessons = lessonsFor(place.line.need.skills)
    if (lessons.count < LEAST) return 'unknown'
    const outlook = lookAhead(place, at)
    return outlook === undefined ? 'unknown' : lessons.toForecast(outlook)
  }

  function isFree(line: Line, joining: number): boolean {
    return roster
      .crewOf(line)
      .groups.some(
        (group) => (roster.table.free[group.number] ?? 0) > 0 && !isSparedFor(world, line, { group, joining }),
      )
  }

  return {
    heldChanged: (before, after) => pace.heldChanged(before, after),
    joined: (line, at) => pace.joined(line, at),
    passed(at) {
      pace.passed(at)
      for (const { outlook, row, line } of gone) {
        const waitMs = Math.max(0, at - row.queuedAt)
        pace.waited(waitMs, 'gaveUp')
        if (outlook !== undefined) lessonsFor(line.need.skills).learn(outlook, waitMs, true)
      }
      if (gone.length > 0) gone = []
    },
    mustWait(waiting, at) {
      waiting.outlook ??= lookAhead(placeOf(waiting), at)
    },
    started({ outlook, row, line }, at) {
      const waitMs = Math.max(0, at - row.queuedAt)
      pace.waited(waitMs, 'served')
      if (outlook !== undefined) lessonsFor(line.need.skills).learn(outlook, waitMs, false)
    },
    gaveUp(waiting) {
      gone.push(waiting)
    },
    forSkills(skills, at) {
      roster.tidy()
      const { count } = lessonsFor(skills)
      if (count < LEAST) return 'unknown'
      const line = world.queue.lineFor(toNeed(skills))
      if (isFree(line, line.need.weight)) return { p50Ms: 0, p90Ms: 0, sampleCount: count }
      return toForecast({ line, since: at, place: line.size }, at)
    },
    forWaiting(waiting, at) {
      const { line, row } = waiting
      const { count } = lessonsFor(line.need.skills)
      const isPlain = row.declinedBy.length === 0 && line.need.weight === 1 // nothing keeps it from a seat that is free
      if (count >= LEAST && isPlain && isFree(line, 0)) return { p50Ms: 0, p90Ms: 0, sampleCount: count }
      return toForecast(placeOf(waiting), at)
    },
  }
}

/** Where somebody stands or would: in a line, since when, and behind how many of it. */
interface Place {
  readonly line: Line
  readonly since: number
  readonly place: number
}

function placeOf(waiting: Waiting): Place {
  return { line: waiting.line, since: waiting.row.queuedAt, place: waiting.line.countBefore(waiting) }
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
