import { definePlugin } from 'maitred'
import { boundaries, type BoundaryOptions } from 'maitred/plugins'
import { pluginCases, simulate, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const words = ['numbskull', 'go to hell']

const answers = definePlugin({
  name: 'answers',
  version: '1.0.0',
  hooks: { 'bot:answer': () => ({ text: 'I will see.' }) },
})

function open(options: BoundaryOptions = { words }): Simulation {
  return simulate({
    agents: [{ id: 'ana', name: 'Ana' }],
    plugins: [boundaries(options), answers()],
    routing: { wrapUp: 0 },
  })
}

/** What the customer is told last. */
const last = ({ messages }: SimulatedCustomer): string =>
  messages.findLast(({ author }) => author !== 'customer')?.text ?? ''

async function comesAgain(sim: Simulation, customer: SimulatedCustomer): Promise<void> {
  await sim.advance('11m')
  await customer.returns()
}

async function warns(sim: Simulation, { conversationId }: SimulatedCustomer): Promise<void> {
  await sim.engine.agent('ana').warn(conversationId)
  await sim.advance(0)
}

const viewOf = (sim: Simulation, { conversationId }: SimulatedCustomer) =>
  sim.engine.conversation(conversationId).view()

describe('boundaries', () => {
  for (const { name, run } of pluginCases(boundaries({ words: ['order'] }))) test(name, run)

  test('F46: warn, warn for the last time, end the conversation, and block', async () => {
    await using sim = open()
    const kim = sim.customer('kim')
    await kim.says('You numbskull')
    await kim.sees(/keep this friendly/)
    await kim.says('Where is my parcel, Numbskull?')
    await kim.sees(/last warning/)
    await kim.isIn('helping')
    await kim.says('go  to HELL')
    await kim.sees('This conversation has been ended.')
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', reason: 'boundary' })
    await comesAgain(sim, kim)
    await kim.isIn('helping')
    await kim.says('still a númbskull')
    await kim.sees(/not take up another one/)
    await kim.isIn('closed')
    expect(sim.pluginFailures).toEqual([])
  })

  test('F46: whoever is blocked gets no further than the door, in any later conversation, until they are unblocked', async () => {
    await using sim = open({ words, ladder: [{ do: 'block', say: 'We do not talk like that.' }] })
    const kim = sim.customer('kim')
    await kim.says('numbskull')
    await kim.isIn('closed')
    const { isBlocked, unblock } = sim.engine.plugin(boundaries)
    expect(await isBlocked('kim')).toBe(true)
    await kim.returns() // at once: the old conversation would be taken up again
    await kim.isIn('closed')
    const first = kim.conversationId
    await comesAgain(sim, kim)
    expect(kim.conversationId).not.toBe(first)
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', reason: 'blocked' })
    expect(last(kim)).toBe('We do not talk like that.')
    await sim.customer('lou').says('hello')
    await sim.customer('lou').isIn('helping')
    await unblock('kim')
    await comesAgain(sim, kim)
    await kim.isIn('helping')
    expect(await isBlocked('kim')).toBe(false)
  })

  test('F46: an agent climbs the same ladder with a warning of their own, and the seat is free again', async () => {
    await using sim = open()
    const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
    await kim.says('numbskull')
    await kim.says('a person, please')
    await ana.accepts(kim)
    await warns(sim, kim)
    await kim.sees(/keep this friendly/) // in the engine's words
    await kim.isIn('live')
    await warns(sim, kim)
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', reason: 'boundary' })
    expect(last(kim)).toBe('This conversation has been ended.')
    expect(ana.load).toBe(0)
    await comesAgain(sim, kim)
    await kim.says('numbskull')
    await kim.isIn('closed')
    expect(await sim.engine.plugin(boundaries).isBlocked('kim')).toBe(true)
  })

  test('F46: three warnings of an agent block for good', async () => {
    await using sim = open({ words, warnings: 9 })
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await sim.agent('ana').accepts(kim)
    for (const _ of '123') await warns(sim, kim)
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', outcome: 'blocked' })
    await comesAgain(sim, kim)
    expect(await viewOf(sim, kim)).toMatchObject({ phase: 'closed', reason: 'blocked' })
  })

  test('F46: never speaks over an agent: observers are told, and the agent decides', async () => {
    await using sim = open()
    const told: unknown[] = []
    sim.engine.on('plugin.emitted', ({ plugin, name, data }) => told.push([plugin, name, data]))
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await sim.agent('ana').accepts(kim)
    await kim.sees(/has joined/)
    await kim.says('numbskull')
    await kim.seesNothingNew()
    const messageId = kim.messages.at(-1)?.id
    expect(told).toEqual([['boundaries', 'offence', { messageId, phase: 'live', agentId: 'ana' }]])
  })

  test('ends a wait before anybody is asked to take it', async () => {
    await using sim = open({ words, warnings: 0 })
    const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
    await ana.goes('away')
    await kim.says('a person, please')
    await kim.says('numbskull')
    await ana.goes('online')
    await kim.isIn('closed')
    expect(ana.load).toBe(0)
  })

  test('forgets, in time, those who are not blocked', async () => {
    await using sim = open({ words, forgetAfter: '7d' })
    const kim = sim.customer('kim')
    await kim.says('numbskull')
    await kim.says('numbskull')
    await sim.advance('8d')
    await kim.returns()
    await kim.says('numbskull')
    await kim.isIn('helping')
    expect(last(kim)).not.toMatch(/last/)
  })

  test('F46: finds English words in disguise with a library, and not in innocent ones', async () => {
    await using sim = open({})
    const { isOffence } = sim.engine.plugin(boundaries)
    for (const text of ['fuck you', 'you fuck1ng idiot', 'what a BITCH', 'sh1t', 'dickhead', 'kiss my ass'])
      expect([text, isOffence(text)]).toEqual([text, true])
    for (const text of [
      'I live in Scunthorpe',
      'the class assignment',
      'a cockpit',
      'Anushka',
      'Dickinson',
      'code 4554',
      'ssn 4556',
      '',
    ])
      expect([text, isOffence(text)]).toEqual([text, false])
  })

  test('F46: words are found whole, in any case and accent, and a detector decides beside them', async () => {
    await using sim = open({ words: ['c++', 'ass', 'gehörnt'], detector: (text) => text.endsWith('!!!') })
    const { isOffence } = sim.engine.plugin(boundaries)
    for (const text of ['you ass', 'ASS', 'GEHORNT', 'C++ is it', 'hello!!!'])
      expect([text, isOffence(text)]).toEqual([text, true])
    for (const text of ['my class', 'fuck', 'c', 'assets', 'gehörnte'])
      expect([text, isOffence(text)]).toEqual([text, false])
  })

  test('a detector that throws stops nobody', async () => {
    const detector = (): never => {
      throw new Error('a fault on purpose')
    }
    await using sim = open({ detector })
    const kim = sim.customer('kim')
    await kim.says('hello')
    await kim.isIn('helping')
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'boundaries', hook: 'message:in', why: 'threw' }])
  })

  test.each([
    [{ warnings: -1 }],
    [{ warnings: 1.5 }],
    [{ words: ['  '] }],
    [{ words: 'numbskull' }],
    [{ ladder: [] }],
    [{ ladder: [{ do: 'shout', say: 'Hey' }] }],
    [{ ladder: [{ do: 'warn', say: '' }] }],
    [{ forgetAfter: 'soon' }],
    [{ detector: 'yes' }],
  ])('refuses %j', (options) => {
    const refused = expect.objectContaining({ code: 'CONFIG_INVALID', path: 'plugins.boundaries' }) as Error
    expect(() => boundaries(options as never)).toThrow(refused)
  })
})
