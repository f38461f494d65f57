import fc from 'fast-check'
import { test } from 'vitest'
import { letEverythingEnd, play, simulate, toStory } from 'maitred/testing'
import { nps } from './nps.ts'

const agents = [{ id: 'ana', capacity: 2 }, { id: 'ben' }]
const stories = fc.array(fc.nat(), { maxLength: 12 }).map((numbers) => toStory(numbers, { texts: ['nine', '3'] }))

test('whatever people do, everybody is served and every seat is given back', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      await using sim = simulate({ agents, plugins: [nps({ save: () => Promise.resolve() })] })
      await play(sim, story)
      await letEverythingEnd(sim)
    }),
  )
}, 60_000)
