import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/index.ts'
import { storeCases } from '../../src/testing/index.ts'
import { asyncStore } from './wrapped-store.ts'

describe('the memory store', () => {
  for (const { name, run } of storeCases(memoryStore)) test(name, run)

  test('gives the same tenant to everyone who opens it, and a fresh house to every store', async () => {
    const [store, other] = [memoryStore(), memoryStore()]
    await (await store.open('')).saveAgent({ id: 'ana' })
    expect(await (await store.open('')).agent('ana')).toMatchObject({ agent: { id: 'ana' } })
    expect(await (await other.open('')).agent('ana')).toBeUndefined()
  })
})

describe('a store that answers with promises', () => {
  for (const { name, run } of storeCases(() => Promise.resolve(asyncStore(memoryStore())))) test(name, run)
})
