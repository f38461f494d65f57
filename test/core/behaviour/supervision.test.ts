import type { Update } from 'maitred'
import { memoryStore } from 'maitred/stores'
import { simulate, type SimulatedAgent, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, ben, kim as kimCarter, moment, seat, textsOf, viewOf } from './scene.ts'

const sue = { id: 'sue', name: 'Sue', capacity: 1, skills: ['supervising'] } as const
const cleo = { id: 'cleo', name: 'Cleo' } as const

/** Kim talks to Ana; Sue supervises, and is asked for nothing herself. */
async function talking(sim: Simulation): Promise<{ kim: SimulatedCustomer; anna: SimulatedAgent; id: string }> {
  const [kim, anna] = [sim.customer(kimCarter), sim.agent('ana')]
  await kim.isIn('helping')
  await sim.engine.conversation(kim.conversationId).requestAgent({ skills: ['billing'] })
  await anna.accepts(kim)
  await kim.sees(/has joined/)
  return { kim, anna, id: kim.conversationId }
}

const house = { agents: [{ ...ana, skills: ['billing'] }, sue] }

describe('a supervisor', () => {
  test('F42: watches a talk without being a part of it, notes and typing too, from the beginning or from anywhere', async () => {
    await using sim = simulate(house)
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').note(id, 'Sounds upset.')
    const seen: Update[] = []
    const over = new AbortController()
    const watching = (async () => {
      for await (const update of sim.engine.agent('sue').watch(id, { signal: over.signal })) seen.push(update)
    })()
    await moment()
    await anna.says(kim, 'What is it about?')
    sim.engine.conversation(id).typing()
    await moment()
    over.abort()
    await watching
    const words = seen.flatMap((update) => (update.type === 'message' ? [update.message.text] : []))
    expect(words).toContain('Sounds upset.')
    expect(words.at(-1)).toBe('What is it about?')
    expect(seen.filter(({ type }) => type === 'typing')).toMatchObject([{ author: 'customer' }])
    expect((await viewOf(sim, kim)).guests).toBeUndefined()
    expect(sim.agent('sue').load).toBe(0)
    const { messages } = kim
    const last = messages.at(-1)?.seq ?? 0
    const rest = sim.engine
      .agent('sue')
      .watch(id, { after: last - 1 })
      [Symbol.asyncIterator]()
    expect((await rest.next()).value).toMatchObject({ type: 'message', message: { seq: last } })
    await rest.return?.()
  })

  test('F42: whispers to the agent, and the customer sees nothing of it', async () => {
    await using sim = simulate(house)
    const { kim, id } = await talking(sim)
    await sim.agent('sue').whispers(kim, 'Offer a refund.')
    await kim.seesNothingNew()
    expect(textsOf(kim.messages)).not.toContain('Offer a refund.')
    const { transcript } = await viewOf(sim, kim)
    expect(transcript.at(-1)).toMatchObject({ text: 'Offer a refund.', agentId: 'sue', internal: true })
    await sim.agent('ana').closes(kim)
    expect(await sim.engine.agent('sue').whisper(id, 'Too late.')).toMatchObject({ code: 'NOT_NOW' })
  })

  test('F42: joins without a seat, speaks beside the agent, and leaves again', async () => {
    await using sim = simulate(house)
    const { kim, anna, id } = await talking(sim)
    const receipt = await sim.engine.agent('sue').join(id)
    expect(receipt).toMatchObject({ ok: true, transitions: ['join'] })
    await kim.sees('Sue has joined the conversation.')
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', guests: ['sue'] })
    expect(sim.agent('sue').load).toBe(0)
    await sim.agent('sue').says(kim, 'I am the head of billing.')
    await kim.sees('I am the head of billing.')
    await anna.says(kim, 'She knows.')
    expect(await sim.engine.agent('sue').note(id, 'Give them 10 %.')).toMatchObject({ ok: true })
    expect(await sim.engine.agent('sue').close(id)).toMatchObject({ code: 'NOT_ASSIGNEE' })
    expect(await sim.engine.agent('sue').transfer(id, 'bot')).toMatchObject({ code: 'NOT_ASSIGNEE' })
    await sim.engine.agent('sue').leave(id)
    expect((await viewOf(sim, kim)).guests).toBeUndefined()
    expect(await sim.engine.agent('sue').say(id, 'One more thing')).toMatchObject({
      code: 'NOT_ASSIGNEE',
      text: 'One more thing',
    })
  })

  test('F42: takes over: the talk is theirs, with a seat, and whoever had it stays as a guest', async () => {
    await using sim = simulate({ ...house, routing: { wrapUp: '30s' } })
    const { kim, anna, id } = await talking(sim)
    const receipt = await sim.engine.agent('sue').join(id, { takeOver: true })
    expect(receipt).toMatchObject({ ok: true, transitions: ['transfer'] })
    await kim.sees('Sue has joined the conversation.')
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'sue', guests: ['ana'], path: 'live.active' })
    expect([anna.load, sim.agent('sue').load]).toEqual([1, 1])
    await anna.says(kim, 'Sue will see to it.')
    await kim.sees('Sue will see to it.')
    expect(await sim.engine.agent('ana').hold(id)).toMatchObject({ code: 'STALE_OWNER' })
    await sim.advance('30s')
    expect([anna.load, sim.agent('sue').load]).toEqual([0, 1])
    await sim.agent('sue').closes(kim)
    await kim.isIn('closing')
    expect((await viewOf(sim, kim)).guests).toBeUndefined()
  })

  test('F42: takes over only with a free seat, unless it is forced, and that is written down', async () => {
    const store = memoryStore()
    await using sim = simulate({
      store,
      agents: [
        { ...ana, skills: ['billing'] },
        { ...sue, capacity: 0 },
      ],
    })
    const { kim, id } = await talking(sim)
    expect(await sim.engine.agent('sue').join(id, { takeOver: true })).toMatchObject({ code: 'NO_CAPACITY' })
    expect((await viewOf(sim, kim)).agentId).toBe('ana')
    await sim.agent('sue').joins(kim, { takeOver: true, force: true })
    expect((await viewOf(sim, kim)).agentId).toBe('sue')
    expect(sim.agent('sue').load).toBe(1)
    const turns = await (await store.open('')).turns(id, 0)
    expect(turns.flatMap(({ notes }) => notes)).toContainEqual({ assigned: 'sue', by: 'sue', force: true })
  })

  test('F42: takes over what was being passed on: the offer to the other one is gone', async () => {
    await using sim = simulate({ agents: [...house.agents, { ...ben, skills: ['billing'] }] })
    const { kim, anna, id } = await talking(sim)
    await anna.transfers(kim, { agentId: 'ben' }, { warm: true })
    await sim.agent('ben').isOffered(kim)
    await sim.agent('sue').joins(kim, { takeOver: true })
    await sim.agent('ben').isNotOffered(kim)
    expect(await sim.engine.agent('ben').accept(id)).toMatchObject({ code: 'STALE_OFFER' })
    expect(sim.agent('ben').load).toBe(0)
  })

  test.each([
    ['before', true],
    ['after', false],
  ] as const)(
    'P24: who takes over %s the agent writes leaves one owner, and both words in order',
    async (_when, first) => {
      await using sim = simulate(house)
      const { kim, id } = await talking(sim)
      const [supervisor, agent] = [sim.engine.agent('sue'), sim.engine.agent('ana')]
      const takes = () => supervisor.join(id, { takeOver: true })
      const writes = () => agent.say(id, 'One moment.')
      const receipts = await Promise.all(first ? [takes(), writes()] : [writes(), takes()])
      await supervisor.say(id, 'Hello, this is Sue.')
      expect(receipts.map(({ ok }) => ok)).toEqual([true, true])
      expect((await viewOf(sim, kim)).agentId).toBe('sue')
      const said = (await viewOf(sim, kim)).transcript.filter(({ author }) => author === 'agent')
      expect(textsOf(said)).toEqual(['One moment.', 'Hello, this is Sue.'])
      expect(said.map(({ seq }) => seq)).toEqual(said.map(({ seq }) => seq).toSorted((one, other) => one - other))
    },
  )

  test('who is nobody, or comes to a talk that is none, is refused', async () => {
    await using sim = simulate(house)
    const { kim, anna, id } = await talking(sim)
    await expect(sim.engine.agent('nobody').join(id)).rejects.toThrow('NOT_FOUND')
    await expect(sim.engine.agent('sue').join('none')).rejects.toThrow('NOT_FOUND')
    await expect(sim.engine.agent('sue').watch('none')[Symbol.asyncIterator]().next()).rejects.toThrow('NOT_FOUND')
    expect(await sim.engine.agent('ana').join(id)).toMatchObject({ code: 'NOT_NOW' })
    await anna.closes(kim)
    expect(await sim.engine.agent('sue').join(id)).toMatchObject({ code: 'NOT_NOW' })
  })
})

describe('a transfer', () => {
  test('F41: cold, to an agent, to a skill, to the queue: with a note, and the wait it had', async () => {
    await using sim = simulate({ agents: [ana, ben, { ...cleo, skills: ['german'] }] })
    const kim = sim.customer(kimCarter)
    await kim.says('a person, please')
    const queuedAt = sim.now
    const told: number[] = []
    sim.engine.on('offer.accepted', ({ at, waitMs }) => told.push(at - waitMs))
    await sim.advance('10s')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').transfers(kim, { agentId: 'ben' }, { note: 'Knows them.' })
    await sim.agent('ben').accepts(kim)
    await sim.agent('ben').transfers(kim, { skills: ['german'] }, { note: 'Speaks German.' })
    await sim.agent('cleo').accepts(kim)
    await sim.agent('cleo').transfers(kim, { skills: [] })
    await sim.advance('1s')
    const next = (await viewOf(sim, kim)).phase
    expect(next).toBe('waiting')
    expect(told).toEqual([queuedAt, queuedAt, queuedAt])
    const notes = (await viewOf(sim, kim)).transcript.filter(({ internal }) => internal === true)
    expect(textsOf(notes)).toEqual(['Knows them.', 'Speaks German.'])
    expect(textsOf(kim.messages)).not.toContain('Knows them.')
  })

  test('F41: warm, the old agent stays until the new one is there, and speaks meanwhile', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const [kim, anna] = [sim.customer(kimCarter), sim.agent('ana')]
    await seat(kim, anna)
    await anna.transfers(kim, { agentId: 'ben' }, { warm: true, note: 'Knows the contract.' })
    expect((await viewOf(sim, kim)).agentId).toBe('ana')
    await anna.says(kim, 'Ben is coming.')
    await kim.sees('Ben is coming.')
    await sim.agent('ben').accepts(kim)
    expect((await viewOf(sim, kim)).agentId).toBe('ben')
    expect([anna.load, sim.agent('ben').load]).toEqual([0, 1])
  })

  test('F41: ends in its circle: given away as often as it may be, somebody has to keep it', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { maxTransfers: 3 } })
    const [kim, names] = [sim.customer(kimCarter), ['ana', 'ben'] as const]
    await seat(kim, sim.agent('ana'))
    for (const count of [0, 1, 2]) {
      const [from, to] = [names[count % 2] ?? 'ana', names[(count + 1) % 2] ?? 'ben']
      await sim.agent(from).transfers(kim, { agentId: to })
      await sim.agent(to).accepts(kim)
    }
    const refused = await sim.engine.agent('ben').transfer(kim.conversationId, { skills: [] })
    expect(refused).toMatchObject({ status: 'refused', code: 'NOT_NOW' })
    expect((refused as { hint: string }).hint).toMatch(/given away 3 times/)
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ben', phase: 'live' })
    expect(await sim.engine.agent('ben').transfer(kim.conversationId, 'bot')).toMatchObject({ ok: true })
  })

  test('F41: to oneself is refused, and changes nothing', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const refused = await sim.engine.agent('ana').transfer(kim.conversationId, { agentId: 'ana' }, { note: 'Mine.' })
    expect(refused).toMatchObject({ code: 'NOT_NOW' })
    const { transcript, agentId } = await viewOf(sim, kim)
    expect(agentId).toBe('ana')
    expect(textsOf(transcript)).not.toContain('Mine.')
  })
})
