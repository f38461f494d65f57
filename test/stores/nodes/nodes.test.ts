import { describe, expect, test } from 'vitest'
import { definePlugin } from '../../../src/core/hooks/define-plugin.ts'
import { memoryStore, type Store } from '../../../src/stores/index.ts'
import { findViolations, readStore, type Trouble } from '../../../src/testing/index.ts'
import { createCluster } from './cluster.ts'

const agents = [{ id: 'ana' }]

async function expectSound(memory: Store): Promise<void> {
  expect(findViolations(await readStore(await memory.open('')))).toEqual([])
}

describe('F66: several nodes on one store', () => {
  test('take any message at any node, and offer through the one that matches', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents })
    const [one, two] = [await cluster.start(), await cluster.start()]
    await two.agent('ana').setPresence('online')
    const kim = await two.openConversation({ customer: { id: 'kim' } })
    await kim.requestAgent()
    await cluster.advance(500)
    const view = await one.conversation(kim.id).view()
    expect(view.path).toBe('waiting.offered')
    expect(await two.agent('ana').accept(kim.id)).toMatchObject({ ok: true })
    expect(await one.agent('ana').say(kim.id, 'hello')).toMatchObject({ ok: true })
    expect((await two.conversation(kim.id).view()).transcript.at(-1)?.text).toBe('hello')
    await expectSound(store)
  })

  test('show a customer at one node what is said at another, and an agent the offer', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents })
    const [one, two] = [await cluster.start(), await cluster.start()]
    await one.agent('ana').setPresence('online')
    const kim = await one.openConversation({ customer: { id: 'kim' } })
    const abort = new AbortController()
    const seen: string[] = []
    const desk: string[] = []
    const following = (async () => {
      for await (const update of two.conversation(kim.id).follow({ signal: abort.signal }))
        if (update.type === 'message') seen.push(update.message.text)
    })()
    const atDesk = (async () => {
      for await (const update of two.agent('ana').follow({ signal: abort.signal })) desk.push(update.type)
    })()
    await cluster.advance(300)
    await kim.say('hello there')
    await kim.requestAgent()
    await cluster.advance(500)
    expect(seen).toContain('hello there')
    expect(desk).toContain('offer')
    await one.agent('ana').accept(kim.id)
    await cluster.advance(300)
    expect(desk).toContain('offerGone')
    abort.abort()
    await Promise.all([following, atDesk])
  })

  test('take over within two leases when the one that worked is gone', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents, nodes: { lease: '5s' } })
    const gone = await cluster.start()
    const left = await cluster.start()
    await left.agent('ana').setPresence('online')
    const kim = await left.openConversation({ customer: { id: 'kim' } })
    cluster.kill(gone)
    await cluster.advance(100)
    await kim.requestAgent()
    await cluster.advance(10_000)
    expect((await kim.view()).path).toBe('waiting.offered')
    await cluster.advance(60_000) // the offer's own timer is kept by the node that is left
    expect((await kim.view()).path).toBe('waiting.queued')
    await expectSound(store)
  })

  test('keep the timers of one that is gone, at the time they were due', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { nodes: { lease: '2s' } })
    const gone = await cluster.start()
    const left = await cluster.start()
    const kim = await gone.openConversation({ customer: { id: 'kim' } })
    await kim.say('hello')
    await cluster.advance(60_000)
    cluster.kill(gone)
    const isReminded = async () =>
      (await left.conversation(kim.id).view()).transcript.some(({ text }) => /still there/i.test(text))
    await cluster.advance(119_000)
    expect(await isReminded()).toBe(false)
    await cluster.advance(1_500)
    expect(await isReminded()).toBe(true)
  })

  test('make offers at one node at a time', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents: [{ id: 'ana' }] })
    const offers: { readonly node: string; readonly isFenced: boolean }[] = []
    const watched = (node: string): Trouble => ({
      before: (_operation, commit) => {
        const isOffer = commit?.slots.some(({ op }) => op === 'take') === true
        if (isOffer) offers.push({ node, isFenced: commit?.fence?.name === 'matching' })
        return undefined
      },
    })
    await cluster.start({}, watched('first'))
    const two = await cluster.start({}, watched('second'))
    await two.agent('ana').setPresence('online')
    for (const id of ['kim', 'lee']) {
      const customer = await two.openConversation({ customer: { id } })
      await customer.requestAgent()
    }
    await cluster.advance(1_000)
    expect(offers.length).toBeGreaterThan(0)
    expect(offers.every(({ node, isFenced }) => node === 'first' && isFenced)).toBe(true)
  })

  test('hand their work over at once when they are stopped', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents, nodes: { lease: '1h' } })
    const first = await cluster.start()
    await first.agent('ana').setPresence('online')
    await first.stop()
    const second = await cluster.start()
    const kim = await second.openConversation({ customer: { id: 'kim' } })
    await kim.requestAgent()
    await cluster.advance(500)
    expect((await kim.view()).path).toBe('waiting.offered')
  })

  test('deliver what a node that is gone has owed, once, and search what it has searched for', async () => {
    const store = memoryStore()
    const delivered: string[] = []
    const asked: string[] = []
    let isHanging = true
    const crm = definePlugin({
      name: 'crm',
      version: '1.0.0',
      hooks: {
        'after:search': (ctx) => {
          if (isHanging) return new Promise<void>(() => {})
          delivered.push(ctx.effectId)
          return undefined
        },
        'bot:answer': () => {
          asked.push('asked')
          return isHanging ? new Promise<never>(() => {}) : { text: 'Here it is.' }
        },
      },
    })
    const cluster = createCluster(store, { agents, plugins: [crm()], nodes: { lease: '1s' } })
    const gone = await cluster.start()
    const left = await cluster.start()
    const kim = await gone.openConversation({ customer: { id: 'kim' } })
    await kim.say('Where is my parcel?')
    await cluster.settled()
    expect(asked).toHaveLength(1)
    cluster.kill(gone)
    isHanging = false
    await cluster.advance(4_000)
    expect(delivered).toHaveLength(1)
    const { transcript } = await left.conversation(kim.id).view()
    expect(transcript.at(-1)?.text).toBe('Here it is.')
    expect(await left.health()).toMatchObject({ outboxCount: 0 })
  })

  test('let the presence of an agent lapse though the node they were at is gone, and not while they renew it elsewhere', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents: [{ id: 'ana' }, { id: 'ben' }], nodes: { lease: '1s' } })
    const [one, two] = [await cluster.start(), await cluster.start()]
    await one.agent('ana').setPresence('online', { lease: '10s' })
    await one.agent('ben').setPresence('online', { lease: '10s' })
    await cluster.advance(8_000)
    await two.agent('ben').setPresence('online', { lease: '10s' })
    cluster.kill(one)
    await cluster.advance(5_000)
    const tenant = await store.open('')
    expect((await tenant.agent('ana'))?.presence).toBe('offline')
    expect((await tenant.agent('ben'))?.presence).toBe('online')
  })
})

describe('F66: nodes', () => {
  test.each([{ lease: '1s', poll: '2s' }, { lease: 0 }, { poll: 'soon' }])('of %j are refused', (nodes) => {
    const store = memoryStore()
    return expect(createCluster(store, { nodes: nodes as never }).start()).rejects.toThrow(/CONFIG_INVALID.*nodes/)
  })
})
