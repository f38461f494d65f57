import { expect, test } from 'vitest'
import { simulate, withFault } from 'maitred/testing'
import { loyalty } from './loyalty.ts'

const config = { agents: [{ id: 'ana' }], plugins: [loyalty({ lookup: (id) => fetchTier(id) })] }
const fake = loyalty({ lookup: () => Promise.resolve({ tier: 'gold' }) })

test('gold customers are answered within 20 seconds', async () => {
  await using sim = simulate(config, { replace: [fake] })
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  const view = await sim.engine.conversation(kim.conversationId).view()
  expect(view.requirements).toMatchObject({ target: '20s' })
})

test('a CRM that hangs delays nobody', async () => {
  await using sim = simulate(config, { replace: [withFault(fake, 'customer:context', 'hangs')] })
  const kim = sim.customer('kim')
  await kim.says('a person, please')
  await sim.advance('800ms')
  await sim.agent('ana').isOffered(kim)
  expect(sim.pluginFailures).toMatchObject([{ plugin: 'loyalty', hook: 'customer:context', why: 'timedOut' }])
})

async function fetchTier(id: string): Promise<{ tier: string }> {
  const response = await fetch(`https://crm.example/customers/${id}`)
  return (await response.json()) as { tier: string }
}
