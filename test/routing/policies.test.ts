import { type Agent, definePlugin, type EngineOptions, type Requirements } from 'maitred'
import { simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

type Routing = NonNullable<EngineOptions['routing']>

const customer = (id: string) => ({ id })

/** Somebody wants a person with these skills. Returns the conversation's id. */
async function ask(sim: Simulation, id: string, skills: readonly string[] = ['billing']): Promise<string> {
  const conversation = await sim.engine.openConversation({ customer: customer(id), skills })
  await sim.engine.conversation(conversation.id).requestAgent()
  await sim.advance(0)
  return conversation.id
}

async function chosenFor(sim: Simulation, conversationId: string): Promise<string | undefined> {
  return (await sim.engine.explain(conversationId)).chosen?.agentId
}

/** Who gets the conversations of so many who come one after another; everybody takes what they are offered. */
async function shared(
  routing: Routing,
  agents: readonly Agent[],
  count: number,
): Promise<readonly (string | undefined)[]> {
  await using sim = simulate({ agents: agents.map((agent) => ({ ...agent, autoAccept: true })), routing })
  for (const { id } of agents) await sim.agent(id).goes('online')
  const got: (string | undefined)[] = []
  for (let nth = 0; nth < count; nth++) {
    got.push(await chosenFor(sim, await ask(sim, `kim-${nth}`)))
    await sim.advance('1s')
  }
  return got
}

const team: readonly Agent[] = [
  { id: 'ana', skills: { billing: 3 }, capacity: 2 },
  { id: 'ben', skills: { billing: 5, german: 5 }, capacity: 4 },
  { id: 'cleo', skills: { billing: 5, german: 5, returns: 5 }, capacity: 4 },
]

describe('F29: the agent policy', () => {
  test.each<[NonNullable<Routing['agentPolicy']>, string]>([
    ['default', 'ben cleo ben cleo ben cleo'],
    ['leastLoaded', 'ana ben cleo ben cleo ana'],
    ['longestIdle', 'ana ben cleo ana ben cleo'],
    ['mostSpecialised', 'ana ana ben ben ben ben'],
    ['mostProficient', 'ben cleo ben cleo ben cleo'],
    ['roundRobin', 'ana ben cleo ana ben cleo'],
    ['sticky', 'ben cleo ben cleo ben cleo'],
    [(candidates) => candidates.at(-1)?.agent.id, 'cleo cleo cleo cleo ben ben'],
  ])('%s chooses by its own rule', async (agentPolicy, expected) => {
    expect((await shared({ agentPolicy }, team, 6)).join(' ')).toBe(expected)
  })

  test('random is drawn, the same for the same seed, and reaches everybody', async () => {
    const first = await shared({ agentPolicy: 'random' }, team, 10)
    expect(await shared({ agentPolicy: 'random' }, team, 10)).toEqual(first)
    expect(new Set(first)).toEqual(new Set(['ana', 'ben', 'cleo']))
  })

  test('scarcityAware spares whoever is needed elsewhere', async () => {
    const agents: readonly Agent[] = [
      { id: 'ana', skills: ['billing', 'german'], capacity: 3, autoAccept: true },
      { id: 'ben', skills: ['billing', 'returns'], capacity: 3, autoAccept: true },
    ]
    await using sim = simulate({ agents, routing: { agentPolicy: 'scarcityAware' } })
    for (const { id } of agents) await sim.agent(id).goes('online')
    await ask(sim, 'lou', ['german'])
    await ask(sim, 'max', ['returns'])
    await ask(sim, 'mia', ['german'])
    const seldom = await ask(sim, 'kim', ['billing'])
    expect(await sim.engine.explain(seldom)).toMatchObject({ chosen: { agentId: 'ben' } })
  })

  test('roundRobin has a turn of its own for each kind', async () => {
    const agents = ['ana', 'ben', 'cleo'].map((id) => ({ id, skills: ['billing', 'german'], autoAccept: true }))
    await using sim = simulate({ agents, routing: { agentPolicy: 'roundRobin' } })
    for (const { id } of agents) await sim.agent(id).goes('online')
    const got = []
    for (const [id, skill] of [
      ['k1', 'billing'],
      ['k2', 'german'],
      ['k3', 'billing'],
      ['k4', 'german'],
    ] as const)
      got.push(await chosenFor(sim, await ask(sim, id, [skill])))
    expect(got).toEqual(['ana', 'ana', 'ben', 'ben'])
  })

  test('longestIdle counts from the end of the last conversation', async () => {
    const agents = ['ana', 'ben'].map((id) => ({ id, skills: ['billing'], capacity: 1, autoAccept: true }))
    await using sim = simulate({ agents, routing: { agentPolicy: 'longestIdle' } })
    for (const { id } of agents) await sim.agent(id).goes('online')
    const [first, second] = [await ask(sim, 'kim'), await ask(sim, 'lou')]
    expect([await chosenFor(sim, first), await chosenFor(sim, second)]).toEqual(['ana', 'ben'])
    await sim.engine.conversation(second).leave()
    await sim.advance('10s')
    await sim.engine.conversation(first).leave()
    expect(await chosenFor(sim, await ask(sim, 'max'))).toBe('ben')
  })

  test("that throws or names a stranger is nobody's choice: the conversation waits, and others go on", async () => {
    for (const agentPolicy of [
      (): string => {
        throw new Error('no idea')
      },
      (): string => 'nobody we know',
      (): string => 7 as unknown as string, // what a policy written without types may return
    ]) {
      await using sim = simulate({ agents: [{ id: 'ana', skills: ['billing'] }], routing: { agentPolicy } })
      await sim.agent('ana').goes('online')
      const id = await ask(sim, 'kim')
      const { chosen, waitingFor } = await sim.engine.explain(id)
      expect(chosen).toBeUndefined()
      expect(waitingFor).toBe('the agent policy to name the one agent with billing')
    }
  })
})

describe('F30: an agent who is preferred', () => {
  const agents = ['ana', 'ben', 'cleo'].map((id) => ({ id, skills: ['billing'], capacity: 1, autoAccept: true }))
  const wish = (changes: Partial<Requirements>) =>
    definePlugin({
      name: 'wish',
      version: '1.0.0',
      hooks: {
        'route:requirements': (need, ctx) => (ctx.conversation.customer.id === 'kim' ? { ...need, ...changes } : need),
      },
    })()

  test('is asked first if they are free, whoever else is', async () => {
    await using sim = simulate({ agents, plugins: [wish({ preferredAgentId: 'cleo' })] })
    for (const { id } of agents) await sim.agent(id).goes('online')
    expect(await chosenFor(sim, await ask(sim, 'kim'))).toBe('cleo')
    expect(await chosenFor(sim, await ask(sim, 'lou'))).toBe('ana')
  })

  test('is not waited for unless it is said', async () => {
    await using sim = simulate({ agents, plugins: [wish({ preferredAgentId: 'ana' })] })
    for (const { id } of agents) await sim.agent(id).goes('online')
    expect(await chosenFor(sim, await ask(sim, 'lou'))).toBe('ana')
    expect(await chosenFor(sim, await ask(sim, 'kim'))).toBe('ben')
  })

  test('is waited for while they are busy, and no longer than was said', async () => {
    for (const routing of [{ preferredWait: '45s' }, { agentPolicy: 'sticky' }] as const) {
      await using sim = simulate({ agents, routing, plugins: [wish({ preferredAgentId: 'ana' })] })
      for (const { id } of agents) await sim.agent(id).goes('online')
      expect(await chosenFor(sim, await ask(sim, 'lou'))).toBe('ana')
      const id = await ask(sim, 'kim')
      expect(await sim.engine.explain(id)).toMatchObject({
        waitingFor: 'a free seat at the agent it is kept for',
        rejected: { skill: 2, capacity: 1 },
      })
      await sim.advance('44s')
      expect(await chosenFor(sim, id)).toBeUndefined()
      await sim.advance('1s')
      expect(await chosenFor(sim, id)).toBe('ben')
    }
  })

  test('gets it as soon as they are free, ahead of others who are', async () => {
    await using sim = simulate({
      agents,
      routing: { agentPolicy: 'sticky' },
      plugins: [wish({ preferredAgentId: 'ana' })],
    })
    for (const { id } of agents) await sim.agent(id).goes('online')
    const first = await ask(sim, 'lou')
    const id = await ask(sim, 'kim')
    await sim.advance('20s')
    await sim.engine.conversation(first).leave()
    await sim.advance(0)
    expect(await sim.engine.explain(id)).toMatchObject({
      chosen: { agentId: 'ana', because: 'is the agent it was kept for' },
    })
  })

  test('is not waited for when they go, or are not there', async () => {
    await using sim = simulate({
      agents,
      routing: { agentPolicy: 'sticky' },
      plugins: [wish({ preferredAgentId: 'ana' })],
    })
    for (const { id } of agents) await sim.agent(id).goes('online')
    await ask(sim, 'lou')
    const id = await ask(sim, 'kim')
    expect(await chosenFor(sim, id)).toBeUndefined()
    await sim.agent('ana').goes('away')
    await sim.advance(0)
    expect(await chosenFor(sim, id)).toBe('ben')
  })

  test('who is excluded is never asked, preferred or not', async () => {
    const plugins = [wish({ preferredAgentId: 'ana', excludedAgentIds: ['ana', 'ben'] })]
    await using sim = simulate({ agents, routing: { agentPolicy: 'sticky' }, plugins })
    for (const { id } of agents) await sim.agent(id).goes('online')
    const id = await ask(sim, 'kim')
    expect(await sim.engine.explain(id)).toMatchObject({ chosen: { agentId: 'cleo' }, rejected: { declined: 2 } })
  })
})

describe('F31: ties', () => {
  test('end with the id, in any order of coming', async () => {
    for (const ids of [
      ['ana', 'ben', 'cleo'],
      ['cleo', 'ben', 'ana'],
    ]) {
      const agents = ids.map((id) => ({ id, skills: ['billing'], autoAccept: true }))
      expect(await shared({}, agents, 4)).toEqual(['ana', 'ben', 'cleo', 'ana'])
    }
  })

  test('are decided by the load of all queues together', async () => {
    const agents = [
      { id: 'ana', skills: ['billing', 'german'], autoAccept: true },
      { id: 'ben', skills: ['billing', 'returns'], autoAccept: true },
    ]
    await using sim = simulate({ agents })
    for (const { id } of agents) await sim.agent(id).goes('online')
    await ask(sim, 'lou', ['german'])
    expect(await chosenFor(sim, await ask(sim, 'kim'))).toBe('ben')
  })
})
