import { simulate } from 'maitred/testing'
import { expect, test } from 'vitest'

const agents = [
  { id: 'ana', skills: ['billing'], capacity: 1, autoAccept: true },
  { id: 'ben', skills: ['billing'] },
  { id: 'cleo', skills: ['german'] },
]

test('F59: who waits is explained with the rules, the counts, and on request everyone by name', async () => {
  await using sim = simulate({ agents, routing: { agentPolicy: 'leastLoaded', queuePolicy: 'fifo' } })
  await sim.agent('ben').goes('away')
  const ids: string[] = []
  for (const name of ['kim', 'lou']) {
    const { id } = await sim.engine.openConversation({ customer: { id: name }, skills: ['billing'] })
    await sim.engine.conversation(id).requestAgent()
    await sim.advance('1s')
    ids.push(id)
  }
  const [seated = '', waiting = ''] = ids
  const rules = { agentPolicy: 'leastLoaded', queuePolicy: 'fifo', version: expect.any(String) as string }
  const rejected = { skill: 1, declined: 0, plugin: 0, presence: 1, capacity: 0 }
  expect(await sim.engine.explain(seated)).toMatchObject({ chosen: { agentId: 'ana' }, rejected, rules })
  const full = await sim.engine.explain(waiting, { full: true })
  expect(full).toMatchObject({ rejected: { skill: 1, presence: 1, capacity: 1 }, rules })
  expect(full.agents).toEqual([
    { agentId: 'ana', rejected: 'capacity' },
    { agentId: 'ben', rejected: 'presence' },
    { agentId: 'cleo', rejected: 'skill' },
  ])
  expect((await sim.engine.explain(waiting)).agents).toBeUndefined()
})
