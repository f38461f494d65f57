import type { AnyObservation, DeskUpdate, Observation } from 'maitred'
import { definePlugin } from 'maitred'
import { knowledgeBase } from 'maitred/plugins'
import { memoryStore } from 'maitred/stores'
import { simulate, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, articles, ben, heardBy, kim as kimCarter, moment, seat, viewOf } from './scene.ts'

const help = knowledgeBase({ articles })
const PERSON = 'a person, please'

/** Everything of one kind that is observed from now on. */
function watch<Name extends AnyObservation['type']>({ engine }: Simulation, name: Name): readonly Observation<Name>[] {
  const seen: Observation<Name>[] = []
  engine.on(name, (fact) => seen.push(fact))
  return seen
}

/** What a desk is shown from now on. */
function watchDesk({ engine }: Simulation, agentId: string): readonly DeskUpdate[] {
  const seen: DeskUpdate[] = []
  void (async () => {
    for await (const update of engine.agent(agentId).follow()) seen.push(update)
  })()
  return seen
}

async function positionOf(sim: Simulation, customer: SimulatedCustomer): Promise<unknown> {
  return (await viewOf(sim, customer)).queue?.position
}

describe('skills', () => {
  const team = [
    { ...ana, skills: ['billing'] },
    { ...ben, skills: ['shipping', 'german'] },
    { id: 'cleo', skills: ['disputes'] },
  ]

  test('F79 come from the visit first, and route the conversation to whoever has them', async () => {
    await using sim = simulate({ agents: team, plugins: [help] })
    await sim.customer('lou').isIn('helping')
    await sim.engine.openConversation({ customer: kimCarter, skills: ['german', 'shipping'] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.chooses('person')
    await sim.agent('ben').isOffered(kim)
    expect((await viewOf(sim, kim)).requirements).toEqual({ skills: ['german', 'shipping'] })
  })

  test('F79 come from the best article where the visit names none', async () => {
    await using sim = simulate({ agents: team, plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.chooses('person')
    await sim.agent('ana').isOffered(kim)
    expect((await viewOf(sim, kim)).requirements).toEqual({ skills: ['billing'] })
  })

  test('F79 are changed last of all by `route:requirements`, as `explain` says', async () => {
    const disputes = definePlugin({
      name: 'disputes-desk',
      version: '1.0.0',
      hooks: {
        'route:requirements': (need) => ({ ...need, skills: need.skills.map(() => 'disputes'), target: '20s' }),
      },
    })()
    await using sim = simulate({ agents: team, plugins: [help, disputes] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.chooses('person')
    await sim.agent('cleo').isOffered(kim)
    expect((await viewOf(sim, kim)).requirements).toEqual({ skills: ['disputes'], target: '20s' })
    const { chosen, rejected, hooks } = await sim.engine.explain(kim.conversationId)
    expect(chosen?.agentId).toBe('cleo')
    expect(rejected.skill).toBe(2)
    expect(hooks).toContainEqual({ plugin: 'disputes-desk', hook: 'route:requirements', did: 'changed the value' })
  })

  test('may be named with the wish for a person', async () => {
    await using sim = simulate({ agents: team })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    await sim.engine.conversation(kim.conversationId).requestAgent({ skills: ['german'] })
    await sim.agent('ben').isOffered(kim)
  })

  test('that nobody online has lead to the message path, whoever else is there', async () => {
    await using sim = simulate({ agents: team })
    await sim.agent('ben').goes('offline')
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    await sim.engine.conversation(kim.conversationId).requestAgent({ skills: ['german'] })
    await kim.isIn('async')
    await kim.sees(/Write down what we should know/)
    await sim.agent('ben').goes('online')
    await sim.agent('ben').isOffered(kim)
  })
})

describe('an offer', () => {
  test('that is accepted seats the customer, and says who has come', async () => {
    await using sim = simulate({ agents: [ana] })
    const [accepted, kim] = [watch(sim, 'offer.accepted'), sim.customer(kimCarter)]
    await kim.says(PERSON)
    await kim.sees(/looking for somebody/)
    await sim.advance('7s')
    await sim.agent('ana').accepts(kim)
    const joined = await kim.sees('Ana has joined the conversation.')
    expect(joined.author).toBe('system')
    await kim.isIn('live')
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.active' })
    expect(accepted).toMatchObject([{ agentId: 'ana', waitMs: 7_000 }])
  })

  test('that is declined goes to the next agent, and not to the same one again', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const [declined, kim] = [watch(sim, 'offer.declined'), sim.customer(kimCarter)]
    await kim.says(PERSON)
    await sim.engine.agent('ana').decline(kim.conversationId, { reason: 'a conflict of interest' })
    await sim.agent('ben').isOffered(kim)
    await sim.agent('ben').declines(kim)
    await sim.agent('ana').isNotOffered(kim)
    await sim.agent('ana').goes('away')
    await sim.agent('ana').goes('online')
    await sim.agent('ana').isNotOffered(kim)
    expect(declined).toMatchObject([{ agentId: 'ana', reason: 'a conflict of interest' }, { agentId: 'ben' }])
    expect(sim.agent('ana').presence).toBe('online')
  })

  test('that everybody declines ends in a defined way: the message path, in time', async () => {
    await using sim = simulate({ agents: [ana], routing: { overflow: { after: '1m', to: 'async' } } })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    await kim.isIn('waiting')
    await sim.advance('1m')
    await kim.isIn('async')
  })

  test('F39 that is missed affects only its agent, who is away from then on', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { offerTimeout: '20s' } })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    const expired = watch(sim, 'offer.expired')
    await seat(lou, sim.agent('ana'))
    await kim.says(PERSON)
    await sim.agent('ben').isOffered(kim)
    await sim.advance('19s')
    await sim.agent('ben').isOffered(kim)
    await sim.advance('1s')
    expect(expired).toMatchObject([{ agentId: 'ben', conversationId: kim.conversationId }])
    expect(sim.agent('ben').presence).toBe('away')
    expect(sim.agent('ben').load).toBe(0)
    await sim.agent('ana').isOffered(kim)
    expect(sim.agent('ana').presence).toBe('online')
    await lou.isIn('live')
    await sim.agent('ana').says(lou, 'I am still here.')
  })

  test('that was missed is made again when its agent is back: being away is not a no', async () => {
    await using sim = simulate({ agents: [ana], routing: { offerTimeout: '20s' } })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.advance('20s')
    await sim.agent('ana').isNotOffered(kim)
    await sim.agent('ana').goes('online')
    await sim.agent('ana').isOffered(kim)
  })

  test('P37: whose agent goes offline goes to the next one, and the place in the queue is kept', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, capacity: 1 },
      ],
    })
    await sim.agent('ben').goes('offline')
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await kim.says(PERSON)
    await sim.advance('5s')
    await lou.says(PERSON)
    expect(await positionOf(sim, lou)).toBe(1)
    await sim.agent('ana').goes('offline')
    expect(sim.agent('ana').load).toBe(0)
    expect(await positionOf(sim, kim)).toBe(1)
    expect(await positionOf(sim, lou)).toBe(2)
    await sim.agent('ben').goes('online')
    await sim.agent('ben').isOffered(kim)
    await sim.agent('ana').goes('online')
    await sim.agent('ana').isOffered(lou)
  })

  test('is accepted at once by an agent who wants it so', async () => {
    await using sim = simulate({ agents: [{ ...ana, autoAccept: true }] })
    const [made, accepted, kim] = [watch(sim, 'offer.made'), watch(sim, 'offer.accepted'), sim.customer(kimCarter)]
    await kim.says(PERSON)
    await kim.isIn('live')
    await kim.sees('Ana has joined the conversation.')
    expect(made).toHaveLength(1)
    expect(accepted).toMatchObject([{ agentId: 'ana', waitMs: 0 }])
  })

  test('is shown to the desk with the whole conversation, and taken off it when it is gone', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    const [desk, kim] = [watchDesk(sim, 'ana'), sim.customer(kimCarter)]
    await kim.says(PERSON)
    const offer = desk.find((update) => update.type === 'offer')
    expect(offer).toMatchObject({ expiresAt: sim.now + 20_000, conversation: { id: kim.conversationId } })
    expect(offer?.type === 'offer' && offer.conversation.transcript.map(({ text }) => text)).toContain(PERSON)
    await kim.leaves()
    expect(desk.at(-1)).toEqual({ type: 'offerGone', conversationId: kim.conversationId })
  })

  test('is withdrawn when the customer leaves: abandoned, the seat free at once', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], routing: { wrapUp: '1m' } })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await kim.says(PERSON)
    await lou.says(PERSON)
    await kim.leaves()
    await kim.isIn('closed')
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'abandoned', reason: 'customerLeft' })
    await sim.agent('ana').isOffered(lou)
    expect(sim.agent('ana').load).toBe(1)
  })

  test('goes to the agent who served this customer last, if they are free', async () => {
    await using sim = simulate({ agents: [ana, ben, { id: 'cleo' }] })
    const kim = sim.customer(kimCarter)
    await sim.agent('ana').goes('away')
    await sim.agent('ben').goes('away')
    await seat(kim, sim.agent('cleo'))
    await sim.agent('ana').goes('online')
    await sim.agent('ben').goes('online')
    await sim.agent('cleo').closes(kim)
    await kim.chooses('no')
    await sim.agent('cleo').isOffered(kim)
  })
})

describe('a place in the queue', () => {
  test('F25 is told to those who must wait, and can be given up for a message', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    const told = await lou.sees('You are number 1 in the queue.')
    expect(told.choices?.map(({ id }) => id)).toEqual(['message', 'keep', 'leave'])
    expect(told.choices?.[0]?.label).toBe('Leave a message instead')
    await max.says(PERSON)
    await max.sees('You are number 2 in the queue.')
    expect(await viewOf(sim, max)).toMatchObject({ phase: 'waiting', queue: { position: 2, wait: 'unknown' } })
    await lou.chooses('message')
    await lou.isIn('async')
    await lou.sees(/Write down what we should know/)
    expect(await positionOf(sim, max)).toBe(1)
    await lou.says('My parcel is lost.')
    await lou.isIn('async')
  })

  test('F25 can be given up for a message in words: what is written on the button', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    await seat(sim.customer(kimCarter), sim.agent('ana'))
    const lou = sim.customer('lou')
    await lou.says(PERSON)
    await lou.says('leave a message instead')
    await lou.isIn('async')
  })

  test('F25 is kept by whoever writes on in the meantime', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await max.says(PERSON)
    await lou.says('It is about order A-17.')
    await lou.says('Hello? A person!')
    expect(await positionOf(sim, lou)).toBe(1)
    expect((await viewOf(sim, lou)).transcript.map(({ text }) => text)).toContain('It is about order A-17.')
  })

  test('F10 is not told twice in the same words in a row', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    await sim.agent('ben').goes('away')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    await kim.sees('You are number 1 in the queue.')
    await sim.agent('ben').goes('online')
    await sim.agent('ben').declines(kim)
    await kim.seesNothingNew()
  })

  test('is kept when an offer is declined', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, capacity: 1 },
      ],
    })
    await sim.agent('ben').goes('offline')
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await kim.says(PERSON)
    await sim.advance('5s')
    await lou.says(PERSON)
    await sim.advance('5s')
    await max.says(PERSON)
    await sim.advance('5s')
    await sim.agent('ana').declines(kim)
    await sim.agent('ana').isOffered(lou)
    await sim.agent('ben').goes('online')
    await sim.agent('ben').isOffered(kim)
    expect(await positionOf(sim, max)).toBe(1)
  })

  test('F27 that nobody can serve holds nobody else up', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, skills: ['german'] },
      ],
    })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    for (const person of [kim, lou]) {
      await person.isIn('helping')
      await sim.engine.conversation(person.conversationId).requestAgent({ skills: ['german'] })
      await sim.agent('ben').declines(person)
    }
    await max.says(PERSON)
    await sim.agent('ana').isOffered(max)
    await kim.isIn('waiting')
    await lou.isIn('waiting')
  })

  test('F27 is left by whoever leaves: abandoned', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await max.says(PERSON)
    await lou.leaves()
    expect(await viewOf(sim, lou)).toMatchObject({ phase: 'closed', outcome: 'abandoned' })
    expect(await positionOf(sim, max)).toBe(1)
  })
})

describe('a seat', () => {
  test('F34 is held from the offer to the end of wrap-up: whoever comes third waits, and is served then', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 2 }], routing: { wrapUp: '30s' } })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await kim.says(PERSON)
    expect(sim.agent('ana').load).toBe(1)
    await lou.says(PERSON)
    expect(sim.agent('ana').load).toBe(2)
    await max.says(PERSON)
    await max.sees('You are number 1 in the queue.')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').accepts(lou)
    expect(sim.agent('ana').load).toBe(2)
    await sim.agent('ana').closes(kim)
    expect(sim.agent('ana').load).toBe(2)
    await sim.advance('29s')
    await sim.agent('ana').isNotOffered(max)
    await sim.advance('1s')
    await sim.agent('ana').isOffered(max)
    expect(sim.agent('ana').load).toBe(2)
  })

  test('is free at once where no wrap-up is asked for', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await sim.agent('ana').closes(kim)
    await sim.agent('ana').isOffered(lou)
  })

  test('takes as many units as the conversation weighs', async () => {
    const heavy = definePlugin({
      name: 'heavy',
      version: '1.0.0',
      hooks: { 'route:requirements': (need) => ({ ...need, weight: 2 }) },
    })()
    await using sim = simulate({ agents: [{ ...ana, capacity: 3 }], plugins: [heavy] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    expect(sim.agent('ana').load).toBe(2)
    await lou.says(PERSON)
    await lou.sees('You are number 1 in the queue.')
  })

  test('F35 P38: is kept when the limit is lowered under it; the next one comes only below the new limit', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 3 }] })
    const people = ['kim', 'lou', 'max'].map((id) => sim.customer(id))
    for (const person of people) await seat(person, sim.agent('ana'))
    await sim.engine.saveAgent({ ...ana, capacity: 1 })
    const nia = sim.customer('nia')
    await nia.says(PERSON)
    expect(sim.agent('ana').load).toBe(3)
    for (const person of people) {
      await person.isIn('live')
      await sim.agent('ana').isNotOffered(nia)
      await sim.agent('ana').closes(person)
    }
    await sim.agent('ana').isOffered(nia)
    expect(sim.agent('ana').load).toBe(1)
  })

  test('F35 is there as soon as the limit is raised', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await sim.engine.saveAgent({ ...ana, capacity: 2 })
    await sim.agent('ana').isOffered(lou)
  })
})

describe('a conversation that is assigned by hand', () => {
  test('goes to that agent, whatever the order of the queue', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, capacity: 1, skills: ['german'] },
      ],
    })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await seat(kim, sim.agent('ana'))
    await sim.agent('ben').goes('away')
    await lou.says(PERSON)
    await max.says(PERSON)
    await sim.agent('ben').goes('online')
    await sim.agent('ben').declines(lou)
    await sim.agent('ben').declines(max)
    const receipt = await sim.engine.assign(max.conversationId, 'ben', { by: 'sue' })
    expect(receipt).toMatchObject({ status: 'applied', phase: 'live', transitions: ['offer', 'accept'] })
    await max.sees('Ben has joined the conversation.')
    expect(await positionOf(sim, lou)).toBe(1)
  })

  test('F34 is refused above the limit, unless somebody forces it, and that is written down', async () => {
    const store = memoryStore()
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], store })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await max.says(PERSON)
    expect(await sim.engine.assign(lou.conversationId, 'ana', { by: 'sue' })).toMatchObject({
      status: 'refused',
      code: 'NO_CAPACITY',
    })
    expect(await sim.engine.assign(lou.conversationId, 'ana', { by: 'sue', force: true })).toMatchObject({ ok: true })
    await lou.isIn('live')
    const turns = await (await store.open('')).turns(lou.conversationId, 0)
    expect(turns.flatMap(({ notes }) => notes)).toEqual([{ assigned: 'ana', by: 'sue', force: true }])
    expect((await sim.engine.explain(lou.conversationId)).chosen).toEqual({
      agentId: 'ana',
      because: 'was named by sue, over the limit if need be',
    })
    expect(sim.agent('ana').load).toBe(2)
    await sim.agent('ana').closes(kim)
    await sim.agent('ana').isNotOffered(max)
    await sim.agent('ana').closes(lou)
    await sim.agent('ana').isOffered(max)
  })

  test('may go to an agent who is away, when it is forced', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    await sim.agent('ben').goes('away')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    expect(await sim.engine.assign(kim.conversationId, 'ben', { by: 'sue' })).toMatchObject({ code: 'AGENT_GONE' })
    expect(await sim.engine.assign(kim.conversationId, 'ben', { by: 'sue', force: true })).toMatchObject({ ok: true })
    await kim.sees('Ben has joined')
  })
})

describe('whoever has waited too long', () => {
  const busy = async (sim: Simulation): Promise<SimulatedCustomer> => {
    await seat(sim.customer('first'), sim.agent('ana'))
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.sees('You are number 1')
    return kim
  }
  const agents = [{ ...ana, capacity: 1 }]

  test('is asked to leave a message, and is still served as soon as somebody can', async () => {
    await using sim = simulate({ agents, routing: { overflow: { after: '2m', to: 'async' } } })
    const kim = await busy(sim)
    await sim.advance('119s')
    await kim.isIn('waiting')
    await sim.advance('1s')
    await kim.isIn('async')
    await kim.sees(/Write down what we should know/)
    await sim.agent('ana').closes(sim.customer('first'))
    await sim.agent('ana').isOffered(kim)
  })

  test('is let go, and told so', async () => {
    await using sim = simulate({ agents, routing: { overflow: { after: '2m', to: 'close' } } })
    const kim = await busy(sim)
    await sim.advance('2m')
    await kim.isIn('closed')
    await kim.sees(/nobody/i)
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'unresolved', reason: 'nobodyAvailable' })
  })

  test('is shown to others with other skills, and after as long again asked to leave a message', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1, skills: ['billing'] },
        { ...ben, capacity: 1, skills: ['general'] },
      ],
      routing: { overflow: { after: '2m', to: { skills: ['general'] } } },
    })
    const [lou, max] = [sim.customer('lou'), sim.customer('max')]
    for (const [person, skill, agentId] of [
      [lou, 'billing', 'ana'],
      [max, 'general', 'ben'],
    ] as const) {
      await person.isIn('helping')
      await sim.engine.conversation(person.conversationId).requestAgent({ skills: [skill] })
      await sim.agent(agentId).accepts(person)
    }
    const [kim, nia] = [sim.customer(kimCarter), sim.customer('nia')]
    for (const person of [kim, nia]) {
      await person.isIn('helping')
      await sim.engine.conversation(person.conversationId).requestAgent({ skills: ['billing'] })
    }
    await sim.advance('90s')
    await sim.agent('ben').closes(max)
    await sim.agent('ben').isNotOffered(kim)
    await sim.advance('30s')
    await sim.agent('ben').isOffered(kim)
    await sim.agent('ben').accepts(kim)
    await nia.isIn('waiting')
    for (const agentId of ['ana', 'ben'])
      await sim.engine.agent(agentId).say(agentId === 'ana' ? lou.conversationId : kim.conversationId, 'One moment.')
    await sim.advance('2m')
    await nia.isIn('async')
  })

  test('is let finish the offer under way', async () => {
    await using sim = simulate({
      agents,
      routing: { offerTimeout: '20s', overflow: { after: '10s', to: 'async' } },
    })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.advance('15s')
    await sim.agent('ana').isOffered(kim)
    await sim.agent('ana').accepts(kim)
    await kim.isIn('live')
  })
})

describe('when nobody is there', () => {
  test('a message is taken, and answered by whoever comes', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.agent('ana').goes('offline')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.isIn('async')
    await kim.sees(/Nobody can take this right now/)
    await kim.says('My parcel is lost.')
    await sim.advance('6h')
    await kim.isIn('async')
    await sim.agent('ana').goes('online')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').says(kim, 'I have found it.')
    await kim.sees('I have found it.')
    await kim.isIn('live')
  })

  test('the thread goes on when the customer is back: the same conversation', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.agent('ana').goes('offline')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    const id = kim.conversationId
    await sim.advance('1h')
    await kim.returns()
    expect(kim.conversationId).toBe(id)
    await sim.agent('ana').goes('online')
    await kim.says(PERSON)
    await sim.agent('ana').isOffered(kim)
  })

  test.each([
    ['three days', {}, '71h'],
    ['as long as is said', { silence: { messageAfter: '14d' } }, '335h'],
  ] as const)('F54 a message that nobody answers is closed as a message after %s', async (_, options, nearly) => {
    await using sim = simulate({ agents: [ana], ...options })
    await sim.agent('ana').goes('offline')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.advance(nearly)
    await kim.isIn('async')
    await sim.advance('1h')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'messageLeft' })
  })

  test('a person is not promised: `connecting` is not said', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.agent('ana').goes('draining')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    expect(heardBy(kim)).not.toContain('I am looking for somebody who can help you.')
    await kim.isIn('async')
  })
})

describe('the door', () => {
  const hours = { timeZone: 'Europe/Madrid', week: { mon: ['09:00-18:00'], tue: ['09:00-18:00'] } } as const

  test('is closed out of hours: a message is taken, though somebody is online', async () => {
    await using sim = simulate({ agents: [ana], admission: { hours } }, { startAt: '2026-01-05T20:00+01:00' })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.isIn('async')
    expect(await sim.engine.availability()).toEqual({
      open: false,
      reason: 'hours',
      opensAt: Date.parse('2026-01-06T09:00+01:00'),
    })
    await sim.advance('13h')
    await sim.agent('ana').goes('online')
    expect(await sim.engine.availability()).toEqual({ open: true, wait: 'unknown' })
  })

  test('tells at once when it opens and closes with the presence of agents', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const told = watch(sim, 'availability.changed')
    await sim.advance(0)
    expect(told.map(({ availability }) => availability.open)).toEqual([true])
    expect(await sim.engine.availability()).toEqual({ open: true, wait: 'unknown' })
    await sim.agent('ana').goes('draining')
    expect(told).toHaveLength(1)
    await sim.agent('ben').goes('offline')
    expect(told.at(-1)?.availability).toEqual({ open: false, reason: 'nobodyOnline' })
    expect(await sim.engine.availability()).toEqual({ open: false, reason: 'nobodyOnline' })
    await sim.agent('ben').goes('online')
    expect(told.map(({ availability }) => availability.open)).toEqual([true, false, true])
  })

  test('tells when the last seat is taken and when one is free again, where no queue is wanted', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], admission: { maxQueue: 0 } })
    const [told, kim] = [watch(sim, 'availability.changed'), sim.customer(kimCarter)]
    await seat(kim, sim.agent('ana'))
    expect(told.at(-1)?.availability).toEqual({ open: false, reason: 'queueFull' })
    await kim.leaves()
    expect(told.at(-1)?.availability).toMatchObject({ open: true })
  })

  test('closes when the queue is long enough, and those who come then may leave a message', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], admission: { maxQueue: 1 } })
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await lou.isIn('waiting')
    expect(await sim.engine.availability()).toEqual({ open: false, reason: 'queueFull' })
    await max.says(PERSON)
    await max.isIn('async')
    await lou.leaves()
    expect(await sim.engine.availability()).toMatchObject({ open: true })
  })

  test('is open to the audience alone', async () => {
    await using sim = simulate({ agents: [ana], admission: { audience: ({ page }) => page !== '/jobs' } })
    await sim.advance(0)
    expect(await sim.engine.availability({ page: '/jobs' })).toEqual({ open: false, reason: 'audience' })
    expect(await sim.engine.availability({ page: '/cart' })).toMatchObject({ open: true })
    await sim.engine.openConversation({ customer: kimCarter, page: '/jobs' })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.isIn('async')
  })

  test('is judged by the skills of the visit', async () => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['billing'] }] })
    await sim.advance(0)
    expect(await sim.engine.availability({ skills: ['billing'] })).toMatchObject({ open: true })
    expect(await sim.engine.availability({ skills: ['german'] })).toEqual({ open: false, reason: 'nobodyOnline' })
  })
})

describe('an agent', () => {
  test('who is removed gives every conversation back with its wait, each customer told once', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { wrapUp: '30s' } })
    await sim.agent('ben').goes('offline')
    const people = ['kim', 'lou', 'max'].map((id) => sim.customer(id))
    const queuedAt = sim.now
    for (const person of people) await seat(person, sim.agent('ana'))
    await sim.advance('1m')
    const nia = sim.customer('nia')
    await nia.says(PERSON)
    await sim.engine.removeAgent('ana')
    for (const [index, person] of people.entries()) {
      await person.sees('I am passing you on to a colleague; your place is kept.')
      await person.sees(/Everybody is busy/)
      await person.seesNothingNew()
      expect(await positionOf(sim, person)).toBe(index + 1)
    }
    expect(await positionOf(sim, nia)).toBe(4)
    const accepted = watch(sim, 'offer.accepted')
    await sim.agent('ben').goes('online')
    for (const person of people) await sim.agent('ben').accepts(person)
    await sim.agent('ben').isNotOffered(nia)
    expect(accepted.map(({ at, waitMs }) => at - waitMs)).toEqual([queuedAt, queuedAt, queuedAt])
    await expect(sim.engine.agent('ana').say(people[0]?.conversationId ?? '', 'hello')).rejects.toThrow('NOT_FOUND')
  })

  test('who is removed loses an unaccepted offer to the next one', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').isOffered(kim)
    await sim.engine.removeAgent('ana')
    await sim.agent('ben').isOffered(kim)
  })

  test('who drains finishes what is open and gets nothing new', async () => {
    await using sim = simulate({ agents: [ana] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    await sim.agent('ana').declines(lou)
    await sim.agent('ana').goes('draining')
    await sim.agent('ana').says(kim, 'One moment.')
    await kim.sees('One moment.')
    await sim.agent('ana').isNotOffered(lou)
    await sim.agent('ana').closes(kim)
    await sim.agent('ana').isNotOffered(lou)
  })

  test('F36 whose presence has a lease is offline when it is not renewed', async () => {
    await using sim = simulate({ agents: [ana] })
    const told = watch(sim, 'availability.changed')
    await sim.advance(0)
    const desk = sim.engine.agent('ana')
    await desk.setPresence('online', { lease: '45s' })
    await sim.advance('30s')
    await desk.setPresence('online', { lease: '45s' })
    await sim.advance('44s')
    expect(sim.agent('ana').presence).toBe('online')
    await sim.advance('1s')
    expect(sim.agent('ana').presence).toBe('offline')
    expect(told.at(-1)?.availability).toEqual({ open: false, reason: 'nobodyOnline' })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.isIn('async')
  })

  test('F36 whose lease lapses gives an offer back to the next one', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { offerTimeout: '2m' } })
    await sim.advance(0)
    await sim.engine.agent('ana').setPresence('online', { lease: '45s' })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await sim.agent('ana').isOffered(kim)
    await sim.advance('45s')
    await sim.agent('ben').isOffered(kim)
  })

  test('F36 who declares a presence without a lease keeps it, whatever lease there was before', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    await sim.engine.agent('ana').setPresence('online', { lease: '45s' })
    await sim.engine.agent('ana').setPresence('online')
    await sim.advance('1h')
    expect(sim.agent('ana').presence).toBe('online')
  })

  test('F36 whose lease ran when the engine stopped is offline when it has lapsed after the next start', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store })
    await before.advance(0)
    await before.engine.agent('ana').setPresence('online', { lease: '45s' })
    const startAt = before.now + 20_000
    await before[Symbol.asyncDispose]()
    await using sim = simulate({ store }, { startAt: new Date(startAt).toISOString() })
    await sim.advance('24s')
    expect(sim.agent('ana').presence).toBe('online')
    await sim.advance('1s')
    expect(sim.agent('ana').presence).toBe('offline')
  })

  test('shows load and capacity whenever they change', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 2 }] })
    const changed = watch(sim, 'agent.changed')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.leaves()
    expect(changed.map(({ load, capacity, presence }) => [load, capacity, presence])).toEqual([
      [0, 2, 'offline'],
      [0, 2, 'online'],
      [1, 2, 'online'],
      [0, 2, 'online'],
    ])
  })
})

test('what needs no time has happened when a verb returns', async () => {
  await using sim = simulate({ agents: [{ ...ana, autoAccept: true }] })
  const kim = sim.customer(kimCarter)
  await kim.says(PERSON)
  const before = kim.messages.length
  await moment()
  await kim.isIn('live')
  expect(kim.messages.length).toBe(before)
})
