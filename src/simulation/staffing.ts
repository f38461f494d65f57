import { MaitredError } from '../core/errors.ts'
import type { Routing } from '../routing/routing.ts'
import { erlangA } from './formulas/erlang-a.ts'
import { erlangC } from './formulas/erlang.ts'
import { toReport, type WorkloadReport } from './report.ts'
import type { Distribution, Scenario } from './scenario.ts'
import { runOnce } from './study.ts'

/** So many customers are to be answered so soon. */
export interface ServicePromise {
  /** A share of all who come: 0.8 for 80 %. */
  readonly serviceLevel: number
  readonly withinSeconds: number
}

export interface Staffing {
  readonly agents: number
  /** How many of each group of the scenario. */
  readonly groups: readonly number[]
  /** The formula's service level with so many, where there is a formula for the house; the number of agents is then its answer. */
  readonly exact: { readonly formula: 'erlangA' | 'erlangC'; readonly serviceLevel: number } | null
  /** What a simulation with so many came to. */
  readonly report: WorkloadReport
}

export interface StaffingOptions {
  readonly seeds: number
  readonly seed: number
  readonly conversations: number
  readonly routing: Routing
  readonly onTry?: (agents: number) => void
}

const MOST_AGENTS = 5_000

/**
 * The fewest agents that keep a promise, in the scenario's mix of groups: by formula where there is one for the house, else by
 * simulation; in either case the answer is simulated.
 * @throws MaitredError `CONFIG_INVALID` when the promise cannot be kept by any number of agents
 */
export function staff(scenario: Scenario, promise: ServicePromise, options: StaffingOptions): Staffing {
  refusePromise(promise)
  const classes = scenario.classes.map((each) => ({
    ...each,
    targetSeconds: promise.withinSeconds || Number.MIN_VALUE,
  }))
  const promised: Scenario = { ...scenario, classes }
  const reports = new Map<number, WorkloadReport>()
  const reportOf = (agents: number): WorkloadReport => {
    const known = reports.get(agents)
    if (known !== undefined) return known
    options.onTry?.(agents)
    const house = withAgents(promised, agents)
    const runs = Array.from({ length: options.seeds }, (_, nth) =>
      runOnce(house, options.routing, { seed: options.seed + nth, conversations: options.conversations }),
    )
    const report = toReport(house, runs, undefined)
    reports.set(agents, report)
    return report
  }
  const formula = findFormula(promised, promise)
  const keeps = (agents: number): boolean =>
    !isCovered(promised, agents)
      ? false
      : (formula === undefined ? reportOf(agents).serviceLevel : formula.serviceLevelOf(agents)) >= promise.serviceLevel
  const agents = findFewest(keeps, { guess: guessAgents(promised), promise })
  return {
    agents,
    groups: spread(promised, agents),
    exact: formula === undefined ? null : { formula: formula.name, serviceLevel: formula.serviceLevelOf(agents) },
    report: reportOf(agents),
  }
}

/** Doubles or halves from the guess, then closes in. More agents are taken to be no worse. */
function findFewest(keeps: (agents: number) => boolean, about: { guess: number; promise: ServicePromise }): number {
  let [low, high] = [0, about.guess] // `low` does not keep it, `high` does
  while (!keeps(high)) {
    low = high
    high = Math.ceil(high * 1.5)
    if (high > MOST_AGENTS)
      throw new MaitredError('CONFIG_INVALID', {
        message: `Expected a promise that can be kept, got a service level of \`${about.promise.serviceLevel}\` within \`${about.promise.withinSeconds}\` s at \`promise\`: not even ${low} agents keep it.`,
        hint: 'Promise less, or look whether customers give up before.',
        path: 'promise',
      })
  }
  for (let step = 1; high - step > low && keeps(high - step); step *= 2) high -= step
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (keeps(middle)) high = middle
    else low = middle
  }
  return high
}

/** Agents who would be busy all the time, at their best. */
function guessAgents({ classes, agents, slowdown = 0, profile }: Scenario): number {
  const multipliers = profile?.multipliers ?? [1]
  const multiplier = multipliers.reduce((sum, each) => sum + each, 0) / multipliers.length
  const load = classes.reduce((sum, { arrivalsPerHour, arrivalsAtSeconds = [], workSeconds }) => {
    const recorded = (arrivalsAtSeconds.length / Math.max(1, arrivalsAtSeconds.at(-1) ?? 0)) * 3_600
    const perHour = arrivalsPerHour === undefined ? recorded : arrivalsPerHour * multiplier
    return sum + (perHour * workSeconds.mean) / 3_600
  }, 0)
  const capacity = Math.max(...agents.map((group) => group.capacity ?? 3))
  return Math.max(1, Math.ceil(load / (capacity / (1 + slowdown * (capacity - 1)))))
}

/** So many agents in the scenario's mix, by largest remainder. */
function spread({ agents: groups }: Scenario, agents: number): readonly number[] {
  const total = groups.reduce((sum, { count = 1 }) => sum + count, 0)
  const wanted = groups.map(({ count = 1 }) => (count * agents) / total)
  const counts = wanted.map(Math.floor)
  const missing = agents - counts.reduce((sum, count) => sum + count, 0)
  const order = wanted
    .map((each, index) => ({ rest: each - Math.floor(each), index }))
    .sort((one, other) => other.rest - one.rest)
  for (const { index } of order.slice(0, missing)) counts[index] = (counts[index] ?? 0) + 1
  return counts
}

function withAgents(scenario: Scenario, agents: number): Scenario {
  const counts = spread(scenario, agents)
  const groups = scenario.agents.map((group, index) => ({ ...group, count: counts[index] ?? 0 }))
  return { ...scenario, agents: groups.filter(({ count }) => count > 0) }
}

/** Is there somebody for everything? */
function isCovered(scenario: Scenario, agents: number): boolean {
  const known = new Set(withAgents(scenario, agents).agents.flatMap(({ skills }) => Object.keys(skills)))
  return scenario.classes.every(({ skill, overflow }) => known.has(overflow?.skill ?? skill))
}

interface Formula {
  readonly name: 'erlangA' | 'erlangC'
  serviceLevelOf(agents: number): number
}

/** The house as one pool of seats, if that is what it is. */
function findFormula(scenario: Scenario, { withinSeconds }: ServicePromise): Formula | undefined {
  const { classes, agents: groups, slowdown = 0, profile } = scenario
  const works = classes.map(({ workSeconds }) => exponentialMean(workSeconds))
  const patiences = classes.map(({ patienceSeconds }) =>
    patienceSeconds === undefined ? 0 : exponentialMean(patienceSeconds),
  )
  const speeds = groups.flatMap(({ skills }) => classes.map(({ skill }) => skills[skill]))
  const capacities = groups.map(({ capacity = 3 }) => capacity)
  const [work, patience, speed, capacity] = [works[0], patiences[0], speeds[0], capacities[0]]
  const isPool =
    profile === undefined &&
    classes.every(({ arrivalsPerHour, overflow }) => arrivalsPerHour !== undefined && overflow === undefined) &&
    [works, patiences, speeds, capacities].every((list) => list.every((each) => each === list[0])) &&
    (slowdown === 0 || capacity === 1)
  if (!isPool || work === undefined || patience === undefined || speed === undefined || capacity === undefined)
    return undefined
  const arrivalRate = classes.reduce((sum, { arrivalsPerHour = 0 }) => sum + arrivalsPerHour, 0) / 3_600
  const poolOf = (agents: number) => ({ agents: agents * capacity, arrivalRate, serviceRate: speed / work })
  return patience === 0
    ? {
        name: 'erlangC',
        serviceLevelOf: (agents) =>
          agents * capacity * speed > arrivalRate * work ? erlangC(poolOf(agents)).within(withinSeconds) : 0,
      }
    : {
        name: 'erlangA',
        serviceLevelOf: (agents) => erlangA({ ...poolOf(agents), abandonRate: 1 / patience }).within(withinSeconds),
      }
}

function exponentialMean({ mean, distribution = 'exponential' }: Distribution): number | undefined {
  return distribution === 'exponential' ? mean : undefined
}

function refusePromise({ serviceLevel, withinSeconds }: ServicePromise): void {
  const wrong =
    serviceLevel > 0 && serviceLevel < 1 ? (withinSeconds >= 0 ? undefined : 'withinSeconds') : 'serviceLevel'
  if (wrong === undefined) return
  const [value, expected] =
    wrong === 'serviceLevel'
      ? [serviceLevel, 'a share between 0 and 1, such as 0.8']
      : [withinSeconds, 'seconds of 0 or more']
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected ${expected} at \`promise.${wrong}\`, got \`${value}\`.`,
    hint: 'Write for example { serviceLevel: 0.8, withinSeconds: 60 }.',
    path: `promise.${wrong}`,
  })
}
