/** Agents alike with one conversation each; Poisson arrivals, exponential work. Any unit of time, the same in all figures. */
export interface Pool {
  readonly agents: number
  readonly arrivalRate: number
  /** Conversations one agent finishes in a unit of time: 1 / mean work. */
  readonly serviceRate: number
}

/** How long customers wait who never give up. */
export interface PatientPool {
  /** Share of customers who find nobody free. */
  readonly pWait: number
  readonly meanWait: number
  readonly meanWaitIfWait: number
  /** Customers who wait, on average. */
  readonly meanQueue: number
  /** Customers who wait or are served, on average. */
  readonly meanInSystem: number
  /** Share of customers who are answered within that time. */
  within(time: number): number
  /** The wait that a share `q` of customers does not exceed. */
  quantile(q: number): number
}

/**
 * Share of customers turned away where nobody can wait. A. K. Erlang (1917), by the usual recursion over the number of agents, which
 * neither overflows nor cancels.
 * @example erlangB(10, 8) // 0.1217
 */
export function erlangB(agents: number, load: number): number {
  let blocked = 1
  for (let count = 1; count <= agents; count++) blocked = (load * blocked) / (count + load * blocked)
  return blocked
}

/**
 * M/M/n: A. K. Erlang (1917); R. B. Cooper, Introduction to Queueing Theory (1981), chapter 3. First come, first served.
 * With a load of `agents` or more the queue grows for ever, and every mean is infinite.
 * @example erlangC({ agents: 10, arrivalRate: 9, serviceRate: 1 }).meanWait // 0.6687
 */
export function erlangC({ agents, arrivalRate, serviceRate }: Pool): PatientPool {
  const load = arrivalRate / serviceRate
  const isStable = load < agents
  const blocked = erlangB(agents, load)
  const pWait = isStable ? blocked / (1 - (load / agents) * (1 - blocked)) : 1
  const gap = isStable ? agents * serviceRate - arrivalRate : 0
  const meanWait = pWait / gap
  return {
    pWait,
    meanWait,
    meanWaitIfWait: 1 / gap,
    meanQueue: arrivalRate * meanWait,
    meanInSystem: arrivalRate * meanWait + load,
    within: (time) => 1 - pWait * Math.exp(-gap * time),
    quantile: (q) => (pWait > 1 - q ? Math.log(pWait / (1 - q)) / gap : 0),
  }
}
