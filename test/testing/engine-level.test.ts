import { describe, expect, test } from 'vitest'
import { definePlugin } from '../../src/index.ts'
import { agentsNeeded, simulateWorkload } from '../../src/testing/index.ts'
import { smallHouse } from '../simulation/house.ts'

describe('a simulated day at the engine', () => {
  const options = { seeds: 1, conversations: 250, level: 'engine' } as const

  test('F70: is told in the same words as at the router, and is the same day for the same seed', async () => {
    const [one, other] = [await simulateWorkload(smallHouse, options), await simulateWorkload(smallHouse, options)]
    expect(other).toEqual(one)
    const router = await simulateWorkload(smallHouse, { ...options, level: 'router' })
    expect(Object.keys(one)).toEqual(Object.keys(router))
    expect(one.conversations).toBe(225)
    expect(one.occupancy).toBeCloseTo(router.occupancy, 1)
    expect(one.inflation).toBeCloseTo(router.inflation, 1)
  })

  test('does not outlast a plugin that makes time stand still', async () => {
    const restless = definePlugin({
      name: 'restless',
      version: '1',
      timers: { again: (ctx) => ctx.schedule('again', 0) },
      hooks: { 'before:enqueue': (ctx) => ctx.schedule('again', 0) },
    })
    await expect(
      simulateWorkload(smallHouse, { ...options, conversations: 5, engine: { plugins: [restless()] } }),
    ).rejects.toMatchObject({ code: 'PLUGIN_LOOP' })
  })
})

describe('a workload', () => {
  test('F70: is simulated with the routing of a configuration', async () => {
    const about = { seeds: 2, conversations: 2_000 }
    const own = await simulateWorkload(smallHouse, { ...about, engine: { routing: { agentPolicy: 'random' } } })
    expect(own).toEqual(await simulateWorkload(smallHouse, { ...about, policy: 'random+weightedAge' }))
    expect(own.perSkill['german']?.conversations).toBeGreaterThan(0)
  })

  test('that cannot be is refused, with the path', async () => {
    const [billing] = smallHouse.classes
    const scenario = { ...smallHouse, classes: [{ ...billing, arrivalsPerHour: -3 }] }
    await expect(simulateWorkload(scenario)).rejects.toMatchObject({ path: 'classes[0].arrivalsPerHour' })
    await expect(agentsNeeded(smallHouse, { serviceLevel: 80, withinSeconds: 60 })).rejects.toMatchObject({
      path: 'promise.serviceLevel',
    })
  })
})
