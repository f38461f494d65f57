import { describe, expect, test } from 'vitest'
import { createEngine, definePlugin, isMaitredError, type Receipt } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { type BusyHouse, contentOf, openBusyHouse } from './busy-house.ts'

const veto = definePlugin({
  name: 'opening-hours',
  version: '1.0.0',
  hooks: {
    'before:requestAgent': (ctx) => {
      if (ctx.conversation.customer.id === 'helping') ctx.veto('we are closed')
    },
  },
})

type Verb = (house: BusyHouse, key: string) => Promise<Receipt>
const by = (about: object) => (house: BusyHouse, key: string) => house.engine.dispatch({ ...about, key })

/** Every verb that takes a key, where it applies. */
const VERBS: Readonly<Record<string, Verb>> = {
  say: ({ engine, helping }, key) => engine.conversation(helping.conversationId).say('hello', { key }),
  choose: ({ engine, helping }, key) => engine.conversation(helping.conversationId).choose('person', { key }),
  requestAgent: ({ engine, helping }, key) => engine.conversation(helping.conversationId).requestAgent({ key }),
  leave: ({ engine, waiting }, key) => engine.conversation(waiting.conversationId).leave({ key }),
  rate: ({ engine, closed }, key) => engine.conversation(closed.conversationId).rate(4, { key, comment: 'kind' }),
  identify: (house, key) =>
    by({ type: 'customer.identified', conversationId: house.live.conversationId, customer: { id: 'kim' } })(house, key),
  accept: ({ engine, offered }, key) => engine.agent('ben').accept(offered.conversationId, { key }),
  decline: ({ engine, offered }, key) =>
    engine.agent('ben').decline(offered.conversationId, { key, reason: 'at lunch' }),
  'agent.say': ({ engine, live }, key) => engine.agent('ana').say(live.conversationId, 'hello', { key }),
  note: ({ engine, live }, key) => engine.agent('ana').note(live.conversationId, 'a regular', { key }),
  hold: ({ engine, live }, key) => engine.agent('ana').hold(live.conversationId, { key, backIn: '5m' }),
  transfer: ({ engine, live }, key) => engine.agent('ana').transfer(live.conversationId, 'bot', { key, note: 'done' }),
  warn: ({ engine, live }, key) => engine.agent('ana').warn(live.conversationId, { key }),
  close: ({ engine, live }, key) =>
    engine.agent('ana').close(live.conversationId, { key, directions: 'Wait.', disposition: 'solved' }),
  assign: async (house, key) => {
    const { conversationId } = house.waiting
    return by({ type: 'conversation.assigned', conversationId, agentId: 'zoe', by: 'sue', force: true })(house, key)
  },
}

describe('a command with a key', () => {
  test.each(Object.entries(VERBS))(
    'to %s does nothing the second time, and gives the first result',
    async (_name, verb) => {
      await using house = await openBusyHouse()
      await house.engine.saveAgent({ id: 'zoe' })
      const first = await verb(house, 'k')
      expect(first).toMatchObject({ ok: true, status: 'applied' })
      await house.sim.advance(0)
      expect(await house.changesNothing(() => verb(house, 'k'))).toEqual({ ...first, status: 'duplicate' })
    },
  )

  test('gives the first result however much has happened since', async () => {
    await using house = await openBusyHouse()
    const { engine, live, sim } = house
    const say = () => engine.agent('ana').say(live.conversationId, 'hello', { key: 'k' })
    const first = await say()
    await live.says('thank you')
    await sim.agent('ana').closes(live)
    await live.says('yes')
    await sim.advance('10m')
    await live.isIn('closed')
    expect(await house.changesNothing(say)).toEqual({ ...first, status: 'duplicate' })
  })

  describe('to open a conversation', () => {
    const visit = { customer: { id: 'uma' }, key: 'visit' } as const

    test('leads to the first one again, and opens nothing that the customer has left', async () => {
      await using house = await openBusyHouse()
      const { engine } = house
      const first = await engine.openConversation(visit)
      await first.leave()
      const { id } = await engine.openConversation(visit)
      expect(id).toBe(first.id)
      expect(await first.view()).toMatchObject({ phase: 'closed' })
      expect(await engine.dispatch({ type: 'conversation.opened', ...visit })).toMatchObject({
        status: 'duplicate',
        conversationId: first.id,
      })
      await engine.openConversation({ ...visit, key: 'another visit' })
      expect(await first.view()).toMatchObject({ phase: 'helping' })
    })

    test('is remembered where it took one up again, or only came back to one', async () => {
      await using house = await openBusyHouse()
      const { engine } = house
      const first = await engine.openConversation({ customer: visit.customer })
      await engine.openConversation({ ...visit, key: 'came back' })
      await first.leave()
      await engine.openConversation({ ...visit, key: 'taken up again', page: '/orders' })
      expect(await first.view()).toMatchObject({ phase: 'helping', pages: [{ url: '/orders' }] })
      await first.leave()
      await engine.openConversation({ ...visit, key: 'came back' })
      await engine.openConversation({ ...visit, key: 'taken up again', page: '/orders' })
      expect(await first.view()).toMatchObject({ phase: 'closed' })
      expect(await engine.conversations({ customerId: 'uma' })).toHaveLength(1)
    })

    test('is remembered when so much time has passed that a new one would begin', async () => {
      await using house = await openBusyHouse()
      const { engine, sim } = house
      const first = await engine.openConversation(visit)
      await first.leave()
      await sim.advance('1d')
      expect((await engine.openConversation(visit)).id).toBe(first.id)
      expect(await engine.conversations({ customerId: 'uma' })).toHaveLength(1)
      expect((await engine.openConversation({ ...visit, key: 'another day' })).id).not.toBe(first.id)
    })

    test('is refused for another visit', async () => {
      await using house = await openBusyHouse()
      await house.engine.openConversation(visit)
      await expect(house.engine.openConversation({ ...visit, skills: ['billing'] })).rejects.toMatchObject({
        code: 'IDEMPOTENCY_MISMATCH',
      })
    })
  })

  test('P25: that comes five times at once writes one entry and gets five identical answers', async () => {
    await using house = await openBusyHouse()
    const { engine, helping, sim } = house
    const talk = engine.conversation(helping.conversationId)
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => talk.say('is anybody there?', { key: 'k' })))
    await sim.advance(0)
    const [first] = answers
    expect(answers.map((answer) => ({ ...answer, status: 'applied' }))).toEqual([first, first, first, first, first])
    expect(answers.map(({ status }) => status)).toEqual(['applied', ...Array.from({ length: 4 }, () => 'duplicate')])
    expect(helping.messages.filter(({ text }) => text === 'is anybody there?')).toHaveLength(1)
  })

  test('P25: that comes to two engines over one store at once is taken once', async () => {
    const store = memoryStore()
    const engines = [createEngine({ store }), createEngine({ store })] as const
    for (const engine of engines) await engine.start()
    const { id } = await engines[0].openConversation({ customer: { id: 'kim' } })
    const talks = [0, 1, 0, 1, 0].map((index) => (engines[index] ?? engines[0]).conversation(id))
    const answers = await Promise.all(talks.map((talk) => talk.say('hello', { key: 'k' })))
    expect(answers.filter(({ status }) => status === 'applied')).toHaveLength(1)
    expect(new Set(answers.map((answer) => JSON.stringify({ ...answer, status: 'any' }))).size).toBe(1)
    const entries = await (await store.open('')).transcript(id, 0)
    expect(entries.filter(({ author }) => author === 'customer')).toHaveLength(1)
    for (const engine of engines) await engine.stop()
  })

  test('P26: that was used for something else is refused', async () => {
    await using house = await openBusyHouse()
    const { engine, helping, live } = house
    const talk = engine.conversation(helping.conversationId)
    await talk.say('hello', { key: 'k' })
    await engine.agent('ana').say(live.conversationId, 'hello', { key: 'k' })
    await house.sim.advance(0)
    const others: readonly (() => Promise<Receipt>)[] = [
      () => talk.say('hello!', { key: 'k' }),
      () => talk.choose('person', { key: 'k' }),
      () => talk.leave({ key: 'k' }),
      () => engine.agent('ana').say(live.conversationId, 'good bye', { key: 'k' }),
      () => engine.agent('ben').say(live.conversationId, 'hello', { key: 'k' }),
      () => engine.agent('ana').note(live.conversationId, 'hello', { key: 'k' }),
    ]
    for (const verb of others) {
      const error = await house.changesNothing(() => verb().catch((reason: unknown) => reason))
      expect(error).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH', path: 'key', retryable: false })
    }
  })

  test('is another command in another conversation', async () => {
    await using house = await openBusyHouse()
    const { engine, helping, waiting } = house
    for (const { conversationId } of [helping, waiting])
      expect(await engine.conversation(conversationId).say('hello', { key: 'k' })).toMatchObject({ status: 'applied' })
  })

  test('is refused again with the same words after a refusal, whatever has happened since', async () => {
    await using house = await openBusyHouse()
    const { engine, live, sim } = house
    const say = () => engine.agent('ben').say(live.conversationId, 'hello', { key: 'k' })
    const first = await house.changesNothing(say)
    expect(first).toMatchObject({ status: 'refused', code: 'NOT_ASSIGNEE', text: 'hello' })
    await engine.agent('ana').transfer(live.conversationId, { agentId: 'ben' })
    await engine.saveAgent({ id: 'ben', capacity: 5 })
    await sim.agent('ben').accepts(live)
    expect(await house.changesNothing(say)).toEqual(first)
    expect(await engine.agent('ben').say(live.conversationId, 'hello')).toMatchObject({ status: 'applied' })
  })

  test('is refused again after the ledger has refused it, even when there is room by now', async () => {
    await using house = await openBusyHouse()
    const { engine, waiting, live, sim } = house
    const { conversationId } = waiting
    const assign = () =>
      engine.dispatch({ type: 'conversation.assigned', conversationId, agentId: 'ana', by: 'sue', key: 'k' })
    const first = await house.changesNothing(assign)
    expect(first).toMatchObject({ status: 'refused', code: 'NO_CAPACITY' })
    await sim.agent('ana').goes('draining')
    await live.leaves()
    await sim.agent('ana').goes('online')
    expect(await house.changesNothing(assign)).toEqual(first)
  })

  test('is vetoed again after a veto, and its message stands once', async () => {
    await using house = await openBusyHouse({ plugins: [veto()] })
    const { engine, helping, sim } = house
    const say = () => engine.conversation(helping.conversationId).say('a person, please', { key: 'k' })
    const first = await say()
    expect(first).toEqual({
      ok: false,
      status: 'vetoed',
      by: 'opening-hours',
      transition: 'requestAgent',
      reason: 'we are closed',
    })
    await sim.advance(0)
    expect(await house.changesNothing(say)).toEqual(first)
    expect(helping.messages.filter(({ text }) => text === 'a person, please')).toHaveLength(1)
  })

  test('can be used again after an error that was thrown: nothing has been kept under it', async () => {
    await using house = await openBusyHouse()
    const talk = house.engine.conversation(house.helping.conversationId)
    const error = await house.changesNothing(() =>
      talk.choose('nothing', { key: 'k' }).catch((reason: unknown) => reason),
    )
    expect(isMaitredError(error, 'NOT_FOUND')).toBe(true)
    expect(await talk.say('hello', { key: 'k' })).toMatchObject({ status: 'applied' })
  })

  test('is kept with the conversation, and known to the next engine over the same store', async () => {
    const store = memoryStore()
    const first = createEngine({ store })
    await first.start()
    const { id } = await first.openConversation({ customer: { id: 'kim' } })
    const answer = await first.conversation(id).say('hello', { key: 'k' })
    await first.stop()
    const second = createEngine({ store })
    await second.start()
    const before = await contentOf(await store.open(''))
    expect(await second.conversation(id).say('hello', { key: 'k' })).toEqual({ ...answer, status: 'duplicate' })
    expect(await contentOf(await store.open(''))).toEqual(before)
    await second.stop()
  })
})
