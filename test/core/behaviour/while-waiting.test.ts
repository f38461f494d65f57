import { simulate, type SimulatedCustomer, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { ana, ben, heardBy, kim as kimCarter, seat, viewOf } from './scene.ts'

const PERSON = 'a person, please'

/** Ana's only seat is taken, and this customer waits for it. */
async function waiting(
  sim: Simulation,
  who: Parameters<Simulation['customer']>[0] = kimCarter,
): Promise<SimulatedCustomer> {
  await seat(sim.customer('first'), sim.agent('ana'))
  const kim = sim.customer(who)
  await kim.says(PERSON)
  await kim.sees(/number 1/)
  return kim
}

const agents = [{ ...ana, capacity: 1 }]

describe('whoever waits', () => {
  test('F25: is told again by rule, when there is something new to tell', async () => {
    await using sim = simulate({ agents: [{ ...ana, capacity: 2 }], routing: { noticeEvery: '2m' } })
    const [one, two] = [sim.customer('one'), sim.customer('two')]
    await seat(one, sim.agent('ana'))
    await seat(two, sim.agent('ana'))
    const [kim, lou] = [sim.customer(kimCarter), sim.customer('lou')]
    await kim.says(PERSON)
    await lou.says(PERSON)
    await lou.sees('You are number 2 in the queue.')
    await sim.advance('2m')
    await lou.seesNothingNew()
    await sim.agent('ana').closes(one)
    await sim.agent('ana').accepts(kim)
    await sim.advance('2m')
    await lou.sees('You are number 1 in the queue.')
  })

  test('F25: may leave a message, keep the place, or go, by button or in words, at any time', async () => {
    await using sim = simulate({ agents })
    const kim = await waiting(sim)
    await kim.chooses('keep')
    await kim.sees('Your place is kept.')
    await kim.says('Keep my place')
    await kim.seesNothingNew()
    expect((await viewOf(sim, kim)).queue?.position).toBe(1)
    const lou = sim.customer('lou')
    await lou.says(PERSON)
    await lou.says('I do not need it any more')
    expect(await viewOf(sim, lou)).toMatchObject({ phase: 'closed', outcome: 'abandoned' })
    await kim.chooses('message')
    await kim.isIn('async')
  })

  test('F25: is told in the end that it is over when they go by the button', async () => {
    await using sim = simulate({ agents })
    const kim = await waiting(sim)
    await kim.chooses('leave')
    await kim.isIn('closed')
    expect((await viewOf(sim, kim)).reason).toBe('customerLeft')
  })

  test.each([
    ['async', 'async', /Write down what we should know/],
    ['callback', 'async', /we will call you back/],
    ['close', 'closed', /nobody could be found/],
  ] as const)('F26: longest wait, then %s', async (to, phase, text) => {
    await using sim = simulate({ agents, routing: { overflow: { after: '2m', to } } })
    const kim = await waiting(sim)
    await sim.advance('119s')
    await kim.isIn('waiting')
    await sim.advance('1s')
    await kim.isIn(phase)
    await kim.sees(text)
  })

  test('F26: longest wait, then whoever has the other skill', async () => {
    await using sim = simulate({
      agents: [
        { ...ana, capacity: 1, skills: ['billing'] },
        { ...ben, skills: ['general'] },
      ],
      routing: { overflow: { after: '2m', to: { skills: ['general'] } } },
    })
    const [first, kim] = [sim.customer('first'), sim.customer(kimCarter)]
    for (const person of [first, kim]) {
      await person.isIn('helping')
      await sim.engine.conversation(person.conversationId).requestAgent({ skills: ['billing'] })
    }
    await sim.agent('ana').accepts(first)
    await sim.advance('2m')
    await sim.agent('ben').isOffered(kim)
  })

  test('F26: P39: for a skill that nobody there has goes to its overflow at once, and to a message where there is none', async () => {
    const staff = [{ ...ana, skills: ['general'] }]
    await using sim = simulate({
      agents: staff,
      routing: { overflow: { after: '10m', to: { skills: ['general'] } } },
    })
    const kim = sim.customer(kimCarter)
    await kim.isIn('helping')
    await sim.engine.conversation(kim.conversationId).requestAgent({ skills: ['german'] })
    await sim.agent('ana').isOffered(kim)
    expect((await viewOf(sim, kim)).requirements?.skills).toEqual(['general'])
    await using other = simulate({ agents: staff })
    const lou = other.customer('lou')
    await lou.isIn('helping')
    await other.engine.conversation(lou.conversationId).requestAgent({ skills: ['german'] })
    await lou.isIn('async')
    expect(heardBy(lou).join('\n')).not.toMatch(/looking for somebody/)
  })

  test('P39: passed on to a skill that nobody has waits no longer than anybody else', async () => {
    await using sim = simulate({ agents, routing: { overflow: { after: '5m', to: 'async' } } })
    const kim = sim.customer(kimCarter)
    await seat(kim, sim.agent('ana'))
    await sim.agent('ana').transfers(kim, { skills: ['german'] })
    await sim.advance('299s')
    await kim.isIn('waiting')
    await sim.advance('1s')
    await kim.isIn('async')
  })

  test('P41: comes to a queue that is full, and is asked for a message: the queue does not grow', async () => {
    await using sim = simulate({ agents, admission: { maxQueue: 2 } })
    await waiting(sim)
    const people = Array.from({ length: 20 }, (_, index) => sim.customer(`late${index}`))
    for (const person of people) await person.says(PERSON)
    const phases = people.map(({ phase }) => phase)
    expect(phases.filter((phase) => phase === 'waiting')).toHaveLength(1)
    expect(phases.filter((phase) => phase === 'async')).toHaveLength(19)
    expect(await sim.engine.availability()).toEqual({ open: false, reason: 'queueFull' })
  })
})
