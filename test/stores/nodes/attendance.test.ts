import { describe, expect, test } from 'vitest'
import { memoryStore, type Store } from '../../../src/stores/index.ts'
import { findViolations, readStore } from '../../../src/testing/index.ts'
import { createCluster } from './cluster.ts'

const agents = [{ id: 'ana', capacity: 1 }]

async function transfersOf(store: Store, id: string): Promise<number> {
  const turns = await (await store.open('')).turns(id, 0)
  return turns.flatMap(({ walks }) => walks).filter(({ fact }) => fact.type === 'agent.vanished').length
}

describe('F66: with several nodes on one store', () => {
  test('F37: a cut-off agent loses a conversation once, whichever node is left, and gets it again at any', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents, nodes: { lease: '5s' } })
    const [one, two, three] = [await cluster.start(), await cluster.start(), await cluster.start()]
    await two.agent('ana').setPresence('online', { lease: '45s' })
    await cluster.advance(500)
    const kim = await one.openConversation({ customer: { id: 'kim' } })
    await kim.requestAgent()
    await cluster.advance(500)
    await two.agent('ana').accept(kim.id)
    cluster.kill(two)
    await cluster.advance(110_000)
    expect((await kim.view()).phase).toBe('waiting')
    expect(await transfersOf(store, kim.id)).toBe(1)
    await three.agent('ana').setPresence('online', { lease: '45s' })
    await cluster.advance(500)
    expect(await kim.view()).toMatchObject({ phase: 'live', agentId: 'ana' })
    await cluster.advance(30_000)
    await one.agent('ana').setPresence('online', { lease: '45s' })
    await cluster.advance(30_000)
    expect((await kim.view()).agentId).toBe('ana')
    expect(await transfersOf(store, kim.id)).toBe(1)
    expect(findViolations(await readStore(await store.open('')))).toEqual([])
  })

  test('F27: a customer is here as long as any node says so, and gone when none does', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents, nodes: { lease: '5s' } })
    const [one, two] = [await cluster.start(), await cluster.start()]
    await one.agent('ana').setPresence('online')
    const first = await one.openConversation({ customer: { id: 'first' } })
    await first.requestAgent()
    await cluster.advance(500)
    await one.agent('ana').accept(first.id)
    await one.agent('ana').say(first.id, 'hello')
    const kim = await one.openConversation({ customer: { id: 'kim' } })
    await kim.present({ lease: '20s' })
    await kim.requestAgent()
    await cluster.advance(10_000)
    await two.conversation(kim.id).present({ lease: '2m' })
    await cluster.advance(100_000)
    expect((await kim.view()).phase).toBe('waiting')
    cluster.kill(two)
    await cluster.advance(9 * 60_000)
    expect(await kim.view()).toMatchObject({ phase: 'closed', outcome: 'abandoned' })
    expect(findViolations(await readStore(await store.open('')))).toEqual([])
  })
})
