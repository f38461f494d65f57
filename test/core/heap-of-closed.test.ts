import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { createVirtualClock } from '../../src/testing/index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void // the flag has just made it

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    collectGarbage()
  }
  return process.memoryUsage().heapUsed
}

test('P48: 10,000 conversations opened and closed leave less than 1 kB each, and no timer', async () => {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5, 9))
  let idCount = 0
  const createId = (): string => `c${String((idCount += 1)).padStart(6, '0')}`
  const engine = assemble({ store: memoryStore({ keepClosed: 100 }) }, { clock, seed: 1, createId, isAlone: true })
  await engine.start()
  const come = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const customer = await engine.openConversation({ customer: { id: `customer${idCount}` } })
      await customer.say('hello')
      await customer.leave()
    }
    const until = clock.now() + 3_600_000
    while (clock.fireNext(until)) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await come(1_000) // whatever is made once
  const before = await heapUsed()
  await come(10_000)
  expect(((await heapUsed()) - before) / 10_000).toBeLessThan(1_000)
  expect(clock.nextAt()).toBeUndefined()
  expect(await engine.conversations({ limit: 1_000 })).toHaveLength(100)
  await engine.stop()
})
