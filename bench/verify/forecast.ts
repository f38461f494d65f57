import type { Forecast } from '../../src/core/types.ts'
import { runRouter } from '../../src/simulation/router-level.ts'
import { type ForecastHouse, toForecastHouses } from './forecast-houses.ts'
import type { Verdict, Workload } from './goals.ts'
import { createSeer } from './seer.ts'
import { percent } from './table.ts'

/** Those who come first are learnt from. */
const WARM_UP = 0.2
const SEEDS = [1, 2, 3, 4]

/** What customers were told when they came, against how long they waited. */
export function judgeForecasts(workloads: readonly Workload[], conversations: number, names = /./): readonly Verdict[] {
  const houses = toForecastHouses(workloads).filter(({ name }) => names.test(name))
  return houses.flatMap((house) => judgeHouse(house, conversations))
}

/** Sums over those who had to wait, in ms where they are not counts. */
interface Sums {
  count: number
  within50: number
  within90: number
  waited: number
  /** Distances of the waits from the p50 told; from the wait of whoever was answered last; from the best that can be told. */
  off: number
  offLast: number
  offBest: number
  /** Of those about whom the seer was asked: how long they waited, how far off the p50 was, and the seer. */
  seenWaited: number
  seenOff: number
  seerOff: number
}

function judgeHouse(house: ForecastHouse, conversations: number): readonly Verdict[] {
  const sums: Sums = {
    count: 0,
    within50: 0,
    within90: 0,
    waited: 0,
    off: 0,
    offLast: 0,
    offBest: 0,
    seenWaited: 0,
    seenOff: 0,
    seerOff: 0,
  }
  for (const seed of SEEDS) addRun(sums, house, { seed, conversations })
  const { name, isSeen, mostOff, releaseRate, routing } = house
  const [p50, p90] = [sums.within50 / sums.count, sums.within90 / sums.count]
  const [off, offLast, offBest] = [sums.off, sums.offLast, sums.offBest].map((each) => each / sums.waited)
  const others = [
    `${percent(offLast ?? 0, 1)} by the wait of the last one answered`,
    ...(releaseRate === undefined ? [] : [`${percent(offBest ?? 0, 1)} by the exact median of the place`]),
    ...(isSeen === undefined ? [] : [toSeen(sums)]),
    mostOff === undefined ? 'no goal of its own' : `at most ${percent(mostOff)}`,
  ]
  const isBetter = off !== undefined && offLast !== undefined && off <= offLast
  return [
    {
      goal: 'E1',
      about: `${name}: ${percent(p50, 1)} wait no longer than the p50 they were told (43 to 57 %), ${percent(p90, 1)} than the p90 (85 to 95 %)`,
      holds: p50 >= 0.43 && p50 <= 0.57 && p90 >= 0.85 && p90 <= 0.95,
    },
    {
      goal: 'E2',
      about: `${name}: the p50 is off by ${percent(off ?? 0, 1)} of the mean wait of those who wait (${others.join('; ')})`,
      holds: (isBetter || routing.queuePolicy === 'strictPriority') && (off ?? 1) <= (mostOff ?? 1),
    },
  ]
}

/** The seer is asked about one of so many who wait. */
const SEEN_EVERY = 10

function toSeen({ seenWaited, seenOff, seerOff }: Sums): string {
  const [ours, best] = [seenOff, seerOff].map((each) => percent(each / seenWaited, 1))
  return `one in ${SEEN_EVERY}: ${ours}, and ${best} by the median of 200 true futures`
}

interface Told {
  readonly wait: Forecast
  readonly lastMs: number
  readonly place: number
  readonly seenMs: number | undefined
}

function addRun(
  sums: Sums,
  { scenario, routing, releaseRate = 1, isSeen }: ForecastHouse,
  { seed, conversations }: { readonly seed: number; readonly conversations: number },
): void {
  const told = new Map<number, Told>()
  const lastOf = new Map<string, number>()
  const isPatient = scenario.classes.map(({ patienceSeconds }) => patienceSeconds === undefined)
  const seer = isSeen === undefined ? undefined : createSeer(scenario)
  let [waitingCount, toldCount] = [0, 0]
  runRouter(scenario, {
    ...{ routing, seed, conversations, warmUp: 0 },
    onArrived(conversation, toWait) {
      const { index, skill, at } = conversation
      waitingCount += 1
      seer?.came(conversation)
      const wait = toWait()
      if (wait === 'unknown' || wait.p90Ms === 0) return
      toldCount += 1
      const seenMs = toldCount % SEEN_EVERY === 0 ? seer?.foresee(conversation, at) : undefined
      told.set(index, { wait, lastMs: lastOf.get(skill) ?? 0, place: waitingCount, seenMs })
    },
    onAnswered(conversation, agentIndex) {
      const { index, classIndex, skill, at, answeredAt } = conversation
      waitingCount -= 1
      seer?.answered(conversation, agentIndex)
      const waitMs = answeredAt - at
      if (waitMs > 0) lastOf.set(skill, waitMs)
      const own = told.get(index)
      told.delete(index)
      if (own === undefined || index < WARM_UP * conversations || isPatient[classIndex] !== true) return
      sums.count += 1
      sums.waited += waitMs
      if (waitMs <= own.wait.p50Ms) sums.within50 += 1
      if (waitMs <= own.wait.p90Ms) sums.within90 += 1
      sums.off += Math.abs(waitMs - own.wait.p50Ms)
      sums.offLast += Math.abs(waitMs - own.lastMs)
      sums.offBest += Math.abs(waitMs - erlangMedian(own.place) / releaseRate)
      if (own.seenMs === undefined) return
      sums.seenWaited += waitMs
      sums.seenOff += Math.abs(waitMs - own.wait.p50Ms)
      sums.seerOff += Math.abs(waitMs - own.seenMs)
    },
  })
}

/** Of the k-th release at a rate of 1; to 1e-3 (K. P. Choi, 1994). */
function erlangMedian(k: number): number {
  return k - 1 / 3 + 8 / (405 * k)
}

/** E3: what one forecast costs whoever has to wait, with several kinds waiting. Their place is worked out along with it. */
export function judgeForecastCost(workloads: readonly Workload[]): readonly Verdict[] {
  const scenario = toForecastHouses(workloads).find(({ name }) => name.startsWith('six2'))?.scenario
  if (scenario === undefined) return []
  const limits = { estimate: 20, rollout: 1_000 } as const
  return (['estimate', 'rollout'] as const).map((forecast) => {
    toCost(scenario, forecast, 2)
    const [once, again] = [toCost(scenario, forecast, 1), toCost(scenario, forecast, 11)]
    const us = (again.us - once.us) / (10 * once.count)
    const about = `six2, load .95: ${forecast}, a forecast and the place take ${us.toFixed(1)} us of processor time (${limits[forecast]})`
    return { goal: 'E3', about, holds: us <= limits[forecast] }
  })
}

function toCost(
  scenario: ForecastHouse['scenario'],
  forecast: 'estimate' | 'rollout',
  times: number,
): { readonly us: number; readonly count: number } {
  let count = 0
  const before = process.cpuUsage()
  runRouter(scenario, {
    ...{ routing: { forecast }, seed: 4, conversations: 10_000, warmUp: 0 },
    onArrived(_conversation, toWait) {
      const wait = toWait()
      if (wait === 'unknown' || wait.p90Ms === 0) return
      count += 1
      for (let nth = 1; nth < times; nth++) toWait()
    },
  })
  const { user, system } = process.cpuUsage(before)
  return { us: user + system, count }
}
