import { type AgentPolicy, definePlugin, type KnowledgeSource, type Log } from 'maitred'
import { knowledgeBase } from 'maitred/plugins'
import { memoryStore } from 'maitred/stores'
import { pluginCases, simulate, storeCases } from 'maitred/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

// What a plugin and a port can do as a whole, through the public entries alone.

/** The plugin as it was released first, and as it is now: its state has a new shape. */
const visitsBefore = definePlugin({
  name: 'visits',
  version: '1.0.0',
  config: z.object({ word: z.string().default('hello') }),
  state: z.object({ seen: z.number().default(0) }),
  records: z.object({ total: z.number() }),
  setup: (host) => ({
    total: async () => readTotal(await host.records.get('all')),
    ofConversation: async (id: string) => (await host.stateOf(id)).seen,
  }),
  hooks: {
    'message:in': async (message, ctx) => {
      if (!message.text.includes(ctx.config.word)) return message
      ctx.setState({ seen: ctx.state.seen + 1 })
      const known = await ctx.records.get('all')
      ctx.records.put('all', { total: readTotal(known) + 1 }, { ifVersion: known?.version ?? 0 })
      return message
    },
  },
})
const visitsNow = definePlugin({
  name: 'visits',
  version: '2.0.0',
  config: z.object({ word: z.string().default('hello') }),
  state: z.object({ times: z.number().default(0), asked: z.string().optional() }),
  records: z.object({ total: z.number() }),
  migrations: [({ seen, ...rest }) => ({ ...rest, times: seen })],
  setup: (host) => ({
    total: async () => readTotal(await host.records.get('all')),
    ofConversation: async (id: string) => (await host.stateOf(id)).times,
    heard: async (id: string) => (await host.stateOf(id)).asked,
  }),
  steps: (step) => [
    step({
      slot: 'beforeQueue',
      id: 'why',
      ask: 'What is it about?',
      reply: z.string().min(3),
      accept: (asked, ctx) => {
        ctx.setState({ asked })
      },
    }),
  ],
})

function readTotal(record: { readonly value: unknown } | undefined): number {
  return record === undefined ? 0 : z.object({ total: z.number() }).parse(record.value).total
}

test('F61: a plugin has config, state, records and steps; it is installed, upgraded and removed while conversations run', async () => {
  const store = memoryStore()
  const agents = [{ id: 'ana' }]
  const later = (sim: { readonly now: number }) => ({ startAt: new Date(sim.now).toISOString() })

  const without = simulate({ agents, store })
  await without.customer('kim').says('good morning')
  await without[Symbol.asyncDispose]()

  const first = simulate({ agents, store, plugins: [visitsBefore({ word: 'morning' })] }, later(without))
  const kim = first.customer('kim')
  await kim.says('morning again')
  await first.customer('lou').says('morning')
  expect(await first.engine.plugin(visitsBefore).total()).toBe(2)
  expect(await first.engine.plugin(visitsBefore).ofConversation(kim.conversationId)).toBe(1)
  await first[Symbol.asyncDispose]()

  const second = simulate({ agents, store, plugins: [visitsNow()] }, later(first))
  const same = second.customer('kim')
  await same.returns()
  expect(same.conversationId).toBe(kim.conversationId)
  expect(await second.engine.plugin(visitsNow).ofConversation(same.conversationId)).toBe(1)
  expect(await second.engine.plugin(visitsNow).total()).toBe(2)
  await same.says('a person, please')
  await same.sees('What is it about?')
  await same.says('my order')
  await second.agent('ana').isOffered(same)
  expect(await second.engine.plugin(visitsNow).heard(same.conversationId)).toBe('my order')
  await second.customer('lou').returns()
  await second.customer('lou').says('a person, please')
  await second.customer('lou').sees('What is it about?')
  await second[Symbol.asyncDispose]()

  await using third = simulate({ agents, store }, later(second))
  await third.customer('lou').returns()
  await third.customer('lou').says('my invoice') // the step that asked is gone
  await third.advance('10d')
  expect((await third.engine.conversations()).map(({ phase }) => phase)).toEqual(['closed', 'closed'])
  expect([...second.pluginFailures, ...third.pluginFailures]).toEqual([])
})

test('F62: routing policy, knowledge source, store, channel and log are ports that anybody can fill', async () => {
  const asked: string[] = []
  const logged: string[] = []
  const delivered: string[] = []
  const slowestFirst: AgentPolicy = (candidates) => {
    asked.push(candidates.map(({ agent }) => agent.id).join(' '))
    return candidates.at(-1)?.agent.id
  }
  const source: KnowledgeSource = {
    search: (query) =>
      query.includes('refund')
        ? [{ article: { id: 'r', title: 'Refunds', text: 'Within five days.' }, confidence: 0.9, matched: ['refund'] }]
        : [],
  }
  const write = (data: object, text?: string): void => void logged.push(`${text ?? ''} ${Object.keys(data).join(' ')}`)
  const log: Log = { debug: write, info: write, warn: write, error: write }
  await using sim = simulate({
    agents: [{ id: 'ana' }, { id: 'ben' }],
    routing: { agentPolicy: slowestFirst },
    plugins: [knowledgeBase({ articles: source })],
    store: memoryStore(),
    channels: [{ name: 'sms', deliver: ({ text }) => (delivered.push(text), Promise.resolve('sent')) }],
    log,
  })
  const kim = sim.customer('kim')
  await kim.says('Where is my refund?')
  await kim.sees('Within five days.')
  await kim.chooses('person')
  await sim.agent('ben').isOffered(kim)
  expect(asked).toEqual(['ana ben'])
  expect(sim.pluginFailures).toEqual([])
})

test('F62: a plugin and a store come with a conformance kit that runs in any test runner', async () => {
  const kits = [pluginCases(visitsNow()), storeCases(() => Promise.resolve(memoryStore()))]
  for (const cases of kits) {
    expect(cases.length).toBeGreaterThan(6)
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  }
  for (const { run } of pluginCases(visitsBefore())) await run()
  for (const { run } of storeCases(() => Promise.resolve(memoryStore())).slice(0, 20)) await run()
})
