import { expect, test } from 'vitest'
import { migrateState, simulate } from 'maitred/testing'
import { nps } from './nps.ts'

test('a low score is asked about a day later', async () => {
  const saved: { id: string; score: number }[] = []
  const save = (row: { id: string; score: number }) => Promise.resolve(void saved.push(row))
  await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [nps({ save })] })
  const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
  await kim.says('a person, please')
  await ana.accepts(kim)
  await ana.closes(kim)
  await kim.chooses('yes') // is everything solved?
  await kim.chooses('5') // the rating
  await kim.sees('from 0 to 10?')
  await kim.says('nine')
  await kim.sees('A number from 0 to 10, please.')
  await kim.says('3')
  await kim.isIn('closed')

  expect(await sim.engine.plugin(nps).scoreOf(kim.conversationId)).toBe(3)
  expect(saved).toMatchObject([{ score: 3 }])
  await kim.seesNothingNew()
  await sim.advance('1d')
  await kim.sees('What should we have done better?')
})

test('a state of version 0 is read', () => {
  const stored = { version: 0, state: { nps: 9 } }
  expect(migrateState(nps({ save: () => Promise.resolve() }), stored)).toEqual({ score: 9 })
})
