import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/index.ts'
import { simulate, storeCases } from '../../src/testing/index.ts'
import { asyncStore } from './wrapped-store.ts'

describe('the memory store', () => {
  for (const { name, run } of storeCases(memoryStore)) test(name, run)

  test('gives the same tenant to everyone who opens it, and a fresh house to every store', async () => {
    const [store, other] = [memoryStore(), memoryStore()]
    await (await store.open('')).saveAgent({ id: 'ana' })
    expect(await (await store.open('')).agent('ana')).toMatchObject({ agent: { id: 'ana' } })
    expect(await (await other.open('')).agent('ana')).toBeUndefined()
  })

  test('forgets the conversations that were closed first, and none that is open or has a seat', async () => {
    const store = memoryStore({ keepClosed: 2 })
    await using sim = simulate({ agents: [{ id: 'ana', autoAccept: true, capacity: 10 }], store })
    const ids: string[] = []
    for (const name of ['kim', 'lee', 'mia', 'noa']) {
      const customer = sim.customer(name)
      await customer.says('hello')
      await customer.says('an agent, please')
      ids.push(customer.conversationId)
    }
    for (const name of ['kim', 'lee', 'mia']) await sim.customer(name).leaves()
    const tenant = await store.open('')
    const kept = async () => (await tenant.find({})).map(({ id }) => id)
    await sim.advance('1h')
    expect(await kept()).toEqual(ids.slice(1))
    expect((await tenant.find({ customerId: 'kim' })).length).toBe(0)
    expect((await tenant.find({ customerId: 'noa' })).map(({ id }) => id)).toEqual(ids.slice(3))
  })

  test.each([-1, Number.NaN, '3'])('refuses to keep %s closed conversations', (keepClosed) => {
    // @ts-expect-error a text is refused by the compiler, too
    const create = () => memoryStore({ keepClosed })
    expect(create).toThrow(/Expected a number from 0 at `keepClosed`/)
  })
})

describe('a store that answers with promises', () => {
  for (const { name, run } of storeCases(() => Promise.resolve(asyncStore(memoryStore())))) test(name, run)
})
