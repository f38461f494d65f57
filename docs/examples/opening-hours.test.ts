import { expect, test } from 'vitest'
import { simulate } from 'maitred/testing'
import { openingHours } from './opening-hours.ts'

const config = { agents: [{ id: 'ana', name: 'Ana' }], plugins: [openingHours()] }

test('by day a customer gets a person', async () => {
  await using sim = simulate(config, { startAt: '2026-01-05T10:00Z' })
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  await sim.agent('ana').accepts(kim)
  await kim.sees('Ana has joined')
})

test('by night a message is taken instead', async () => {
  await using sim = simulate(config, { startAt: '2026-01-05T23:00Z' })
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  await kim.sees('We are back at 9:00')
  await kim.isIn('async')
})

test('nobody is handed back to the bot', async () => {
  await using sim = simulate(config, { startAt: '2026-01-05T10:00Z' })
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  await sim.agent('ana').accepts(kim)
  const receipt = await sim.engine.agent('ana').transfer(kim.conversationId, 'bot')
  expect(receipt).toMatchObject({ status: 'vetoed', by: 'opening-hours', transition: 'transfer' })
  await kim.isIn('live')
})
