import { expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { watchLedger } from '../../src/cli/replay/watch-ledger.ts'
import { createVirtualClock } from '../../src/testing/index.ts'

test('counts the seats that are held, and notices when somebody is above capacity', async () => {
  const ledger = watchLedger()
  let idCount = 0
  await using engine = assemble(
    { agents: [{ id: 'ana', capacity: 1, autoAccept: true }], store: ledger.store },
    { clock: createVirtualClock(0), seed: 1, createId: () => `c${(idCount += 1)}` }, // a busy machine changes nothing
  )
  await engine.start()
  await engine.agent('ana').setPresence('online')

  const kim = await engine.openConversation({ customer: { id: 'kim' } })
  await kim.requestAgent()
  expect(ledger).toMatchObject({ maxLoad: 1, overCount: 0 })

  const lee = await engine.openConversation({ customer: { id: 'lee' } })
  await lee.requestAgent()
  expect(ledger.newWaitingCount()).toBe(1)
  expect(ledger.newWaitingCount()).toBeUndefined() // nothing has happened since

  await engine.assign(lee.id, 'ana', { by: 'boss', force: true })
  expect(ledger).toMatchObject({ maxLoad: 2, overCount: 1 })
  expect(ledger.newWaitingCount()).toBe(0)
})
