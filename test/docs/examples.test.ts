import { expect, test } from 'vitest'
import { z } from 'zod'
import { assemble } from '../../src/assemble.ts'
import { definePlugin, MaitredError, type Store } from '../../src/index.ts'
import { csat } from '../../src/plugins/index.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { checkConfig, createVirtualClock, simulate } from '../../src/testing/index.ts'
import configured from '../../docs/examples/configure.ts'
import { config as catalogue } from '../../docs/examples/catalogue.ts'
import { hours } from '../../docs/examples/first-plugin.ts'
import { nps } from '../../docs/examples/nps.ts'
import { openingHours } from '../../docs/examples/opening-hours.ts'
import { orderStatus } from '../../docs/examples/order-status.ts'
import { sayOnce } from '../../docs/examples/say-once.ts'
import { topic } from '../../docs/examples/topic.ts'
import { visits } from '../../docs/examples/visits.ts'
// The tests that are shown run here, as they are shown.
import '../../docs/examples/cases.test.ts'
import '../../docs/examples/config.test.ts'
import '../../docs/examples/knowledge.test.ts'
import '../../docs/examples/loyalty.test.ts'
import '../../docs/examples/nps.test.ts'
import '../../docs/examples/opening-hours.test.ts'
import '../../docs/examples/store-cases.test.ts'
import '../../docs/examples/stories.test.ts'
import '../../docs/examples/take-over.test.ts'
import { blocksIn, readExamples, readPages } from './pages.ts'

test('F77: every example of the documentation is a file that runs in these tests', () => {
  const examples = [...readExamples().values()]
  const blocks = [...readPages()].flatMap(([page, text]) => blocksIn(text).map((code) => ({ page, code })))
  expect(blocks.length).toBeGreaterThanOrEqual(examples.length)
  for (const { page, code } of blocks) expect(examples.includes(code), `${page}:\n${code}`).toBe(true)
})

test('the configuration that is shown has no dead ends, and keeps its hours', async () => {
  expect(checkConfig(configured)).toEqual([])
  await using sim = simulate(configured, { startAt: '2026-01-05T14:30+01:00' }) // a Monday, between the two
  const kim = sim.customer({ id: 'kim', name: 'Kim', language: 'es' })
  await kim.sees('Hola Kim')
  await kim.says('a person, please')
  await kim.isIn('async')
})

test('a first plugin answers a question, and leaves the others alone (F60)', async () => {
  await using sim = simulate({ plugins: [hours()] })
  const kim = sim.customer('kim')
  await kim.says('What are your opening hours?')
  await kim.sees('From nine to six.')
  await kim.says('Do you sell umbrellas?')
  await kim.sees(/found nothing/)
})

test('a plugin’s API answers outside of a conversation, too (F60)', async () => {
  await using sim = simulate({ plugins: [openingHours({ from: 8 })] })
  expect(sim.engine.plugin(openingHours).isOpen(Date.UTC(2026, 0, 5, 8))).toBe(true)
  expect(sim.engine.plugin(openingHours).isOpen(Date.UTC(2026, 0, 5, 18))).toBe(false)
})

test('a plugin that asks outside answers with what it is told (F60)', async () => {
  const lookup = (id: string) => Promise.resolve(id === '4711' ? 'It is on its way.' : undefined)
  await using sim = simulate({ plugins: [orderStatus({ lookup })] })
  const kim = sim.customer('kim')
  await kim.says('Where is my order 4711?')
  await kim.sees('It is on its way.')
  await kim.says('And order 12?')
  await kim.sees('I know of no order 12.')
  expect(sim.pluginFailures).toEqual([])
})

test('a plugin that asks outside is told when its time is up (F60)', async () => {
  const signals: AbortSignal[] = []
  const lookup = (_id: string, signal: AbortSignal) => {
    signals.push(signal)
    return new Promise<never>(() => {})
  }
  const clock = createVirtualClock(0)
  await using engine = assemble({ plugins: [orderStatus({ lookup })] }, { clock, seed: 1, createId: String })
  await engine.start()
  const kim = await engine.openConversation({ customer: { id: 'kim' } })
  await kim.say('Where is my order 4711?')
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  while (clock.fireNext(3_000)) await new Promise<void>((resolve) => setImmediate(resolve))
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('a step is asked before anything else, asked again, and decides who is needed (F60)', async () => {
  await using sim = simulate({
    skills: ['billing', 'shipping'],
    agents: [
      { id: 'ana', skills: ['billing'] },
      { id: 'ben', skills: ['shipping'] },
    ],
    plugins: [topic()],
  })
  const [kim, lou] = [sim.customer('kim'), sim.customer('lou')]
  await kim.sees('What is it about?')
  await kim.says('no idea')
  await kim.sees('Pick one of the two, please.')
  await kim.chooses('shipping')
  await kim.says('a person, please')
  await sim.agent('ben').isOffered(kim)
  await lou.sees('What is it about?')
  await sim.advance('1m') // no answer: it is passed over
  await lou.sees(/What can I help you with/)
  await lou.isIn('helping')
})

test('a record outlives the conversation (F60)', async () => {
  await using sim = simulate({ plugins: [visits()], reopenWithin: 0 })
  const kim = sim.customer('kim')
  await kim.sees(/Hello/)
  await kim.leaves()
  await kim.returns()
  expect(kim.messages.map(({ text }) => text)).toContain('This is visit number 2.')
})

test('the plugins that come along do what is told of them (F46, F48, F52)', async () => {
  await using sim = simulate(catalogue)
  const [kim, ana] = [sim.customer({ id: 'kim', name: 'Kim' }), sim.agent('ana')]
  await kim.says('You numbskull')
  await kim.sees('Let us keep this friendly.')
  await kim.says('a person, please')
  await ana.accepts(kim)
  await ana.says(kim, '/hello')
  await kim.sees('Hello Kim, this is Ropes & Co.')
  await ana.closes(kim)
  await kim.says('yes')
  await kim.says('5')
  await kim.isIn('closed')
  expect(await sim.engine.plugin(csat).average('30d')).toBe(5)
  await sim.advance('1h')
  await kim.returns()
  await kim.says('Where is it, numbskull?')
  await kim.sees('We stop here.')
  await kim.isIn('closed')
})

test('a state stored by an older version of a plugin is read (F60)', async () => {
  const store = memoryStore()
  const before = definePlugin({
    name: 'nps',
    version: '1.0.0',
    state: z.object({ nps: z.number().optional() }),
    hooks: { 'before:greet': (ctx) => ctx.setState({ nps: 9 }) },
  })
  const kept = keepOpen(store)
  await using old = simulate({ plugins: [before()], store: kept })
  const kim = old.customer('kim')
  await kim.says('hello')
  await using sim = simulate({ plugins: [nps({ save: () => Promise.resolve() })], store: kept })
  await sim.advance(0)
  expect(await sim.engine.plugin(nps).scoreOf(kim.conversationId)).toBe(9)
})

test('a message is said once, though the store has to be asked again (F60)', async () => {
  let failures = 2
  const store = memoryStore()
  const flaky: Store = {
    ...store,
    open: async (tenant) => {
      const opened = await store.open(tenant)
      return {
        ...opened,
        commit: (commit) => {
          const result = opened.commit(commit)
          if (commit.key === undefined || failures === 0) return result
          failures -= 1
          throw new MaitredError('STORE_UNAVAILABLE', { message: 'No answer.', hint: 'Again.' }) // written, and never told
        },
      }
    },
  }
  await using sim = simulate({ store: flaky })
  await sim.advance(0)
  const kim = await sim.engine.openConversation({ customer: { id: 'kim' } })
  await expect(sayOnce(kim, 'hello there')).resolves.toMatchObject({ status: 'duplicate' })
  const { transcript } = await kim.view()
  expect(transcript.filter(({ text }) => text === 'hello there')).toHaveLength(1)
})

/** One content for two engines. */
function keepOpen(store: Store): Store {
  const opened = store.open('')
  return { ...store, open: () => opened }
}
