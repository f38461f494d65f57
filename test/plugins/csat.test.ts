import { definePlugin, type Plugin } from 'maitred'
import { csat, type CsatOptions } from 'maitred/plugins'
import { pluginCases, simulate, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const QUESTIONS = /How would you rate|Are you satisfied/

function open(options: CsatOptions = {}, more: readonly Plugin[] = []): Simulation {
  return simulate({ agents: [{ id: 'ana', name: 'Ana' }], plugins: [csat(options), ...more] })
}

/** A conversation that has come to its closing: asked whether all is solved, and it is. */
async function served(sim: Simulation, customer: SimulatedCustomer): Promise<void> {
  await customer.says('a person, please')
  await sim.agent('ana').accepts(customer)
  await sim.agent('ana').closes(customer)
  await customer.chooses('yes')
}

async function again(sim: Simulation, customer: SimulatedCustomer): Promise<void> {
  await sim.advance('11m') // too late to take the last one up again
  await customer.returns()
  await served(sim, customer)
}

const askedOf = ({ messages }: SimulatedCustomer): number =>
  messages.filter(({ author, text }) => author === 'bot' && QUESTIONS.test(text)).length

describe('csat', () => {
  for (const scale of [5, 10] as const)
    for (const { name, run } of pluginCases(csat({ scale, everyDays: 1 }))) test(`of ${scale} ${name}`, run)

  test.each([
    [5, '4', 4],
    [10, '9', 9],
    [2, 'yes', 2],
  ] as const)('F52: asks once for a rating of %s, and counts it', async (scale, reply, score) => {
    await using sim = open({ scale })
    const kim = sim.customer('kim')
    await served(sim, kim)
    await kim.sees(QUESTIONS)
    await kim.says(reply)
    await kim.isIn('closed')
    expect(askedOf(kim)).toBe(1)
    expect(await sim.engine.plugin(csat).average()).toBe(score)
    expect(sim.pluginFailures).toEqual([])
  })

  test('F52: does not ask whoever has fallen silent', async () => {
    await using sim = open()
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').says(kim, 'How can I help?')
    await sim.advance('1h')
    await kim.isIn('closed')
    expect(askedOf(kim)).toBe(0)
    expect(await sim.engine.plugin(csat).average()).toBeNaN()
  })

  test('F52: asks again when the conversation has been taken up again, and both ratings count', async () => {
    await using sim = open()
    const kim = sim.customer('kim')
    await served(sim, kim)
    await kim.says('4')
    await kim.isIn('closed')
    const first = kim.conversationId
    await kim.returns()
    await served(sim, kim)
    expect(kim.conversationId).toBe(first)
    await kim.says('5')
    await kim.isIn('closed')
    expect(askedOf(kim)).toBe(2)
    expect(await sim.engine.plugin(csat).average()).toBe(4.5)
  })

  test.each([2, 5, 10] as const)('F52: takes "skip" for an answer on a scale of %s', async (scale) => {
    await using sim = open({ scale })
    const kim = sim.customer('kim')
    await served(sim, kim)
    await kim.says('skip')
    await kim.isIn('closed')
    expect(await sim.engine.plugin(csat).average()).toBeNaN()
  })

  test('F52: never asks those who would rather not, until they say otherwise', async () => {
    await using sim = open()
    const kim = sim.customer('kim')
    await kim.sees(/Hello/)
    await sim.engine.plugin(csat).optOut('kim')
    await served(sim, kim)
    await kim.isIn('closed')
    expect(askedOf(kim)).toBe(0)
    await sim.engine.plugin(csat).optOut('kim', false)
    await again(sim, kim)
    await kim.sees(QUESTIONS)
  })

  test('F52: asks for a few words when the rating is low, which stand in the transcript and nowhere else', async () => {
    await using sim = open()
    const told: unknown[] = []
    sim.engine.on('plugin.emitted', ({ name, data }) => told.push([name, data]))
    const kim = sim.customer('kim')
    await served(sim, kim)
    await kim.says('2')
    await kim.sees(/tell us why/)
    await kim.says('I waited for an hour')
    await kim.isIn('closed')
    expect(kim.messages.at(-1)?.text).toBe('I waited for an hour')
    expect(told).toEqual([['commented', { comment: 'I waited for an hour', score: 2 }]])
  })

  test('F52: does not ask for words that came with the rating, nor when that is turned off', async () => {
    await using sim = open()
    const kim = sim.customer('kim')
    await served(sim, kim)
    await sim.engine.conversation(kim.conversationId).rate(1, { comment: 'I waited for an hour' })
    await kim.isIn('closed')
    expect(kim.messages.map(({ text }) => text)).toContain('I waited for an hour')
    await using quiet = open({ comment: 'never' })
    const lou = quiet.customer('lou')
    await served(quiet, lou)
    await lou.says('1')
    await lou.isIn('closed')
  })

  test('F52: counts a rating that comes after the end', async () => {
    await using sim = open()
    const kim = sim.customer('kim')
    await served(sim, kim)
    await sim.advance('10m') // nothing comes to either question
    await kim.isIn('closed')
    await sim.engine.conversation(kim.conversationId).rate(3)
    expect(await sim.engine.plugin(csat).average()).toBe(3)
  })

  test('F52: asks the same customer once in so many days', async () => {
    await using sim = open({ everyDays: 7 })
    const kim = sim.customer('kim')
    const counts: number[] = []
    for (const pause of ['1d', '5d', '2d'] as const) {
      await served(sim, kim)
      if (kim.phase !== 'closed') await kim.says('5')
      await kim.isIn('closed')
      counts.push(askedOf(kim))
      await sim.advance(pause)
      await kim.returns()
    }
    await served(sim, kim)
    counts.push(askedOf(kim))
    expect(counts).toEqual([1, 0, 0, 1])
  })

  test('tells the mean of a period, to the hour', async () => {
    await using sim = open()
    const { average } = sim.engine.plugin(csat)
    for (const [name, score] of [
      ['kim', '5'],
      ['lou', '3'],
      ['max', '4'],
    ] as const) {
      const customer = sim.customer(name)
      await served(sim, customer)
      await customer.says(score)
      await customer.isIn('closed')
      await sim.advance('2h')
    }
    expect(await average()).toBe(4)
    expect(await average('3h')).toBe(4) // the last one alone
    expect(await average('4h')).toBe(3.5)
    expect(await average('30d')).toBe(4)
    await sim.advance('40d')
    expect(await average('30d')).toBeNaN()
    expect(await average()).toBe(4)
    await expect(average('soon' as never)).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'period' })
  })

  test('leaves the closing to another plugin that wants no rating', async () => {
    const brief = definePlugin({
      name: 'brief',
      version: '1.0.0',
      hooks: { 'closing:steps': { order: 'pre', handler: () => ['thanks'] } },
    })
    await using sim = open({ scale: 10 }, [brief()])
    const kim = sim.customer('kim')
    await kim.says('a person, please')
    await sim.agent('ana').accepts(kim)
    await sim.agent('ana').closes(kim)
    await kim.isIn('closed')
    expect(askedOf(kim)).toBe(0)
  })

  test.each([[{ scale: 7 }], [{ everyDays: -1 }], [{ comment: 'yes' }]])('refuses %j', (options) => {
    expect(() => csat(options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', path: 'plugins.csat' }),
    )
  })

  test('says which scales there are', () => {
    expect(() => csat({ scale: 7 as never })).toThrow('scale: expected 2, or expected 5, or expected 10')
  })
})
