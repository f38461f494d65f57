import { createEngine, definePlugin, type DeskUpdate, type Engine, type Plugin, type Update } from 'maitred'
import { knowledgeBase } from 'maitred/plugins'
import { memoryStore, type Store } from 'maitred/stores'
import { createVirtualClock, simulate, type Simulation, type VirtualClock } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { assemble, type EngineOptions } from '../../../src/assemble.ts'
import {
  ana,
  answering,
  articles,
  ben,
  heardBy,
  kim as kimCarter,
  moment,
  promised,
  seat,
  textsOf,
  viewOf,
} from './scene.ts'

const help = knowledgeBase({ articles })
const PERSON = 'a person, please'

/** All that is followed, until it ends. */
function collect<Item>(items: AsyncIterable<Item>): { readonly seen: readonly Item[]; readonly ended: Promise<void> } {
  const seen: Item[] = []
  const read = async (): Promise<void> => {
    for await (const item of items) seen.push(item)
  }
  return { seen, ended: read() }
}

function seqsOf(updates: readonly (Update | DeskUpdate)[]): readonly number[] {
  return updates.flatMap((update) => (update.type === 'message' ? [update.message.seq] : []))
}

/** A second engine over the same store, begun so much later. */
async function restart(
  sim: Simulation,
  options: EngineOptions & { readonly store: Store },
  laterMs = 0,
): Promise<Simulation> {
  const startAt = new Date(sim.now + laterMs).toISOString()
  await sim[Symbol.asyncDispose]()
  return simulate(options, { startAt })
}

describe('a receipt', () => {
  test('says what was done: revision, phase, and the transitions in order', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    const conversation = await sim.engine.openConversation({ customer: kimCarter })
    expect(await conversation.say('hello')).toEqual({
      ok: true,
      status: 'applied',
      conversationId: conversation.id,
      revision: 2,
      phase: 'helping',
      transitions: [],
    })
    expect(await conversation.requestAgent()).toMatchObject({
      revision: 3,
      phase: 'waiting',
      transitions: ['requestAgent', 'enqueue'],
    })
  })

  test('names the plugin that sent the conversation elsewhere', async () => {
    const closed = definePlugin({
      name: 'closed-today',
      version: '1.0.0',
      hooks: {
        'before:enqueue': (ctx) => ctx.redirect('goAsync', { reason: 'holiday', say: 'We are back tomorrow.' }),
      },
    })()
    await using sim = simulate({ agents: [ana], plugins: [closed] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    expect(await sim.engine.conversation(kim.conversationId).requestAgent()).toMatchObject({
      status: 'applied',
      phase: 'async',
      transitions: ['requestAgent', 'goAsync'],
      redirectedBy: 'closed-today',
    })
    await kim.sees('We are back tomorrow.')
    expect(heardBy(kim).join('\n')).not.toMatch(/Nobody can take/)
  })

  test('of a veto says who said no, to what, and why; what was written stays', async () => {
    const strict = definePlugin({
      name: 'strict',
      version: '1.0.0',
      hooks: {
        'before:requestAgent': (ctx) => {
          ctx.say('Let me try first.')
          ctx.veto('the bot comes first')
        },
      },
    })()
    await using sim = simulate({ agents: [ana], plugins: [strict] })
    const conversation = await sim.engine.openConversation({ customer: kimCarter })
    expect(await conversation.say(PERSON)).toEqual({
      ok: false,
      status: 'vetoed',
      by: 'strict',
      transition: 'requestAgent',
      reason: 'the bot comes first',
    })
    const { phase, transcript } = await conversation.view()
    expect(phase).toBe('helping')
    expect(transcript.filter(({ internal }) => internal !== true).map(({ text }) => text)).toEqual([
      'Hello Kim! What can I help you with?',
      PERSON,
      'Let me try first.',
    ])
  })

  test('under a key is told again, once and for all', async () => {
    await using sim = simulate({ agents: [ana] })
    const conversation = await sim.engine.openConversation({ customer: kimCarter })
    const first = await conversation.say('hello', { key: 'k1' })
    await conversation.say('good morning')
    expect(await conversation.say('hello', { key: 'k1' })).toEqual({ ...first, status: 'duplicate' })
    expect(textsOf((await conversation.view()).transcript).filter((text) => text === 'hello')).toHaveLength(1)
  })
})

describe('a view', () => {
  test('is the conversation at one revision, and cannot be changed', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org', attributes: { tier: 'gold' } })
    await seat(kim, sim.agent('ana'))
    const view = await viewOf(sim, kim)
    expect(view).toMatchObject({
      id: kim.conversationId,
      phase: 'live',
      channel: 'web',
      openedAt: sim.now,
      agentId: 'ana',
      customer: { id: 'kim', name: 'Kim', email: 'kim@example.org', attributes: { tier: 'gold' } },
    })
    expect(view.transcript.map(({ seq }) => seq)).toEqual(view.transcript.map((_, index) => index + 1))
    expect(() => Object.assign(view, { phase: 'closed' })).toThrow(TypeError)
    expect(() => Object.assign(view.customer, { name: 'Lou' })).toThrow(TypeError)
    await sim.agent('ana').says(kim, 'Hello.')
    expect((await viewOf(sim, kim)).revision).toBe(view.revision + 1)
  })

  test('of a conversation that nobody has is refused', async () => {
    await using sim = simulate({})
    await sim.advance(0)
    await expect(sim.engine.conversation('nobody').view()).rejects.toThrow('NOT_FOUND')
  })
})

describe('the list of conversations', () => {
  test('is filtered by customer, agent and phase, and read page by page', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 10 }] })
    const ids: string[] = []
    for (const name of ['kim', 'lou', 'max', 'nia', 'oli']) {
      const person = sim.customer(name)
      await person.says('hello')
      ids.push(person.conversationId)
      await sim.advance('1s')
    }
    for (const name of ['kim', 'max']) await seat(sim.customer(name), sim.agent('ana'))
    await sim.customer('oli').leaves()
    const list = async (filter?: Parameters<Engine['conversations']>[0]): Promise<readonly string[]> =>
      (await sim.engine.conversations(filter)).map(({ id }) => id)
    expect(await list()).toEqual(ids)
    expect(await list({ customerId: 'lou' })).toEqual([ids[1]])
    expect(await list({ agentId: 'ana' })).toEqual([ids[0], ids[2]])
    expect(await list({ phase: 'closed' })).toEqual([ids[4]])
    expect(await list({ phase: 'helping' })).toEqual([ids[1], ids[3]])
    const pages: (readonly string[])[] = []
    for (let after: string | undefined; ; after = pages.at(-1)?.at(-1)) {
      const page = await list({ limit: 2, ...(after === undefined ? {} : { after }) })
      if (page.length === 0) break
      pages.push(page)
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
  })

  test('holds whole views, transcript and all', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    expect(await sim.engine.conversations()).toEqual([await viewOf(sim, kim)])
  })
})

describe('following a conversation', () => {
  test('gives every message in order, and what else has changed', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    const { seen } = collect(sim.engine.conversation(kim.conversationId).follow())
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').says(kim, 'Hello.')
    expect(seqsOf(seen)).toEqual([1, 2, 3, 4, 5])
    const last = seen.findLast((update) => update.type === 'conversation')
    expect(last).toMatchObject({ conversation: { phase: 'live', agentId: 'ana' } })
  })

  test('goes on after a seq without loss or repeat, whenever it broke off', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    const conversation = sim.engine.conversation(kim.conversationId)
    const leave = new AbortController()
    const first = collect(conversation.follow({ signal: leave.signal }))
    await kim.says('hello')
    leave.abort()
    await first.ended
    await seat(kim, sim.agent('ana'))
    const after = seqsOf(first.seen).at(-1) ?? 0
    const second = collect(conversation.follow({ after }))
    await sim.agent('ana').says(kim, 'Hello.')
    await kim.says('Good.')
    expect([...seqsOf(first.seen), ...seqsOf(second.seen)]).toEqual(kim.messages.map(({ seq }) => seq))
  })

  test('hides what is internal, and does not stumble over it', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const after = kim.messages.at(-1)?.seq ?? 0
    const { seen } = collect(sim.engine.conversation(kim.conversationId).follow({ after }))
    await sim.engine.agent('ana').note(kim.conversationId, 'Sounds upset.')
    await sim.agent('ana').says(kim, 'Hello.')
    expect(seqsOf(seen)).toEqual([after + 2])
    expect(JSON.stringify(seen)).not.toContain('upset')
  })

  test('shows who is typing on the other side, and never oneself', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const conversation = sim.engine.conversation(kim.conversationId)
    const [customer, desk] = [collect(conversation.follow()), collect(sim.engine.agent('ana').follow())]
    await moment()
    const { revision } = await conversation.view()
    sim.engine.agent('ana').typing(kim.conversationId)
    conversation.typing()
    await moment()
    const typing = (updates: readonly DeskUpdate[]): readonly unknown[] =>
      updates.flatMap((update) => (update.type === 'typing' ? [update.author] : []))
    expect(typing(customer.seen)).toEqual(['agent'])
    expect(typing(desk.seen)).toEqual(['customer'])
    expect((await conversation.view()).revision).toBe(revision)
  })

  test('ends when the engine stops', async () => {
    const sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    const follows = [
      collect<unknown>(sim.engine.conversation(kim.conversationId).follow()),
      collect<unknown>(sim.engine.agent('ana').follow()),
    ]
    await moment()
    await sim.engine.stop()
    await Promise.all(follows.map(({ ended }) => ended))
  })

  test('what is not there is refused, and does not wait for ever', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    await expect(collect(sim.engine.conversation('nobody').follow()).ended).rejects.toThrow('NOT_FOUND')
    await expect(collect(sim.engine.agent('nobody').follow()).ended).rejects.toThrow('NOT_FOUND')
  })
})

describe('following a desk', () => {
  test('gives offers, the talk with its history once it is accepted, and the end of it', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    await sim.advance(0)
    const { seen } = collect(sim.engine.agent('ana').follow())
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    expect(typesOf(seen)).toEqual(['offer'])
    await sim.agent('ana').accepts(kim)
    await kim.says('It is about order A-17.')
    await sim.engine.agent('ana').note(kim.conversationId, 'A regular.')
    await moment()
    expect(seqsOf(seen)).toEqual((await viewOf(sim, kim)).transcript.map(({ seq }) => seq))
    expect(seen.some((update) => update.type === 'message' && update.message.internal === true)).toBe(true)
    expect(seen.findLast((update) => update.type === 'conversation')).toMatchObject({
      conversation: { phase: 'live', agentId: 'ana' },
    })
    await sim.engine.agent('ana').transfer(kim.conversationId, { agentId: 'ben' })
    await sim.agent('ben').accepts(kim)
    const count = seen.length
    await sim.agent('ben').says(kim, 'Hello, Ben here.')
    expect(seen).toHaveLength(count)
  })

  test('shows that an offer is gone: declined, missed, or left by the customer', async () => {
    await using sim = simulate({ agents: [ana] })
    await sim.advance(0)
    const { seen } = collect(sim.engine.agent('ana').follow())
    const types = (): readonly string[] => typesOf(seen)
    const [kim, lou, max] = [sim.customer(kimCarter), sim.customer('lou'), sim.customer('max')]
    await kim.says(PERSON)
    await sim.agent('ana').declines(kim)
    expect(types()).toEqual(['offer', 'offerGone'])
    await lou.says(PERSON)
    await lou.leaves()
    expect(types()).toEqual(['offer', 'offerGone', 'offer', 'offerGone'])
    await max.says(PERSON)
    await sim.advance('20s')
    expect(types().slice(4)).toEqual(['offer', 'offerGone'])
  })

  test('says what the desk itself is like: presence, load, and what is held', async () => {
    await using sim = simulate({ agents: [ana], routing: { wrapUp: '30s' } })
    await sim.advance(0)
    const { seen } = collect(sim.engine.agent('ana').follow())
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const { conversationId } = kim
    const desk = (): unknown => seen.findLast(({ type }) => type === 'desk')
    expect(desk()).toEqual({
      ...{ type: 'desk', presence: 'online', load: 1, capacity: 3 },
      holds: [{ conversationId, phase: 'open' }],
    })
    await sim.agent('ana').closes(kim)
    await sim.agent('ana').goes('draining')
    await moment()
    expect(desk()).toMatchObject({ presence: 'draining', load: 1, holds: [{ conversationId, phase: 'wrapUp' }] })
    await sim.advance('5m')
    await moment()
    expect(desk()).toMatchObject({ load: 0, holds: [] })
  })

  test('goes on where it was left, and begins anew where the place is unknown', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const all = (await viewOf(sim, kim)).transcript.map(({ seq }) => seq)
    const after = (seq: number) => collect(sim.engine.agent('ana').follow({ after: { [kim.conversationId]: seq } }))
    const [rest, future] = [after(2), after(1_000)]
    await moment()
    expect(seqsOf(rest.seen)).toEqual(all.slice(2))
    expect(seqsOf(future.seen)).toEqual(all)
  })

  test('a reader who does not read gathers one sign of typing, not all of them', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    const updates = sim.engine.agent('ana').follow()[Symbol.asyncIterator]()
    const read: DeskUpdate[] = []
    const readTo = async (type: DeskUpdate['type']): Promise<void> => {
      for (let next = await updates.next(); next.done !== true; next = await updates.next()) {
        read.push(next.value)
        if (next.value.type === type) return
      }
    }
    await readTo('conversation')
    for (let i = 0; i < 1_000; i += 1) sim.engine.conversation(kim.conversationId).typing()
    await kim.says('One more.')
    await readTo('typing')
    await kim.says('And one more.')
    await readTo('conversation')
    expect(read.filter(({ type }) => type === 'typing')).toHaveLength(1)
    expect(seqsOf(read).length).toBe(kim.messages.length)
  })

  test('begins with what the agent holds already', async () => {
    await using sim = simulate({ agents: [ana] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(kim, sim.agent('ana'))
    await lou.says(PERSON)
    const { seen } = collect(sim.engine.agent('ana').follow())
    await moment()
    expect(seen.filter(({ type }) => type === 'offer')).toHaveLength(1)
    expect(seqsOf(seen).length).toBe(kim.messages.length)
  })
})

/** What is new, besides the state of the desk itself. */
function typesOf(seen: readonly DeskUpdate[]): readonly string[] {
  return seen.map(({ type }) => type).filter((type) => type !== 'desk')
}

describe('who has to do with a conversation', () => {
  test('is told without its words', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await kim.says(PERSON)
    for (const id of ['ana', 'ben']) await sim.agent(id).goes('draining')
    await lou.says(PERSON)
    const parties = () => sim.engine.parties(kim.conversationId)
    expect(await sim.engine.waiting()).toMatchObject([{ conversationId: lou.conversationId, requirements: {} }])
    expect(await parties()).toMatchObject({ customerId: 'kim', holderIds: ['ana'], formerAgentIds: [] })
    await sim.agent('ana').accepts(kim)
    await lou.leaves()
    await sim.agent('ben').goes('online')
    await sim.engine.agent('ana').transfer(kim.conversationId, { agentId: 'ben' })
    await sim.agent('ben').accepts(kim)
    expect(await parties()).toMatchObject({ holderIds: ['ben'], formerAgentIds: ['ana'] })
    expect((await parties()).lastSeq).toBe(kim.messages.length)
    expect(await sim.engine.agents()).toMatchObject([
      { agent: { id: 'ana' }, presence: 'draining', load: 0, capacity: 3 },
      { agent: { id: 'ben' }, presence: 'online', load: 2, capacity: 3 }, // what lou left behind is offered, too
    ])
    await expect(sim.engine.parties('nobody')).rejects.toThrow('NOT_FOUND')
  })
})

describe('identifying a customer', () => {
  test('merges what is known into the visitor, who keeps the conversation', async () => {
    await using sim = simulate({ agents: [ana] })
    const visitor = sim.customer({ id: 'visitor-1', attributes: { source: 'ad' } })
    await visitor.says('Where is my refund?')
    const conversation = sim.engine.conversation(visitor.conversationId)
    expect(await conversation.identify({ ...kimCarter, attributes: { tier: 'gold' } })).toMatchObject({ ok: true })
    expect((await conversation.view()).customer).toEqual({
      id: 'kim',
      name: 'Kim',
      attributes: { source: 'ad', tier: 'gold' },
    })
    expect((await sim.engine.openConversation({ customer: { id: 'kim' } })).id).toBe(conversation.id)
    expect((await sim.engine.openConversation({ customer: { id: 'visitor-1' } })).id).not.toBe(conversation.id)
  })

  test('as somebody who has a conversation open is refused, and names it', async () => {
    await using sim = simulate({})
    const [kim, visitor] = [sim.customer(kimCarter), sim.customer('visitor-1')]
    await kim.says('hello')
    await visitor.says('hello')
    const receipt = await sim.engine.conversation(visitor.conversationId).identify(kimCarter)
    expect(receipt).toMatchObject({ status: 'refused', code: 'NOT_NOW' })
    expect(receipt.ok === false && receipt.status === 'refused' && receipt.hint).toContain(kim.conversationId)
    expect((await viewOf(sim, visitor)).customer.id).toBe('visitor-1')
  })

  test('as who they are already adds to what is known', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    await sim.engine.conversation(kim.conversationId).identify({ id: 'kim', email: 'kim@example.org' })
    expect((await viewOf(sim, kim)).customer).toEqual({ id: 'kim', name: 'Kim', email: 'kim@example.org' })
  })
})

describe('the page trail', () => {
  test('keeps the last fifty pages, with their times', async () => {
    await using sim = simulate({})
    const conversation = await sim.engine.openConversation({ customer: kimCarter, page: '/0' })
    for (let page = 1; page <= 60; page += 1) {
      conversation.moveTo(`/${page}`)
      await sim.advance('1s')
    }
    const { pages } = await conversation.view()
    expect(pages).toHaveLength(50)
    expect(pages[0]?.url).toBe('/11')
    expect(pages.at(-1)).toEqual({ url: '/60', at: sim.now - 1_000 })
  })

  test('grows when a customer opens the chat on another page', async () => {
    await using sim = simulate({})
    const first = await sim.engine.openConversation({ customer: kimCarter, page: '/cart' })
    const second = await sim.engine.openConversation({ customer: kimCarter, page: '/checkout' })
    expect(second.id).toBe(first.id)
    expect((await first.view()).pages.map(({ url }) => url)).toEqual(['/cart', '/checkout'])
  })

  test('says nothing, and does not count as a word', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    await sim.advance('179s')
    sim.engine.conversation(kim.conversationId).moveTo('/help')
    await sim.advance('1s')
    await kim.sees('Are you still there?')
  })
})

describe('erasing a customer', () => {
  test('removes their words and their person everywhere; ids and counts stay', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help] })
    const kim = sim.customer({ ...kimCarter, email: 'kim@example.org' })
    const lou = sim.customer('lou')
    await kim.says('My secret is 4711')
    await lou.says('hello')
    await kim.leaves()
    await sim.advance('1h')
    await kim.returns()
    await seat(kim, sim.agent('ana'))
    await sim.engine.agent('ana').note(kim.conversationId, 'Secret 4711.')
    expect(await sim.engine.erase('kim')).toEqual({ conversationCount: 2 })
    const views = await sim.engine.conversations({ customerId: 'kim' })
    expect(views).toHaveLength(2)
    expect(JSON.stringify(views)).not.toMatch(/4711|Kim|example/)
    expect(views.map(({ customer }) => customer)).toEqual([{ id: 'kim' }, { id: 'kim' }])
    expect(views.every(({ transcript }) => transcript.length > 0)).toBe(true)
    expect(await viewOf(sim, lou)).toMatchObject({ customer: { id: 'lou' } })
    expect(textsOf(lou.messages)).toContain('hello')
    await sim.agent('ana').says(kim, 'Hello?')
    expect(await sim.engine.erase('nobody')).toEqual({ conversationCount: 0 })
  })
})

describe('explaining', () => {
  test('F59 says what a waiting conversation waits for, and how many agents are out of the question', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, skills: ['billing'], capacity: 1 },
        { ...ben, skills: ['billing'] },
        { id: 'cleo', skills: ['german'] },
      ],
    })
    await sim.agent('ben').goes('away')
    await sim.engine.openConversation({ customer: { id: 'lou' }, skills: ['billing'] })
    await seat(sim.customer('lou'), sim.agent('ana'))
    await sim.engine.openConversation({ customer: kimCarter, skills: ['billing'] })
    const kim = sim.customer(kimCarter)
    await kim.says(PERSON)
    expect(await sim.engine.explain(kim.conversationId)).toMatchObject({
      waitingFor: 'a free seat at the one agent with billing',
      rejected: { skill: 1, capacity: 1, presence: 1, declined: 0, plugin: 0 },
      hooks: [],
    })
  })

  test('F59 says who was chosen, and why', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await seat(lou, sim.agent('ana'))
    await kim.says(PERSON)
    const { chosen } = await sim.engine.explain(kim.conversationId)
    expect(chosen).toEqual({ agentId: 'ben', because: 'is the least loaded of 2 who can take it' })
    await sim.agent('ben').accepts(kim)
    expect((await sim.engine.explain(kim.conversationId)).chosen?.agentId).toBe('ben')
  })

  test('F59 says which plugin did what', async () => {
    const picky: Plugin = definePlugin({
      name: 'picky',
      version: '1.0.0',
      hooks: {
        'before:offer': (ctx) => {
          if (ctx.details.agentId === 'ana') ctx.veto('not Ana')
        },
        'before:greet': (ctx) => ctx.say('Welcome.'),
        'before:requestAgent': (ctx) => {
          if (!ctx.conversation.transcript.some(({ text }) => text === 'now'))
            ctx.redirect('search', { reason: 'try once more' })
        },
        'message:in': (message) => ({ ...message, text: message.text.toLowerCase() }),
      },
    })()
    await using sim = simulate({ agents: [ana, ben], plugins: [picky] })
    const kim = sim.customer(kimCarter)
    await kim.says('A person, please')
    await kim.says('now')
    await kim.says(PERSON)
    await sim.agent('ben').isOffered(kim)
    const { chosen, rejected, hooks } = await sim.engine.explain(kim.conversationId)
    expect(chosen?.agentId).toBe('ben')
    expect(rejected.plugin).toBe(1)
    expect(hooks).toEqual([
      { plugin: 'picky', hook: 'message:in', did: 'changed the value' },
      { plugin: 'picky', hook: 'before:requestAgent', did: 'redirected to search: try once more' },
      { plugin: 'picky', hook: 'before:offer', did: 'vetoed: not Ana' },
    ])
  })

  test('what nobody has is refused', async () => {
    await using sim = simulate({})
    await sim.advance(0)
    await expect(sim.engine.explain('nobody')).rejects.toThrow('NOT_FOUND')
  })
})

describe('health', () => {
  test('says which store it is, that nothing is late, and that nothing is left to deliver', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.advance('1h')
    expect(await sim.engine.health()).toEqual({ ok: true, store: 'memory', dueLagMs: 0, outboxCount: 0 })
  })
})

describe('starting', () => {
  test('twice is starting once: both wait for the same', async () => {
    let openCount = 0
    const base = memoryStore()
    const opening = promised<undefined>()
    const slow: Store = {
      ...base,
      open: async (tenant) => {
        openCount += 1
        await opening.promise
        return base.open(tenant)
      },
    }
    const engine = createEngine({ agents: [ana], store: slow })
    let isSecondDone = false
    const starts = [engine.start(), engine.start().then(() => (isSecondDone = true))]
    await moment()
    expect(isSecondDone).toBe(false)
    opening.keep(undefined)
    await Promise.all(starts)
    await engine.start()
    expect(openCount).toBe(1)
    await engine.agent('ana').setPresence('online')
    await engine.stop()
  })

  test('that failed can be tried again', async () => {
    let isDown = true
    const base = memoryStore()
    const store: Store = {
      ...base,
      open: (tenant) => (isDown ? Promise.reject(new Error('down')) : base.open(tenant)),
    }
    const engine = createEngine({ store })
    await expect(engine.start()).rejects.toThrow('down')
    isDown = false
    await engine.start()
    expect((await engine.openConversation({ customer: kimCarter })).id).not.toBe('')
    await engine.stop()
  })

  test('after a stop is refused: an engine lives once', async () => {
    const engine = createEngine()
    await engine.start()
    await engine.stop()
    await expect(engine.start()).rejects.toThrow('ENGINE_NOT_STARTED')
  })
})

describe('stopping', () => {
  test('P47: finishes what is under way, takes no new conversation, and refuses everything afterwards', async () => {
    const slow = promised<{ text: string }>()
    const asked = definePlugin({
      name: 'slow',
      version: '1.0.0',
      hooks: { 'message:in': async (message) => ({ ...message, text: (await slow.promise).text }) },
    })()
    const engine = createEngine({ agents: [ana], plugins: [asked] })
    await engine.start()
    const kim = await engine.openConversation({ customer: kimCarter })
    const said = kim.say('hello')
    await moment()
    const stopped = engine.stop({ within: '5s' })
    await expect(engine.openConversation({ customer: { id: 'lou' } })).rejects.toThrow('ENGINE_NOT_STARTED')
    slow.keep({ text: 'hello again' })
    expect(await said).toMatchObject({ ok: true })
    await stopped
    for (const verb of [
      () => kim.say('hello'),
      () => kim.view(),
      () => engine.conversations(),
      () => engine.availability(),
      () => engine.health(),
      () => engine.agent('ana').setPresence('online'),
      () => engine.openConversation({ customer: { id: 'lou' } }),
    ])
      await expect(verb()).rejects.toThrow('ENGINE_NOT_STARTED')
  })

  test('does not wait for more than it was given', async () => {
    const never = definePlugin({
      name: 'never',
      version: '1.0.0',
      hooks: { 'message:in': () => new Promise<never>(() => {}) },
    })()
    const engine = createEngine({ plugins: [never] })
    await engine.start()
    const kim = await engine.openConversation({ customer: kimCarter })
    const said = kim.say('hello')
    said.catch(() => {})
    await engine.stop({ within: '20ms' })
    await expect(kim.view()).rejects.toThrow('ENGINE_NOT_STARTED')
  })

  test('is what `await using` does', async () => {
    let kept: Engine | undefined
    {
      await using engine = createEngine()
      await engine.start()
      kept = engine
    }
    await expect(kept.conversations()).rejects.toThrow('ENGINE_NOT_STARTED')
  })
})

describe('two engines on one store', () => {
  /** Two nodes that share the hour and the store. */
  async function nodes(options: EngineOptions = {}): Promise<{
    readonly clock: VirtualClock
    readonly one: Engine
    readonly two: Engine
    advance(ms: number): Promise<void>
  }> {
    const clock = createVirtualClock(Date.parse('2026-01-05T09:00:00Z'))
    const store = memoryStore()
    let idCount = 0
    const start = async (): Promise<Engine> => {
      const engine = assemble(
        { agents: [ana], ...options, store },
        { clock, seed: 1, createId: (at) => `c${at}-${String((idCount += 1)).padStart(4, '0')}` },
      )
      await engine.start()
      return engine
    }
    return {
      clock,
      one: await start(),
      two: await start(),
      async advance(ms) {
        const until = clock.now() + ms
        await moment()
        while (clock.fireNext(until)) await moment()
        clock.moveTo(until)
        await moment()
      },
    }
  }

  test('a customer who opens the chat at both at once has one conversation', async () => {
    const { one, two } = await nodes()
    for (const id of ['kim', 'lou', 'max']) {
      const opened = await Promise.all(
        [one, two, two, one].map((engine) => engine.openConversation({ customer: { id } })),
      )
      expect(new Set(opened.map((conversation) => conversation.id)).size).toBe(1)
    }
    expect(await one.conversations()).toHaveLength(3)
    expect(textsOf((await one.conversations())[0]?.transcript ?? [])).toEqual(['Hello! What can I help you with?'])
  })

  test('what is said at both at once is all kept, in one order', async () => {
    const { one, two } = await nodes()
    const { id } = await one.openConversation({ customer: kimCarter })
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).conversation(id).say(`word ${index}`)),
    )
    const { transcript } = await two.conversation(id).view()
    const said = transcript.filter(({ author }) => author === 'customer').map(({ text }) => text)
    expect(new Set(said).size).toBe(20)
    expect(transcript.map(({ seq }) => seq)).toEqual(transcript.map((_, index) => index + 1))
  })

  test('a timer fires once', async () => {
    const { one, two, advance } = await nodes({ silence: { remindAfter: '3m', closeAfter: '10m' } })
    const kim = await one.openConversation({ customer: kimCarter })
    await two.conversation(kim.id).say('hello')
    await advance(180_000)
    expect(textsOf((await kim.view()).transcript).filter((text) => /still there/.test(text))).toHaveLength(1)
    await advance(420_000)
    expect(await kim.view()).toMatchObject({ phase: 'closed', reason: 'silence' })
    expect(textsOf((await kim.view()).transcript).filter((text) => /closing this/.test(text))).toHaveLength(1)
  })
})

describe('an engine that goes on where another stopped', () => {
  test('fires timers at the time they were due, not anew', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store })
    await before.customer(kimCarter).says('hello')
    await before.advance('2m')
    await using sim = await restart(before, { agents: [ana], store }, 30_000)
    const kim = sim.customer(kimCarter)
    await sim.advance('29s')
    await kim.isIn('helping')
    expect(heardBy(kim)).not.toContain('Are you still there?')
    await sim.advance('1s')
    await kim.isIn('helping')
    expect(heardBy(kim)).toContain('Are you still there?')
  })

  test('fires at once what has come due in the meantime', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store, routing: { wrapUp: '30s' } })
    const [kim, lou] = [before.customer(kimCarter), before.customer('lou')]
    await seat(kim, before.agent('ana'))
    await lou.says('hello')
    await before.agent('ana').closes(kim)
    await using sim = await restart(before, { agents: [ana], store }, 3_600_000)
    await sim.advance(0)
    expect(sim.agent('ana').load).toBe(0)
    const views = await sim.engine.conversations()
    expect(views.map(({ phase, reason }) => [phase, reason])).toEqual([
      ['closing', undefined],
      ['helping', undefined],
    ])
    expect(textsOf(views[1]?.transcript ?? []).at(-1)).toBe('Are you still there?')
    await sim.advance('7m')
    expect((await sim.engine.conversations()).map(({ phase }) => phase)).toEqual(['closed', 'closed'])
  })

  test('asks again what had not been answered', async () => {
    const store = memoryStore()
    const never = answering(() => new Promise<undefined>(() => {}), 'answers')
    const before = simulate({ store, plugins: [never] })
    const kimBefore = before.customer(kimCarter)
    await kimBefore.isIn('helping')
    void before.engine.conversation(kimBefore.conversationId).say('When are you open?')
    await moment()
    expect((await viewOf(before, kimBefore)).path).toBe('helping.searching')
    const questions: string[] = []
    const plugin = answering((question) => {
      questions.push(question)
      return { text: 'From nine to five.' }
    })
    await using sim = await restart(before, { store, plugins: [plugin] })
    const kim = sim.customer(kimCarter)
    await kim.sees('From nine to five.')
    expect(questions).toEqual(['When are you open?'])
    expect((await viewOf(sim, kim)).path).toBe('helping.listening')
  })

  test('goes on matching: those who waited are offered as before, in the same order', async () => {
    const store = memoryStore()
    const agents = [{ ...ana, capacity: 1 }]
    const before = simulate({ agents, store })
    const [kim, lou, max] = [before.customer(kimCarter), before.customer('lou'), before.customer('max')]
    await seat(kim, before.agent('ana'))
    await lou.says(PERSON)
    await before.advance('1s')
    await max.says(PERSON)
    await using sim = await restart(before, { agents, store })
    const places: unknown[] = []
    for (const { queue } of await sim.engine.conversations()) places.push(queue?.position)
    await sim.advance(0)
    for (const name of ['lou', 'max']) places.push((await viewOf(sim, await opened(sim, name))).queue?.position)
    expect(places.slice(-2)).toEqual([1, 2])
    await sim.agent('ana').closes(await opened(sim, 'kim'))
    await sim.agent('ana').isOffered(sim.customer('lou'))
    await sim.agent('ana').declines(sim.customer('lou'))
    await sim.agent('ana').isOffered(sim.customer('max'))
  })

  test('lets an offer expire at its own time', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana, ben], store, routing: { offerTimeout: '20s' } })
    await before.customer(kimCarter).says(PERSON)
    await before.advance('15s')
    await using sim = await restart(before, { agents: [ana, ben], store, routing: { offerTimeout: '20s' } })
    const kim = await opened(sim, 'kim')
    await sim.agent('ana').isOffered(kim)
    await sim.advance('4s')
    await sim.agent('ana').isOffered(kim)
    await sim.advance('1s')
    await sim.agent('ben').isOffered(kim)
    expect(sim.agent('ana').presence).toBe('away')
  })

  test('keeps what plugins know, and their timers', async () => {
    const store = memoryStore()
    const later = definePlugin({
      name: 'later',
      version: '1.0.0',
      state: z.object({ greetCount: z.number().default(0) }),
      setup: ({ stateOf }) => ({ stateOf }),
      timers: { hint: (ctx) => ctx.say(`Greeted ${ctx.state.greetCount} times.`) },
      hooks: {
        'before:greet': (ctx) => {
          ctx.setState({ greetCount: ctx.state.greetCount + 1 })
          ctx.schedule('hint', '2m')
        },
      },
    })
    const before = simulate({ store, plugins: [later()] })
    await before.customer(kimCarter).says('hello')
    await before.advance('1m')
    await using sim = await restart(before, { store, plugins: [later()] })
    const kim = await opened(sim, 'kim')
    expect(await sim.engine.plugin(later).stateOf(kim.conversationId)).toEqual({ greetCount: 1 })
    await sim.advance('59s')
    expect(heardBy(kim)).not.toContain('Greeted 1 times.')
    await sim.advance('1s')
    expect(heardBy(kim)).toContain('Greeted 1 times.')
  })

  /** The customer with the conversation that was open. */
  async function opened(sim: Simulation, id: string): Promise<ReturnType<Simulation['customer']>> {
    const customer = sim.customer(id)
    await customer.isIn((await sim.engine.conversations({ customerId: id }))[0]?.phase ?? 'closed')
    return customer
  }
})
