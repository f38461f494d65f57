import { fc } from '../fc.ts'
import { definePlugin } from 'maitred'
import { letEverythingEnd, play, simulate, toStory } from 'maitred/testing'
import { describe, expect, test } from 'vitest'
import { nps } from '../../docs/examples/nps.ts'
import { openingHours } from '../../docs/examples/opening-hours.ts'

const agents = [{ id: 'ana', capacity: 2 }, { id: 'ben' }] as const
const numbers = fc.array(fc.nat(), { minLength: 1, maxLength: 12 })
const LONG_MS = 60_000

describe('F72: a story made of numbers', () => {
  test(
    'lets a bot author test any interleaving of their own plugins, with invariants that are ready-made',
    async () => {
      const reached = new Set<string>()
      await fc.assert(
        fc.asyncProperty(
          numbers.map((drawn) => toStory(drawn, { texts: ['nine', '3'] })),
          async (story) => {
            await using sim = simulate({ agents, plugins: [nps({ save: () => Promise.resolve() }), openingHours()] })
            sim.engine.on('conversation.moved', ({ to }) => reached.add(to))
            await play(sim, story)
            await letEverythingEnd(sim)
            expect(sim.pluginFailures).toEqual([])
          },
        ),
        { numRuns: 150 },
      )
      expect([...reached].sort()).toEqual(['async', 'closed', 'closing', 'helping', 'live', 'waiting'])
    },
    LONG_MS,
  )

  test(
    'finds a plugin that fails where hardly anybody comes by, and shrinks to the number that shows it',
    async () => {
      const moody = definePlugin({
        name: 'moody',
        version: '1.0.0',
        hooks: {
          'before:accept': () => {
            throw new Error('not today')
          },
        },
      })
      const result = await fc.check(
        fc.asyncProperty(
          numbers.map((drawn) => toStory(drawn)),
          async (story) => {
            await using sim = simulate({ agents, plugins: [moody()] })
            await play(sim, story)
            if (sim.pluginFailures.length > 0) throw new Error('a hook fails')
          },
        ),
        { numRuns: 60, seed: 3 },
      )
      expect(result.failed).toBe(true)
      expect(result.counterexample?.[0].map(({ do: verb }) => verb)).toContain('accepts')
      expect(result.counterexamplePath).not.toBeNull()
    },
    LONG_MS,
  )

  test('is the same for the same numbers, and empty for none', () => {
    fc.assert(
      fc.property(numbers, (drawn) => {
        expect(toStory(drawn)).toEqual(toStory(drawn))
      }),
    )
    expect(toStory([])).toEqual([])
  })

  test('is told by those who were cast', () => {
    const story = toStory([...Array(200).keys()], { customers: ['zoe'], agents: ['cleo'], texts: ['order 7'] })
    const people = story.flatMap((deed) => [
      ...('who' in deed ? [deed.who] : []),
      ...('agent' in deed ? [deed.agent] : []),
    ])
    expect([...new Set(people)].sort()).toEqual(['cleo', 'zoe'])
    expect(story.some((deed) => deed.do === 'says' && deed.text === 'order 7')).toBe(true)
  })

  test('that breaks an invariant says what was done last', async () => {
    await using sim = simulate({ agents })
    const broken = { ...sim, advance: () => Promise.reject(new Error('an invariant does not hold: ...')) }
    await expect(play(broken, [{ do: 'says', who: 'kim', text: 'hello' }])).rejects.toThrow(
      'says kim hello: an invariant does not hold',
    )
  })
})
