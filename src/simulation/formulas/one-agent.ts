/** One agent who holds several conversations at once, each the slower the more there are. */
export interface Multitasker {
  /** Conversations at once. */
  readonly capacity: number
  readonly arrivalRate: number
  /** 1 / mean work of one conversation alone. */
  readonly serviceRate: number
  /** The speed of one conversation beside n - 1 others is 1 / (1 + slowdown (n - 1)). */
  readonly slowdown: number
  /** At which each who waits gives up; 0 for never. */
  readonly abandonRate: number
}

export interface MultitaskerFigures {
  readonly pWait: number
  readonly pAbandon: number
  /** Over all customers, those who give up included. */
  readonly meanWait: number
  readonly meanQueue: number
  /** Conversations open at the agent, on average. */
  readonly meanInService: number
  readonly meanHandle: number
  /** Time in conversation over the work it holds. */
  readonly inflation: number
}

/**
 * Mean wait at one agent with one conversation at a time and work of any distribution: F. Pollaczek (1930), A. Khinchine (1932).
 * `cv` is the standard deviation of the work over its mean.
 * @example oneByOneWait({ arrivalRate: 0.8, meanWork: 1, cv: 1.2 }) // 4.88
 */
export function oneByOneWait(agent: {
  readonly arrivalRate: number
  readonly meanWork: number
  readonly cv: number
}): number {
  const { arrivalRate, meanWork, cv } = agent
  const load = arrivalRate * meanWork
  return load < 1 ? (arrivalRate * meanWork ** 2 * (1 + cv ** 2)) / (2 * (1 - load)) : Number.POSITIVE_INFINITY
}

/**
 * Limited processor sharing as a birth-death chain: exponential work makes the conversations in service exchangeable. J. Zhang, J. G. Dai
 * and B. Zwart (2009) for the model; T. Tezcan and J. Zhang (2014) for chat.
 * @example multitask({ capacity: 2, arrivalRate: 1.2, serviceRate: 1, slowdown: 0.25, abandonRate: 0 }).inflation // 1.2069
 */
export function multitask(agent: Multitasker): MultitaskerFigures {
  const { capacity, arrivalRate, serviceRate, slowdown, abandonRate } = agent
  const deathRate = (count: number): number => {
    const open = Math.min(count, capacity)
    return (serviceRate * open) / (1 + slowdown * Math.max(open - 1, 0)) + abandonRate * Math.max(count - capacity, 0)
  }
  let [weight, total, waiting, open, full] = [1, 0, 0, 0, 0]
  for (let count = 0; weight > total * 1e-18 || count <= capacity; count++) {
    if (count > 0) weight *= arrivalRate / deathRate(count)
    total += weight
    waiting += weight * Math.max(count - capacity, 0)
    open += weight * Math.min(count, capacity)
    if (count >= capacity) full += weight
    if (abandonRate === 0 && count > capacity && arrivalRate >= deathRate(count)) return overrun(agent)
  }
  const meanQueue = waiting / total
  const pAbandon = (abandonRate * meanQueue) / arrivalRate
  const meanHandle = open / total / (arrivalRate * (1 - pAbandon))
  return {
    pWait: full / total,
    pAbandon,
    meanWait: meanQueue / arrivalRate,
    meanQueue,
    meanInService: open / total,
    meanHandle,
    inflation: meanHandle * serviceRate,
  }
}

/** More comes than can be done: the queue grows for ever, and every seat is taken. */
function overrun({ capacity, serviceRate, slowdown }: Multitasker): MultitaskerFigures {
  const inflation = 1 + slowdown * (capacity - 1)
  const forEver = Number.POSITIVE_INFINITY
  return {
    pWait: 1,
    pAbandon: 0,
    meanWait: forEver,
    meanQueue: forEver,
    meanInService: capacity,
    meanHandle: inflation / serviceRate,
    inflation,
  }
}
