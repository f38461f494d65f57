import { type Candidate, definePlugin, type Plugin, type Requirements } from 'maitred'
import { simulate } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

type About = { readonly candidate: Candidate; readonly need: Requirements }

function scoring(name: string, score: (before: number, about: About) => number): Plugin {
  return definePlugin({ name, version: '1.0.0', hooks: { 'route:score': score } })()
}

const agents = [
  { id: 'ana', skills: ['billing'] },
  { id: 'ben', skills: ['billing', 'german'] },
  { id: 'cem', skills: ['german'] },
] as const

/** Who is offered a conversation that needs billing. */
async function offered(...plugins: readonly Plugin[]): Promise<string> {
  await using sim = simulate({ agents, plugins })
  for (const { id } of agents) await sim.agent(id).goes('online')
  const { id } = await sim.engine.openConversation({ customer: { id: 'kim' }, skills: ['billing'] })
  await sim.engine.conversation(id).requestAgent()
  await sim.advance(0)
  const { chosen } = await sim.engine.explain(id)
  return `${chosen?.agentId ?? 'nobody'} ${chosen?.because ?? ''}`
}

describe('a plugin that scores candidates', () => {
  test('decides who is asked, among those who can take it', async () => {
    expect(await offered()).toMatch(/^ana /)
    const german = scoring('german', (score, { candidate }) =>
      'skills' in candidate.agent && JSON.stringify(candidate.agent.skills).includes('german') ? score + 1 : score,
    )
    expect(await offered(german)).toBe('ben has the highest score of 2')
  })

  test('goes on from the score of the one before, and leaves equals to the agent policy', async () => {
    const seen: number[] = []
    const first = scoring('first', () => 3)
    const second = scoring('second', (score) => {
      seen.push(score)
      return 0
    })
    expect(await offered(first, second)).toMatch(/^ana /)
    expect(new Set(seen)).toEqual(new Set([3]))
  })

  test('sees load, idle time, proficiency and the need, and can change none of them', async () => {
    const seen: About[] = []
    const curious = scoring('curious', (score, about) => {
      seen.push(about)
      expect(Object.isFrozen(about.candidate)).toBe(true)
      expect(Object.isFrozen(about.need)).toBe(true)
      return score
    })
    await offered(curious)
    expect(seen[0]).toMatchObject({
      candidate: { agent: { id: 'ana' }, load: 0, proficiency: 5 },
      need: { skills: ['billing'] },
    })
  })
})
