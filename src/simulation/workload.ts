import { createSampler, createStream, type Stream } from './random.ts'
import type { Scenario, ScenarioClass } from './scenario.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

/** A customer who comes with something to do. Times are ms from the beginning. */
export interface Arrival {
  /** Counts all arrivals, from 0. */
  readonly index: number
  readonly classIndex: number
  readonly at: number
  /** What it takes an agent of speed 1 who has no other. */
  readonly workMs: number
  /** Infinity for ever. */
  readonly patienceMs: number
}

/** One class, as it goes on coming. */
interface Source {
  nextAt: number
  readonly come: () => number
  readonly work: Stream
  readonly patience: Stream
}

/** What a stream of numbers is for: part of its seed. */
const DRAWS = { arrivals: 1, work: 2, patience: 3 } as const

/**
 * Everybody who comes, in order; `undefined` when nobody comes any more. The n-th of a class comes at the same time with the same work
 * and patience whoever serves them: policies are compared on common random numbers.
 */
export function createWorkload(scenario: Scenario, seed: number): () => Arrival | undefined {
  const sources = scenario.classes.map((each, classIndex) => createSource(scenario, each, { seed, classIndex }))
  let index = 0
  return () => {
    let classIndex = 0
    let earliest = Number.POSITIVE_INFINITY
    for (let candidate = 0; candidate < sources.length; candidate++) {
      const { nextAt = Number.POSITIVE_INFINITY } = sources[candidate] ?? {}
      if (nextAt >= earliest) continue
      earliest = nextAt
      classIndex = candidate
    }
    const source = sources[classIndex]
    if (source === undefined || earliest === Number.POSITIVE_INFINITY) return undefined
    source.nextAt = source.come()
    return { index: index++, classIndex, at: earliest, workMs: source.work(), patienceMs: source.patience() }
  }
}

function createSource(
  scenario: Scenario,
  each: ScenarioClass,
  about: { readonly seed: number; readonly classIndex: number },
): Source {
  const stream = (draw: keyof typeof DRAWS): Stream => createStream(about.seed, about.classIndex, DRAWS[draw])
  const inMs = ({ mean, ...shape }: ScenarioClass['workSeconds']) => ({ ...shape, mean: mean * SECOND_MS })
  const come =
    each.arrivalsAtSeconds === undefined
      ? createPoisson((each.arrivalsPerHour ?? 0) / HOUR_MS, scenario.profile, stream('arrivals'))
      : createRecorded(each.arrivalsAtSeconds)
  return {
    nextAt: come(),
    come,
    work: createSampler(inMs(each.workSeconds), stream('work')),
    patience:
      each.patienceSeconds === undefined
        ? () => Number.POSITIVE_INFINITY
        : createSampler(inMs(each.patienceSeconds), stream('patience')),
  }
}

function createRecorded(seconds: readonly number[]): () => number {
  let count = 0
  return () => {
    const at = seconds[count++]
    return at === undefined ? Number.POSITIVE_INFINITY : at * SECOND_MS
  }
}

/** Arrivals at a steady rate of 1 in their own time, which runs faster where the profile is higher. */
function createPoisson(ratePerMs: number, profile: Scenario['profile'], stream: Stream): () => number {
  if (profile === undefined) {
    let at = 0
    return () => (at -= Math.log(stream()) / ratePerMs)
  }
  const stepMs = profile.stepSeconds * SECOND_MS
  const { multipliers } = profile
  let [at, step] = [0, 0]
  return () => {
    let due = -Math.log(stream())
    for (;;) {
      const rate = ratePerMs * (multipliers[step % multipliers.length] ?? 0)
      const endsAt = (step + 1) * stepMs
      if (due <= rate * (endsAt - at)) return (at += due / rate)
      due -= rate * (endsAt - at)
      at = endsAt
      step += 1
    }
  }
}
