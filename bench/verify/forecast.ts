import type { Forecast } from '../../src/core/types.ts'
import { runRouter } from '../../src/simulation/router-level.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import type { Verdict, Workload } from './goals.ts'
import { percent } from './table.ts'

/** One pool of twenty who are nearly always busy. */
const POOL: Scenario = {
  classes: [{ skill: 'any', arrivalsPerHour: 228, workSeconds: { mean: 300 } }],
  agents: [{ count: 20, capacity: 1, skills: { any: 1 } }],
}
const NAMES = ['single', 'overload', 'six2', 'nmodel', 'skewed', 'day', 'logn', 'vip']
/** How far off the p50 may be, as a share of the mean wait, where that is known to be within reach. */
const MOST_OFF: Readonly<Record<string, number>> = { 'one pool of 20': 0.18, six2: 0.27, nmodel: 0.34, day: 0.4 }
/** Those who come first are learnt from. */
const WARM_UP = 0.2

/** What customers were told when they came, against how long they waited. Whoever gives up is not answered, and is left out. */
export function judgeForecasts(workloads: readonly Workload[], conversations: number): readonly Verdict[] {
  const houses = [{ name: 'one pool of 20', scenario: POOL }, ...workloads.filter(({ name }) => NAMES.includes(name))]
  return houses.flatMap(({ name, scenario }) => judgeHouse(name, scenario, conversations))
}

function judgeHouse(name: string, scenario: Scenario, conversations: number): readonly Verdict[] {
  const told = new Map<number, Forecast | 'unknown'>()
  let [count, within50, within90, missed, waited] = [0, 0, 0, 0, 0]
  runRouter(scenario, {
    ...{ routing: {}, seed: 3, conversations, warmUp: 0 },
    onArrived: ({ index }, wait) => told.set(index, wait),
    onAnswered({ index, at, answeredAt }) {
      const wait = told.get(index)
      told.delete(index)
      if (index < WARM_UP * conversations || wait === undefined || wait === 'unknown' || wait.p90Ms === 0) return
      const waitMs = answeredAt - at
      count += 1
      if (waitMs <= wait.p50Ms) within50 += 1
      if (waitMs <= wait.p90Ms) within90 += 1
      missed += Math.abs(waitMs - wait.p50Ms)
      waited += waitMs
    },
  })
  const [p50, p90] = [within50 / count, within90 / count]
  const off = missed / waited
  const most = MOST_OFF[name]
  const about = `${name}: ${percent(p50, 1)} wait no longer than the p50 they were told (43 to 57 %), ${percent(p90, 1)} than the p90 (85 to 95 %)`
  return [
    { goal: 'E1', about, holds: p50 >= 0.43 && p50 <= 0.57 && p90 >= 0.85 && p90 <= 0.95 },
    {
      goal: 'E2',
      about: `${name}: the p50 is off by ${percent(off, 1)} of the mean wait of those who wait (${most === undefined ? 'no goal' : `at most ${percent(most)}`})`,
      holds: most === undefined || off <= most,
    },
  ]
}

/** E3: what one forecast costs, with several kinds waiting. */
export function judgeForecastCost(workloads: readonly Workload[]): readonly Verdict[] {
  const scenario = workloads.find(({ name }) => name === 'six2')?.scenario
  if (scenario === undefined) return []
  const run = (isTold: boolean): number => {
    const before = process.cpuUsage()
    const about = { routing: {}, seed: 4, conversations: 60_000, warmUp: 0 }
    runRouter(scenario, isTold ? { ...about, onArrived: () => undefined } : about)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  run(true)
  const us = (run(true) - run(false)) / 60_000
  return [{ goal: 'E3', about: `six2: a forecast takes ${us.toFixed(1)} us (20)`, holds: us <= 20 }]
}
