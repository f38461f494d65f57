import { describe, expect, test } from 'vitest'
import { definePlugin } from '../../src/core/hooks/define-plugin.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import type { Store } from '../../src/core/ports.ts'
import type { Receipt } from '../../src/core/receipts.ts'
import { REDIRECT_TARGETS } from '../../src/core/transitions.ts'
import { remoteStore } from '../../src/testing/remote-store.ts'
import { createVirtualClock, findViolations, readStore, simulate } from '../../src/testing/index.ts'
import { assemble, type EngineOptions } from '../../src/assemble.ts'

/** A door that a plugin waits at until the test opens it. */
function gate() {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open: () => open() }
}

const quiet = () => new Promise<void>((resolve) => setImmediate(resolve))

async function untilQuiet(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await quiet()
}

/** Another node on the same store and clock. */
function nodeOn(store: Store, clock: ReturnType<typeof createVirtualClock>, options: EngineOptions) {
  let count = 0
  return assemble(
    { ...options, store },
    { clock, seed: 1, createId: (at) => `c${at}-${options.tenant ?? ''}${(count += 1)}` },
  )
}

describe('on a store that is elsewhere', () => {
  test('an accept on a node that has not heard of the decline is refused, and one that is right is taken there', async () => {
    const memory = memoryStore()
    const clock = createVirtualClock(0)
    const options: EngineOptions = { agents: [{ id: 'ana' }] }
    const [here, there] = [nodeOn(remoteStore(memory), clock, options), nodeOn(remoteStore(memory), clock, options)]
    await here.start()
    await here.agent('ana').setPresence('online')
    await there.start()
    const kim = await here.openConversation({ customer: { id: 'kim' } })
    await kim.requestAgent()
    await untilQuiet()
    expect(await here.agent('ana').decline(kim.id)).toMatchObject({ status: 'applied' })
    expect(await there.agent('ana').accept(kim.id)).toMatchObject({ status: 'refused', code: 'STALE_OFFER' })
    const lou = await here.openConversation({ customer: { id: 'lou' } })
    await lou.requestAgent()
    await untilQuiet()
    expect(await there.agent('ana').accept(lou.id)).toMatchObject({ status: 'applied', phase: 'live' })
    expect(findViolations(await readStore(await memory.open('')))).toEqual([])
    await Promise.all([here.stop({ within: 0 }), there.stop({ within: 0 })])
  })

  test('two agents may stand inside one wrap-up window: the one who gave it away, and the one who has it', async () => {
    await using sim = simulate({
      agents: [
        { id: 'ana', capacity: 1 },
        { id: 'ben', capacity: 1 },
      ],
      routing: { wrapUp: '1m' },
      store: remoteStore(memoryStore()),
    })
    const [kim, ana, ben] = [sim.customer('kim'), sim.agent('ana'), sim.agent('ben')]
    await kim.says('a person, please')
    await ana.accepts(kim)
    await sim.engine.agent('ana').transfer(kim.conversationId, { agentId: 'ben' })
    await ben.accepts(kim)
    await ben.closes(kim)
    await sim.advance('1s')
    expect([ana.load, ben.load]).toEqual([1, 1])
    await sim.advance('1m')
    expect([ana.load, ben.load]).toEqual([0, 0])
  })

  test.each((['accept', 'decline', 'offer'] as const).flatMap((at) => REDIRECT_TARGETS.map((to) => [at, to] as const)))(
    'a redirect at %s to %s gives the seat back',
    async (at, to) => {
      let count = 0
      const detour = definePlugin({
        name: 'detour',
        version: '1.0.0',
        hooks: {
          [`before:${at}`]: (ctx: { redirect(to: string, why: { reason: string }): void }) =>
            void (count++ === 0 && ctx.redirect(to, { reason: 'elsewhere' })),
        },
      })
      await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [detour()], store: remoteStore(memoryStore()) })
      const kim = sim.customer('kim')
      await kim.says('a person, please')
      const desk = sim.engine.agent('ana')
      const came: Receipt | undefined =
        at === 'accept'
          ? await desk.accept(kim.conversationId)
          : at === 'decline'
            ? await desk.decline(kim.conversationId)
            : undefined
      if (came !== undefined) expect(came).toMatchObject({ status: 'applied', redirectedBy: 'detour' })
      await sim.advance('1s') // checks that the ledger equals the holds
      expect(count).toBeGreaterThan(0)
    },
  )

  test.each(['veto', 'redirect'] as const)('a %s of an expired offer has no effect, and is reported', async (what) => {
    const stubborn = definePlugin({
      name: 'stubborn',
      version: '1.0.0',
      hooks: {
        'before:*': (ctx) => {
          if (ctx.transition !== 'expire') return
          if (what === 'veto') ctx.veto('not yet')
          else ctx.redirect('close', { reason: 'not yet' })
        },
      },
    })
    await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [stubborn()], store: remoteStore(memoryStore()) })
    const [kim, ana] = [sim.customer('kim'), sim.agent('ana')]
    await kim.says('a person, please')
    await ana.isOffered(kim)
    await sim.advance('20s')
    await ana.isNotOffered(kim)
    await kim.isIn('waiting')
    expect(sim.pluginFailures).toMatchObject([{ plugin: 'stubborn', hook: 'before:*', why: 'invalid' }])
  })

  test('a seat is given back while the limit is below the load', async () => {
    await using sim = simulate({ agents: [{ id: 'ana', capacity: 3 }], store: remoteStore(memoryStore()) })
    const ana = sim.agent('ana')
    const customers = ['kim', 'lou', 'max'].map((id) => sim.customer(id))
    for (const customer of customers) {
      await customer.says('a person, please')
      await ana.accepts(customer)
    }
    const lou = customers[1] as (typeof customers)[number] // there are three
    await sim.engine.saveAgent({ id: 'ana', capacity: 1 })
    await ana.closes(lou)
    expect(ana.load).toBe(2)
    const nia = sim.customer('nia')
    await nia.says('a person, please')
    await ana.isNotOffered(nia)
    await ana.closes(customers[0] as (typeof customers)[number])
    await ana.isNotOffered(nia)
    await ana.closes(customers[2] as (typeof customers)[number])
    await ana.isOffered(nia)
  })

  test('while a hook keeps an offer waiting, a second conversation does not get the same seat', async () => {
    const door = gate()
    const slow = definePlugin({
      name: 'slow',
      version: '1.0.0',
      hooks: { 'before:offer': { timeout: '10s', handler: () => door.passed } },
    })
    await using sim = simulate({
      agents: [{ id: 'ana', capacity: 1 }],
      plugins: [slow()],
      store: remoteStore(memoryStore()),
    })
    await sim.advance(0)
    const opened = await Promise.all(['kim', 'lou'].map((id) => sim.engine.openConversation({ customer: { id } })))
    await Promise.all(opened.map((conversation) => conversation.requestAgent()))
    await untilQuiet()
    door.open()
    await sim.advance('1s')
    const phases = await Promise.all(opened.map(async (conversation) => (await conversation.view()).path))
    expect(phases.sort()).toEqual(['waiting.offered', 'waiting.queued'])
  })

  test('a command repeated after a veto gets the veto again, and one vetoed after it was taken gets its first result', async () => {
    let isStrict = true
    const gatekeeper = definePlugin({
      name: 'gatekeeper',
      version: '1.0.0',
      hooks: { 'before:requestAgent': (ctx) => void (isStrict && ctx.veto('not now')) },
    })
    await using sim = simulate({ agents: [{ id: 'ana' }], plugins: [gatekeeper()], store: remoteStore(memoryStore()) })
    const [kim, lou] = [sim.customer('kim'), sim.customer('lou')]
    await kim.says('hello')
    await lou.says('hello')
    const first = await sim.engine.conversation(kim.conversationId).requestAgent({ key: 'k1' })
    isStrict = false
    expect(first).toMatchObject({ status: 'vetoed', by: 'gatekeeper' })
    expect(await sim.engine.conversation(kim.conversationId).requestAgent({ key: 'k1' })).toEqual(first)
    const taken = await sim.engine.conversation(lou.conversationId).requestAgent({ key: 'l1' })
    isStrict = true
    expect(await sim.engine.conversation(lou.conversationId).requestAgent({ key: 'l1' })).toEqual({
      ...taken,
      status: 'duplicate',
    })
  })

  test('a second question during a search supersedes the first, whose answer is dropped', async () => {
    const [first, second] = [gate(), gate()]
    const slow = definePlugin({
      name: 'slow',
      version: '1.0.0',
      hooks: {
        'bot:answer': async (question) => {
          await (question === 'one?' ? first : second).passed
          return { text: `about ${question}` }
        },
      },
    })
    await using sim = simulate({ plugins: [slow()], store: remoteStore(memoryStore()) })
    await sim.advance(0)
    const kim = await sim.engine.openConversation({ customer: { id: 'kim' } })
    await kim.say('one?')
    await kim.say('two?')
    second.open()
    await untilQuiet()
    first.open()
    await untilQuiet()
    const said = (await kim.view()).transcript.filter(({ author }) => author === 'bot').map(({ text }) => text)
    expect(said).toContain('about two?')
    expect(said).not.toContain('about one?')
  })

  test('a timer whose name is no longer known is spent, and what the place wants is set anew', async () => {
    const memory = memoryStore()
    const clock = createVirtualClock(0)
    const before = nodeOn(memory, clock, {})
    await before.start()
    const kim = await before.openConversation({ customer: { id: 'kim' } })
    await before.stop({ within: 0 })
    const store = await memory.open('')
    const { row } = await store.load(kim.id)
    if (row === undefined) throw new Error('the conversation is gone')
    const { version, ...rest } = row
    const timers = { 'napping:1': { dueAt: 1_000, token: version } }
    await store.commit({
      id: kim.id,
      expect: version,
      at: 0,
      row: { ...rest, snapshot: { ...row.snapshot, timers } },
      entries: [],
      nextDueAt: 1_000,
      slots: [],
      records: [],
      outbox: [],
    })
    const after = nodeOn(memory, clock, {})
    await after.start()
    await untilQuiet()
    while (clock.fireNext(3_600_000)) await untilQuiet()
    expect((await after.conversation(kim.id).view()).phase).toBe('closed')
    await after.stop({ within: 0 })
  })
})
