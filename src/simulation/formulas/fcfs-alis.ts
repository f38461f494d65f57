/** Agents of different skills with one conversation each. Skills are indexes into `arrivalRates`. */
export interface SkilledHouse {
  readonly arrivalRates: readonly number[]
  readonly agents: readonly { readonly serviceRate: number; readonly skills: readonly number[] }[]
}

export interface SkilledFigures {
  /** By skill. */
  readonly pWait: readonly number[]
  readonly meanWait: readonly number[]
  readonly meanQueue: readonly number[]
  /** Share of their time, by agent. */
  readonly busy: readonly number[]
}

const MAX_AGENTS = 16

/**
 * The oldest conversation that suits, to the agent who suits and has been idle longest: J. Visschers, I. Adan and G. Weiss (2012);
 * I. Adan and G. Weiss, A skill based parallel service system under FCFS-ALIS, Stochastic Systems 4(1), 2014.
 *
 * Their weight of an order of agents is a product whose factors depend on sets only: the busy agents up to one, the idle agents from
 * one on. So the sum over all orders is built set by set.
 * @example fcfsAlis({ arrivalRates: [2.4], agents: Array.from({ length: 3 }, () => ({ serviceRate: 1, skills: [0] })) }).pWait // [0.6472]
 */
export function fcfsAlis(house: SkilledHouse): SkilledFigures {
  const { arrivalRates, agents } = house
  if (agents.length > MAX_AGENTS)
    throw new RangeError(`Expected at most ${MAX_AGENTS} agents, got \`${agents.length}\`.`)
  const everyone = 2 ** agents.length - 1
  const servable = toServable(house)
  const busy = toBusyWeights(house, servable)
  const idle = toIdleWeights(house, servable)
  let total = 0
  const queues = arrivalRates.map(() => 0)
  const waits = arrivalRates.map(() => 0)
  const busies = agents.map(() => 0)
  for (let set = 0; set <= everyone; set++) {
    const rest = idle[everyone ^ set] ?? 0
    const share = (busy.weights[set] ?? 0) * rest
    total += share
    for (const skill of arrivalRates.keys()) {
      queues[skill] = (queues[skill] ?? 0) + (busy.queues[skill]?.[set] ?? 0) * rest
      if (!has(servable[everyone ^ set] ?? 0, skill)) waits[skill] = (waits[skill] ?? 0) + share
    }
    for (const agent of agents.keys()) if (has(set, agent)) busies[agent] = (busies[agent] ?? 0) + share
  }
  const meanQueue = queues.map((queue) => queue / total)
  return {
    pWait: waits.map((weight) => weight / total),
    meanQueue,
    meanWait: meanQueue.map((queue, skill) => queue / (arrivalRates[skill] ?? 0)),
    busy: busies.map((weight) => weight / total),
  }
}

/** The skills, as bits, that a set of agents serves. */
function toServable({ agents }: SkilledHouse): readonly number[] {
  const masks = agents.map(({ skills }) => skills.reduce((mask, skill) => mask | (1 << skill), 0))
  const servable = [0]
  for (let set = 1; set < 2 ** agents.length; set++) {
    const last = 31 - Math.clz32(set)
    servable.push((servable[set ^ (1 << last)] ?? 0) | (masks[last] ?? 0))
  }
  return servable
}

/** The weight of all orders in which exactly these are busy, and the same times the customers who wait, by skill. */
function toBusyWeights(
  { agents, arrivalRates }: SkilledHouse,
  servable: readonly number[],
): { readonly weights: readonly number[]; readonly queues: readonly (readonly number[])[] } {
  const everyone = 2 ** agents.length - 1
  const weights = [1]
  const queues = arrivalRates.map(() => [0])
  for (let set = 1; set <= everyone; set++) {
    const captive = arrivalRates.map((rate, skill) => (has(servable[everyone ^ set] ?? 0, skill) ? 0 : rate))
    const captiveRate = captive.reduce((sum, rate) => sum + rate, 0)
    const served = agents.reduce((sum, { serviceRate }, agent) => sum + (has(set, agent) ? serviceRate : 0), 0)
    if (captiveRate >= served)
      throw new RangeError('Expected less work than the agents can do: the queue grows for ever.')
    const factor = 1 / (served - captiveRate)
    const weight = factor * sumWithout(weights, set)
    weights.push(weight)
    for (const [skill, queue] of queues.entries()) {
      const waiting = (captive[skill] ?? 0) / (served - captiveRate)
      queue.push(factor * sumWithout(queue, set) + weight * waiting)
    }
  }
  return { weights, queues }
}

/** The weight of all orders in which exactly these are idle. */
function toIdleWeights({ agents, arrivalRates }: SkilledHouse, servable: readonly number[]): readonly number[] {
  const weights = [1]
  for (let set = 1; set < 2 ** agents.length; set++) {
    const rate = arrivalRates.reduce((sum, each, skill) => sum + (has(servable[set] ?? 0, skill) ? each : 0), 0)
    weights.push(sumWithout(weights, set) / rate)
  }
  return weights
}

/** Over all members of a set: what is known of the set without them. */
function sumWithout(values: readonly number[], set: number): number {
  let sum = 0
  for (let left = set; left !== 0; left &= left - 1) sum += values[set ^ (left & -left)] ?? 0
  return sum
}

function has(set: number, member: number): boolean {
  return ((set >> member) & 1) === 1
}
