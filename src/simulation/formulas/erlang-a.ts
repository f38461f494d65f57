import type { Pool } from './erlang.ts'
import { integrate } from './integrate.ts'

export interface ImpatientPool {
  /** Share of customers who find nobody free. */
  readonly pWait: number
  readonly pAbandon: number
  /** Over all customers, those who give up included. */
  readonly meanWait: number
  readonly meanWaitServed: number
  readonly meanQueue: number
  /** Share of their time that agents are busy. */
  readonly occupancy: number
  /** Share of customers who still wait after that time. */
  waitsLonger(time: number): number
  /** Share of customers who are answered within that time. */
  within(time: number): number
}

/**
 * M/M/n+M: every waiting customer gives up at `abandonRate`. C. Palm (1957); A. Mandelbaum and S. Zeltyn, Service engineering in
 * action: the Palm/Erlang-A queue (2007). Solved as a birth-death chain in logarithms; the wait distribution by the density of the
 * wait that a customer of endless patience would have.
 * @example erlangA({ agents: 10, arrivalRate: 10, serviceRate: 1, abandonRate: 1 }).pAbandon // 0.1251
 */
export function erlangA(pool: Pool & { readonly abandonRate: number }): ImpatientPool {
  const { agents, arrivalRate, serviceRate, abandonRate } = pool
  const shares = toShares(pool)
  const pWait = sum(shares.slice(agents))
  const meanQueue = sum(shares.map((share, count) => share * Math.max(count - agents, 0)))
  const meanBusy = sum(shares.map((share, count) => share * Math.min(count, agents)))
  const pAbandon = (abandonRate * meanQueue) / arrivalRate
  const logScale = Math.log(arrivalRate * (shares[agents - 1] ?? 0))
  /** Density of the offered wait, thinned by those who have given up by then. */
  const answeredAt = (time: number): number => Math.exp(logScale + offeredExponent(pool, time) - abandonRate * time)
  const offeredAt = (time: number): number => Math.exp(logScale + offeredExponent(pool, time))
  const width = 2 / (agents * serviceRate + arrivalRate + abandonRate)
  return {
    pWait,
    pAbandon,
    meanQueue,
    meanWait: meanQueue / arrivalRate,
    meanWaitServed: integrate((time) => time * answeredAt(time), { from: 0, width }) / (1 - pAbandon),
    occupancy: meanBusy / agents,
    waitsLonger: (time) => Math.exp(-abandonRate * time) * integrate(offeredAt, { from: time, width }),
    within: (time) => 1 - pWait + integrate(answeredAt, { from: 0, to: time, width }),
  }
}

function offeredExponent(pool: Pool & { readonly abandonRate: number }, time: number): number {
  const { agents, arrivalRate, serviceRate, abandonRate } = pool
  return (-arrivalRate / abandonRate) * Math.expm1(-abandonRate * time) - agents * serviceRate * time
}

/** The share of time with so many customers in the house, by their number. */
function toShares(pool: Pool & { readonly abandonRate: number }): readonly number[] {
  const { agents, arrivalRate, serviceRate, abandonRate } = pool
  const spread = 20 * Math.sqrt(arrivalRate / Math.min(serviceRate, abandonRate))
  const last = Math.ceil(agents + spread + (6 * arrivalRate) / abandonRate + 200)
  const logs = [0]
  for (let count = 1; count <= last; count++) {
    const deaths = Math.min(count, agents) * serviceRate + Math.max(count - agents, 0) * abandonRate
    logs.push((logs[count - 1] ?? 0) + Math.log(arrivalRate / deaths))
  }
  return normalise(logs)
}

function normalise(logs: readonly number[]): readonly number[] {
  const highest = logs.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY)
  const weights = logs.map((each) => Math.exp(each - highest))
  const total = sum(weights)
  return weights.map((weight) => weight / total)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
