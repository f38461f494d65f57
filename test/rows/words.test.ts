import {
  createEngine,
  definePlugin,
  ERRORS,
  isMaitredError,
  type MaitredError,
  REFUSALS,
  type TextKey,
  type Texts,
} from 'maitred'
import { knowledgeBase } from 'maitred/plugins'
import { simulate } from 'maitred/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { DEFAULT_TEXTS } from '../../src/core/texts.ts'

const KEYS = Object.keys(DEFAULT_TEXTS) as TextKey[] // the catalogue is written as an object

/** Every text in a language that nobody mistakes for English. */
const translated: Texts = Object.fromEntries(
  KEYS.map((key) => [key, ({ language }: { language: string }) => `${language}·${key}`]),
)

test('F78: everything the bot says by itself is said in the words and the language of the owner’s choice, and understood in it', async () => {
  await using sim = simulate({
    agents: [{ id: 'ana', name: 'Ana', capacity: 1 }],
    texts: translated,
    phrases: { person: ['einen menschen'], yes: ['ja'], no: ['nein'], smallTalk: ['hallo'] },
    plugins: [
      knowledgeBase({
        articles: [{ id: 'geld', title: 'Wo bleibt mein Geld?', text: 'Es kommt in fünf Tagen.' }],
        texts: { which: 'Welches davon?', otherWords: 'Oder in anderen Worten.', person: 'Mensch' },
      }),
    ],
    silence: { remindAfter: '1m', closeAfter: '2m' },
  })
  const german = (id: string) => sim.customer({ id, name: id, language: 'de' })
  const [kim, lou, max] = [german('kim'), german('lou'), german('max')]
  await kim.says('hallo')
  await kim.says('Wo bleibt mein Geld?')
  await kim.says('nein')
  await kim.says('bitte einen menschen')
  await sim.agent('ana').accepts(kim)
  await sim.engine.agent('ana').hold(kim.conversationId, { backIn: '5m' })
  await sim.engine.agent('ana').warn(kim.conversationId)
  await lou.says('einen menschen') // waits: the only seat is taken
  await sim.agent('ana').says(kim, 'Guten Tag')
  await sim.engine.agent('ana').close(kim.conversationId)
  await sim.advance(0)
  await kim.says('ja')
  await kim.chooses('5')
  await max.says('Was anderes ist das hier')
  await sim.advance('10d')

  const english = new Set(Object.values(DEFAULT_TEXTS).filter((text) => typeof text === 'string'))
  const said = [kim, lou, max].flatMap(({ messages }) => messages.filter(({ author }) => author !== 'customer'))
  const own = new Set(['Guten Tag', 'Es kommt in fünf Tagen.', 'Wo bleibt mein Geld?'])
  const texts = said.flatMap(({ text, choices = [] }) => [text, ...choices.map(({ label }) => label)])
  const strangers = texts.filter((text) => !text.includes('de·') && !/^[1-5]$/.test(text))
  expect(strangers.filter((text) => ![...own].some((known) => text.includes(known)))).toEqual([])
  expect(texts.filter((text) => english.has(text as never))).toEqual([])
  expect(new Set(texts.flatMap((text) => text.match(/(?<=de·)\w+/g) ?? [])).size).toBeGreaterThan(12)
})

test('F06: pre-chat questions come one at a time, are checked by a schema, asked again kindly so many times, may be skipped, and ask for consent', async () => {
  const intake = definePlugin({
    name: 'intake',
    version: '1.0.0',
    state: z.object({ order: z.string().optional(), consent: z.boolean().default(false) }),
    setup: (host) => ({ of: (id: string) => host.stateOf(id) }),
    steps: (step) => [
      step({
        slot: 'preChat',
        id: 'consent',
        ask: 'May we keep what you write here?',
        choices: [
          { id: 'yes', label: 'Yes' },
          { id: 'no', label: 'No' },
        ],
        reply: z.enum(['yes', 'no']),
        accept: (answer, ctx) => {
          ctx.setState({ consent: answer === 'yes' })
        },
      }),
      step({
        slot: 'preChat',
        id: 'order',
        ask: 'Which order is it about?',
        again: 'A number of five digits, please.',
        attempts: 2,
        reply: z.string().regex(/^\d{5}$/),
        accept: (order, ctx) => {
          ctx.setState({ order })
        },
      }),
    ],
  })
  await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [intake()] })
  const [kim, lou, max] = [sim.customer('kim'), sim.customer('lou'), sim.customer('max')]
  const intakeOf = (who: typeof kim) => sim.engine.plugin(intake).of(who.conversationId)

  await kim.sees('May we keep')
  await kim.seesNothingNew() // one at a time
  await kim.chooses('yes')
  await kim.sees('Which order')
  await kim.says('the red one')
  await kim.sees('five digits, please')
  await kim.says('12345')
  await kim.sees('What can I help you with?')
  expect(await intakeOf(kim)).toEqual({ consent: true, order: '12345' })

  await lou.chooses('no')
  await lou.says('skip')
  await lou.sees('What can I help you with?')
  expect(await intakeOf(lou)).toEqual({ consent: false })

  await max.chooses('yes')
  await max.says('red')
  await max.says('blue')
  await max.sees('What can I help you with?') // twice was enough
  expect(await intakeOf(max)).toEqual({ consent: true })
})

test('F07: an agent who takes over sees the pages, the customer record, the conversation before, and what the bot has tried', async () => {
  const crm = definePlugin({
    name: 'crm',
    version: '1.0.0',
    hooks: { 'customer:context': (customer) => ({ ...customer, attributes: { plan: 'gold' } }) },
  })
  await using sim = simulate({
    agents: [{ id: 'ana' }],
    reopenWithin: '1m',
    plugins: [crm(), knowledgeBase({ articles: [{ id: 'a', title: 'Where is my refund?', text: 'Five days.' }] })],
  })
  const before = await sim.engine.openConversation({ customer: { id: 'kim' } })
  await sim.advance(0)
  await before.leave()
  await sim.advance('2h')

  const conversation = await sim.engine.openConversation({ customer: { id: 'kim' }, page: '/orders/17' })
  conversation.moveTo('/refunds')
  const kim = sim.customer('kim')
  await kim.says('Where is my refund?')
  await kim.chooses('person')
  await sim.agent('ana').accepts(kim)
  const { customer, pages, previousId, transcript } = await sim.engine.conversation(kim.conversationId).view()
  expect(pages.map(({ url }) => url)).toEqual(['/orders/17', '/refunds'])
  expect(customer.attributes).toEqual({ plan: 'gold' })
  expect(previousId).toBe(before.id)
  expect(transcript.flatMap(({ suggestions = [] }) => suggestions.map(({ article }) => article.id))).toEqual(['a'])
})

test('F63: every error has a stable code, says what was expected, what came and what to do; every refusal has a code and a hint', async () => {
  await using sim = simulate({ agents: [{ id: 'ana', capacity: 1 }] })
  const { engine } = sim
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  const id = kim.conversationId
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['CONFIG_INVALID', () => createEngine({ agents: [{ id: 'ana', capacity: Number.NaN }] })],
    ['CONFIG_INVALID', () => createEngine({ textz: {} } as never)],
    [
      'PLUGIN_DUPLICATE',
      () => createEngine({ plugins: [knowledgeBase({ articles: [] }), knowledgeBase({ articles: [] })] }),
    ],
    ['PLUGIN_MISSING', () => engine.plugin(knowledgeBase)],
    ['EVENT_INVALID', () => engine.dispatch({ type: 'message.recieved' })],
    ['EVENT_RESERVED', () => engine.dispatch({ type: 'offer.made' })],
    ['MESSAGE_EMPTY', () => engine.conversation(id).say(' ')],
    ['MESSAGE_TOO_LARGE', () => engine.conversation(id).say('x'.repeat(9_000))],
    ['NOT_FOUND', () => engine.conversation('nobody').say('hello')],
    ['NOT_FOUND', () => engine.agent('nobody').setPresence('online')],
    ['ENGINE_NOT_STARTED', () => createEngine().conversation('c').say('hello')],
  ]
  for (const [code, act] of wrong) {
    const error = await Promise.resolve()
      .then(act)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    expect(isMaitredError(error), `${code}: ${String(error)}`).toBe(true)
    const { message, hint, retryable, ...rest } = error as MaitredError
    expect(rest.code).toBe(code)
    expect(message.length).toBeGreaterThan(20)
    expect(hint.length).toBeGreaterThan(10)
    expect(retryable).toBe(ERRORS[rest.code].retryable)
  }
  const refusals = [
    await engine.agent('ana').say(id, 'too early'),
    await engine.agent('ana').close(id),
    await engine
      .conversation(id)
      .choose('yes')
      .catch((error: unknown) => error),
  ]
  for (const refusal of refusals) {
    if (isMaitredError(refusal)) continue
    expect(refusal).toMatchObject({ ok: false, status: 'refused' })
    const { code, hint } = refusal as { readonly code: keyof typeof REFUSALS; readonly hint: string }
    expect(Object.keys(REFUSALS)).toContain(code)
    expect(hint.length).toBeGreaterThan(10)
  }
})
