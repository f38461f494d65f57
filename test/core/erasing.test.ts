import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { assemble } from '../../src/assemble.ts'
import type { TenantStore } from '../../src/core/ports.ts'
import { definePlugin, type Plugin } from '../../src/index.ts'
import { boundaries, csat, knowledgeBase, savedReplies } from '../../src/plugins/index.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { createVirtualClock, remoteStore, simulate, type Simulation, withFault } from '../../src/testing/index.ts'
import { moment, promised } from './behaviour/scene.ts'
import { replayed } from './replayed.ts'

const KIM = { id: 'k1', name: 'Kim Okafor', email: 'kim@example.org', attributes: { plan: 'platinum' } }
/** Whatever tells who it was, or what they said. */
const PERSONAL = [
  'Okafor',
  'kim@',
  'platinum',
  'nine umbrellas',
  '/secret-page',
  'My card',
  'Pineapple',
  'gold member',
  'Umbrella Street',
]

/** Notes all it hears; looks the customer up. */
const nosy = definePlugin({
  name: 'nosy',
  version: '1.0.0',
  state: z.object({ heard: z.array(z.string()).default([]) }),
  hooks: {
    'message:in': (message, ctx) => {
      ctx.setState({ heard: [...ctx.state.heard, message.text, ctx.conversation.customer.name ?? ''] })
      return message
    },
    'customer:context': (customer) => ({ ...customer, attributes: { ...customer.attributes, tier: 'gold member' } }),
  },
})

const CATALOGUE: readonly Plugin[] = [
  knowledgeBase({ articles: [{ id: 'umbrellas', title: 'How many umbrellas may I order?', text: 'Ten.' }] }),
  csat({ everyDays: 1, comment: 'always' }),
  boundaries({ words: ['Pineapple'] }),
  savedReplies({ replies: [{ id: 'hi', shortcut: '/hi', text: 'Hello {{ customer.name }}' }] }),
]

/** Everything that a store can be asked for. */
async function contentOf(store: TenantStore, keys: readonly string[] = []): Promise<string> {
  const rows = await store.find({ limit: 1_000 })
  const all = await Promise.all(
    rows.map(async ({ id }) => ({
      loaded: await Promise.all([undefined, ...keys].map(async (key) => store.load(id, key))),
      words: await store.transcript(id, 0),
      turns: await store.turns(id, 0),
    })),
  )
  const records = await Promise.all(
    ['boundaries', 'csat', 'nosy', 'saved-replies', 'knowledge-base'].flatMap((plugin) =>
      ['k1', 'out:k1', 'asked:k1', 'total', 'day:2026-01-05'].map(async (key) => store.record(plugin, key)),
    ),
  )
  const outbox = await store.outboxTake(Number.MAX_SAFE_INTEGER, 0, 1_000)
  return JSON.stringify({ rows, all, records, outbox, waiting: await store.waiting(), agents: await store.agents() })
}

async function isGone(store: TenantStore, keys: readonly string[] = []): Promise<void> {
  const content = await contentOf(store, keys)
  for (const word of PERSONAL) expect(content.includes(word), `${word} can still be read`).toBe(false)
}

async function isReplayed(store: TenantStore): Promise<void> {
  for (const { id, snapshot } of await store.find({ limit: 1_000 }))
    expect(replayed(await store.turns(id, 0))).toEqual(snapshot)
}

/** In the middle of a chat with an agent, after one with the bot. */
async function chatting(sim: Simulation): Promise<string> {
  const [kim, ana] = [sim.customer(KIM), sim.agent('ana')]
  await kim.says('How many umbrellas? I want nine umbrellas')
  const { conversationId: id } = kim
  const talk = sim.engine.conversation(id)
  talk.moveTo('https://example.org/secret-page')
  await talk.say('My card is 4242', { key: 'card' })
  await talk.say('Pineapple!')
  await kim.says('a person, please')
  await ana.accepts(kim)
  await ana.says(kim, '/hi')
  await sim.engine.agent('ana').note(id, 'Lives in Umbrella Street')
  await sim.engine.agent('ben').say(id, 'Hello Okafor', { key: 'wrong' }) // handed back
  return id
}

const agents = [{ id: 'ana' }, { id: 'ben' }]

describe('P46: a customer who is erased in the middle of a chat', () => {
  test('cannot be read of anywhere; the chat goes on without a name, and counts and ids stay', async () => {
    const store = memoryStore()
    const tenant = await store.open('')
    await using sim = simulate({ agents, plugins: [nosy(), ...CATALOGUE], store })
    const id = await chatting(sim)
    const before = await sim.engine.conversation(id).view()
    expect(await contentOf(tenant, ['card', 'wrong'])).toContain('Okafor')
    expect(await sim.engine.erase('k1')).toEqual({ conversationCount: 1 })
    await isGone(tenant, ['card', 'wrong'])
    await isReplayed(tenant)
    const view = await sim.engine.conversation(id).view()
    expect(view).toMatchObject({ phase: 'live', agentId: 'ana', customer: { id: 'k1' } })
    expect(view.transcript.map(({ id: messageId, seq, at, author }) => [messageId, seq, at, author])).toEqual(
      before.transcript.map(({ id: messageId, seq, at, author }) => [messageId, seq, at, author]),
    )
    const [kim, ana] = [sim.customer(KIM), sim.agent('ana')]
    await ana.says(kim, 'Is there more?')
    await kim.sees('Is there more?')
    await ana.closes(kim)
    await kim.says('yes')
    await kim.says('5')
    await sim.advance('1d')
    await kim.isIn('closed')
    await isGone(tenant, ['card', 'wrong'])
    await isReplayed(tenant)
  })

  test('is not written back by a turn that was under way', async () => {
    const answer = promised<undefined>()
    const slow = definePlugin({
      name: 'slow',
      version: '1.0.0',
      state: z.object({ name: z.string().optional() }),
      hooks: {
        'before:requestAgent': (ctx) => {
          const { name } = ctx.conversation.customer
          if (name === undefined) return undefined
          return answer.promise.then(() => {
            ctx.setState({ name })
            ctx.say(`One moment, ${name}.`)
          })
        },
      },
    })
    const store = memoryStore()
    const tenant = await store.open('')
    await using sim = simulate({ agents, plugins: [slow()], store })
    const kim = sim.customer(KIM)
    await kim.says('hello')
    const asked = sim.engine.conversation(kim.conversationId).say('a person, please')
    await sim.engine.erase('k1')
    answer.keep(undefined)
    expect(await asked).toMatchObject({ status: 'applied', phase: 'waiting' })
    await isGone(tenant)
    await isReplayed(tenant)
  })

  test.each(['in time', 'late'])('is not written back by a look-up that answers %s', async (when) => {
    const found = promised<{ name: string }>()
    const crm = definePlugin({
      name: 'crm',
      version: '1.0.0',
      state: z.object({ name: z.string().optional() }),
      hooks: {
        'customer:context': async (customer, ctx) => {
          const known = { ...customer, ...(await found.promise) }
          ctx.setState(known)
          return known
        },
      },
    })
    const store = memoryStore()
    const tenant = await store.open('')
    const clock = createVirtualClock(Date.UTC(2026, 0, 5, 9))
    const options = { plugins: [crm()], store: remoteStore(store) }
    await using engine = assemble(options, { clock, seed: 1, createId: (at) => `c${at}` })
    await engine.start()
    await engine.openConversation({ customer: { id: 'k1' } })
    const until = clock.now() + (when === 'late' ? 5_000 : 0)
    do await moment()
    while (clock.fireNext(until))
    await engine.erase('k1')
    found.keep({ name: 'Kim Okafor' })
    await moment()
    await isGone(tenant)
    await isReplayed(tenant)
    expect((await tenant.find({}))[0]?.snapshot.context.pending).toEqual([])
  })

  test('is not spoken to by name by an answer, or by a hook after the commit, that still knew them', async () => {
    const [answer, after] = [promised<undefined>(), promised<undefined>()]
    const polite = definePlugin({
      name: 'polite',
      version: '1.0.0',
      hooks: {
        'bot:answer': async (_question, ctx) => {
          const { name } = ctx.conversation.customer
          await answer.promise
          return { text: `Certainly, ${name}.` }
        },
        'after:search': async (ctx) => {
          const { name } = ctx.conversation.customer
          await after.promise
          ctx.say(`I am looking, ${name}.`)
        },
      },
    })
    const store = memoryStore()
    const tenant = await store.open('')
    await using sim = simulate({ agents, plugins: [polite()], store })
    await sim.advance(0)
    const opening = sim.engine.openConversation({ customer: KIM })
    await sim.advance(0)
    const kim = await opening
    await kim.say('Where is it?')
    await sim.engine.erase('k1')
    answer.keep(undefined)
    after.keep(undefined)
    await sim.advance('1s')
    await isGone(tenant)
    await isReplayed(tenant)
    const { transcript } = await kim.view()
    expect(transcript.at(-1)?.text).toMatch(/found nothing/) // the question is gone, too
    await kim.say('Where is it now?')
    await sim.advance('1s')
    expect((await kim.view()).transcript.at(-1)?.text).toBe('Certainly, undefined.')
  })
})

test('what is stored is what its log leads to, with every hook throwing, and after the customer has been erased (P46)', async () => {
  const store = memoryStore()
  const tenant = await store.open('')
  const plugins = [nosy(), ...CATALOGUE]
  await using sim = simulate({ agents, plugins, store })
  await chatting(sim)
  await sim[Symbol.asyncDispose]()
  const hooks: Readonly<Record<string, readonly string[]>> = {
    nosy: ['message:in', 'customer:context'],
    'knowledge-base': ['bot:answer'],
    csat: ['closing:steps', 'before:ask', 'before:rate', 'before:close', 'before:reopen'],
    boundaries: ['message:in', 'before:*', 'before:warn', 'before:block', 'before:close'],
    'saved-replies': ['message:out'],
  }
  const faulty = plugins.map((plugin) =>
    (hooks[plugin.name] ?? []).reduce((one, hook) => withFault(one, hook, 'throws'), plugin),
  )
  await using again = simulate({ agents, plugins: faulty, store }, { startAt: new Date(sim.now).toISOString() })
  await again.advance(0)
  await isReplayed(tenant)
  expect(again.pluginFailures).toEqual([]) // no hook was asked
  const kim = again.customer(KIM)
  await kim.returns()
  await kim.says('Hello?')
  expect(again.pluginFailures).not.toEqual([])
  await isReplayed(tenant)
  await again.engine.erase('k1')
  await isReplayed(tenant)
  await again.advance('10d')
  await kim.isIn('closed')
  await isReplayed(tenant)
})
