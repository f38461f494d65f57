import { erlangC } from './erlang.ts'

/**
 * Mean wait by priority class, the most urgent first, where a running conversation is never broken off. A. Cobham, Priority assignment
 * in waiting line problems (1954), for n agents: O. Kella and U. Yechiali (1985). All classes have the same `serviceRate`.
 * @example priorityWaits({ agents: 10, arrivalRates: [2, 3, 4], serviceRate: 1 }) // [0.0836, 0.1672, 1.3375]
 */
export function priorityWaits(house: {
  readonly agents: number
  readonly arrivalRates: readonly number[]
  readonly serviceRate: number
}): readonly number[] {
  const { agents, arrivalRates, serviceRate } = house
  const capacity = agents * serviceRate
  const total = arrivalRates.reduce((sum, rate) => sum + rate, 0)
  const { pWait } = erlangC({ agents, arrivalRate: total, serviceRate })
  let [above, upTo] = [0, 0]
  return arrivalRates.map((rate) => {
    above = upTo
    upTo += rate / capacity
    return upTo < 1 ? pWait / capacity / ((1 - above) * (1 - upTo)) : Number.POSITIVE_INFINITY
  })
}
