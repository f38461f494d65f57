import { type AnyObservation, definePlugin, type Observation } from 'maitred'
import { knowledgeBase } from 'maitred/plugins'
import { memoryStore } from 'maitred/stores'
import { simulate, type SimulatedAgent, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, answering, articles, ben, heardBy, kim as kimCarter, seat, textsOf, viewOf } from './scene.ts'

const help = knowledgeBase({ articles })
const PERSON = 'a person, please'
const cleo = { id: 'cleo', name: 'Cleo' }

function watch<Name extends AnyObservation['type']>({ engine }: Simulation, name: Name): readonly Observation<Name>[] {
  const seen: Observation<Name>[] = []
  engine.on(name, (fact) => seen.push(fact))
  return seen
}

/** Kim talks to Ana. */
async function talking(sim: Simulation): Promise<{ kim: SimulatedCustomer; anna: SimulatedAgent; id: string }> {
  const [kim, anna] = [sim.customer(kimCarter), sim.agent('ana')]
  await seat(kim, anna)
  return { kim, anna, id: kim.conversationId }
}

describe('a live talk', () => {
  test('goes both ways, and the bot keeps out of it', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help, answering(() => ({ text: 'I know!' }))] })
    const { kim, anna } = await talking(sim)
    await anna.says(kim, 'Hello Kim, what is it about?')
    const said = await kim.sees('what is it about?')
    expect(said).toMatchObject({ author: 'agent', agentId: 'ana' })
    await kim.says('Where is my refund?')
    await kim.says('hello?')
    await kim.says('a person, please')
    await kim.seesNothingNew()
    await kim.isIn('live')
    expect((await viewOf(sim, kim)).agentId).toBe('ana')
  })

  test('F09 is handed over in one step, and nothing is said by the bot from then on', async () => {
    await using sim = simulate({ agents: [{ ...ana, autoAccept: true }], plugins: [help] })
    const moved = watch(sim, 'conversation.moved')
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    await kim.says('Where is my refund?')
    expect(moved.map(({ from, to, transition }) => [from, to, transition])).toEqual([
      ['greeting', 'helping', 'greet'],
      ['helping', 'waiting', 'enqueue'],
      ['waiting', 'live', 'accept'],
    ])
    const joined = kim.messages.findIndex(({ text }) => /has joined/.test(text))
    expect(kim.messages.slice(joined + 1).map(({ author }) => author)).toEqual(['customer'])
  })

  test('has notes that only colleagues see', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').note(id, 'Sounds upset.')
    await kim.seesNothingNew()
    expect(textsOf(kim.messages)).not.toContain('Sounds upset.')
    const { transcript } = await viewOf(sim, kim)
    expect(transcript.at(-1)).toMatchObject({ text: 'Sounds upset.', author: 'agent', agentId: 'ana', internal: true })
  })

  test('begins with what the bot has tried and where the customer was', async () => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['billing'] }], plugins: [help] })
    const conversation = await sim.engine.openConversation({ customer: kimCarter, page: '/orders/17' })
    conversation.moveTo('/refunds')
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.chooses('person')
    await sim.agent('ana').accepts(kim)
    const { pages, transcript } = await viewOf(sim, kim)
    expect(pages.map(({ url }) => url)).toEqual(['/orders/17', '/refunds'])
    expect(transcript.flatMap(({ suggestions }) => suggestions?.map(({ article }) => article.id) ?? [])).toEqual([
      'refund',
    ])
  })

  test('is put on hold and taken up again by the next word', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna, id } = await talking(sim)
    const held = await sim.engine.agent('ana').hold(id, { backIn: '5m' })
    expect(held).toMatchObject({ status: 'applied', transitions: ['hold'] })
    await kim.sees('Ana will be back in 5 minutes.')
    expect((await viewOf(sim, kim)).path).toBe('live.held')
    await kim.says('Take your time.')
    expect((await viewOf(sim, kim)).path).toBe('live.held')
    const said = await sim.engine.agent('ana').say(id, 'Here I am again.')
    expect(said).toMatchObject({ transitions: ['resume'] })
    await kim.sees('Here I am again.')
    expect((await viewOf(sim, kim)).path).toBe('live.active')
    expect(anna.load).toBe(1)
  })

  test('is put on hold without a time, or for a minute', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').hold(id)
    await kim.sees('Ana will be back shortly.')
    await anna.says(kim, 'Yes?')
    await sim.engine.agent('ana').hold(id, { backIn: '1m' })
    await kim.sees('Ana will be back in 1 minute.')
  })

  test('on hold, is patient until the time that was promised, and not for ever after', async () => {
    await using sim = simulate({ agents: [ana, ben], silence: { agentAfter: '10m' } })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').hold(id, { backIn: '30m' })
    await sim.advance('39m')
    await kim.isIn('live')
    await sim.advance('1m')
    await sim.agent('ben').isOffered(kim)
    await kim.sees(/passing you on/)
  })
})

describe('a transfer', () => {
  test('F09 back to the bot hands the talk back: it answers again, and the agent is free', async () => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['billing'] }], plugins: [help] })
    const { kim, anna, id } = await talking(sim)
    expect(await sim.engine.agent('ana').transfer(id, 'bot')).toMatchObject({ ok: true, transitions: ['transfer'] })
    await kim.sees(/talking to the assistant again/)
    await kim.isIn('helping')
    expect(anna.load).toBe(0)
    await kim.says('Where is my refund?')
    await kim.sees('It takes five days.')
    expect(await sim.engine.agent('ana').say(id, 'One more thing')).toMatchObject({
      status: 'refused',
      code: 'STALE_OWNER',
      text: 'One more thing',
    })
  })

  test('to skills goes to an agent who has them, with the note for colleagues', async () => {
    await using sim = simulate({ agents: [ana, ben, { ...cleo, skills: ['german'] }] })
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { skills: ['german'] }, { note: 'Speaks German.' })
    await kim.sees('I am passing you on to a colleague; your place is kept.')
    expect(anna.load).toBe(0)
    await sim.agent('cleo').accepts(kim)
    await kim.sees('Cleo has joined the conversation.')
    expect(textsOf(kim.messages)).not.toContain('Speaks German.')
    expect(textsOf((await viewOf(sim, kim)).transcript)).toContain('Speaks German.')
  })

  test('to an agent goes to them, whatever skills the conversation asked for', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, skills: ['billing'] },
        { ...ben, skills: ['shipping'] },
        { ...cleo, skills: ['billing'] },
      ],
    })
    await sim.engine.openConversation({ customer: kimCarter, skills: ['billing'] })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' })
    await sim.agent('ben').isOffered(kim)
  })

  test('to an agent who declines goes to those with the skills, and not back', async () => {
    await using sim = simulate({
      agents: [{ ...ana, skills: ['billing'] }, ben, { ...cleo, skills: ['billing'] }, { id: 'aaron' }],
    })
    await sim.engine.openConversation({ customer: kimCarter, skills: ['billing'] })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' })
    await sim.agent('ben').declines(kim)
    await sim.agent('cleo').isOffered(kim)
  })

  test('back to the queue goes to somebody else, ahead of those who came later', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1 },
        { ...ben, capacity: 1 },
      ],
    })
    const { kim, id } = await talking(sim)
    await seat(sim.customer('lou'), sim.agent('ben'))
    await sim.advance('1m')
    const max = sim.customer('max')
    await max.says(PERSON)
    await sim.engine.agent('ana').transfer(id, { skills: [] })
    await sim.agent('ana').isNotOffered(kim)
    await sim.agent('ana').isOffered(max)
    await sim.agent('ben').closes(sim.customer('lou'))
    await sim.agent('ben').isOffered(kim)
  })

  test('that is warm keeps the old agent until the new one is there', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { wrapUp: '30s' } })
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' }, { warm: true })
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.transferring' })
    await anna.says(kim, 'Ben will be with you in a second.')
    await kim.sees('Ben will be with you')
    await kim.says('Thanks')
    expect([anna.load, sim.agent('ben').load]).toEqual([1, 1])
    await sim.agent('ben').accepts(kim)
    await kim.sees('Ben has joined the conversation.')
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ben', path: 'live.active' })
    expect(await sim.engine.agent('ana').say(id, 'Bye')).toMatchObject({ code: 'STALE_OWNER' })
    expect(anna.load).toBe(1)
    await sim.advance('30s')
    expect(anna.load).toBe(0)
  })

  test('that is warm and declined keeps the old agent, and goes to the next one', async () => {
    await using sim = simulate({ agents: [ana, ben, cleo] })
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' }, { warm: true })
    await sim.agent('ben').declines(kim)
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.transferring' })
    await sim.agent('cleo').isOffered(kim)
    await sim.agent('cleo').declines(kim)
    await anna.says(kim, 'I am still here.')
    await kim.isIn('live')
  })

  test('that is warm and that nobody takes leaves the talk where it was', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { overflow: { after: '2m', to: 'async' } } })
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' }, { warm: true })
    await sim.agent('ben').declines(kim)
    await sim.advance('2m')
    expect(await viewOf(sim, kim)).toMatchObject({ agentId: 'ana', path: 'live.active' })
    await anna.says(kim, 'I will see to it myself.')
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' }, { warm: true })
    await sim.agent('ben').isOffered(kim)
  })

  test('that is warm ends with the talk when the customer leaves', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const { kim, anna, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' }, { warm: true })
    await kim.leaves()
    await kim.isIn('closed')
    expect([anna.load, sim.agent('ben').load]).toEqual([0, 0])
  })

  test('goes back and forth: whoever gave it away may get it back by name', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { agentId: 'ben' })
    await sim.agent('ben').accepts(kim)
    await sim.engine.agent('ben').transfer(id, { agentId: 'ana' })
    await sim.agent('ana').accepts(kim)
    await sim.engine.agent('ana').transfer(id, { skills: [] })
    await sim.agent('ben').isOffered(kim)
  })

  test('keeps those out whom a plugin has excluded', async () => {
    const conflict = definePlugin({
      name: 'conflict',
      version: '1.0.0',
      hooks: { 'route:requirements': (need) => ({ ...need, excludedAgentIds: ['ben'] }) },
    })()
    await using sim = simulate({ agents: [ana, ben, cleo], plugins: [conflict] })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').transfer(id, { skills: [] })
    await sim.agent('cleo').accepts(kim)
    expect((await viewOf(sim, kim)).requirements?.excludedAgentIds).toEqual(['ben'])
  })

  test('to whom nobody knows is refused, and changes nothing', async () => {
    await using sim = simulate({ skills: ['german'], agents: [ana] })
    const { kim, id } = await talking(sim)
    await expect(sim.engine.agent('ana').transfer(id, { agentId: 'nobody' })).rejects.toThrow('NOT_FOUND')
    await expect(sim.engine.agent('ana').transfer(id, { skills: ['frensh'] })).rejects.toThrow('SKILL_UNKNOWN')
    await kim.seesNothingNew()
    await kim.isIn('live')
  })
})

describe('the boundary ladder', () => {
  test('warns, warns for the last time, and blocks; a blocked conversation is not taken up again', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna, id } = await talking(sim)
    const closed = watch(sim, 'conversation.closed')
    const desk = sim.engine.agent('ana')
    expect(await desk.warn(id)).toMatchObject({ ok: true, transitions: ['warn'] })
    await kim.sees('Let us keep this friendly, please.')
    await desk.warn(id)
    await kim.sees(/the last warning/)
    await kim.isIn('live')
    expect(await desk.warn(id)).toMatchObject({ ok: true, phase: 'closed', transitions: ['block'] })
    await kim.sees('This conversation has been ended.')
    expect(closed).toMatchObject([{ outcome: 'blocked', reason: 'boundary', agentId: 'ana' }])
    expect(anna.load).toBe(0)
    await kim.returns()
    expect(kim.conversationId).not.toBe(id)
    expect((await viewOf(sim, kim)).previousId).toBe(id)
  })

  test('is climbed by the agent of the conversation alone', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const { kim, id } = await talking(sim)
    expect(await sim.engine.agent('ben').warn(id)).toMatchObject({ code: 'NOT_ASSIGNEE' })
    await kim.seesNothingNew()
  })

  test('P21: who acts in a conversation of somebody else is refused, and whoever watches is told', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const { kim, id } = await talking(sim)
    const told: unknown[] = []
    sim.engine.on('command.refused', (fact) => told.push(fact))
    const before = await viewOf(sim, kim)
    expect(await sim.engine.agent('ben').say(id, 'Let me in')).toMatchObject({
      code: 'NOT_ASSIGNEE',
      text: 'Let me in',
    })
    expect(told).toMatchObject([{ conversationId: id, command: 'message.sent', code: 'NOT_ASSIGNEE', agentId: 'ben' }])
    expect(JSON.stringify(told)).not.toContain('Let me in')
    expect(await viewOf(sim, kim)).toEqual(before)
  })
})

describe('silence', () => {
  test('of the agent gives the conversation to somebody else, with its wait, and tells the customer', async () => {
    await using sim = simulate({ agents: [ana, ben], silence: { agentAfter: '5m' } })
    const { kim, anna } = await talking(sim)
    await anna.says(kim, 'One moment.')
    await sim.advance('1m')
    await kim.says('And now?')
    await sim.advance('299s')
    await kim.isIn('live')
    await sim.advance('1s')
    await kim.sees('I am passing you on to a colleague; your place is kept.')
    await sim.agent('ben').isOffered(kim)
    expect(anna.load).toBe(0)
  })

  test('of an agent who has accepted and says nothing counts from the beginning', async () => {
    await using sim = simulate({ agents: [ana, ben], silence: { agentAfter: '5m' } })
    const { kim } = await talking(sim)
    await sim.advance('5m')
    await sim.agent('ben').isOffered(kim)
  })

  test('of the only agent there is leads to a message in the end, which the same agent may answer', async () => {
    await using sim = simulate({
      agents: [ana],
      silence: { agentAfter: '5m' },
      routing: { overflow: { after: '2m', to: 'async' } },
    })
    const { kim, anna } = await talking(sim)
    await sim.advance('5m')
    await kim.isIn('waiting')
    await anna.isNotOffered(kim)
    await sim.advance('2m')
    await kim.isIn('async')
    await anna.isOffered(kim)
  })

  test('F11 of the customer is asked about, then ends the conversation, while the bot talks', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    await sim.advance('3m')
    await kim.sees('Are you still there?')
    await sim.advance('6m')
    await kim.isIn('helping')
    await kim.seesNothingNew()
    await sim.advance('1m')
    await kim.isIn('closed')
    await kim.sees(/closing this conversation/)
    expect(await viewOf(sim, kim)).toMatchObject({ reason: 'silence', outcome: 'abandoned' })
  })

  test('F53 of the customer is asked about, then ends the conversation, in a live talk too, with a reason', async () => {
    await using sim = simulate({ agents: [ana], silence: { remindAfter: '2m', closeAfter: '5m' } })
    const { kim, anna } = await talking(sim)
    await kim.says('My parcel is lost.')
    await anna.says(kim, 'What is its number?')
    await sim.advance('2m')
    const asked = await kim.sees('Are you still there?')
    expect(asked.author).toBe('system')
    await sim.advance('3m')
    await kim.isIn('closed')
    expect(await viewOf(sim, kim)).toMatchObject({ reason: 'silence', outcome: 'unresolved', agentId: 'ana' })
    expect(anna.load).toBe(0)
  })

  test('is not rated: nobody who has gone is asked', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    await anna.says(kim, 'What is its number?')
    await sim.advance('10m')
    await kim.isIn('closed')
    expect(heardBy(kim).join('\n')).not.toMatch(/rate/)
  })

  test('is over with a word, and counts anew', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    await sim.advance('9m')
    await kim.says('Yes, I am looking for my papers')
    await sim.advance('179s')
    await kim.isIn('helping')
    await sim.advance('1s')
    await kim.sees('Are you still there?')
    await sim.advance('7m')
    await kim.isIn('closed')
  })

  test('of somebody who waits in the queue is no reason to send them away', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 1 }], silence: { agentAfter: '1h', closeAfter: '1h' } })
    await talking(sim)
    const lou = sim.customer('lou')
    await lou.says(PERSON)
    await sim.advance('14m')
    await lou.isIn('waiting')
  })
})

describe('a customer who leaves a live talk', () => {
  test('and cannot be reached ends it', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    await kim.leaves()
    await kim.isIn('closed')
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'unresolved', reason: 'customerLeft' })
    expect(anna.load).toBe(0)
  })

  test('and can be reached by a channel stays in it: the agent may answer still', async () => {
    const mail = { name: 'email', deliver: () => Promise.resolve('sent' as const) }
    await using sim = simulate({ agents: [ana], channels: [mail] })
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org' })
    await seat(kim, sim.agent('ana'))
    await kim.says('My parcel is lost.')
    await kim.leaves()
    await kim.isIn('live')
    await sim.agent('ana').says(kim, 'I have found it.')
    await sim.advance('1h')
    await kim.isIn('live')
    await kim.says('Thank you!')
    expect((await viewOf(sim, kim)).agentId).toBe('ana')
    await sim.advance('10m')
    await kim.isIn('waiting')
  })

  test('and does not come back for three days ends it then, and wakes nobody in between', async () => {
    const mail = { name: 'email', deliver: () => Promise.resolve('sent' as const) }
    await using sim = simulate({ agents: [ana], channels: [mail] })
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org' })
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'I will look for it.')
    await kim.leaves()
    await sim.advance('1h')
    await sim.agent('ana').says(kim, 'I have found it.')
    const { revision } = await viewOf(sim, kim)
    await sim.advance('71h')
    await kim.isIn('live')
    expect((await viewOf(sim, kim)).revision).toBe(revision + 1)
    await sim.advance('1h')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', reason: 'silence' })
  })
})

describe('the close', () => {
  test('F51 asks whether it is solved, says what comes next, thanks, says how to get more help, and asks for a rating', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    const closed = watch(sim, 'conversation.closed')
    await anna.closes(kim)
    const paths = [(await viewOf(sim, kim)).path]
    await kim.sees('Is everything solved?')
    await kim.seesNothingNew()
    await kim.chooses('yes')
    paths.push((await viewOf(sim, kim)).path)
    await kim.sees('You do not need to do anything else.')
    await kim.sees('Thank you for talking to us.')
    await kim.sees(/If anything else comes up/)
    await kim.sees(/from 1 to 5/)
    await kim.says('4')
    await kim.isIn('closed')
    expect(paths).toEqual(['closing.solved', 'closing.rating'])
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'resolved', rating: 4, reason: 'agentClosed' })
    expect(closed).toMatchObject([{ outcome: 'resolved', agentId: 'ana' }])
  })

  test('F51 that is not solved leads back to a person, the same one if they are free; the second no is final', async () => {
    await using sim = simulate({ agents: [ana, ben, cleo] })
    await sim.agent('ana').goes('away')
    await sim.agent('ben').goes('away')
    const [kim, agent] = [sim.customer(kimCarter), sim.agent('cleo')]
    await seat(kim, agent)
    await sim.agent('ana').goes('online')
    await sim.agent('ben').goes('online')
    await agent.closes(kim)
    await kim.says('No, not yet!')
    await kim.sees(/looking for somebody/)
    await agent.isOffered(kim)
    await agent.accepts(kim)
    await agent.closes(kim)
    await kim.chooses('no')
    await kim.sees(/rate/)
    await kim.chooses('1')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'unresolved', rating: 1 })
  })

  test('F51 takes one no before it is final, however many articles did not help before', async () => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['billing', 'disputes'] }], plugins: [help] })
    const [kim, anna] = [sim.customer(kimCarter), sim.agent('ana')]
    await kim.says('My refund?')
    await kim.chooses('no')
    await kim.chooses('no')
    await anna.accepts(kim)
    await anna.closes(kim)
    await kim.chooses('no')
    await anna.isOffered(kim)
    await anna.accepts(kim)
    await anna.closes(kim)
    await kim.chooses('no')
    await kim.sees(/rate/)
  })

  test('F51 says the directions that the agent gives instead of the usual words', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, id } = await talking(sim)
    await sim.engine.agent('ana').close(id, { directions: 'Put the parcel on the doorstep, please.' })
    const told = await kim.sees('Put the parcel on the doorstep, please.')
    expect(told).toMatchObject({ author: 'agent', agentId: 'ana' })
    await kim.chooses('yes')
    expect(heardBy(kim)).not.toContain('You do not need to do anything else.')
    await kim.sees('Thank you for talking to us.')
  })

  test.each(['5', '5/5', '5 stars', ' 5 '])('takes a rating in words: %s', async (words) => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    const given = watch(sim, 'rating.given')
    await anna.closes(kim)
    await kim.chooses('yes')
    await kim.says(words)
    await kim.isIn('closed')
    expect(given).toMatchObject([{ score: 5, agentId: 'ana' }])
  })

  test('takes a rating from the outside, with a comment, once: it is not asked for again', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna, id } = await talking(sim)
    const given = watch(sim, 'rating.given')
    const conversation = sim.engine.conversation(id)
    expect(await conversation.rate(5)).toMatchObject({ status: 'refused', code: 'NOT_NOW' })
    await anna.closes(kim)
    expect(await conversation.rate(4, { comment: 'Quick!' })).toMatchObject({ ok: true, transitions: ['rate'] })
    expect(await conversation.rate(1)).toMatchObject({ status: 'refused', code: 'NOT_NOW' })
    await kim.chooses('yes')
    await kim.isIn('closed')
    expect(heardBy(kim).join('\n')).not.toMatch(/rate/)
    expect(given).toMatchObject([{ score: 4, comment: 'Quick!', agentId: 'ana' }])
    expect(await viewOf(sim, kim)).toMatchObject({ rating: 4, outcome: 'resolved' })
    expect(textsOf(kim.messages)).toContain('Quick!')
  })

  test('takes a rating from the outside in place of the one that is asked for', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna, id } = await talking(sim)
    await anna.closes(kim)
    await kim.chooses('yes')
    await kim.sees(/rate/)
    expect(await sim.engine.conversation(id).rate(3)).toMatchObject({ phase: 'closed', transitions: ['rate', 'close'] })
    expect(await sim.engine.conversation(id).rate(1)).toMatchObject({ code: 'NOT_NOW' })
  })

  test('takes a rating after the end, once', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, id } = await talking(sim)
    await kim.leaves()
    expect(await sim.engine.conversation(id).rate(2)).toMatchObject({ ok: true, phase: 'closed' })
    expect(await sim.engine.conversation(id).rate(5)).toMatchObject({ code: 'NOT_NOW' })
    expect((await viewOf(sim, kim)).rating).toBe(2)
  })

  test('asks again what it did not understand, once, and lets it be then', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    await anna.closes(kim)
    await kim.chooses('yes')
    await kim.sees(/rate/)
    await kim.says('so so')
    await kim.sees('I did not get that. Could you pick one of the answers?')
    await kim.says('well, well')
    await kim.isIn('closed')
    expect((await viewOf(sim, kim)).rating).toBeUndefined()
  })

  test('comes to its end by time: each question waits two minutes', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    await anna.closes(kim)
    await sim.advance('2m')
    await kim.sees(/rate/)
    await sim.advance('119s')
    await kim.isIn('closing')
    await sim.advance('1s')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'unresolved', reason: 'agentClosed' })
  })

  test('is the end when the customer leaves in the middle of it', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna } = await talking(sim)
    await anna.closes(kim)
    await kim.chooses('yes')
    await kim.leaves()
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'resolved' })
  })

  test('is called off by the wish for a person: what was deflected is open again', async () => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['billing'] }], plugins: [help] })
    const [kim, anna] = [sim.customer(kimCarter), sim.agent('ana')]
    await kim.says('Where is my refund?')
    await kim.chooses('yes')
    await kim.says(PERSON)
    await anna.accepts(kim)
    expect((await viewOf(sim, kim)).outcome).toBeUndefined()
    await anna.closes(kim)
    await kim.sees('Is everything solved?')
    await kim.chooses('yes')
    await kim.chooses('5')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'resolved' })
  })

  test('F54 is noted with a disposition, at the close, while it lasts, or afterwards; the last one stands', async () => {
    await using sim = simulate({ agents: [ana, ben], routing: { wrapUp: '10m' } })
    const { kim, id } = await talking(sim)
    const desk = sim.engine.agent('ana')
    await desk.close(id, { disposition: 'refund' })
    expect((await viewOf(sim, kim)).disposition).toBe('refund')
    expect(await desk.close(id, { disposition: 'partial refund' })).toMatchObject({ ok: true, phase: 'closing' })
    expect((await viewOf(sim, kim)).disposition).toBe('partial refund')
    await kim.chooses('yes')
    await kim.chooses('5')
    expect(await desk.close(id, { disposition: 'voucher' })).toMatchObject({ ok: true, phase: 'closed' })
    expect(await sim.engine.agent('ben').close(id, { disposition: 'mine' })).toMatchObject({ ok: false })
    expect(await viewOf(sim, kim)).toMatchObject({ disposition: 'voucher', outcome: 'resolved', rating: 5 })
  })

  test('F34 keeps the seat through wrap-up, though the customer is still answering', async () => {
    await using sim = simulate({ agents: [ana], routing: { wrapUp: '30s' } })
    const { kim, anna } = await talking(sim)
    await anna.closes(kim)
    expect(anna.load).toBe(1)
    await sim.advance('30s')
    expect(anna.load).toBe(0)
    await kim.isIn('closing')
  })

  test('takes nothing more from its agent: the words are handed back', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, anna, id } = await talking(sim)
    await anna.closes(kim)
    expect(await sim.engine.agent('ana').say(id, 'By the way')).toMatchObject({
      code: 'STALE_OWNER',
      text: 'By the way',
    })
  })
})

describe('a customer who comes back', () => {
  async function ended(sim: Simulation): Promise<SimulatedCustomer> {
    const { kim, anna } = await talking(sim)
    await anna.closes(kim)
    await kim.chooses('yes')
    await kim.chooses('5')
    await kim.isIn('closed')
    return kim
  }

  test('F53 soon takes up the same conversation: one episode more, open to be rated again', async () => {
    const store = memoryStore()
    await using sim = simulate({ agents: [ana], store })
    const kim = await ended(sim)
    const id = kim.conversationId
    await sim.advance('9m')
    await kim.returns()
    expect(kim.conversationId).toBe(id)
    await kim.sees('Welcome back! What can I help you with?')
    await kim.isIn('helping')
    const view = await viewOf(sim, kim)
    expect(view.outcome).toBeUndefined()
    expect(view.rating).toBeUndefined()
    expect(textsOf(view.transcript)).toContain(PERSON)
    const { row } = await (await store.open('')).load(id)
    expect(row?.snapshot.context.episode).toBe(2)
    await kim.says(PERSON)
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').closes(kim)
    await kim.chooses('yes')
    await kim.chooses('2')
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'resolved', rating: 2 })
  })

  test('F53 later begins a new conversation that knows the one before', async () => {
    await using sim = simulate({ agents: [ana], reopenWithin: '10m' })
    const kim = await ended(sim)
    const id = kim.conversationId
    await sim.advance('10m')
    await kim.returns()
    expect(kim.conversationId).not.toBe(id)
    await kim.sees('Hello Kim!')
    expect(await viewOf(sim, kim)).toMatchObject({ previousId: id, phase: 'helping' })
    expect((await sim.engine.conversations({ customerId: 'kim' })).map((view) => view.id)).toEqual([
      id,
      kim.conversationId,
    ])
  })

  test('while the conversation is open finds it where it was', async () => {
    await using sim = simulate({ agents: [ana] })
    const { kim, id } = await talking(sim)
    await kim.returns()
    expect(kim.conversationId).toBe(id)
    await kim.isIn('live')
    await kim.seesNothingNew()
  })

  test('on another channel has a conversation of its own there', async () => {
    await using sim = simulate({ agents: [ana] })
    const { id } = await talking(sim)
    const other = await sim.engine.openConversation({ customer: kimCarter, channel: 'sms' })
    expect(other.id).not.toBe(id)
    expect(await other.view()).toMatchObject({ channel: 'sms', phase: 'helping' })
  })
})
