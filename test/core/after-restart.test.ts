import { expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { definePlugin } from '../../src/core/hooks/define-plugin.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import { remoteStore } from '../../src/testing/remote-store.ts'
import { createVirtualClock, simulate } from '../../src/testing/index.ts'

test.each([
  ['here', (store: ReturnType<typeof memoryStore>) => store],
  ['elsewhere', (store: ReturnType<typeof memoryStore>) => remoteStore(store)],
])(
  'an after hook that was owed when the process ended is called after the restart, with the same effectId (store %s)',
  async (_where, reach) => {
    const memory = memoryStore()
    const clock = createVirtualClock(0)
    const called: { effectId: string; query: string; revision: number }[] = []
    let isHanging = true
    const crm = definePlugin({
      name: 'crm',
      version: '1.0.0',
      hooks: {
        'after:search': (ctx) => {
          called.push({ effectId: ctx.effectId, query: ctx.details.query, revision: ctx.conversation.revision })
          return isHanging ? new Promise<void>(() => {}) : undefined
        },
      },
    })
    const start = async () => {
      const engine = assemble({ plugins: [crm()], store: reach(memory) }, { clock, seed: 1, createId: () => 'c1' })
      await engine.start()
      return engine
    }
    const settled = async () => {
      for (let round = 0; round < 20; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    const before = await start()
    const kim = await before.openConversation({ customer: { id: 'kim' } })
    await kim.say('Where is my parcel?')
    await settled()
    expect(called).toHaveLength(1)
    await before.stop({ within: 0 }) // as a crash would: the hook has not come back
    isHanging = false
    const after = await start()
    await settled()
    expect(called).toHaveLength(2)
    expect(called[1]).toEqual(called[0])
    expect(called[0]).toMatchObject({ query: 'Where is my parcel?' })
    expect(await after.health()).toMatchObject({ outboxCount: 0 })
    await after.stop({ within: 0 })
  },
)

test('an after hook is called though the answer of its commit was lost', async () => {
  let isLosing = false
  const called: string[] = []
  const crm = definePlugin({
    name: 'crm',
    version: '1.0.0',
    hooks: { 'after:requestAgent': (ctx) => void called.push(ctx.effectId) },
  })
  const store = remoteStore(memoryStore(), { losesAnswer: () => isLosing })
  await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [crm()], store })
  const kim = sim.customer('kim')
  await kim.says('hello')
  isLosing = true
  await expect(sim.engine.conversation(kim.conversationId).requestAgent()).rejects.toMatchObject({ retryable: true })
  isLosing = false
  expect(called).toEqual([])
  await sim.advance('1s')
  expect(new Set(called).size).toBe(1)
  expect(await sim.engine.health()).toMatchObject({ outboxCount: 0 })
})
