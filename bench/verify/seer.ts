import type { Conversation } from '../../src/simulation/desk.ts'
import { createStream, type Stream } from '../../src/simulation/random.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import { toStaff } from '../../src/simulation/staff.ts'
import { median } from './table.ts'

/**
 * Knows the house as it truly is: every rate, every seat, and the very policy. What is still to come nobody knows, so what the seer misses
 * by no forecast can better. For houses where work is exponential, all are equally fast, have the same target, and nobody gives up: there
 * it does not matter how long a conversation has lasted.
 */
export interface Seer {
  came(conversation: Conversation): void
  answered(conversation: Conversation, agentIndex: number): void
  /** The median of how long a conversation that waits still will; in ms. */
  foresee(conversation: Conversation, at: number): number
}

const RUNS = 200

/** How things stand: units at each agent, and by class since when those wait who are not served yet. */
interface State {
  readonly loads: number[]
  readonly queues: readonly number[][]
  at: number
}

export function createSeer(scenario: Scenario): Seer {
  const house = toTruth(scenario)
  const waiting = new Set<Conversation>()
  let open: { readonly conversation: Conversation; readonly agentIndex: number }[] = []
  return {
    came: (conversation) => void waiting.add(conversation),
    answered(conversation, agentIndex) {
      waiting.delete(conversation)
      open.push({ conversation, agentIndex })
    },
    foresee(own, at) {
      open = open.filter(({ conversation }) => conversation.state === 'open')
      const loads = house.agents.map(() => 0)
      for (const { agentIndex } of open) loads[agentIndex] = (loads[agentIndex] ?? 0) + 1
      const queues = scenario.classes.map((_, classIndex) =>
        [...waiting].filter((each) => each.classIndex === classIndex).map((each) => each.at),
      )
      const before = queues[own.classIndex]?.indexOf(own.at) ?? 0
      const draw = createStream(own.index, 1, 1)
      const ends = Array.from({ length: RUNS }, () => {
        const state = { loads: [...loads], queues: queues.map((queue) => [...queue]), at }
        return live(house, state, { classIndex: own.classIndex, before, draw })
      })
      return median(ends) - at
    },
  }
}

interface Truth {
  readonly agents: readonly { readonly capacity: number; readonly serves: readonly number[] }[]
  /** By class. */
  readonly comingRates: readonly number[]
  /** By class: what a ms of waiting counts for. */
  readonly weights: readonly number[]
  /** Of an agent who holds so many. */
  readonly releaseRates: readonly number[]
}

function toTruth({ classes, agents, slowdown = 0 }: Scenario): Truth {
  const staff = toStaff({ classes, agents })
  const serves = staff.map(({ speeds }) => classes.flatMap(({ skill }, index) => (speeds.has(skill) ? [index] : [])))
  const workMs = (classes[0]?.workSeconds.mean ?? 0) * 1_000
  const most = Math.max(...staff.map(({ capacity }) => capacity))
  return {
    agents: staff.map(({ capacity }, index) => ({ capacity, serves: serves[index] ?? [] })),
    comingRates: classes.map(({ arrivalsPerHour = 0 }) => arrivalsPerHour / 3_600_000),
    weights: classes.map((_, index) => (staff.length / serves.filter((own) => own.includes(index)).length) ** 2),
    releaseRates: Array.from({ length: most + 1 }, (_, held) =>
      held === 0 ? 0 : held / (1 + slowdown * (held - 1)) / workMs,
    ),
  }
}

interface Fate {
  readonly classIndex: number
  /** So many of its class go first. */
  readonly before: number
  readonly draw: Stream
}

/** Lives on until the one in question is served, and tells when that is. */
function live(house: Truth, state: State, { classIndex, before, draw }: Fate): number {
  const { comingRates, releaseRates } = house
  const { loads, queues } = state
  let ahead = before
  for (;;) {
    let total = 0
    for (const load of loads) total += releaseRates[load] ?? 0
    const releasing = total
    for (const rate of comingRates) total += rate
    state.at -= Math.log(draw()) / total
    let picked = draw() * total
    if (picked < releasing) {
      const agent = Math.max(
        0,
        loads.findIndex((load) => (picked -= releaseRates[load] ?? 0) < 0),
      )
      const served = nextFor(house, state, agent)
      if (served < 0) loads[agent] = (loads[agent] ?? 0) - 1
      else {
        if (served === classIndex && ahead-- === 0) return state.at
        queues[served]?.shift()
      }
      continue
    }
    picked -= releasing
    const coming = Math.max(
      0,
      comingRates.findIndex((rate) => (picked -= rate) < 0),
    )
    const agent = agentFor(house, loads, coming)
    if (agent < 0) queues[coming]?.push(state.at)
    else loads[agent] = (loads[agent] ?? 0) + 1
  }
}

/** The class whose first goes to a seat that has come free, or -1. */
function nextFor({ agents, weights }: Truth, { queues, at }: State, agent: number): number {
  let best = -1
  let bestScore = 0
  for (const index of agents[agent]?.serves ?? []) {
    const since = queues[index]?.[0]
    const score = since === undefined ? 0 : (at - since + 1_000) * (weights[index] ?? 0)
    if (score <= bestScore) continue
    best = index
    bestScore = score
  }
  return best
}

/** The least loaded, then who has the fewest skills; or -1. */
function agentFor({ agents }: Truth, loads: readonly number[], classIndex: number): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (const [index, { capacity, serves }] of agents.entries()) {
    const load = loads[index] ?? 0
    if (load >= capacity || !serves.includes(classIndex)) continue
    const rank = load / capacity + serves.length / 1_000
    if (rank >= least) continue
    best = index
    least = rank
  }
  return best
}
