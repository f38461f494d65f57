import { type Agent, definePlugin, type EngineOptions, type QueuePlace, type Requirements } from 'maitred'
import { simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const ana: Agent = { id: 'ana', skills: { billing: 5, german: 3 }, capacity: 1, autoAccept: true }

/** Who wants what. */
type Wishes = Readonly<Record<string, Partial<Requirements>>>

const wishing = (wishes: Wishes) =>
  definePlugin({
    name: 'wishing',
    version: '1.0.0',
    hooks: { 'route:requirements': (need, ctx) => ({ ...need, ...wishes[ctx.conversation.customer.id] }) },
  })()

async function house(wishes: Wishes, options: EngineOptions = {}): Promise<Simulation> {
  const sim = simulate({ agents: [ana], plugins: [wishing(wishes)], ...options })
  for (const { id } of options.agents ?? [ana]) await sim.agent(id).goes('online')
  return sim
}

async function ask(sim: Simulation, id: string, skills: readonly string[] = ['billing']): Promise<string> {
  const conversation = await sim.engine.openConversation({ customer: { id }, skills })
  await sim.engine.conversation(conversation.id).requestAgent()
  await sim.advance(0)
  return conversation.id
}

async function placeOf(sim: Simulation, id: string): Promise<QueuePlace['position'] | undefined> {
  return (await sim.engine.conversation(id).view()).queue?.position
}

/** Closes what Ana has, again and again: who she gets, in that order. */
async function servedInTurn(sim: Simulation): Promise<readonly string[]> {
  const served: string[] = []
  for (;;) {
    const [talk] = await sim.engine.conversations({ agentId: 'ana', phase: 'live' })
    if (talk === undefined) return served
    served.push(talk.customer.id)
    await sim.engine.agent('ana').close(talk.id)
    await sim.engine.conversation(talk.id).leave()
    await sim.advance(0)
  }
}

describe('the queue', () => {
  test('F22: goes by waiting time over target, by arrival within a class, and by id between those who came together', async () => {
    await using sim = await house({ vip: { target: '10s' } })
    await ask(sim, 'first')
    await ask(sim, 'std-1')
    await ask(sim, 'std-2') // in the same millisecond
    await sim.advance('50s')
    await ask(sim, 'std-3')
    await ask(sim, 'vip')
    await sim.advance('5s') // 55 s of 60, 5 s of 60, 5 s of 10
    expect(await servedInTurn(sim)).toEqual(['first', 'std-1', 'std-2', 'vip', 'std-3'])
  })

  test('F22: nobody can be passed for ever: who came within the sixth part of a wait that the targets allow, and nobody after', async () => {
    await using sim = await house({ vip: { target: '10s' }, late: { target: '10s' } })
    await ask(sim, 'first')
    await ask(sim, 'std')
    await sim.advance('82s') // (83 - 1) s: the last moment from which (t + 1) / 10 still reaches (t + 83) / 60 by then
    await ask(sim, 'vip')
    await sim.advance('17s')
    await ask(sim, 'late')
    expect(await servedInTurn(sim)).toEqual(['first', 'vip', 'std', 'late'])
  })

  test('F23: tells the exact place where nothing can change it, and bounds where others may still pass', async () => {
    await using sim = await house({ vip: { target: '10s' } })
    await ask(sim, 'first')
    const [one, two] = [await ask(sim, 'one'), await ask(sim, 'two')]
    expect(await placeOf(sim, one)).toBe(1)
    expect(await placeOf(sim, two)).toBe(2)
    await sim.advance('1m')
    const vip = await ask(sim, 'vip')
    expect(await placeOf(sim, vip)).toEqual([1, 3])
    expect(await placeOf(sim, one)).toEqual([1, 2])
    await sim.engine.conversation(one).leave()
    expect(await placeOf(sim, vip)).toEqual([1, 2])
    await sim.engine.conversation(vip).leave()
    expect(await placeOf(sim, two)).toBe(1)
  })
})

describe('skills', () => {
  const ben: Agent = { id: 'ben', skills: { billing: 2 }, capacity: 1 }
  const cleo: Agent = { id: 'cleo', skills: { billing: 5, german: 5 }, capacity: 1 }
  const agents = [ben, cleo]
  const holders = async (sim: Simulation): Promise<readonly string[]> =>
    (await sim.engine.agents()).flatMap(({ agent, load }) => (load > 0 ? [agent.id] : [])).sort()

  test('F28: that are required must be there, those that are preferred decide, and proficiency does', async () => {
    await using sim = await house(
      { max: { preferredSkills: ['german'] } },
      { agents: [...agents, { ...ana, skills: ['billing'] }] },
    )
    await ask(sim, 'kim', ['german'])
    expect(await holders(sim)).toEqual(['cleo'])
    await ask(sim, 'lou', ['german'])
    expect(await holders(sim)).toEqual(['cleo'])
    await sim.engine.agent('cleo').setPresence('away')
    await ask(sim, 'nia')
    expect(await holders(sim)).toEqual(['ana', 'cleo']) // 5 comes before 2
  })

  test('F28: are dropped one after another as somebody waits, and a decline does not begin that anew', async () => {
    const relax = [
      { after: '30s', drop: 'german' },
      { after: '60s', drop: 'billing' },
    ] as const
    const zoe: Agent = { id: 'zoe', skills: ['returns'], capacity: 1 }
    await using sim = await house({}, { agents: [ben, zoe], routing: { relax } })
    const kim = await ask(sim, 'kim', ['german', 'billing'])
    await sim.advance('29s')
    expect(await holders(sim)).toEqual([])
    await sim.advance('1s')
    expect(await holders(sim)).toEqual(['ben'])
    await sim.advance('15s')
    await sim.engine.agent('ben').decline(kim)
    await sim.advance('14s')
    expect(await holders(sim)).toEqual([])
    await sim.advance('1s')
    expect(await holders(sim)).toEqual(['zoe'])
  })
})
