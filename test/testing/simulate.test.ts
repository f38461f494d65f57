import { definePlugin, type Plugin } from 'maitred'
import { memoryStore } from 'maitred/stores'
import { simulate, type Simulation, withFault } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const PERSON = 'a person, please'
const ana = { id: 'ana', name: 'Ana' } as const
const ben = { id: 'ben', name: 'Ben' } as const

function answering(
  answer: (question: string) => { text: string } | Promise<{ text: string }>,
  name = 'answers',
): Plugin {
  return definePlugin({ name, version: '1.0.0', hooks: { 'bot:answer': (question) => answer(question) } })()
}

/** What a verb fails with. */
async function failureOf(verb: Promise<unknown>): Promise<string> {
  return verb.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  )
}

/** Something that takes real time. */
function really(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

describe('a verb that claims', () => {
  test('F69 fails with the transcript when it is not so', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer({ id: 'kim', name: 'Kim' })
    await kim.says('hello')
    const failure = await failureOf(kim.sees('your parcel'))
    expect(failure).toBe(
      [
        'kim does not see your parcel among what is new (2 messages)',
        'bot: Hello Kim! What can I help you with?',
        'Kim: hello',
        'bot: Tell me in a few words what it is about, and I will look it up.',
      ].join('\n'),
    )
    expect(await failureOf(kim.isIn('live'))).toMatch(/^kim is in helping, not in live\nbot: Hello/)
    expect(await failureOf(kim.seesNothingNew())).toMatch(/^kim sees something new: Hello Kim!/)
    expect(await failureOf(sim.agent('ana').isOffered(kim))).toMatch(
      /^ana is not offered the conversation, which is in helping\nbot: Hello/,
    )
    await kim.says(PERSON)
    expect(await failureOf(sim.agent('ana').isNotOffered(kim))).toMatch(/^ana is offered the conversation\nbot: Hello/)
  })

  test('looks only at what is new since the last look', async () => {
    await using sim = simulate({ plugins: [answering((question) => ({ text: `You said: ${question}` }))] })
    const kim = sim.customer('kim')
    await kim.says('one fish?')
    await kim.sees(/one fish/)
    expect(await failureOf(kim.sees(/one fish/))).toMatch(/does not see/)
    await kim.says('two fish?')
    await kim.says('red fish?')
    const { text } = await kim.sees(/red fish/)
    expect(text).toBe('You said: red fish?')
    expect(await failureOf(kim.sees(/two fish/))).toMatch(/does not see/)
    await kim.seesNothingNew()
  })

  test('does not take what the customer wrote for what they see', async () => {
    await using sim = simulate({})
    const kim = sim.customer('kim')
    await kim.says('hello there')
    expect(await failureOf(kim.sees('hello there'))).toMatch(/does not see/)
  })

  test('that failed has looked at nothing', async () => {
    await using sim = simulate({})
    const kim = sim.customer('kim')
    await kim.says('hello')
    await failureOf(kim.sees('nothing of the kind'))
    await kim.sees('Hello!')
  })

  test('reads a pattern afresh each time, whatever its flags', async () => {
    await using sim = simulate({ plugins: [answering((question) => ({ text: `You said: ${question}` }))] })
    const [kim, pattern] = [sim.customer('kim'), /fish/g]
    await kim.says('one fish?')
    await kim.sees(pattern)
    await kim.says('two fish?')
    await kim.sees(pattern)
  })

  test('gives the message that was seen, to be compared', async () => {
    await using sim = simulate({})
    const kim = sim.customer('kim')
    await kim.says('Do you sell umbrellas?')
    expect(await kim.sees(/found nothing/)).toMatchObject({ author: 'bot', choices: [{ id: 'person' }] })
  })
})

describe('a verb that does', () => {
  test('fails when it is refused, with the code and the transcript', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const kim = sim.customer('kim')
    await kim.says(PERSON)
    expect(await failureOf(sim.agent('ben').accepts(kim))).toMatch(/^ben accepts: STALE_OFFER: .*\nbot: Hello/)
    await sim.agent('ana').accepts(kim)
    expect(await failureOf(sim.agent('ben').says(kim, 'Hi'))).toMatch(/^ben says "Hi": NOT_ASSIGNEE: /)
    expect(await failureOf(sim.agent('ben').closes(kim))).toMatch(/^ben closes: NOT_ASSIGNEE: /)
    await kim.leaves()
    expect(await failureOf(kim.says('hello?'))).toMatch(/^kim says "hello\?": CLOSED: /)
    expect(await failureOf(kim.leaves())).toMatch(/^kim leaves: CLOSED: /)
  })

  test('fails when it is vetoed, with the plugin and its reason', async () => {
    const strict = definePlugin({
      name: 'strict',
      version: '1.0.0',
      hooks: { 'before:requestAgent': (ctx) => ctx.veto('the bot comes first') },
    })()
    await using sim = simulate({ agents: [ana], plugins: [strict] })
    const kim = sim.customer('kim')
    expect(await failureOf(kim.says(PERSON))).toMatch(/^kim says "a person, please": vetoed by strict: the bot comes/)
  })

  test('fails when there is no such choice, and names those there are', async () => {
    await using sim = simulate({})
    const kim = sim.customer('kim')
    expect(await failureOf(kim.chooses('yes'))).toMatch(/kim chooses "yes": Error: offered are no choices/)
    await kim.says('Do you sell umbrellas?')
    expect(await failureOf(kim.chooses('yes'))).toMatch(/offered are person/)
    await kim.chooses('Talk to a person')
  })

  test('fails when the agent or the conversation is not there', async () => {
    await using sim = simulate({ agents: [ana] })
    const [kim, lou] = [sim.customer('kim'), sim.customer('lou')]
    await kim.says(PERSON)
    expect(await failureOf(sim.agent('nobody').goes('online'))).toMatch(/NOT_FOUND/)
    expect(await failureOf(sim.agent('nobody').accepts(kim))).toMatch(/NOT_FOUND/)
    expect(await failureOf(sim.agent('ana').accepts(lou))).toMatch(/lou has no conversation yet/)
  })

  test('has settled when it returns: whatever needs no time has happened', async () => {
    await using sim = simulate({ agents: [{ ...ana, autoAccept: true }] })
    sim.engine.on('offer.accepted', ({ conversationId }) => sim.engine.agent('ana').say(conversationId, 'Hello.'))
    const kim = sim.customer('kim')
    await kim.says(PERSON)
    expect(kim.phase).toBe('live')
    expect(kim.messages.at(-1)).toMatchObject({ author: 'agent', text: 'Hello.' })
    expect(sim.agent('ana').load).toBe(1)
  })
})

describe('what is read', () => {
  test('is there without a verb in between: load and presence of agents', async () => {
    await using sim = simulate({ agents: [ana, ben] })
    const kim = sim.customer('kim')
    await kim.says(PERSON)
    expect([sim.agent('ana').load, sim.agent('ben').load]).toEqual([1, 0])
    await sim.engine.agent('ben').setPresence('away')
    expect(sim.agent('ben').presence).toBe('away')
    await sim.engine.saveAgent({ id: 'cleo' })
    expect(sim.agent('cleo').presence).toBe('offline')
  })

  test('is what the customer can see, and a transcript in one text', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer({ id: 'kim', name: 'Kim' })
    await kim.says(PERSON)
    await sim.agent('ana').accepts(kim)
    await sim.engine.agent('ana').note(kim.conversationId, 'a regular')
    await sim.agent('ana').says(kim, 'Hello.')
    expect(kim.messages.some(({ internal }) => internal === true)).toBe(false)
    expect(kim.transcript()).toBe(
      [
        'bot: Hello Kim! What can I help you with?',
        'Kim: a person, please',
        'bot: I am looking for somebody who can help you.',
        'system: Ana has joined the conversation.',
        'ana: Hello.',
      ].join('\n'),
    )
  })

  test('is one person, whether named by id or described', async () => {
    await using sim = simulate({ agents: [ana] })
    const kim = sim.customer({ id: 'kim', name: 'Kim' })
    expect(sim.customer('kim')).toBe(kim)
    expect(sim.agent('ana')).toBe(sim.agent('ana'))
  })

  test('says so when there is no conversation yet', async () => {
    await using sim = simulate({})
    expect(() => sim.customer('kim').conversationId).toThrow(/kim has no conversation yet/)
    expect(sim.customer('kim').messages).toEqual([])
    expect(sim.customer('kim').phase).toBe('greeting')
  })

  test('of a customer who came back to a new conversation is all new', async () => {
    await using sim = simulate({})
    const kim = sim.customer({ id: 'kim', name: 'Kim' })
    await kim.says('Do you sell umbrellas?')
    await kim.sees(/found nothing/)
    const first = kim.conversationId
    await kim.leaves()
    await sim.advance('1h')
    await kim.returns()
    expect(kim.conversationId).not.toBe(first)
    await kim.sees('Hello Kim!')
    await kim.seesNothingNew()
  })

  test('of a customer who took up the conversation again is what came since', async () => {
    await using sim = simulate({})
    const kim = sim.customer('kim')
    await kim.says('hello')
    await kim.sees(/in a few words/)
    await kim.leaves()
    await kim.returns()
    await kim.sees('Welcome back!')
    await kim.seesNothingNew()
  })
})

describe('time', () => {
  test('stands still but for `advance`', async () => {
    await using sim = simulate({ agents: [ana] }, { startAt: '2026-01-05T10:00+01:00' })
    const kim = sim.customer('kim')
    const began = sim.now
    expect(began).toBe(Date.parse('2026-01-05T09:00Z'))
    await kim.says(PERSON)
    await sim.agent('ana').accepts(kim)
    await kim.sees(/joined/)
    expect(sim.now).toBe(began)
    await sim.advance('90s')
    expect(sim.now).toBe(began + 90_000)
    await sim.advance(0)
    expect(sim.now).toBe(began + 90_000)
  })

  test('F69 passes from timer to timer, so that everything happens at its own moment', async () => {
    const chain = definePlugin({
      name: 'chain',
      version: '1.0.0',
      timers: {
        tick: (ctx) => {
          ctx.say(`${(ctx.now - ctx.conversation.openedAt) / 1_000} s`)
          if (ctx.now - ctx.conversation.openedAt < 40_000) ctx.schedule('tick', '10s')
        },
      },
      hooks: { 'before:greet': (ctx) => ctx.schedule('tick', '10s') },
    })()
    await using sim = simulate({ plugins: [chain], silence: { remindAfter: '25s', closeAfter: '35s' } })
    const kim = sim.customer('kim')
    await kim.isIn('helping')
    await sim.advance('1h')
    const { openedAt } = await sim.engine.conversation(kim.conversationId).view()
    expect(kim.messages.map(({ at, text }) => [(at - openedAt) / 1_000, text.slice(0, 9)])).toEqual([
      [0, 'Hello! Wh'],
      [10, '10 s'],
      [20, '20 s'],
      [25, 'Are you s'],
      [30, '30 s'],
      [35, 'I have no'],
      [40, '40 s'],
    ])
  })

  test('P19: may pass by years', async () => {
    const yearly = definePlugin({
      name: 'yearly',
      version: '1.0.0',
      timers: { anniversary: (ctx) => ctx.say('A year already!') },
      hooks: { 'before:greet': (ctx) => ctx.schedule('anniversary', '365d') },
    })()
    await using sim = simulate({ plugins: [yearly], silence: { remindAfter: '1000d', closeAfter: '2000d' } })
    const kim = sim.customer('kim')
    await kim.sees('Hello!')
    await sim.advance('364d')
    await kim.seesNothingNew()
    await sim.advance('1d')
    await kim.sees('A year already!')
  })

  test('cannot be told in a way that means nothing', async () => {
    await using sim = simulate({})
    expect(await failureOf(sim.advance(-1))).toMatch(/CONFIG_INVALID/)
    expect(await failureOf(sim.advance('soon' as '1s'))).toMatch(/CONFIG_INVALID/)
    expect(() => simulate({}, { startAt: 'yesterday' })).toThrow(/`startAt` expects a time such as/)
  })
})

describe('two simulations', () => {
  test('F69 do not disturb each other, even of one configuration', async () => {
    const config = { agents: [{ ...ana, capacity: 1 }], plugins: [answering(() => ({ text: 'From nine to five.' }))] }
    await using one = simulate(config)
    await using two = simulate(config)
    const talk = async (sim: Simulation, name: string): Promise<string> => {
      const kim = sim.customer({ id: 'kim', name })
      await kim.says('When are you open?')
      await sim.advance('1m')
      await kim.says(PERSON)
      await sim.agent('ana').accepts(kim)
      return kim.transcript()
    }
    const [first, second] = await Promise.all([talk(one, 'Kim'), talk(two, 'Karl')])
    expect(second).toBe(first.replaceAll('Kim', 'Karl'))
    await one.advance('1h')
    expect(one.now - two.now).toBe(3_600_000)
    expect([one.agent('ana').load, two.agent('ana').load]).toEqual([0, 1])
  })

  test('of one seed are the same to the letter; another seed may choose others', async () => {
    const agents = ['ana', 'ben', 'cleo', 'dora', 'eve'].map((id) => ({ id, capacity: 20 }))
    const play = async (seed: number): Promise<unknown> => {
      await using sim = simulate({ agents, routing: { agentPolicy: 'random' } }, { seed })
      const people = Array.from({ length: 12 }, (_, index) => sim.customer(`kim-${index}`))
      for (const person of people) await person.says(PERSON)
      await sim.advance('10s')
      return await Promise.all((await sim.engine.conversations()).map(({ id }) => sim.engine.explain(id)))
    }
    expect(await play(7)).toEqual(await play(7))
    expect(await play(8)).not.toEqual(await play(7))
  })
})

describe('a plugin', () => {
  test('that does real I/O is waited for', async () => {
    await using sim = simulate({
      plugins: [
        answering(async () => {
          await really(30)
          return { text: 'From nine to five.' }
        }),
      ],
    })
    const kim = sim.customer('kim')
    const began = sim.now
    await kim.says('When are you open?')
    await kim.sees('From nine to five.')
    expect(sim.now).toBe(began)
  })

  test('that never comes back is named after a second of real time, and holds nobody up', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    await using sim = simulate({ plugins: [answering(() => new Promise<never>(() => {}))] })
    const kim = sim.customer('kim')
    await kim.says('When are you open?')
    expect((await warned).message).toMatch(/^answers in bot:answer has been waiting for 1000 ms of real time/)
    await kim.isIn('helping')
    await sim.advance('2s')
    await kim.sees(/found nothing/)
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'answers', hook: 'bot:answer', why: 'timedOut' }])
  })

  test('is replaced by another of the same name, in its place', async () => {
    const plugins = [answering(() => ({ text: 'The real one.' })), answering(() => ({ text: 'The next one.' }), 'next')]
    await using sim = simulate({ plugins }, { replace: [answering(() => ({ text: 'A fake.' }))] })
    const kim = sim.customer('kim')
    await kim.says('Which one?')
    await kim.sees('A fake.')
    await kim.seesNothingNew()
  })

  test('cannot replace what is not there', () => {
    expect(() => simulate({}, { replace: [answering(() => ({ text: 'A fake.' }))] })).toThrow(
      /`replace` holds `answers`, but the configuration has no plugin of that name/,
    )
  })

  test.each([
    ['throws', 'threw'],
    ['rejects', 'threw'],
    ['hangs', 'timedOut'],
    ['returnsNonsense', 'invalid'],
  ] as const)('with a fault fails as told: %s', async (fault, why) => {
    const plugin = answering(() => ({ text: 'From nine to five.' }))
    await using sim = simulate({ plugins: [plugin] }, { replace: [withFault(plugin, 'bot:answer', fault)] })
    const kim = sim.customer('kim')
    await kim.says('When are you open?')
    await sim.advance('2s')
    await kim.sees(/found nothing/)
    expect(sim.pluginFailures).toMatchObject([
      { type: 'plugin.failed', plugin: 'answers', hook: 'bot:answer', why, conversationId: kim.conversationId },
    ])
  })

  test.each([[{}], [{ txt: 'From nine to five.' }], [{ text: undefined }]])(
    'whose answer %j says nothing is reported',
    async (answer) => {
      await using sim = simulate({ plugins: [answering(() => answer as never)] })
      const kim = sim.customer('kim')
      await kim.says('When are you open?')
      await kim.sees(/found nothing/)
      expect(sim.pluginFailures).toMatchObject([{ plugin: 'answers', hook: 'bot:answer', why: 'invalid' }])
    },
  )

  test('cannot have a fault that does not exist; the nearest one is named', () => {
    const plugin = answering(() => ({ text: 'From nine to five.' }))
    for (const [fault, meant] of [
      ['hang', /Did you mean `hangs`/],
      ['explodes', /throws, rejects, hangs, returnsNonsense/],
      ['constructor', /throws, rejects, hangs, returnsNonsense/],
    ] as const)
      expect(() => withFault(plugin, 'bot:answer', fault as never)).toThrow(meant)
    expect(() => withFault(plugin, 'constructor', 'throws')).toThrow(/no hook `constructor`/)
  })

  test('takes place in a world of which every setting is known', () => {
    expect(() => simulate({}, { sed: 3 } as never)).toThrow(/CONFIG_INVALID.*Did you mean `seed`/)
    expect(() => simulate({}, { plugins: [] } as never)).toThrow(/seed, startAt, replace/)
  })

  test('cannot have a fault where it has no hook; the nearest one is named', () => {
    const plugin = answering(() => ({ text: 'From nine to five.' }))
    expect(() => withFault(plugin, 'bot:anwser', 'throws')).toThrow(/no hook `bot:anwser`.*Did you mean `bot:answer`\?/)
  })
})

describe('the invariants', () => {
  test('are checked after every verb: a seat that nobody holds fails the next one', async () => {
    const store = memoryStore()
    await using sim = simulate({ agents: [ana], store })
    const kim = sim.customer('kim')
    await kim.says('hello')
    const tenant = await store.open('')
    const { row } = await tenant.load(kim.conversationId)
    await tenant.commit({
      id: kim.conversationId,
      expect: row?.version ?? 0,
      at: sim.now,
      entries: [],
      nextDueAt: null,
      slots: [{ op: 'take', agentId: 'ana', holdId: 'forged', units: 1, phase: 'open' }],
      records: [],
      outbox: [],
    })
    expect(await failureOf(kim.says('hello?'))).toMatch(
      /an invariant does not hold: ledger of .*: the seat forged at ana has leaked/,
    )
    expect(await failureOf(sim.advance('1s'))).toMatch(/an invariant does not hold/)
  })

  test('hold an agent to their limit, but for a limit that was lowered and a conversation that was forced', async () => {
    const store = memoryStore()
    await using sim = simulate({ agents: [{ ...ana, capacity: 2 }], store })
    const [kim, lou] = [sim.customer('kim'), sim.customer('lou')]
    for (const person of [kim, lou]) {
      await person.says(PERSON)
      await sim.agent('ana').accepts(person)
    }
    await sim.engine.saveAgent({ ...ana, capacity: 1 })
    await sim.advance('1s')
    const tenant = await store.open('')
    await tenant.saveAgent({ ...ana, capacity: 3 })
    const { row } = await tenant.load(kim.conversationId)
    await tenant.commit({
      id: kim.conversationId,
      expect: row?.version ?? 0,
      at: sim.now,
      entries: [],
      nextDueAt: null,
      slots: [{ op: 'take', agentId: 'ana', holdId: 'forged', units: 1, phase: 'open' }],
      records: [],
      outbox: [],
    })
    expect(await failureOf(sim.advance('1s'))).toMatch(/leaked/)
  })
})

test('a simulation that is over stops its engine', async () => {
  const sim = simulate({ agents: [ana] })
  await sim.customer('kim').says('hello')
  await sim[Symbol.asyncDispose]()
  await expect(sim.engine.conversations()).rejects.toThrow('ENGINE_NOT_STARTED')
})

test('a simulation that cannot begin says so at the first verb', async () => {
  const store = { ...memoryStore(), open: () => Promise.reject(new Error('no such database')) }
  const sim = simulate({ agents: [ana], store })
  expect(await failureOf(sim.customer('kim').says('hello'))).toMatch(/no such database/)
})
