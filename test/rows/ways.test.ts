import { boundaries } from 'maitred/plugins'
import { simulate } from 'maitred/testing'
import { createHandler } from 'maitred/transports'
import { createEngine, definePlugin } from 'maitred'
import { expect, test } from 'vitest'

const PERSON = 'a person, please'

test('F43: nobody can take it: a message, with a promise of when and how, and the thread goes on when somebody is there or the customer comes back', async () => {
  const hours = { timeZone: 'Europe/Madrid', week: { mon: ['09:00-18:00'], tue: ['09:00-18:00'] } } as const
  await using sim = simulate(
    {
      agents: [{ id: 'ana', name: 'Ana' }],
      admission: { hours },
      texts: {
        leaveMessage: ({ opensAt, customer }) =>
          `We answer by mail to ${customer.email}, from ${opensAt === undefined ? '?' : new Date(opensAt).toISOString()}.`,
      },
    },
    { startAt: '2026-01-05T20:00+01:00' },
  )
  const kim = sim.customer({ id: 'kim', email: 'kim@example.org' })
  await kim.says(PERSON)
  await kim.sees('We answer by mail to kim@example.org, from 2026-01-06T08:00:00.000Z.')
  await kim.isIn('async')
  const id = kim.conversationId
  await kim.says('My parcel is lost.')
  await kim.returns()
  expect(kim.conversationId).toBe(id)
  await sim.advance('13h')
  await sim.agent('ana').goes('online')
  await sim.agent('ana').accepts(kim)
  await sim.agent('ana').says(kim, 'I have found it.')
  await kim.sees('I have found it.')
  const { transcript } = await sim.engine.conversation(id).view()
  expect(transcript.map(({ text }) => text)).toContain('My parcel is lost.')
})

test('F47: whoever is blocked stays out in a new tab, whatever session it brings, and others do not notice', async () => {
  const engine = createEngine({
    plugins: [boundaries({ words: ['numbskull'], ladder: [{ do: 'block', say: 'No.' }] })],
  })
  await engine.start()
  await using _ = engine
  const handler = createHandler(engine, {
    auth: ({ headers }) => ({ role: 'customer', customer: { id: headers.get('x-who') ?? '' } }),
  })
  const ask = async (who: string, path: string, body: object = {}) => {
    const headers = { 'x-who': who, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    const request = new Request(`http://chat.example${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await (await handler(request)).json()) as { readonly id: string; readonly phase: string }
  }
  const { id } = await ask('kim', '/conversations')
  await ask('kim', `/conversations/${id}/say`, { text: 'numbskull' })
  expect(await ask('kim', '/conversations', { page: '/another-tab' })).toMatchObject({ phase: 'closed' })
  expect(await ask('lou', '/conversations')).toMatchObject({ phase: 'helping' })
})

test('F49: who goes away for a while says for how long, who waits is told again by rule, and a long answer is advised to be parted', async () => {
  const parted = definePlugin({
    name: 'parted',
    version: '1.0.0',
    hooks: {
      'desk:advice': ({ draft, hints }) =>
        draft.length > 300 ? { draft, hints: [...hints, 'send it in parts'] } : { draft, hints },
    },
  })
  await using sim = simulate({
    agents: [{ id: 'ana', name: 'Ana', capacity: 1 }],
    routing: { noticeEvery: '2m', wrapUp: 0 },
    plugins: [parted()],
  })
  const [kim, lou, max] = [sim.customer('kim'), sim.customer('lou'), sim.customer('max')]
  await kim.says(PERSON)
  await sim.agent('ana').accepts(kim)
  const desk = sim.engine.agent('ana')
  await desk.hold(kim.conversationId, { backIn: '5m' })
  await kim.sees('Ana will be back in 5 minutes.')
  expect(await desk.advise(kim.conversationId, 'x'.repeat(301))).toMatchObject({ hints: ['send it in parts'] })
  expect(await desk.advise(kim.conversationId, 'short')).toMatchObject({ hints: [] })
  await lou.says(PERSON)
  await max.says(PERSON)
  await max.sees(/You are number 2 in the queue/)
  await lou.leaves()
  await sim.advance('2m')
  await max.sees(/You are number 1 in the queue/)
})

test('F80: a button can be taken in words, where a channel has none, and a link or a file is its address', async () => {
  await using sim = simulate({ agents: [{ id: 'ana', name: 'Ana', capacity: 1 }] })
  const [kim, lou] = [sim.customer('kim'), sim.customer('lou')]
  await kim.says(PERSON)
  await sim.agent('ana').accepts(kim)
  await lou.says(PERSON)
  const { choices = [] } = lou.messages.findLast((message) => message.choices !== undefined) ?? {}
  expect(choices.map(({ label }) => label)).toContain('Keep my place')
  await lou.says('keep my place')
  await lou.sees('Your place is kept. You need not do anything.')
  const attachments = [{ url: 'https://files.example/label.pdf', name: 'label.pdf' }]
  await sim.engine.agent('ana').say(kim.conversationId, 'See https://shop.example/returns', { attachments })
  const { transcript } = await sim.engine.conversation(kim.conversationId).view()
  expect(transcript.at(-1)).toMatchObject({ text: 'See https://shop.example/returns', attachments })
})
