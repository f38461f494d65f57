import type { AgentPolicy } from 'maitred'
import { simulate } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { openHouse } from './house.ts'

const ana = { id: 'ana', skills: ['billing'], capacity: 1 }

describe('bad input to the routing', () => {
  test('F26: a skill nobody has goes to its overflow, and does not wait for ever', async () => {
    await using sim = simulate({ agents: [ana], routing: { overflow: { after: '2m', to: 'async' } } })
    await sim.agent('ana').goes('online')
    const { id } = await sim.engine.openConversation({ customer: { id: 'kim' }, skills: ['french'] })
    await sim.engine.conversation(id).requestAgent()
    await sim.advance('3m')
    expect((await sim.engine.conversation(id).view()).phase).toBe('async')
    expect(sim.agent('ana').load).toBe(0)
  })

  test.each<[string, (sim: ReturnType<typeof simulate>) => Promise<unknown>]>([
    ['goes offline', (sim) => sim.agent('fay').goes('offline')],
    ['is removed', (sim) => sim.engine.removeAgent('fay')],
  ])('F26: a skill whose only agent %s after the conversation was queued goes to its overflow', async (_how, leave) => {
    const fay = { id: 'fay', skills: ['french'], capacity: 1, autoAccept: true }
    await using sim = simulate({ agents: [ana, fay], routing: { overflow: { after: '2m', to: 'async' } } })
    for (const { id } of [ana, fay]) await sim.agent(id).goes('online')
    const ids: string[] = []
    for (const name of ['kim', 'lou']) {
      const { id } = await sim.engine.openConversation({ customer: { id: name }, skills: ['french'] })
      await sim.engine.conversation(id).requestAgent()
      ids.push(id)
    }
    const [first = '', second = ''] = ids
    await sim.advance('30s')
    expect((await sim.engine.conversation(first).view()).phase).toBe('live')
    expect((await sim.engine.conversation(second).view()).phase).toBe('waiting')
    await leave(sim)
    await sim.advance('1m')
    expect((await sim.engine.conversation(second).view()).phase).toBe('waiting')
    await sim.advance('2m')
    expect((await sim.engine.conversation(second).view()).phase).toBe('async')
    expect(sim.agent('ana').load).toBe(0)
  })

  test('two agents of one id are refused', () => {
    expect(() => simulate({ agents: [ana, { ...ana, skills: ['german'] }] })).toThrow('CONFIG_INVALID')
  })

  test.each<[string, unknown]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['names nobody there is', () => 'zoe'],
    ['returns a number that is none', () => Number.NaN],
    ['returns a promise', () => Promise.resolve('ana')],
  ])(
    'F29: a policy that %s assigns nobody wrongly: it is kept waiting, and goes to its overflow',
    async (_what, policy) => {
      const routing = { agentPolicy: policy as AgentPolicy, overflow: { after: '2m', to: 'async' } } as const
      await using sim = simulate({ agents: [ana], routing })
      await sim.agent('ana').goes('online')
      const { id } = await sim.engine.openConversation({ customer: { id: 'kim' }, skills: ['billing'] })
      await sim.engine.conversation(id).requestAgent()
      await sim.advance('1m')
      expect((await sim.engine.conversation(id).view()).phase).toBe('waiting')
      expect(sim.agent('ana').load).toBe(0)
      await sim.advance('2m')
      expect((await sim.engine.conversation(id).view()).phase).toBe('async')
    },
  )

  test('a clock that goes backwards neither breaks a choice nor a forecast', () => {
    const house = openHouse()
    house.router.forecast(['billing'], 1_000_000)
    expect(house.router.next(1_000_000)).toBeUndefined()
    expect(house.router.next(10)).toBeUndefined()
    expect(house.router.forecast(['billing'], 10)).toBe('unknown')
  })

  test('word from an agent who is unknown is refused', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    await expect(sim.engine.agent('zoe').setPresence('online')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('routing.forecast', () => {
  test('is one of two names', () => {
    expect(() => simulate({ routing: { forecast: 'oracle' as 'rollout' } })).toThrow('CONFIG_INVALID')
  })
})
