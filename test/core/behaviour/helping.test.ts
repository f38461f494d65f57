import { definePlugin, type Plugin } from 'maitred'
import { knowledgeBase } from 'maitred/plugins'
import { memoryStore } from 'maitred/stores'
import { simulate, type SimulatedCustomer, type Simulation, withFault } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ana, answering, articles, ben, heardBy, kim as kimCarter, moment, promised, viewOf } from './scene.ts'

const help = knowledgeBase({ articles })
const skilled = { ...ana, skills: ['billing', 'disputes'] } as const

describe('the greeting', () => {
  test('calls the customer by name', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('hello')
    expect(heardBy(kim)[0]).toBe('Hello Kim! What can I help you with?')
  })

  test('does without a name', async () => {
    await using sim = simulate({})
    const kim = sim.customer('kim')
    await kim.says('hello')
    expect(heardBy(kim)[0]).toBe('Hello! What can I help you with?')
  })

  test('comes before the customer has said anything', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.sees('Hello Kim')
    await kim.seesNothingNew()
  })
})

describe('small talk', () => {
  test('F10 gets one kind word and no search, and the same word never comes twice in a row', async () => {
    const questions: string[] = []
    await using sim = simulate({
      plugins: [
        answering((question) => {
          questions.push(question)
          return { text: 'From nine to five.' }
        }),
      ],
    })
    const kim = sim.customer(kimCarter)
    await kim.says('hi')
    await kim.sees(/in a few words/)
    await kim.says('good morning!')
    await kim.seesNothingNew()
    await kim.says('Thanks a lot')
    await kim.seesNothingNew()
    expect(questions).toEqual([])
    await kim.says('When are you open?')
    await kim.sees('From nine to five.')
    await kim.says('thank you')
    await kim.sees(/in a few words/)
    expect(questions).toEqual(['When are you open?'])
  })

  test('is told from a question that begins with it', async () => {
    await using sim = simulate({ plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Hello, where is my refund?')
    await kim.sees('It takes five days.')
  })
})

describe('an article', () => {
  test('that helps deflects: yes, the closing words, a rating, and it is closed', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    const offered = await kim.sees('It takes five days.')
    expect(offered.suggestions).toMatchObject([{ article: { id: 'refund' } }])
    expect(offered.suggestions?.[0]?.matched).toContain('refund')
    const asked = await kim.sees('Did this help?')
    expect(asked.choices?.map(({ id }) => id)).toEqual(['yes', 'no', 'person'])
    await kim.chooses('yes')
    await kim.sees('You do not need to do anything else.')
    await kim.sees('Thank you for talking to us.')
    await kim.sees('open the chat again')
    const rate = await kim.sees(/How would you rate/)
    expect(rate.choices?.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5'])
    await kim.chooses('5')
    await kim.isIn('closed')
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'deflected', rating: 5, reason: 'articleHelped' })
    expect(heardBy(kim).join('\n')).not.toMatch(/solved/)
  })

  test('shows its title, its text and its link', async () => {
    await using sim = simulate({ plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('how can I change my password')
    const { text } = await kim.sees('Open the settings.')
    expect(text).toBe('How do I change my password?\nOpen the settings.\nhttps://example.org/pw')
  })

  test.each(['yes', 'Yep, that works', 'It did', 'great'])('that helps may be praised in words: %s', async (word) => {
    await using sim = simulate({ plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.says(word)
    await kim.isIn('closing')
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'deflected' })
  })

  test('that does not help is followed by the next one, and that by a person', async () => {
    await using sim = simulate({ agents: [skilled], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('My refund?')
    await kim.sees('It takes five days.')
    await kim.says('no')
    await kim.sees('Ask us after a week.')
    await kim.sees('Did this help?')
    await kim.isIn('helping')
    await kim.chooses('no')
    await kim.sees(/looking for somebody/)
    await sim.agent('ana').isOffered(kim)
  })

  test('that does not help leads to a person at once where there is no other', async () => {
    await using sim = simulate({ agents: [ana], plugins: [knowledgeBase({ articles: articles.slice(2) })] })
    const kim = sim.customer(kimCarter)
    await kim.says('how do I change my password?')
    await kim.sees('Open the settings.')
    await kim.says('not really')
    await sim.agent('ana').isOffered(kim)
    expect(heardBy(kim).join('\n')).not.toMatch(/found nothing/)
  })

  test('may be answered with another question', async () => {
    await using sim = simulate({ plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.sees('It takes five days.')
    await kim.says('And how do I change my password?')
    await kim.sees('Open the settings.')
    await kim.chooses('yes')
    await kim.isIn('closing')
  })

  test('is not offered twice in one conversation', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('how do I change my password?')
    await kim.sees('Open the settings.')
    await kim.says('how do I change my password?')
    await kim.sees(/found nothing/)
  })
})

describe('a miss', () => {
  test('says so and offers a person; a second one in a row calls one', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Do you sell umbrellas?')
    const told = await kim.sees(/found nothing/)
    expect(told.choices).toEqual([{ id: 'person', label: 'Talk to a person' }])
    await kim.isIn('helping')
    await kim.says('Umbrellas, for the rain?')
    await sim.agent('ana').isOffered(kim)
  })

  test('F16 is one press of its button away from a person', async () => {
    await using sim = simulate({ agents: [ana], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Do you sell umbrellas?')
    await kim.chooses('Talk to a person')
    await sim.agent('ana').isOffered(kim)
  })

  test('is forgotten after an answer', async () => {
    await using sim = simulate({
      agents: [ana],
      plugins: [answering((question) => (/open/.test(question) ? { text: 'Nine to five.' } : undefined))],
    })
    const kim = sim.customer(kimCarter)
    await kim.says('Do you sell umbrellas?')
    await kim.says('Are you open?')
    await kim.sees('Nine to five.')
    await kim.says('Do you sell cars?')
    await kim.sees(/found nothing/)
    await kim.isIn('helping')
  })

  test('is what comes of an engine without any answers', async () => {
    await using sim = simulate({})
    const kim = sim.customer(kimCarter)
    await kim.says('Do you sell umbrellas?')
    await kim.sees(/found nothing/)
  })
})

describe('a slow search', () => {
  test('is superseded by the newest question, and its late answer is dropped', async () => {
    const [first, second] = [promised<{ text: string }>(), promised<{ text: string }>()]
    await using sim = simulate({
      plugins: [answering((question) => (/open/.test(question) ? first.promise : second.promise))],
    })
    const kim = sim.customer(kimCarter)
    const asked = [kim.says('When are you open?')]
    await moment()
    asked.push(kim.says('No: where are you?'))
    await moment()
    first.keep({ text: 'From nine to five.' })
    await moment()
    second.keep({ text: 'In Berlin.' })
    await Promise.all(asked)
    await kim.sees('In Berlin.')
    expect(heardBy(kim)).not.toContain('From nine to five.')
    await kim.isIn('helping')
  })

  test('F09 is silent once a person is called: a late answer is dropped', async () => {
    const late = promised<{ text: string }>()
    await using sim = simulate({ agents: [ana], plugins: [answering(() => late.promise)] })
    const kim = sim.customer(kimCarter)
    const asked = [kim.says('When are you open?')]
    await moment()
    asked.push(kim.says('a person, please'))
    await moment()
    late.keep({ text: 'From nine to five.' })
    await Promise.all(asked)
    await sim.agent('ana').accepts(kim)
    expect(heardBy(kim)).not.toContain('From nine to five.')
    await kim.isIn('live')
  })

  test('that never ends is a miss after its time limit', async () => {
    await using sim = simulate({
      plugins: [
        withFault(
          answering(() => ({ text: 'never said' })),
          'bot:answer',
          'hangs',
        ),
      ],
    })
    const kim = sim.customer(kimCarter)
    await kim.says('When are you open?')
    await sim.advance('1999ms')
    expect((await viewOf(sim, kim)).path).toBe('helping.searching')
    await sim.advance(1)
    await kim.sees(/found nothing/)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'answers', hook: 'bot:answer', why: 'timedOut' }])
  })
})

describe('an answering plugin', () => {
  test('answers in its own words, and the bot listens again', async () => {
    await using sim = simulate({ plugins: [answering(() => ({ text: 'Order A-17 is on its way.' }))] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is order A-17?')
    const { author } = await kim.sees('Order A-17 is on its way.')
    expect(author).toBe('bot')
    await kim.seesNothingNew()
    expect((await viewOf(sim, kim)).path).toBe('helping.listening')
  })

  test('streams: what came in parts is said in one piece', async () => {
    await using sim = simulate({
      plugins: [answering(() => ({ text: spoken(['Order A-17', ' is on', ' its way.']) }))],
    })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is order A-17?')
    await kim.sees('Order A-17 is on its way.')
  })

  test('that comes first wins; those that know nothing pass', async () => {
    const asked: string[] = []
    const plugin = (name: string, text?: string): Plugin =>
      answering(() => {
        asked.push(name)
        return text === undefined ? undefined : { text }
      }, name)
    await using sim = simulate({ plugins: [plugin('none'), plugin('one', 'First.'), plugin('two', 'Second.'), help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.sees('First.')
    await kim.seesNothingNew()
    expect(asked).toEqual(['none', 'one'])
  })

  test('goes before the knowledge base, whatever their order', async () => {
    await using sim = simulate({ plugins: [help, answering(() => ({ text: 'Let me think.' }))] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.sees('Let me think.')
    await kim.seesNothingNew()
  })

  test('may say something of its own while it passes the question on to a step', async () => {
    await using sim = simulate({ plugins: [orders()] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.sees('I can look that up.')
    await kim.sees('What is your order number?')
  })

  test('may be asked again after it has failed', async () => {
    let isBroken = true
    await using sim = simulate({
      plugins: [
        answering(() => {
          if (isBroken) throw new Error('no connection')
          return { text: 'Here I am.' }
        }),
      ],
    })
    const kim = sim.customer(kimCarter)
    await kim.says('Is anybody there?')
    await kim.sees(/found nothing/)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'answers', hook: 'bot:answer', why: 'threw' }])
    isBroken = false
    await kim.says('Anybody?')
    await kim.sees('Here I am.')
  })
})

async function* spoken(parts: readonly string[]): AsyncGenerator<string> {
  for (const part of parts) {
    await moment()
    yield part
  }
}

/** Asks for an order number in the middle of the talk. */
function orders(about: { attempts?: number; timeout?: `${number}s`; again?: string } = {}): Plugin {
  return definePlugin({
    name: 'orders',
    version: '1.0.0',
    state: z.object({ order: z.number().optional() }),
    steps: (step) => [
      step({
        slot: 'helping',
        id: 'orderNumber',
        ask: 'What is your order number?',
        reply: z.coerce.number().int().positive(),
        ...about,
        accept: (order, ctx) => {
          ctx.setState({ order })
          ctx.say(`Order ${order} is on its way.`)
        },
      }),
    ],
    hooks: {
      'bot:answer': (question) =>
        /order/.test(question) ? { text: 'I can look that up.', ask: 'orderNumber' } : undefined,
    },
  })()
}

describe('a step in mid-talk', () => {
  test('asks, reads the reply with its schema, and the bot listens again', async () => {
    await using sim = simulate({ plugins: [orders()] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.sees('What is your order number?')
    expect((await viewOf(sim, kim)).path).toBe('helping.orderNumber')
    await kim.says('17')
    await kim.sees('Order 17 is on its way.')
    expect((await viewOf(sim, kim)).path).toBe('helping.listening')
  })

  test('asks again when the reply does not fit, in words of its own', async () => {
    await using sim = simulate({ plugins: [orders({ again: 'Digits only, please.', attempts: 3 })] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.says('the blue one')
    await kim.sees('Digits only, please.')
    await kim.says('A-17')
    await kim.sees('Digits only, please.')
    await kim.says('17')
    await kim.sees('Order 17 is on its way.')
  })

  test('asks in the same words where it has no others', async () => {
    await using sim = simulate({ plugins: [orders()] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.sees('What is your order number?')
    await kim.says('the blue one')
    await kim.sees('What is your order number?')
  })

  test('gives up after as many attempts as it was given', async () => {
    await using sim = simulate({ plugins: [orders({ attempts: 2 }), help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.says('the blue one')
    await kim.says('the big one')
    expect((await viewOf(sim, kim)).path).toBe('helping.listening')
    await kim.says('Where is my refund?')
    await kim.sees('It takes five days.')
  })

  test('is passed over by a word: skip', async () => {
    await using sim = simulate({ plugins: [orders()] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.says('Skip this.')
    expect((await viewOf(sim, kim)).path).toBe('helping.listening')
    expect(heardBy(kim)).not.toContain('Order NaN is on its way.')
  })

  test('ends by itself when nobody replies', async () => {
    await using sim = simulate({ plugins: [orders({ timeout: '30s' })] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await sim.advance('29s')
    expect((await viewOf(sim, kim)).path).toBe('helping.orderNumber')
    await sim.advance('1s')
    expect((await viewOf(sim, kim)).path).toBe('helping.listening')
  })

  test('gives a new time limit with each attempt', async () => {
    await using sim = simulate({ plugins: [orders({ timeout: '30s' })] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await sim.advance('20s')
    await kim.says('the blue one')
    await sim.advance('20s')
    await kim.says('17')
    await kim.sees('Order 17 is on its way.')
  })

  test('that nobody has written is a miss, and reported', async () => {
    await using sim = simulate({ plugins: [answering(() => ({ ask: 'orderNumbr' }))] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my order?')
    await kim.sees(/found nothing/)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'answers', hook: 'bot:answer', why: 'invalid' }])
  })
})

/** Asks which plan, by buttons. */
function plans(slot: 'preChat' | 'beforeQueue' = 'preChat'): Plugin {
  return definePlugin({
    name: 'plans',
    version: '1.0.0',
    state: z.object({ plan: z.string().optional() }),
    steps: (step) => [
      step({
        slot,
        id: 'plan',
        ask: 'Which plan are you on?',
        choices: [
          { id: 'basic', label: 'The basic one' },
          { id: 'pro', label: 'The big one' },
        ],
        reply: z.enum(['basic', 'pro']),
        accept: (plan, ctx) => {
          ctx.setState({ plan })
        },
      }),
    ],
    hooks: {
      'route:requirements': (need, ctx) =>
        ctx.state.plan === undefined ? need : { ...need, skills: [...need.skills, ctx.state.plan] },
    },
  })()
}

describe('a step with choices', () => {
  test.each([
    ['by the id of a choice', (kim: SimulatedCustomer) => kim.chooses('pro')],
    ['by the label of a choice', (kim: SimulatedCustomer) => kim.chooses('The big one')],
    ['by the id, in words', (kim: SimulatedCustomer) => kim.says('pro')],
    ['by the label, in words', (kim: SimulatedCustomer) => kim.says('the big one!')],
  ])('is answered %s', async (_how, answer) => {
    await using sim = simulate({ agents: [{ ...ana, skills: ['pro'] }, ben], plugins: [plans()] })
    const kim = sim.customer(kimCarter)
    await kim.sees('Which plan are you on?')
    await answer(kim)
    await kim.sees('Hello Kim!')
    await kim.says('a person, please')
    await sim.agent('ana').isOffered(kim)
    expect((await viewOf(sim, kim)).requirements?.skills).toEqual(['pro'])
  })

  test('may call a choice what it likes: `person` is a reply here, not a wish', async () => {
    const whose = definePlugin({
      name: 'whose',
      version: '1.0.0',
      state: z.object({ whose: z.string().optional() }),
      setup: ({ stateOf }) => ({ stateOf }),
      steps: (step) => [
        step({
          slot: 'preChat',
          id: 'whose',
          ask: 'Whose account is it?',
          choices: [
            { id: 'company', label: 'A company' },
            { id: 'person', label: 'A person' },
          ],
          reply: z.enum(['company', 'person']),
          accept: (reply, ctx) => ctx.setState({ whose: reply }),
        }),
      ],
    })
    for (const reply of [
      (kim: SimulatedCustomer) => kim.chooses('person'),
      (kim: SimulatedCustomer) => kim.says('a person'),
    ]) {
      await using sim = simulate({ agents: [ana], plugins: [whose()] })
      const kim = sim.customer(kimCarter)
      await kim.sees('Whose account is it?')
      await reply(kim)
      await kim.isIn('helping')
      expect(await sim.engine.plugin(whose).stateOf(kim.conversationId)).toEqual({ whose: 'person' })
    }
  })

  test('shows the label of the choice as what the customer said', async () => {
    await using sim = simulate({ plugins: [plans()] })
    const kim = sim.customer(kimCarter)
    await kim.sees('Which plan')
    await kim.chooses('pro')
    expect(kim.messages.filter(({ author }) => author === 'customer').map(({ text }) => text)).toEqual(['The big one'])
  })
})

/** A question for a name, free in form; asked only of those who have none. */
const names = definePlugin({
  name: 'names',
  version: '1.0.0',
  config: z.object({ slot: z.enum(['preChat', 'beforeQueue']).default('preChat') }),
  state: z.object({ name: z.string().optional() }),
  setup: ({ stateOf }) => ({ nameIn: async (id: string) => (await stateOf(id)).name }),
  steps: (step) => [
    step({
      slot: 'preChat',
      id: 'name',
      ask: 'What may I call you?',
      reply: z.string().min(1),
      when: (ctx) => ctx.config.slot === 'preChat' && ctx.conversation.customer.name === undefined,
      accept: (name, ctx) => {
        ctx.setState({ name })
      },
    }),
    step({
      slot: 'beforeQueue',
      id: 'name',
      ask: 'What may your agent call you?',
      reply: z.string().min(1),
      when: (ctx) => ctx.config.slot === 'beforeQueue' && ctx.conversation.customer.name === undefined,
      accept: (name, ctx) => {
        ctx.setState({ name })
      },
    }),
  ],
})

describe('a step before the chat', () => {
  test('is asked before the greeting, and only of those it is meant for', async () => {
    await using sim = simulate({ plugins: [names()] })
    const [lou, kim] = [sim.customer('lou'), sim.customer(kimCarter)]
    await lou.sees('What may I call you?')
    await lou.seesNothingNew()
    await lou.isIn('greeting')
    await lou.says('Lou')
    await lou.sees('Hello!')
    await lou.isIn('helping')
    expect(await sim.engine.plugin(names).nameIn(lou.conversationId)).toBe('Lou')
    await kim.sees('Hello Kim!')
    expect(heardBy(kim)).toEqual(['Hello Kim! What can I help you with?'])
  })

  test('is skipped by a word even where any words would do', async () => {
    await using sim = simulate({ plugins: [names()] })
    const lou = sim.customer('lou')
    await lou.sees('What may I call you?')
    await lou.says('skip')
    await lou.isIn('helping')
    expect(await sim.engine.plugin(names).nameIn(lou.conversationId)).toBeUndefined()
  })

  test('times out into the greeting', async () => {
    await using sim = simulate({ plugins: [names()] })
    const lou = sim.customer('lou')
    await lou.sees('What may I call you?')
    await sim.advance('2m')
    await lou.sees('Hello!')
  })
})

describe('a step before the queue', () => {
  test('is asked when a person is wanted, and only of those it is meant for', async () => {
    await using sim = simulate({ agents: [ana], plugins: [names({ slot: 'beforeQueue' })] })
    const [lou, kim] = [sim.customer('lou'), sim.customer(kimCarter)]
    await lou.says('a person, please')
    await lou.sees('What may your agent call you?')
    await sim.agent('ana').isNotOffered(lou)
    await lou.says('Lou')
    await sim.agent('ana').isOffered(lou)
    await kim.says('a person, please')
    await sim.agent('ana').isOffered(kim)
  })

  test('gives way to the customer who asks for a person once more', async () => {
    await using sim = simulate({ agents: [ana], plugins: [names({ slot: 'beforeQueue' })] })
    const lou = sim.customer('lou')
    await lou.says('a person, please')
    await lou.sees('What may your agent call you?')
    await lou.says('I said: a person, please!')
    await sim.agent('ana').isOffered(lou)
    expect(await sim.engine.plugin(names).nameIn(lou.conversationId)).toBeUndefined()
  })

  test('is not asked when nobody is there to take the conversation', async () => {
    await using sim = simulate({ plugins: [names({ slot: 'beforeQueue' })] })
    const lou = sim.customer('lou')
    await lou.says('a person, please')
    await lou.isIn('async')
    expect(heardBy(lou)).not.toContain('What may your agent call you?')
  })
})

/** A step of which one part throws, in each slot. */
function faulty(part: 'ask' | 'when' | 'accept', slot: 'preChat' | 'helping' | 'beforeQueue' | 'closing'): Plugin {
  const fail = (): never => {
    throw new Error('a fault on purpose')
  }
  return definePlugin({
    name: 'faulty',
    version: '1.0.0',
    steps: (step) => [
      step({
        slot,
        id: 'broken',
        ask: part === 'ask' ? fail : 'What is it?',
        reply: z.string(),
        ...(part === 'when' ? { when: fail } : {}),
        accept: part === 'accept' ? fail : () => {},
      }),
    ],
    hooks: { 'bot:answer': (question) => (/broken/.test(question) ? { ask: 'broken' } : undefined) },
  })()
}

describe('a step that throws', () => {
  test('in `ask` is passed over and reported: nobody waits for a reply to nothing', async () => {
    await using sim = simulate({ plugins: [faulty('ask', 'preChat'), help] })
    const kim = sim.customer(kimCarter)
    await kim.sees('Hello Kim!')
    await kim.says('Where is my refund?')
    await kim.sees('It takes five days.')
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'faulty', hook: 'step:broken.ask', why: 'threw' }])
  })

  test('in `ask` is passed over in mid-talk, before the queue, and while closing', async () => {
    for (const slot of ['helping', 'beforeQueue', 'closing'] as const) {
      await using sim = simulate({ agents: [ana], plugins: [faulty('ask', slot)] })
      const kim = sim.customer(kimCarter)
      if (slot === 'helping') await kim.says('Is it broken?')
      await kim.says('a person, please')
      await sim.agent('ana').accepts(kim)
      await sim.agent('ana').closes(kim)
      await kim.chooses('yes')
      await kim.chooses('4')
      await kim.isIn('closed')
      expect(sim.pluginFailures).toMatchObject([{ plugin: 'faulty', hook: 'step:broken.ask', why: 'threw' }])
    }
  })

  test('in `when` is left out and reported', async () => {
    await using sim = simulate({ plugins: [faulty('when', 'preChat')] })
    const kim = sim.customer(kimCarter)
    await kim.sees('Hello Kim!')
    expect(heardBy(kim)).not.toContain('What is it?')
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'faulty', hook: 'step:broken.when', why: 'threw' }])
  })

  test('in `accept` is reported, and the conversation goes on', async () => {
    await using sim = simulate({ plugins: [faulty('accept', 'preChat')] })
    const kim = sim.customer(kimCarter)
    await kim.sees('What is it?')
    await kim.says('This.')
    await kim.sees('Hello Kim!')
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'faulty', hook: 'step:broken.accept', why: 'threw' }])
    expect(kim.messages.map(({ text }) => text)).toContain('This.')
  })

  test('in `accept` takes back what it had asked for until then', async () => {
    const halfway = definePlugin({
      name: 'halfway',
      version: '1.0.0',
      state: z.object({ order: z.string().optional() }),
      setup: ({ stateOf }) => ({ stateOf }),
      steps: (step) => [
        step({
          slot: 'preChat',
          id: 'order',
          ask: 'Which order?',
          reply: z.string(),
          accept: (order, ctx) => {
            ctx.setState({ order })
            ctx.say('I have it.')
            throw new Error('a fault on purpose')
          },
        }),
      ],
    })
    await using sim = simulate({ plugins: [halfway()] })
    const kim = sim.customer(kimCarter)
    await kim.says('A-17')
    expect(heardBy(kim)).toEqual(['Which order?', 'Hello Kim! What can I help you with?'])
    expect(await sim.engine.plugin(halfway).stateOf(kim.conversationId)).toEqual({})
  })
})

/** A plugin with a step in every slot, and a timer. */
function everywhere(): Plugin {
  return definePlugin({
    name: 'everywhere',
    version: '1.0.0',
    steps: (step) =>
      (['preChat', 'helping', 'beforeQueue', 'closing'] as const).map((slot) =>
        step({
          slot,
          id: `of-${slot}`,
          ask: `A question in ${slot}?`,
          reply: z.string().min(2),
          accept: (_reply, ctx) => {
            ctx.schedule('later', '5m')
          },
        }),
      ),
    timers: { later: (ctx) => ctx.say('Here I am again.') },
    hooks: { 'bot:answer': (question) => (/form/.test(question) ? { ask: 'of-helping' } : undefined) },
  })()
}

/** The same conversations in a new engine without the plugin. */
async function withoutPlugin(store: ReturnType<typeof memoryStore>, sim: Simulation): Promise<Simulation> {
  const startAt = new Date(sim.now + 1_000).toISOString()
  await sim[Symbol.asyncDispose]()
  return simulate({ agents: [ana], store, plugins: [help] }, { startAt })
}

describe('a plugin that is removed', () => {
  test('while its step before the chat is open strands nobody: the next question is answered', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store, plugins: [everywhere()] })
    await before.customer(kimCarter).sees('A question in preChat?')
    await using sim = await withoutPlugin(store, before)
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.sees('It takes five days.')
  })

  test('while its step in mid-talk is open strands nobody: the next question is answered', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store, plugins: [everywhere()] })
    const kimBefore = before.customer(kimCarter)
    await kimBefore.says('skip')
    await kimBefore.says('Is there a form?')
    await kimBefore.sees('A question in helping?')
    await using sim = await withoutPlugin(store, before)
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.sees('It takes five days.')
  })

  test('while its step before the queue is open strands nobody: time or a word leads on', async () => {
    for (const word of ['hello?', undefined]) {
      const store = memoryStore()
      const before = simulate({ agents: [ana], store, plugins: [everywhere()] })
      const kimBefore = before.customer(kimCarter)
      await kimBefore.says('a person, please')
      await kimBefore.sees('A question in beforeQueue?')
      await using sim = await withoutPlugin(store, before)
      const kim = sim.customer(kimCarter)
      if (word === undefined) await sim.advance('2m')
      else await kim.says(word)
      await kim.isIn('waiting')
      await sim.agent('ana').isOffered(kim)
    }
  })

  test('while its closing step is open strands nobody: the conversation is closed', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store, plugins: [everywhere()] })
    const kimBefore = before.customer(kimCarter)
    await kimBefore.says('a person, please')
    await kimBefore.says('yes')
    await kimBefore.says('no name')
    await before.agent('ana').accepts(kimBefore)
    await before.agent('ana').closes(kimBefore)
    await kimBefore.chooses('yes')
    await kimBefore.chooses('5')
    await kimBefore.sees('A question in closing?')
    await using sim = await withoutPlugin(store, before)
    const kim = sim.customer(kimCarter)
    await kim.says('whatever')
    await kim.isIn('closed')
    expect(await viewOf(sim, kim)).toMatchObject({ outcome: 'resolved', rating: 5 })
  })

  test('while its timer runs is not missed: the conversation closes in its own time', async () => {
    const store = memoryStore()
    const before = simulate({ agents: [ana], store, plugins: [everywhere()] })
    const kimBefore = before.customer(kimCarter)
    await kimBefore.sees('A question in preChat?')
    await kimBefore.says('my name')
    await using sim = await withoutPlugin(store, before)
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    await sim.advance('20m')
    await kim.isIn('closed')
    expect(heardBy(kim)).not.toContain('Here I am again.')
    await expect(sim.engine.health()).resolves.toMatchObject({ ok: true, dueLagMs: 0 })
  })
})

type Way = readonly [place: string, lead: (kim: SimulatedCustomer, sim: Simulation) => Promise<void>]

const places: readonly Way[] = [
  ['greeting.of-preChat', (kim) => kim.sees('A question in preChat?').then(() => undefined)],
  ['helping.listening', (kim) => kim.says('skip')],
  [
    'helping.searching',
    async (kim) => {
      await kim.says('skip')
      void kim.says('Search for ever').catch(() => {})
      await moment()
    },
  ],
  [
    'helping.suggesting',
    async (kim) => {
      await kim.says('skip')
      await kim.says('Where is my refund?')
      await kim.sees('Did this help?')
    },
  ],
  [
    'helping.of-helping',
    async (kim) => {
      await kim.says('skip')
      await kim.says('Is there a form?')
      await kim.sees('A question in helping?')
    },
  ],
  [
    'closing.rating',
    async (kim) => {
      await kim.says('skip')
      await kim.says('Where is my refund?')
      await kim.chooses('yes')
      await kim.sees(/rate/)
    },
  ],
  [
    'closing.of-closing',
    async (kim) => {
      await kim.says('skip')
      await kim.says('Where is my refund?')
      await kim.chooses('yes')
      await kim.chooses('3')
      await kim.sees('A question in closing?')
    },
  ],
]

const wishes: readonly (readonly [string, (kim: SimulatedCustomer, sim: Simulation) => Promise<unknown>])[] = [
  ['in words', (kim, { engine }) => engine.conversation(kim.conversationId).say('I want to talk to a person!')],
  ['by requestAgent()', (kim, { engine }) => engine.conversation(kim.conversationId).requestAgent()],
]

describe('a person', () => {
  test('F16 is one sentence away from every step of the bot', async () => {
    for (const [place, lead] of places) {
      for (const [how, wish] of wishes) {
        const keep = promised<undefined>()
        const slow = answering((question) => (/for ever/.test(question) ? keep.promise : undefined), 'slow')
        await using sim = simulate({ agents: [skilled], plugins: [everywhere(), slow, help] })
        const kim = sim.customer(kimCarter)
        await lead(kim, sim)
        expect((await viewOf(sim, kim)).path, how).toBe(place)
        const receipt = await wish(kim, sim)
        expect(receipt, `${place}, ${how}`).toMatchObject({ status: 'applied', phase: 'waiting' })
        expect((receipt as { transitions: readonly string[] }).transitions[0]).toBe('requestAgent')
        keep.keep(undefined)
        await kim.says('skip')
        await sim.agent('ana').isOffered(kim)
      }
    }
  })

  test('F16 is one press of a button away from an article', async () => {
    await using sim = simulate({ agents: [skilled], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says('Where is my refund?')
    await kim.chooses('person')
    await sim.agent('ana').isOffered(kim)
  })

  test.each([
    'I would like to talk to a human being',
    'can I speak with someone?',
    'AGENT!',
    'a human, please',
    'Get me a real person',
    'connect me to an agent',
  ])('is what this asks for: %s', async (words) => {
    await using sim = simulate({ agents: [ana], plugins: [help] })
    const kim = sim.customer(kimCarter)
    await kim.says(words)
    await sim.agent('ana').isOffered(kim)
  })

  test.each(['I do not want to talk to a person', 'do you have travel agents in Rome?', 'my personal data'])(
    'is not what this asks for: %s',
    async (words) => {
      await using sim = simulate({ agents: [ana], plugins: [help] })
      const kim = sim.customer(kimCarter)
      await kim.says(words)
      await kim.isIn('helping')
    },
  )
})

describe('what hooks say', () => {
  test('`message:in` may answer at once, after what the customer wrote', async () => {
    const careful = definePlugin({
      name: 'careful',
      version: '1.0.0',
      hooks: {
        'message:in': (message, ctx) => {
          if (!/\d{16}/.test(message.text)) return message
          ctx.say('Never send card numbers, please.')
          return { ...message, text: message.text.replace(/\d{16}/, '[card]') }
        },
      },
    })()
    await using sim = simulate({ plugins: [careful, answering(() => ({ text: 'I see.' }))] })
    const kim = sim.customer(kimCarter)
    await kim.says('My card is 4242424242424242')
    expect(kim.messages.map(({ text }) => text).slice(1)).toEqual([
      'My card is [card]',
      'Never send card numbers, please.',
      'I see.',
    ])
  })

  test('`message:in` may drop a message and say why: nobody after it is asked', async () => {
    const asked: string[] = []
    const drop = definePlugin({
      name: 'drop',
      version: '1.0.0',
      hooks: {
        'message:in': (message, ctx) => {
          if (message.text !== 'spam') return message
          ctx.say('That went nowhere.')
          return null
        },
      },
    })()
    const next = definePlugin({
      name: 'next',
      version: '1.0.0',
      hooks: {
        'message:in': (message) => {
          asked.push(message.text)
          return message
        },
      },
    })()
    await using sim = simulate({ plugins: [drop, next] })
    const kim = sim.customer(kimCarter)
    await kim.says('spam')
    await kim.sees('That went nowhere.')
    await kim.says('hello')
    expect(kim.messages.filter(({ author }) => author === 'customer').map(({ text }) => text)).toEqual(['hello'])
    expect(asked).toEqual(['hello'])
    expect(sim.pluginFailures).toEqual([])
    const { hooks } = await sim.engine.explain(kim.conversationId)
    expect(hooks).toEqual([{ plugin: 'drop', hook: 'message:in', did: 'changed the value' }])
  })

  test('`message:out` may say something more, and does not answer itself', async () => {
    const chatty = definePlugin({
      name: 'chatty',
      version: '1.0.0',
      hooks: {
        'message:out': (message, ctx) => {
          ctx.say(`I said: ${message.text.slice(0, 5)}`)
          return message
        },
      },
    })()
    await using sim = simulate({ plugins: [chatty] })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    expect(heardBy(kim)).toEqual(['Hello Kim! What can I help you with?', 'I said: Hello'])
  })

  test('`route:requirements` may tell the customer something, and remember it', async () => {
    const vip = definePlugin({
      name: 'vip',
      version: '1.0.0',
      state: z.object({ isVip: z.boolean().default(false) }),
      setup: ({ stateOf }) => ({ stateOf }),
      hooks: {
        'route:requirements': (need, ctx) => {
          ctx.say('You go first.')
          ctx.setState({ isVip: true })
          return { ...need, target: '5s' }
        },
      },
    })
    await using sim = simulate({ agents: [ana], plugins: [vip()] })
    const kim = sim.customer(kimCarter)
    await kim.says('a person, please')
    await kim.sees('You go first.')
    expect(await sim.engine.plugin(vip).stateOf(kim.conversationId)).toEqual({ isVip: true })
  })
})
