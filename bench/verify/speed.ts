import { runRouter } from '../../src/simulation/router-level.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import { handWritten } from './hand-written.ts'
import { median } from './table.ts'

/** Conversations for each second of processor time: medians over rounds in turns. `ratio` is the median of the rounds' own ratios. */
export interface Speed {
  readonly name: string
  readonly perSecond: number
  readonly handWrittenPerSecond: number
  readonly ratio: number
}

const ONE_POOL: Scenario = {
  classes: [{ skill: 'any', arrivalsPerHour: 108, workSeconds: { mean: 300 } }],
  agents: [{ count: 10, capacity: 1, skills: { any: 1 } }],
}

/** Six skills, every pair of them known by one agent. */
const PAIRS: Scenario = {
  slowdown: 0.25,
  classes: Array.from({ length: 6 }, (_, skill) => ({
    skill: `c${skill}`,
    arrivalsPerHour: 110.4,
    workSeconds: { mean: 300 },
  })),
  agents: Array.from({ length: 30 }, (_, index) => {
    const [first, step] = [index % 6, 1 + Math.floor(index / 6)]
    return { count: 1, capacity: 3, skills: { [`c${first}`]: 1, [`c${(first + step) % 6}`]: 1 } }
  }),
}

/** The first rounds warm up and do not count: in a process that goes on, V8 has compiled what is used. */
const WARM_UP = 3

export function measureSpeed(rounds: number, conversations: number): readonly Speed[] {
  const houses = [
    { name: 'one pool of 10', scenario: ONE_POOL },
    { name: '30 agents with two of six skills', scenario: PAIRS },
  ]
  const speeds = houses.map(({ name }) => ({
    name,
    ours: [] as number[],
    theirs: [] as number[],
    ratios: [] as number[],
  }))
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [index, { scenario }] of houses.entries()) {
      const own = cpuRate(conversations, () =>
        runRouter(scenario, { routing: {}, seed: WARM_UP + round, conversations, warmUp: 0 }),
      )
      const other = cpuRate(8 * conversations, () =>
        handWritten({ agents: 10, load: 0.9, conversations: 8 * conversations }),
      )
      if (round < 0) continue
      speeds[index]?.ours.push(own)
      speeds[index]?.theirs.push(other)
      speeds[index]?.ratios.push(own / other)
    }
  }
  return speeds.map(({ name, ours, theirs, ratios }) => ({
    name,
    perSecond: median(ours),
    handWrittenPerSecond: median(theirs),
    ratio: median(ratios),
  }))
}

function cpuRate(count: number, work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return count / ((user + system) / 1e6)
}
