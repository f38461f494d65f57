import { definePlugin } from 'maitred'
import { simulate, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, ben, kim as kimCarter, seat, viewOf } from './scene.ts'

const PERSON = 'a person, please'

/** Questions about contracts take two units. */
const weighs = definePlugin({
  name: 'weighs',
  version: '1.0.0',
  hooks: {
    'route:requirements': (need, { conversation }) =>
      conversation.customer.id === 'heavy' ? { ...need, weight: 2 } : need,
  },
})()

describe('capacity', () => {
  test("F32: is the agent's own, and counted in what each conversation weighs, from the offer to the end of wrap-up", async () => {
    await using sim = simulate({
      agents: [{ ...ana, capacity: 3 }],
      plugins: [weighs],
      routing: { wrapUp: '30s' },
    })
    const [heavy, kim, lou] = [sim.customer('heavy'), sim.customer(kimCarter), sim.customer('lou')]
    await heavy.says(PERSON)
    expect(sim.agent('ana').load).toBe(2)
    await sim.agent('ana').accepts(heavy)
    await seat(kim, sim.agent('ana'))
    expect(sim.agent('ana').load).toBe(3)
    await lou.says(PERSON)
    await sim.agent('ana').isNotOffered(lou)
    await sim.agent('ana').closes(heavy)
    expect(sim.agent('ana').load).toBe(3)
    await sim.advance('30s')
    await sim.agent('ana').isOffered(lou)
    expect(sim.agent('ana').load).toBe(2)
  })

  test.each([0, -1, 0.5, 1.5, Number.NaN, '2'])(
    'a weight of %s is no weight: the plugin is reported, and the conversation weighs one',
    async (weight) => {
      const wrong = definePlugin({
        name: 'wrong',
        version: '1.0.0',
        hooks: { 'route:requirements': (need) => ({ ...need, weight: weight as number }) },
      })()
      await using sim = simulate({ agents: [ana], plugins: [wrong] })
      const kim = sim.customer(kimCarter)
      await kim.says(PERSON)
      await sim.agent('ana').isOffered(kim)
      expect(sim.agent('ana').load).toBe(1)
      expect(sim.pluginFailures).toMatchObject([{ plugin: 'wrong', hook: 'route:requirements', why: 'invalid' }])
    },
  )

  test.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY])('a limit of %s is refused', async (capacity) => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    await expect(sim.engine.saveAgent({ ...ana, capacity })).rejects.toThrow('CONFIG_INVALID')
    expect(() => simulate({ agents: [{ ...ana, capacity }] })).toThrow('CONFIG_INVALID')
  })

  test('F32: is taken by calls and letters, too, each by its name, and given back when they are over', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 2 }] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await sim.agent('ana').worksOutside(1, { with: 'phone' })
    expect(sim.agent('ana').load).toBe(1)
    await kim.says(PERSON)
    await lou.says(PERSON)
    await sim.agent('ana').isOffered(kim)
    await sim.agent('ana').isNotOffered(lou)
    expect(await sim.engine.agent('ana').busy(1, { with: 'letter' })).toMatchObject({
      status: 'refused',
      code: 'NO_CAPACITY',
    })
    await sim.agent('ana').worksOutside(0, { with: 'phone' })
    await sim.agent('ana').isOffered(lou)
    expect(sim.agent('ana').load).toBe(2)
  })

  test('F32: is given back by a call of a known length when that is over, unless it is said to go on', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const kim = sim.customer(kimCarter)
    await sim.agent('ana').worksOutside(1, { for: '5m' })
    await kim.says(PERSON)
    await sim.advance('4m')
    await sim.agent('ana').worksOutside(1, { for: '5m' })
    await sim.advance('299s')
    await sim.agent('ana').isNotOffered(kim)
    await sim.advance('1s')
    await sim.agent('ana').isOffered(kim)
  })

  test("F34: is gone over by a call only on somebody's word", async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    const forced = await sim.engine.agent('ana').busy(2, { with: 'phone', force: true })
    expect(forced).toEqual({ ok: true, status: 'applied', agentId: 'ana', load: 3, capacity: 1 })
    await sim.agent('ana').closes(kim)
    await sim.agent('ana').isNotOffered(lou)
    await sim.agent('ana').worksOutside(0, { with: 'phone' })
    await sim.agent('ana').isOffered(lou)
  })

  test.each([
    ['units', () => [-1] as const],
    ['units', () => [0.5] as const],
    ['units', () => [Number.NaN] as const],
    ['with', () => [1, { with: '' }] as const],
  ])('work outside with nonsense in `%s` is refused', async (path, told) => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    const [units, about] = told()
    await expect(sim.engine.agent('ana').busy(units, about)).rejects.toMatchObject({ code: 'EVENT_INVALID', path })
    expect(sim.agent('ana').load).toBe(0)
  })

  test('P36: 50 customers at once and 10 agents with 3 seats: 30 have one, 20 wait in the order in which they came', async () => {
    const agents = Array.from({ length: 10 }, (_, index) => ({ id: `agent${index}`, capacity: 3, autoAccept: true }))
    await using sim = simulate({ agents })
    const people = Array.from({ length: 50 }, (_, index) => sim.customer(`c${String(index).padStart(2, '0')}`))
    await sim.advance(0)
    const talks = await Promise.all(
      people.map((_, index) => sim.engine.openConversation({ customer: { id: `c${String(index).padStart(2, '0')}` } })),
    )
    await Promise.all(talks.map((talk) => talk.requestAgent()))
    await sim.advance(0)
    const views = await Promise.all(talks.map((talk) => talk.view()))
    expect(views.map(({ phase }) => phase)).toEqual([
      ...Array.from({ length: 30 }, () => 'live'),
      ...Array.from({ length: 20 }, () => 'waiting'),
    ])
    expect(agents.map(({ id }) => sim.agent(id).load)).toEqual(agents.map(() => 3))
    expect(views.slice(30).map(({ queue }) => queue?.position)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  })
})

describe('a customer who has long been silent', () => {
  const silence = { remindAfter: '5m', idleAfter: '10m', closeAfter: '2h', agentAfter: '1h' } as const

  /** Kim owes Ana an answer, and has for ten minutes. */
  async function idle(sim: Simulation): Promise<SimulatedCustomer> {
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'What is its number?')
    await sim.advance('599s')
    expect(sim.agent('ana').load).toBe(1)
    await sim.advance('1s')
    return kim
  }

  test('F34: costs no seat any more, and takes it again with the next word', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], silence })
    const kim = await idle(sim)
    expect(sim.agent('ana').load).toBe(0)
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.active' })
    await kim.sees('Are you still there?')
    await kim.says('It is 17.')
    expect(sim.agent('ana').load).toBe(1)
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.active' })
    await kim.seesNothingNew()
    await sim.agent('ana').says(kim, 'Thank you.')
    await kim.sees('Thank you.')
  })

  test('F34: makes room for somebody else, and waits for a seat when they are back: never one too many', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], silence })
    const kim = await idle(sim)
    const lou = sim.customer('lou')
    await seat(lou, sim.agent('ana'))
    await kim.says('It is 17.')
    expect(sim.agent('ana').load).toBe(1)
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', phase: 'live' })
    const max = sim.customer('max')
    await max.says(PERSON)
    expect(await sim.engine.agent('ana').say(kim.conversationId, 'Thank you.')).toMatchObject({ code: 'NO_CAPACITY' })
    await sim.agent('ana').closes(lou)
    expect(sim.agent('ana').load).toBe(1)
    await sim.agent('ana').isNotOffered(max)
    await sim.agent('ana').says(kim, 'Thank you.')
    await kim.sees('Thank you.')
  })

  test('F34: is served by somebody else who can, when their own agent has no room', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, capacity: 1 },
      ],
      silence,
    })
    await sim.agent('ben').goes('away')
    const kim = await idle(sim)
    await seat(sim.customer('lou'), sim.agent('ana'))
    await sim.agent('ben').goes('online')
    await kim.says('It is 17.')
    await sim.agent('ben').isOffered(kim)
    expect((await viewOf(sim, kim)).agentId).toBe('ana')
    await sim.agent('ben').declines(kim)
    expect((await viewOf(sim, kim)).agentId).toBe('ana')
    await sim.agent('ana').closes(sim.customer('lou'))
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.active' })
    expect([sim.agent('ana').load, sim.agent('ben').load]).toEqual([1, 0])
  })

  test('F34: may be spoken to without a seat as long as they are silent', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], silence })
    const kim = await idle(sim)
    await seat(sim.customer('lou'), sim.agent('ana'))
    await sim.agent('ana').says(kim, 'Still looking for it?')
    expect(sim.agent('ana').load).toBe(1)
    await sim.agent('ana').closes(kim)
    await kim.isIn('closing')
    expect(sim.agent('ana').load).toBe(1)
  })

  test('F34: is closed as any other when they stay silent, and leaves no seat behind', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], silence, routing: { wrapUp: '30s' } })
    const kim = await idle(sim)
    await sim.advance('2h')
    await kim.isIn('closed')
    expect(sim.agent('ana').load).toBe(0)
  })

  test('F34: and has left for another channel costs no seat for three days', async () => {
    const mail = { name: 'email', deliver: () => Promise.resolve('sent' as const) }
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], channels: [mail] })
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org' })
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'I will look for it.')
    await kim.leaves()
    await sim.advance('10m')
    expect(sim.agent('ana').load).toBe(0)
    await sim.advance('10h')
    await kim.isIn('live')
    await kim.says('Thank you!')
    expect(sim.agent('ana').load).toBe(1)
  })
})
