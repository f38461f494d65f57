import { simulate } from 'maitred/testing'
import { expect, test } from 'vitest'
import { config } from './live-rules.ts'

test('a supervisor listens, whispers, and takes over', async () => {
  await using sim = simulate({ ...config, agents: [{ id: 'ana', name: 'Ana' }, { id: 'sue', name: 'Sue', capacity: 1 }] })
  await sim.agent('sue').goes('away') // not to be asked herself
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  await sim.agent('ana').accepts(kim)
  await sim.agent('sue').whispers(kim, 'Offer them a refund.')
  await sim.agent('sue').goes('online')
  await sim.agent('sue').joins(kim, { takeOver: true })
  await kim.sees('Sue has joined the conversation.')
  expect(sim.agent('sue').load).toBe(1)
  await sim.agent('ana').says(kim, 'Sue will see to it.') // she stays as a guest
  await kim.sees('Sue will see to it.')
})
