import { simulate } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { runRouter } from '../../src/simulation/router-level.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import { openHouse } from './house.ts'

const scenario: Scenario = {
  classes: [
    { skill: 'billing', arrivalsPerHour: 100, workSeconds: { mean: 300 }, patienceSeconds: { mean: 600 } },
    { skill: 'german', arrivalsPerHour: 60, workSeconds: { mean: 300 } },
  ],
  agents: [
    { count: 8, capacity: 1, skills: { billing: 1 } },
    { count: 7, capacity: 1, skills: { billing: 1, german: 1 } },
  ],
}

describe('F24: the forecast', () => {
  test('is kept: half of all wait no longer than the p50 they are told, nine of ten no longer than the p90', () => {
    const told = new Map<number, { p50Ms: number; p90Ms: number }>()
    let [count, within50, within90, oddCount] = [0, 0, 0, 0]
    runRouter(scenario, {
      ...{ routing: {}, seed: 1, conversations: 12_000, warmUp: 0 },
      onArrived({ index }, toWait) {
        const wait = toWait()
        if (wait === 'unknown') return
        if (!(wait.p50Ms >= 0 && wait.p90Ms >= wait.p50Ms)) oddCount += 1
        if (wait.p90Ms > 0) told.set(index, wait)
      },
      onAnswered({ index, at, answeredAt }) {
        const wait = told.get(index)
        if (wait === undefined) return
        count += 1
        if (answeredAt - at <= wait.p50Ms) within50 += 1
        if (answeredAt - at <= wait.p90Ms) within90 += 1
      },
    })
    expect(oddCount).toBe(0)
    expect(count).toBeGreaterThan(2_000)
    expect(within50 / count).toBeGreaterThan(0.43)
    expect(within50 / count).toBeLessThan(0.57)
    expect(within90 / count).toBeGreaterThan(0.85)
    expect(within90 / count).toBeLessThan(0.95)
  })

  test('is unknown until enough have waited, and with nobody on duty', async () => {
    await using sim = simulate({ agents: [{ id: 'ana', capacity: 1, autoAccept: true }] })
    expect(openHouse().router.forecast(['billing'], 0)).toBe('unknown')
    await sim.agent('ana').goes('online')
    const told: unknown[] = []
    for (let nth = 0; nth < 70; nth++) {
      const [first, second] = await Promise.all(
        ['a', 'b'].map((id) => sim.engine.openConversation({ customer: { id: `${id}${nth}` } })),
      )
      for (const each of [first, second]) await each?.requestAgent()
      await sim.advance(`${30 + nth}s`)
      const view = await second?.view()
      told.push(view?.queue?.wait)
      await first?.leave()
      await sim.advance('1s')
      await second?.leave()
      await sim.advance('1s')
    }
    expect(new Set(told.slice(0, 45))).toEqual(new Set(['unknown']))
    expect(told.at(-1)).toMatchObject({
      p50Ms: expect.any(Number) as number,
      sampleCount: expect.any(Number) as number,
    })
    await sim.agent('ana').goes('offline')
    const last = await sim.engine.availability()
    expect(last).toEqual({ open: false, reason: 'nobodyOnline' })
  })
})
