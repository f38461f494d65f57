import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { createHouse, type Deed, deeds, type House } from '../core/house.ts'
import { logOf, replayed } from '../core/replayed.ts'
import { EVERY_PLUGIN } from './every-plugin.ts'

const LONG_MS = 120_000

async function live(names: readonly string[], story: readonly Deed[], reached: Set<string>): Promise<House> {
  const plugins = names.flatMap((name) => EVERY_PLUGIN[name]?.() ?? [])
  const house = await createHouse({ plugins })
  house.engine.on('conversation.moved', ({ to }) => reached.add(to))
  for (const deed of story) await house.act(deed)
  return house
}

const someInAnyOrder = fc.shuffledSubarray(Object.keys(EVERY_PLUGIN), { minLength: 1 })

/** What people mostly do, as far as they go: left to chance alone, hardly anybody would ever reach an agent, or an end. */
const visit = fc
  .record({
    who: fc.constantFrom('kim', 'lou', 'max'),
    length: fc.integer({ min: 2, max: 16 }),
    score: fc.constantFrom('2', '5', '9'),
  })
  .map(({ who, length, score }): readonly Deed[] => {
    const says = (text: string): Deed => ({ do: 'says', who, text })
    const byAgents = (verb: 'accepts' | 'answers' | 'warns' | 'closes'): readonly Deed[] => [
      { do: verb, agent: 'ana', who },
      { do: verb, agent: 'ben', who },
    ]
    const way = [
      says('where is my refund'),
      says('skip'),
      says('a person, please'),
      ...byAgents('accepts'),
      says('hello'),
      ...byAgents('answers'),
      ...byAgents('warns'),
      ...byAgents('closes'),
      says('yes'),
      says(score),
      says(score),
      says('It was fine.'),
    ]
    return way.slice(0, length)
  })
const story = fc
  .array(fc.oneof({ weight: 5, arbitrary: deeds.map((deed) => [deed]) }, { weight: 2, arbitrary: visit }), {
    minLength: 2,
    maxLength: 7,
  })
  .map((parts) => parts.flat())

describe('any plugins of the repository, in any order', () => {
  test(
    'keep every agent within capacity, one owner, and the ledger as the conversations have it; the log leads to what is stored, twice to the same, and when somebody has been erased; time alone closes everything and frees the seats',
    async () => {
      const reached = new Set<string>()
      await fc.assert(
        fc.asyncProperty(someInAnyOrder, story, async (names, told) => {
          const [house, twin] = [await live(names, told, reached), await live(names, told, reached)]
          expect(await logOf(house)).toEqual(await logOf(twin))
          const rows = await house.store.find({ limit: 1_000 })
          for (const { id, snapshot } of rows) expect(replayed(await house.store.turns(id, 0))).toEqual(snapshot)
          await house.engine.erase('kim')
          for (const { id, snapshot } of await house.store.find({ limit: 1_000 }))
            expect(replayed(await house.store.turns(id, 0))).toEqual(snapshot)
          await house.advance(10 * 86_400_000)
          const after = await house.store.find({ limit: 1_000 })
          expect(after.map(({ snapshot }) => snapshot.path)).toEqual(after.map(() => 'closed'))
          for (const { id, snapshot } of after) expect(replayed(await house.store.turns(id, 0))).toEqual(snapshot)
          expect((await house.store.agents()).map(({ units }) => units)).toEqual([0, 0])
          expect(await house.store.waiting()).toEqual([])
          expect(house.violations).toEqual([])
        }),
        { numRuns: 300 },
      )
      expect([...reached].sort()).toEqual(['async', 'closed', 'closing', 'helping', 'live', 'waiting'])
    },
    LONG_MS,
  )

  test('are really all: none in the sources, the documentation or the examples is forgotten', () => {
    const root = path.resolve(import.meta.dirname, '../..')
    const files = ['src/plugins', 'src/plugins/knowledge-base', 'docs/examples', 'examples']
      .map((folder) => path.join(root, folder))
      .flatMap((folder) => readdirSync(folder).map((file) => path.join(folder, file)))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    const names = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/definePlugin\(\{\s+name: '([^']+)'/g)].map(([, name = '']) => name),
    )
    expect(names.sort()).toEqual(Object.keys(EVERY_PLUGIN).sort())
    for (const [name, make] of Object.entries(EVERY_PLUGIN)) expect(make().name).toBe(name)
  })
})
