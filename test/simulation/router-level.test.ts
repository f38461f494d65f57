import { describe, expect, test } from 'vitest'
import { compareWaits } from '../../bench/verify/kiefer-wolfowitz.ts'
import { runRouter } from '../../src/simulation/router-level.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import { createWorkload } from '../../src/simulation/workload.ts'
import { smallHouse } from './house.ts'

describe('the production router on a simulated day', () => {
  test('F70: gives every conversation the wait of the Kiefer-Wolfowitz recursion', () => {
    const { worstSeconds, meanWaitSeconds } = compareWaits({ seed: 1, conversations: 100_000 })
    expect(worstSeconds).toBeLessThan(1e-6)
    expect(meanWaitSeconds).toBeGreaterThan(100)
  })

  test('F70: is the same day for the same seed, and another for another', () => {
    const day = (seed: number) => {
      const waits: [string, number, number][] = []
      const options = { routing: { agentPolicy: 'random' }, conversations: 2_000, warmUp: 100 } as const
      const tally = runRouter(smallHouse, {
        ...options,
        seed,
        onAnswered: (one) => waits.push([one.id, one.at, one.answeredAt]),
      })
      return JSON.stringify([waits, tally.classes, [...tally.waitsMs], tally.occupancy])
    }
    expect(day(1)).toBe(day(1))
    expect(day(1)).not.toBe(day(2))
  })

  test('hands everybody out in the end, by an answer or by giving up', () => {
    const { classes, waitsMs } = runRouter(smallHouse, { routing: {}, seed: 3, conversations: 5_000, warmUp: 0 })
    expect(classes.reduce((sum, { count }) => sum + count, 0)).toBe(5_000)
    expect(waitsMs).toHaveLength(5_000)
    expect(classes.every(({ answeredCount, abandonedCount, count }) => answeredCount + abandonedCount === count)).toBe(
      true,
    )
    expect(classes[1]?.abandonedCount).toBe(0)
  })

  test('lets recorded customers come when they came', () => {
    const recorded: Scenario = {
      classes: [
        { skill: 'a', arrivalsAtSeconds: [1, 2, 2, 60], workSeconds: { mean: 10, distribution: 'deterministic' } },
      ],
      agents: [{ capacity: 1, skills: { a: 0.5 } }],
    }
    const answers: [number, number][] = []
    const options = { routing: {}, seed: 1, conversations: 10, warmUp: 0 }
    runRouter(recorded, { ...options, onAnswered: ({ at, answeredAt }) => answers.push([at, answeredAt]) })
    expect(answers).toEqual([
      [1_000, 1_000],
      [2_000, 21_000],
      [2_000, 41_000],
      [60_000, 61_000],
    ])
  })

  test('shares an agent between conversations, each the slower the more there are', () => {
    const shared: Scenario = {
      slowdown: 0.25,
      classes: [
        { skill: 'a', arrivalsAtSeconds: [0, 10, 11], workSeconds: { mean: 20, distribution: 'deterministic' } },
      ],
      agents: [{ capacity: 2, skills: { a: 1 } }],
    }
    const answers: number[] = []
    const options = { routing: {}, seed: 1, conversations: 3, warmUp: 0 }
    runRouter(shared, { ...options, onAnswered: ({ answeredAt }) => answers.push(answeredAt) })
    // The first is half done when the second comes, and needs 10 s x 1.25 more.
    expect(answers).toEqual([0, 10_000, 22_500])
  })

  test('passes a conversation on to another skill once it has waited so long', () => {
    const overflowing: Scenario = {
      classes: [
        {
          skill: 'welsh',
          arrivalsPerHour: 10,
          workSeconds: { mean: 60 },
          overflow: { afterSeconds: 30, skill: 'english' },
        },
      ],
      agents: [{ count: 3, skills: { english: 1 } }],
    }
    const { waitsMs } = runRouter(overflowing, { routing: {}, seed: 1, conversations: 100, warmUp: 0 })
    expect([...waitsMs].every((wait) => Math.abs(wait - 30_000) < 1e-3)).toBe(true)
  })
})

describe('arrivals', () => {
  const take = (scenario: Scenario, seed: number, count: number) => {
    const arrive = createWorkload(scenario, seed)
    return Array.from({ length: count }, () => arrive())
  }

  test('of a class are the same whoever serves them, and whatever else comes', () => {
    const alone = { ...smallHouse, classes: [smallHouse.classes[0]] }
    const both = take(smallHouse, 1, 300).filter((one) => one?.classIndex === 0)
    const some = take(alone, 1, 100)
    expect(both.slice(0, 100).map((one) => [one?.at, one?.workMs, one?.patienceMs])).toEqual(
      some.map((one) => [one?.at, one?.workMs, one?.patienceMs]),
    )
  })

  test('follow the profile of the day', () => {
    const profile = { stepSeconds: 3_600, multipliers: [0, 1, 3] }
    const hours = take({ ...smallHouse, profile }, 1, 20_000).map((one) => Math.floor((one?.at ?? 0) / 3_600_000) % 3)
    const [none, one, three] = [0, 1, 2].map((hour) => hours.filter((each) => each === hour).length)
    expect(none).toBe(0)
    expect((three ?? 0) / (one ?? 1)).toBeCloseTo(3, 0)
  })

  test.each(['exponential', 'deterministic', 'erlang2', 'lognormal'] as const)(
    'bring %s work of the mean and spread that were asked for',
    (distribution) => {
      const spread = { exponential: 1, deterministic: 0, erlang2: Math.SQRT1_2, lognormal: 0.5 }[distribution]
      const workSeconds = { mean: 100, distribution, ...(distribution === 'lognormal' ? { cv: 0.5 } : {}) }
      const works = take({ ...smallHouse, classes: [{ ...smallHouse.classes[0], workSeconds }] }, 5, 50_000).map(
        (one) => (one?.workMs ?? 0) / 1_000,
      )
      const mean = works.reduce((sum, work) => sum + work, 0) / works.length
      const deviation = Math.sqrt(works.reduce((sum, work) => sum + (work - mean) ** 2, 0) / works.length)
      expect(mean / 100).toBeCloseTo(1, 1)
      expect(deviation / mean).toBeCloseTo(spread, 1)
    },
  )
})
