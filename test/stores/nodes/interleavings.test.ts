import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../src/core/engine/engine-api.ts'
import { definePlugin } from '../../../src/core/hooks/define-plugin.ts'
import type { Commit } from '../../../src/core/ports.ts'
import { memoryStore, type Store } from '../../../src/stores/index.ts'
import { findViolations, readStore, type Trouble } from '../../../src/testing/index.ts'
import { createCluster } from './cluster.ts'

/** Holds the first commit that fits, between its read and its write, until it is let go. */
function pausing(fits: (commit: Commit) => boolean) {
  let letGo = (): void => {}
  const released = new Promise<void>((resolve) => (letGo = resolve))
  const held: Commit[] = []
  const trouble: Trouble = {
    before: (_operation, commit) => {
      if (commit === undefined || held.length > 0 || !fits(commit)) return undefined
      held.push(commit)
      return released
    },
  }
  return { trouble, held, letGo: () => letGo() }
}

const tells = (type: string) => (commit: Commit) => commit.turn?.walks.some(({ fact }) => fact.type === type) === true
const says = (text: string) => (commit: Commit) => commit.entries.some((entry) => entry.text === text)

async function expectSound(store: Store): Promise<void> {
  expect(findViolations(await readStore(await store.open('')))).toEqual([])
}

async function textsOf(engine: Engine, id: string): Promise<readonly string[]> {
  return (await engine.conversation(id).view()).transcript.map(({ text }) => text)
}

async function seated(engines: readonly Engine[], cluster: ReturnType<typeof createCluster>) {
  const [engine] = engines as [Engine]
  await engine.agent('ana').setPresence('online')
  const kim = await engine.openConversation({ customer: { id: 'kim' } })
  await kim.requestAgent()
  await cluster.advance(600)
  await engine.agent('ana').accept(kim.id)
  await cluster.advance(600)
  return kim
}

describe('F66: of two nodes, one held up between its read and its write', () => {
  test('both messages are kept, each once, in one order', async () => {
    const store = memoryStore()
    const cluster = createCluster(store)
    const { trouble, held, letGo } = pausing(says('from the first'))
    const [one, two] = [await cluster.start({}, trouble), await cluster.start()]
    const kim = await one.openConversation({ customer: { id: 'kim' } })
    const late = kim.say('from the first', { key: 'a' })
    await cluster.settled()
    expect(held).toHaveLength(1)
    expect(await two.conversation(kim.id).say('from the second', { key: 'b' })).toMatchObject({ ok: true })
    letGo()
    expect(await late).toMatchObject({ ok: true })
    const texts = await textsOf(two, kim.id)
    expect(texts.filter((text) => text.startsWith('from'))).toEqual(['from the second', 'from the first'])
    await cluster.settled()
    await expectSound(store)
  })

  test('an agent who has lost the conversation meanwhile gets the text back, and the customer sees none of it', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents: [{ id: 'ana' }, { id: 'ben' }] })
    const { trouble, letGo } = pausing(says('too late'))
    const one = await cluster.start({}, trouble)
    const two = await cluster.start()
    const kim = await seated([two], cluster)
    const late = one.agent('ana').say(kim.id, 'too late', { key: 'a' })
    await cluster.settled()
    expect(await two.agent('ana').transfer(kim.id, { skills: [] })).toMatchObject({ ok: true })
    letGo()
    expect(await late).toMatchObject({ ok: false, status: 'refused' })
    expect(await textsOf(two, kim.id)).not.toContain('too late')
    await expectSound(store)
  })

  test('one command under one key is done once, though both nodes do it at the same time (P25, P26)', async () => {
    const store = memoryStore()
    const cluster = createCluster(store)
    const { trouble, letGo } = pausing(says('once'))
    const [one, two] = [await cluster.start({}, trouble), await cluster.start()]
    const kim = await one.openConversation({ customer: { id: 'kim' } })
    const late = kim.say('once', { key: 'k' })
    await cluster.settled()
    const others = await Promise.all([1, 2, 3, 4].map(() => two.conversation(kim.id).say('once', { key: 'k' })))
    letGo()
    const receipts = [await late, ...others].map((receipt) => ({ ...receipt, status: 'applied' }))
    expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1)
    expect((await textsOf(two, kim.id)).filter((text) => text === 'once')).toHaveLength(1)
    await expect(two.conversation(kim.id).say('other', { key: 'k' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    })
  })

  test('two who open a conversation for one customer open one', async () => {
    const store = memoryStore()
    const cluster = createCluster(store)
    const { trouble, letGo } = pausing(({ expect: expected }) => expected === 0)
    const [one, two] = [await cluster.start({}, trouble), await cluster.start()]
    const late = one.openConversation({ customer: { id: 'kim' } })
    await cluster.settled()
    const theirs = await two.openConversation({ customer: { id: 'kim' } })
    letGo()
    expect((await late).id).toBe(theirs.id)
    expect(await one.conversations({})).toHaveLength(1)
  })

  test('one who opens under a key opens once, though the first node stood still until the customer had left', async () => {
    const store = memoryStore()
    const cluster = createCluster(store)
    const { trouble, letGo } = pausing(({ expect: expected }) => expected === 0)
    const [one, two] = [await cluster.start({}, trouble), await cluster.start()]
    const visit = { customer: { id: 'kim' }, key: 'k' }
    const late = one.openConversation(visit)
    await cluster.settled()
    const theirs = await two.openConversation(visit)
    await theirs.leave()
    letGo()
    expect((await late).id).toBe(theirs.id)
    expect((await one.conversations({})).map(({ phase }) => phase)).toEqual(['closed', 'closed'])
    expect((await one.openConversation(visit)).id).toBe(theirs.id)
    await expectSound(store)
  })

  test('the timer of a node that has been taken over from is fenced off, and fires once', async () => {
    const store = memoryStore()
    const cluster = createCluster(store, { nodes: { lease: '2s' } })
    const { trouble, held, letGo } = pausing(tells('silence.passed'))
    const one = await cluster.start({}, trouble)
    const two = await cluster.start()
    const kim = await two.openConversation({ customer: { id: 'kim' } })
    await kim.say('hello')
    await cluster.advance(179_900)
    cluster.freeze(one)
    await cluster.advance(30_000)
    expect(held.length).toBeLessThanOrEqual(1)
    cluster.thaw(one)
    letGo()
    await cluster.advance(2_000)
    const reminders = (await textsOf(two, kim.id)).filter((text) => /still there/i.test(text))
    expect(reminders).toHaveLength(1)
    await expectSound(store)
  })
})

describe('F66: a write of a node whose lease has passed to another', () => {
  test.each(['timers', 'matching'] as const)('is not made: %s', async (work) => {
    const store = memoryStore()
    const cluster = createCluster(store, { agents: [{ id: 'ana' }, { id: 'ben' }], nodes: { lease: '2s' } })
    const fenced: Commit[] = []
    const gate = { isShut: true, letGo: (): void => {} }
    const released = new Promise<void>((resolve) => (gate.letGo = resolve))
    const trouble: Trouble = {
      before: (_operation, commit) => {
        if (commit?.fence?.name !== work || fenced.length > 0) return undefined
        fenced.push(commit)
        return released
      },
    }
    const one = await cluster.start({}, trouble)
    const two = await cluster.start()
    await two.agent('ana').setPresence('online')
    const kim = await two.openConversation({ customer: { id: 'kim' } })
    await kim.say('hello')
    if (work === 'matching') await kim.requestAgent()
    await cluster.advance(work === 'matching' ? 500 : 181_000)
    expect(fenced).toHaveLength(1) // it has read, and is held up before it writes
    cluster.freeze(one)
    await cluster.advance(4_000) // two leases: the other node does it
    const tenant = await store.open('')
    const { version: expected = 0 } = (await tenant.load(kim.id)).row ?? {}
    const late = { ...(fenced[0] as Commit), expect: expected } // as if nobody had written since
    expect(await tenant.commit(late)).toMatchObject({ status: 'fenced' })
    gate.letGo()
    cluster.thaw(one)
    await cluster.advance(4_000)
    const { transcript } = await kim.view()
    const told = transcript.filter(({ author }) => author === 'bot' || author === 'system').map(({ text }) => text)
    expect(new Set(told).size).toBe(told.length)
    expect((await tenant.holdsOf('ana')).length).toBe(work === 'matching' ? 1 : 0)
    await expectSound(store)
  })
})

describe('F66: several nodes', () => {
  test('give 10 agents with 3 seats each exactly 30 of 50 conversations that ask at the same time (P36)', async () => {
    const store = memoryStore()
    const agents = Array.from({ length: 10 }, (_, index) => ({ id: `a${index}`, capacity: 3, autoAccept: true }))
    const cluster = createCluster(store, { agents })
    const nodes = [await cluster.start(), await cluster.start(), await cluster.start()]
    for (const { id } of agents) await (nodes[1] as Engine).agent(id).setPresence('online')
    await cluster.advance(500)
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const node = nodes[index % nodes.length] as Engine
        const customer = await node.openConversation({ customer: { id: `kim${index}` } })
        await customer.requestAgent()
      }),
    )
    await cluster.advance(2_000)
    const tenant = await store.open('')
    expect(await tenant.find({ phase: 'live' })).toHaveLength(30)
    expect(await tenant.waiting()).toHaveLength(20)
    for (const { units } of await tenant.agents()) expect(units).toBe(3)
    await expectSound(store)
  })

  test('judge what is due on the time of the store, whatever their own clocks say (P28)', async () => {
    const store = memoryStore()
    const answering = definePlugin({
      name: 'answering',
      version: '1.0.0',
      hooks: { 'bot:answer': () => ({ text: 'It is so.' }) },
    })()
    const cluster = createCluster(store, { nodes: { lease: '2s' }, plugins: [answering] })
    const ahead = await cluster.start({}, { skewMs: 86_400_000 })
    const behind = await cluster.start({}, { skewMs: -3_600_000 })
    const kim = await ahead.openConversation({ customer: { id: 'kim' } })
    await behind.conversation(kim.id).say('one') // and no more: who is not understood twice is handed to a person
    const { transcript, openedAt } = await kim.view()
    expect(transcript.map(({ seq }) => seq)).toEqual(transcript.map((_, index) => index + 1))
    for (const { at } of transcript) expect(Math.abs(at - openedAt)).toBeLessThan(1_000)
    await cluster.advance(179_000)
    expect((await textsOf(behind, kim.id)).some((text) => /still there/i.test(text))).toBe(false)
    await cluster.advance(3_000)
    expect((await textsOf(behind, kim.id)).some((text) => /still there/i.test(text))).toBe(true)
  })

  test('leave a delivery that takes long to the node that makes it', async () => {
    const store = memoryStore()
    const called: string[] = []
    let finish = (): void => {}
    const slow = definePlugin({
      name: 'slow',
      version: '1.0.0',
      hooks: {
        'after:search': (ctx) => {
          called.push(ctx.effectId)
          return new Promise<void>((resolve) => (finish = resolve))
        },
      },
    })
    const cluster = createCluster(store, { plugins: [slow()] })
    await cluster.start() // it delivers what is owed
    const two = await cluster.start()
    const kim = await two.openConversation({ customer: { id: 'kim' } })
    await kim.say('where is my parcel?')
    await cluster.advance(1_500)
    finish()
    await cluster.advance(10_000)
    expect(called).toHaveLength(1)
    expect(await two.health()).toMatchObject({ outboxCount: 0 })
  })
})
