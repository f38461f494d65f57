import type { Routing } from '../../src/routing/routing.ts'
import { erlangA } from '../../src/simulation/formulas/erlang-a.ts'
import { erlangC } from '../../src/simulation/formulas/erlang.ts'
import { fcfsAlis, type SkilledHouse } from '../../src/simulation/formulas/fcfs-alis.ts'
import { multitask } from '../../src/simulation/formulas/one-agent.ts'
import { priorityWaits } from '../../src/simulation/formulas/priority.ts'
import { runRouter } from '../../src/simulation/router-level.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'

/** A house with known figures, and how near to them the simulation must come. The mean work is a minute. */
export interface Band {
  readonly goal: 'S3' | 'S4' | 'S5' | 'S6' | 'S7'
  readonly name: string
  readonly scenario: Scenario
  readonly routing: Routing
  readonly seeds: number
  readonly conversations: number
  readonly figures: readonly Figure[]
}

/** `band`: how far it may be off, relative. `z`: how many standard errors. */
export interface Figure {
  readonly name: string
  readonly exact: number
  readonly band?: number
  readonly z?: number
}

export interface Measured extends Figure {
  readonly mean: number
  readonly standardError: number
  /** Relative. */
  readonly error: number
  readonly holds: boolean
}

const WORK_S = 60
const FIFO: Routing = { agentPolicy: 'longestIdle', queuePolicy: 'fifo' }
const MILLION = 1_000_000

/** What one run came to, by the names of the figures. Waits in units of the mean work. */
export function runBand({ scenario, routing, conversations }: Band, seed: number): Readonly<Record<string, number>> {
  const warmUp = Math.floor(conversations * 0.01)
  const { classes, inflation } = runRouter(scenario, { routing, seed, conversations, warmUp })
  const sums = { count: 0, delayed: 0, abandoned: 0, waitMs: 0 }
  for (const each of classes) {
    sums.count += each.count
    sums.delayed += each.delayedCount
    sums.abandoned += each.abandonedCount
    sums.waitMs += each.waitSumMs
  }
  const figures: Record<string, number> = {
    inflation,
    'mean wait': sums.waitMs / sums.count / (WORK_S * 1_000),
    'P(wait)': sums.delayed / sums.count,
    'P(abandon)': sums.abandoned / sums.count,
  }
  for (const [index, { count, delayedCount, waitSumMs }] of classes.entries()) {
    figures[`mean wait ${index}`] = waitSumMs / count / (WORK_S * 1_000)
    figures[`P(wait) ${index}`] = delayedCount / count
  }
  return figures
}

/** The runs of a band beside what is exact. */
export function judge({ figures }: Band, runs: readonly Readonly<Record<string, number>>[]): readonly Measured[] {
  return figures.map((figure) => {
    const values = runs.map((run) => run[figure.name] ?? Number.NaN)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
    const standardError = Math.sqrt(variance / values.length)
    const error = mean / figure.exact - 1
    const isWithin = figure.band === undefined || Math.abs(error) <= figure.band
    const isLikely = figure.z === undefined || Math.abs(mean - figure.exact) <= figure.z * standardError
    return { ...figure, mean, standardError, error, holds: isWithin && isLikely }
  })
}

/** Every band of the goals. */
export function allBands(): readonly Band[] {
  return [
    ...[5, 10, 20].flatMap((agents) => [0.8, 0.9].map((load) => patientPool(agents, load))),
    patientPool(50, 0.9),
    impatientPool(10, 9, 0.5),
    impatientPool(20, 24, 0.5),
    impatientPool(100, 95, 1),
    oneAgent({ capacity: 2, arrivalRate: 1.2, slowdown: 0.25, abandonRate: 0 }),
    oneAgent({ capacity: 3, arrivalRate: 1.6, slowdown: 0.25, abandonRate: 0 }),
    oneAgent({ capacity: 3, arrivalRate: 2.4, slowdown: 0.25, abandonRate: 0.5 }),
    oneAgent({ capacity: 5, arrivalRate: 3, slowdown: 0.15, abandonRate: 1 }),
    ...GRAPHS.map(([name, house]) => skilled(name, house)),
    priorities(10, [2, 3, 4]),
    priorities(20, [4, 14]),
  ]
}

/** One of each kind, small enough for every day; wide bands, because few conversations scatter. */
export function quickBands(): readonly Band[] {
  const small = (band: Band, conversations: number): Band => ({
    ...band,
    seeds: 2,
    conversations,
    figures: band.figures.map(({ name, exact }) => ({ name, exact, band: name.startsWith('mean wait') ? 0.2 : 0.05 })),
  })
  const w = GRAPHS[1]
  return [
    small(patientPool(10, 0.8), 60_000),
    small(impatientPool(10, 9, 0.5), 60_000),
    small(oneAgent({ capacity: 3, arrivalRate: 1.6, slowdown: 0.25, abandonRate: 0 }), 60_000),
    ...(w === undefined ? [] : [small(skilled(...w), 60_000)]),
    small(priorities(10, [2, 3, 4]), 60_000),
  ]
}

function patientPool(agents: number, load: number): Band {
  const { meanWait, pWait } = erlangC({ agents, arrivalRate: load * agents, serviceRate: 1 })
  const isWide = agents > 20 // scatters too much for a band: the test of likelihood only
  return {
    ...{ goal: 'S3', name: `M/M/${agents}, load ${load}`, routing: {}, seeds: 20, conversations: MILLION },
    scenario: pool([load * agents], agents),
    figures: [
      { name: 'mean wait', exact: meanWait, z: 3.5, ...(isWide ? {} : { band: 0.02 }) },
      { name: 'P(wait)', exact: pWait, z: 3.5, ...(isWide ? {} : { band: 0.01 }) },
    ],
  }
}

function impatientPool(agents: number, arrivalRate: number, abandonRate: number): Band {
  const { meanWait, pAbandon } = erlangA({ agents, arrivalRate, serviceRate: 1, abandonRate })
  return {
    ...{ goal: 'S4', name: `M/M/${agents}+M, ${arrivalRate} come, ${abandonRate} give up`, routing: {} },
    ...{ seeds: 3, conversations: MILLION },
    scenario: pool([arrivalRate], agents, { patienceSeconds: { mean: WORK_S / abandonRate } }),
    figures: [
      { name: 'mean wait', exact: meanWait, band: 0.015 },
      { name: 'P(abandon)', exact: pAbandon, band: 0.015 },
    ],
  }
}

function oneAgent(about: {
  readonly capacity: number
  readonly arrivalRate: number
  readonly slowdown: number
  readonly abandonRate: number
}): Band {
  const { capacity, arrivalRate, slowdown, abandonRate } = about
  const { meanWait, inflation } = multitask({ ...about, serviceRate: 1 })
  const patience = abandonRate === 0 ? {} : { patienceSeconds: { mean: WORK_S / abandonRate } }
  const { classes } = pool([arrivalRate], 1, patience)
  return {
    ...{ goal: 'S5', name: `one agent, ${capacity} at once, ${arrivalRate} come, ${abandonRate} give up`, routing: {} },
    ...{ seeds: 3, conversations: MILLION },
    scenario: { slowdown, classes, agents: [{ capacity, skills: { s0: 1 } }] },
    figures: [
      { name: 'inflation', exact: inflation, band: 0.005 },
      { name: 'mean wait', exact: meanWait, band: 0.04 },
    ],
  }
}

function skilled(name: string, house: SkilledHouse): Band {
  const { pWait, meanWait } = fcfsAlis(house)
  const names = house.arrivalRates.map((_, index) => `s${index}`)
  return {
    ...{ goal: 'S6', name, routing: FIFO, seeds: 4, conversations: 2 * MILLION },
    scenario: {
      classes: pool(house.arrivalRates, 1).classes,
      agents: house.agents.map(({ serviceRate, skills }) => ({
        capacity: 1,
        skills: Object.fromEntries(skills.map((skill) => [names[skill] ?? '', serviceRate])),
      })),
    },
    figures: names.flatMap((_, index) => [
      { name: `P(wait) ${index}`, exact: pWait[index] ?? 0, band: 0.01 },
      { name: `mean wait ${index}`, exact: meanWait[index] ?? 0, band: 0.04 },
    ]),
  }
}

function priorities(agents: number, arrivalRates: readonly number[]): Band {
  const waits = priorityWaits({ agents, arrivalRates, serviceRate: 1 })
  const classes = pool(arrivalRates, agents).classes.map((each, index) => ({ ...each, skill: 's0', priority: -index }))
  return {
    ...{ goal: 'S7', name: `M/M/${agents}, priorities ${arrivalRates.join(' ')}`, seeds: 3, conversations: MILLION },
    routing: { agentPolicy: 'default', queuePolicy: 'strictPriority' },
    scenario: { classes, agents: [{ count: agents, capacity: 1, skills: { s0: 1 } }] },
    figures: waits.map((exact, index) => ({ name: `mean wait ${index}`, exact, band: 0.05 })),
  }
}

/** Agents alike who can do everything; so many customers come in the time of the mean work. */
function pool(
  arrivalRates: readonly number[],
  agents: number,
  about: Pick<Scenario['classes'][number], 'patienceSeconds'> = {},
): Scenario {
  const classes = arrivalRates.map((rate, index) => ({
    skill: `s${index}`,
    arrivalsPerHour: (rate * 3_600) / WORK_S,
    workSeconds: { mean: WORK_S },
    ...about,
  }))
  const skills = Object.fromEntries(classes.map(({ skill }) => [skill, 1]))
  return { classes, agents: [{ count: agents, capacity: 1, skills }] }
}

const agent = (serviceRate: number, ...skills: readonly number[]) => ({ serviceRate, skills })
const ring = (length: number) => Array.from({ length }, (_, index) => agent(1, index, (index + 1) % length))

const GRAPHS: readonly (readonly [string, SkilledHouse])[] = [
  [
    'N: two for one skill, two for both',
    { arrivalRates: [2, 1.4], agents: [agent(1, 0), agent(1, 0), agent(1, 0, 1), agent(1, 0, 1)] },
  ],
  [
    'W: three skills, the middle one shared',
    { arrivalRates: [1.2, 1, 1.2], agents: [agent(1, 0, 1), agent(1, 0, 1), agent(1, 1, 2), agent(1, 1, 2)] },
  ],
  [
    'M: two skills, two for each and two for both',
    {
      arrivalRates: [2.7, 2.4],
      agents: [agent(1, 0), agent(1, 0), agent(1, 0, 1), agent(1, 0, 1), agent(1, 1), agent(1, 1)],
    },
  ],
  ['ring of 4', { arrivalRates: [0.8, 0.9, 0.7, 0.9], agents: ring(4) }],
  ['ring of 6', { arrivalRates: Array.from({ length: 6 }, () => 0.85), agents: ring(6) }],
  ['three of different speeds', { arrivalRates: [1.6, 1.2], agents: [agent(1.5, 0), agent(0.8, 0, 1), agent(1.2, 1)] }],
]
