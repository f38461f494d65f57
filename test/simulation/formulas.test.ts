import { describe, expect, test } from 'vitest'
import { erlangA } from '../../src/simulation/formulas/erlang-a.ts'
import { erlangB, erlangC } from '../../src/simulation/formulas/erlang.ts'
import { compareExact, type ExactCase } from '../../bench/verify/exact-cases.ts'
import { fcfsAlis } from '../../src/simulation/formulas/fcfs-alis.ts'
import { multitask, oneByOneWait } from '../../src/simulation/formulas/one-agent.ts'
import { priorityWaits } from '../../src/simulation/formulas/priority.ts'
import { readShared } from './shared.ts'

const alone = { serviceRate: 1, skills: [0] }

describe('the formulas', () => {
  test('give the call centre of the textbooks: 0.2 calls a second of 240 s for 55 agents', () => {
    const house = erlangC({ agents: 55, arrivalRate: 0.2, serviceRate: 1 / 240 })
    expect(house.pWait).toBeCloseTo(0.238701, 6)
    expect(house.meanWait).toBeCloseTo(8.184032, 6)
    expect(house.within(15)).toBeCloseTo(0.845883, 6)
  })

  test('give M/M/1 in closed form', () => {
    const house = erlangC({ agents: 1, arrivalRate: 0.9, serviceRate: 1 })
    expect(house.pWait).toBeCloseTo(0.9, 12)
    expect(house.meanWait).toBeCloseTo(9, 10)
    expect(house.quantile(0.95)).toBeCloseTo(Math.log(0.9 / 0.05) / 0.1, 9)
    expect(
      multitask({ capacity: 1, arrivalRate: 0.9, serviceRate: 1, slowdown: 0, abandonRate: 0 }).meanWait,
    ).toBeCloseTo(9, 9)
    expect(oneByOneWait({ arrivalRate: 0.9, meanWork: 1, cv: 1 })).toBeCloseTo(9, 10)
  })

  test('stay finite for five hundred agents, and infinite where more comes than can be done', () => {
    expect(erlangB(500, 480)).toBeGreaterThan(0.014)
    expect(erlangC({ agents: 10, arrivalRate: 10, serviceRate: 1 })).toMatchObject({ pWait: 1, meanWait: Infinity })
    expect(multitask({ capacity: 3, arrivalRate: 2, serviceRate: 1, slowdown: 0.25, abandonRate: 0 }).meanWait).toBe(
      Infinity,
    )
    const [urgent, other] = priorityWaits({ agents: 1, arrivalRates: [0.5, 0.6], serviceRate: 1 })
    expect(urgent).toBeCloseTo(2, 9)
    expect(other).toBe(Infinity)
  })

  test('lose e^-1 of the customers when arrivals, work and patience are equal at one agent', () => {
    const house = erlangA({ agents: 1, arrivalRate: 1, serviceRate: 1, abandonRate: 1 })
    expect(house.pAbandon).toBeCloseTo(Math.exp(-1), 9)
    expect(house.waitsLonger(0)).toBeCloseTo(house.pWait, 9)
    expect(house.within(1e3)).toBeCloseTo(1 - house.pAbandon, 9)
  })

  test('agree where one is a special case of the other', () => {
    const skilled = fcfsAlis({ arrivalRates: [2.4], agents: [alone, alone, alone] })
    const pool = erlangC({ agents: 3, arrivalRate: 2.4, serviceRate: 1 })
    expect(skilled.pWait[0]).toBeCloseTo(pool.pWait, 10)
    expect(skilled.meanWait[0]).toBeCloseTo(pool.meanWait, 10)
    expect(priorityWaits({ agents: 3, arrivalRates: [2.4], serviceRate: 1 })[0]).toBeCloseTo(pool.meanWait, 10)
    expect(erlangA({ agents: 3, arrivalRate: 2.4, serviceRate: 1, abandonRate: 1e-3 }).meanWait).toBeCloseTo(
      pool.meanWait,
      1,
    )
  })

  const shared = readShared('exact.json') as { readonly cases: readonly ExactCase[] } | undefined
  test.skipIf(shared === undefined)('match every reference figure to a millionth', () => {
    const rows = (shared?.cases ?? []).flatMap((exact) => compareExact(exact))
    expect(rows.length).toBeGreaterThan(200)
    expect(rows.filter(({ error }) => error > 1e-6)).toEqual([])
  })
})
