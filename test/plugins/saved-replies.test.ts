import { createEngine, type Customer, definePlugin } from 'maitred'
import { type SavedReply, savedReplies } from 'maitred/plugins'
import { pluginCases, simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const replies: readonly SavedReply[] = [
  { id: 'hi', title: 'Greeting', shortcut: '/hi', text: 'Hi {{ customer.name }}' },
  {
    id: 'refund',
    title: 'Refund, how long',
    shortcut: '/refund',
    text: 'A refund takes five days.\n\nShall I look it up?',
  },
  { id: 'late', title: 'Late parcel', text: 'I am sorry that your parcel is late. {{ shop.name }} will refund it.' },
]

/** What a reply becomes in a conversation of this customer. */
async function rendered(text: string, customer: Customer = { id: 'kim', name: 'Kim' }) {
  await using sim = simulate({
    plugins: [savedReplies({ replies: [{ id: 'one', text }], values: { shop: { name: 'Ropes & Co' } } })],
  })
  await sim.customer(customer).says('hello')
  const view = await sim.engine.conversation(sim.customer(customer.id).conversationId).view()
  return sim.engine.plugin(savedReplies).render('one', view)
}

async function open(): Promise<Simulation> {
  const sim = simulate({
    agents: [{ id: 'ana' }],
    plugins: [savedReplies({ replies, values: { shop: { name: 'Ropes' } } })],
  })
  await sim.advance(0)
  return sim
}

describe('saved replies', () => {
  for (const { name, run } of pluginCases(savedReplies({ replies }))) test(name, run)

  test('F48: fill in what is known of the conversation, in chunks', async () => {
    const found = await rendered(
      'Dear {{ customer.name }},\n\n{{ customer.attributes.plan | upcase }} it is.\n\n\n{{ shop.name }}',
      {
        id: 'kim',
        name: 'Kim',
        attributes: { plan: 'gold' },
      },
    )
    expect(found).toEqual({
      id: 'one',
      text: 'Dear Kim,\n\nGOLD it is.\n\n\nRopes & Co',
      chunks: ['Dear Kim,', 'GOLD it is.', 'Ropes & Co'],
      missing: [],
    })
  })

  test('P12: text stays plain text, exactly as it is', async () => {
    const name = '<img src=x onerror=alert(1)>'
    expect((await rendered('Hi {{customer.name}}', { id: 'kim', name })).text).toBe(`Hi ${name}`)
  })

  test.each(['{{agent.email}}', '$&', "$'", '{% raw %}', '{{ customer.id }}', '${name}', '\\u0041'])(
    'P13: a customer called %s is called just that',
    async (name) => {
      const { text } = await rendered('Hi {{customer.name}}, {{customer.name}}!', { id: 'kim', name })
      expect(text).toBe(`Hi ${name}, ${name}!`)
    },
  )

  test.each([
    'constructor.constructor',
    '__proto__',
    'customer.constructor',
    'customer.__proto__.polluted',
    'customer.name.constructor',
    'customer.toString',
    'customer.attributes.hasOwnProperty',
    'customer["constructor"]["constructor"]',
    'nobody.home',
  ])('P14: {{%s}} is nothing, and is told to be missing', async (path) => {
    const { text, missing } = await rendered(`A{{ ${path} }}Z`)
    expect(text).toBe('AZ')
    expect(missing).toHaveLength(1)
  })

  test('P14: what is missing is logged', async () => {
    const logged: object[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (data: object) => void logged.push(data) }
    await using sim = simulate({ plugins: [savedReplies({ replies })], log })
    const kim = sim.customer('kim')
    await kim.says('hello')
    sim.engine.plugin(savedReplies).render('hi', await sim.engine.conversation(kim.conversationId).view())
    expect(logged).toEqual([{ reply: 'hi', missing: ['customer.name'], conversationId: kim.conversationId }])
  })

  test('F48: are found by shortcut, by title, by text, the best first', async () => {
    await using sim = await open()
    const found = (query: string) =>
      sim.engine
        .plugin(savedReplies)
        .search(query)
        .map(({ id }) => id)
    expect(found('')).toEqual(['hi', 'refund', 'late'])
    expect(found('/ref')).toEqual(['refund', 'late'])
    expect(found('/hi')).toEqual(['hi'])
    expect(found('refund')).toEqual(['refund', 'late'])
    expect(found('PARCEL lat')).toEqual(['late'])
    expect(found('umbrella')).toEqual([])
    expect(found('refund umbrella')).toEqual([])
    expect(sim.engine.plugin(savedReplies).search('', 1)).toHaveLength(1)
  })

  test('F48: an agent who sends a shortcut sends the reply', async () => {
    await using sim = await open()
    const [kim, ana] = [sim.customer({ id: 'kim', name: 'Kim' }), sim.agent('ana')]
    await kim.says('/hi')
    await kim.says('a person, please')
    await ana.accepts(kim)
    await ana.says(kim, '/hi')
    await ana.says(kim, ' /refund ')
    await ana.says(kim, '/nothing')
    await ana.says(kim, 'Write to /hi')
    expect(kim.messages.filter(({ author }) => author === 'agent').map(({ text }) => text)).toEqual([
      'Hi Kim',
      'A refund takes five days.\n\nShall I look it up?',
      '/nothing',
      'Write to /hi',
    ])
    expect(kim.messages.find(({ author }) => author === 'customer')?.text).toBe('/hi')
  })

  test('F48: a bot has them at hand, too', async () => {
    const bot = definePlugin({
      name: 'bot',
      version: '1.0.0',
      requires: [savedReplies],
      hooks: { 'bot:answer': (_question, ctx) => ctx.plugin(savedReplies).render('hi', ctx.conversation) },
    })
    await using sim = simulate({ plugins: [bot(), savedReplies({ replies })] })
    const kim = sim.customer({ id: 'kim', name: 'Kim' })
    await kim.says('Who am I?')
    await kim.sees('Hi Kim')
  })

  test('a name that nobody has is refused, with the nearest', async () => {
    await using sim = await open()
    const kim = sim.customer('kim')
    await kim.says('hello')
    const view = await sim.engine.conversation(kim.conversationId).view()
    const refused = expect.objectContaining({ code: 'NOT_FOUND', hint: 'Did you mean `/refund`?' }) as Error
    expect(() => sim.engine.plugin(savedReplies).render('/refnd', view)).toThrow(refused)
  })

  test.each([
    ['a template that cannot be read', [{ id: 'one', text: 'Hi {{ customer.name' }], 'replies[0].text'],
    ['a filter that does not exist', [{ id: 'one', text: '{{ customer.name | shout }}' }], 'replies[0].text'],
    ['a file', [{ id: 'one', text: "{% include '/etc/passwd' %}" }], 'replies[0].text'],
    ['two of one name', [replies[0], replies[0]], 'replies[1]'],
    ['two of one shortcut', [replies[0], { id: 'b', shortcut: '/hi', text: 'b' }], 'replies[1]'],
  ])('%s is refused before anything begins', (_what, wrong, path) => {
    const refused = expect.objectContaining({ code: 'CONFIG_INVALID', path: `plugins.saved-replies.${path}` }) as Error
    expect(() => createEngine({ plugins: [savedReplies({ replies: wrong as readonly SavedReply[] })] })).toThrow(
      refused,
    )
  })

  test.each([[{}], [{ replies: [{ id: '', text: 'x' }] }], [{ replies: [{ id: 'x', shortcut: 'hi', text: 'x' }] }]])(
    'refuses %j',
    (options) => {
      const refused = expect.objectContaining({ code: 'CONFIG_INVALID', path: 'plugins.saved-replies' }) as Error
      expect(() => savedReplies(options as never)).toThrow(refused)
    },
  )

  test('a template that would take for ever is cut off', async () => {
    await expect(rendered('{% for i in (1..1000000000) %}{{ i }}{% endfor %}')).rejects.toThrow(/limit/)
  })
})
