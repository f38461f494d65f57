import type { Routing } from '../../src/routing/routing.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import type { Workload } from './goals.ts'

/** A house in which forecasts are judged. */
export interface ForecastHouse {
  readonly name: string
  readonly scenario: Scenario
  readonly routing: Routing
  /** How far off the p50 may be, as a share of the mean wait. */
  readonly mostOff?: number
  /** Seats that come free per ms while all are taken, where there is but one line: then the best forecast there can be is known. */
  readonly releaseRate?: number
  /** Is the seer asked, who tells how near any forecast can come? */
  readonly isSeen?: true
}

/** These never give up: only of them is it known how long they would have waited. */
const PATIENT_SHARE = 0.05

/** One pool of twenty who are nearly always busy. */
const POOL: Scenario = {
  classes: [{ skill: 'any', arrivalsPerHour: 228, workSeconds: { mean: 300 } }],
  agents: [{ count: 20, capacity: 1, skills: { any: 1 } }],
}
/** Twenty who have one conversation each, or ten who have three at two thirds of the pace: both end one every fifteen seconds. */
const RELEASE_RATE = 20 / 300_000

/** The nine houses of the reference figures: workloads as busy as they were there, for the limits only hold there. */
export function toForecastHouses(workloads: readonly Workload[]): readonly ForecastHouse[] {
  const house = (
    [name, as]: readonly [string, string],
    {
      by = 1,
      patience,
      ...about
    }: { by?: number; patience?: number; mostOff?: number; releaseRate?: number; isSeen?: true } = {},
    routing: Routing = {},
  ): readonly ForecastHouse[] => {
    const found = workloads.find((workload) => workload.name === name)
    return found === undefined
      ? []
      : [{ name: as, scenario: busier(found.scenario, { by, patience }), routing, ...about }]
  }
  return [
    { name: 'one pool of 20', scenario: POOL, routing: {}, mostOff: 0.18, releaseRate: RELEASE_RATE },
    ...house(['single', 'single, load .95'], { by: 0.95 / 0.9, releaseRate: RELEASE_RATE }),
    ...house(['overload', 'overload']),
    ...house(['six2', 'six2, load .95'], { by: 0.95 / 0.92, mostOff: 0.27 }),
    ...house(['nmodel', 'nmodel, load .92'], { by: 0.92 / 0.9, mostOff: 0.34 }),
    // The reference figure is of a queue in which all targets are the same, and so the oldest goes first.
    ...house(
      ['nmodel', 'nmodel, load .92, first come first served, rollout'],
      { by: 0.92 / 0.9, mostOff: 0.26 },
      { forecast: 'rollout', queuePolicy: 'fifo' },
    ),
    // Our default lets those go first whom few can serve, which makes the waits of the others harder to know: the seer says how much.
    ...house(['nmodel', 'nmodel, load .92, rollout'], { by: 0.92 / 0.9, isSeen: true }, { forecast: 'rollout' }),
    ...house(['skewed', 'skewed, load .95, patience 600 s'], { by: 0.95 / 0.88, patience: 600 }),
    ...house(['prof', 'prof']),
    ...house(['day', 'day'], { mostOff: 0.4 }),
    ...house(['logn', 'logn, load 1.02'], { by: 1.02 / 0.98 }),
    ...house(['vip', 'vip, strict priority, rollout'], {}, { queuePolicy: 'strictPriority' }),
  ]
}

function busier(
  scenario: Scenario,
  { by, patience }: { readonly by: number; readonly patience: number | undefined },
): Scenario {
  const classes = scenario.classes.flatMap((each): readonly Scenario['classes'][number][] => {
    const arrivalsPerHour = (each.arrivalsPerHour ?? 0) * by
    const { patienceSeconds = patience === undefined ? undefined : { mean: patience }, ...patient } = each
    if (patienceSeconds === undefined) return [{ ...patient, arrivalsPerHour }]
    return [
      { ...patient, patienceSeconds, arrivalsPerHour: arrivalsPerHour * (1 - PATIENT_SHARE) },
      { ...patient, arrivalsPerHour: arrivalsPerHour * PATIENT_SHARE },
    ]
  })
  return { ...scenario, classes }
}
