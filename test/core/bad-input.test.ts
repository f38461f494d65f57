import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { createEngine, type Engine, type ErrorCode, isMaitredError, MaitredError, REFUSALS } from '../../src/index.ts'
import type { AgentDesk, Conversation } from '../../src/core/engine/engine-api.ts'
import { listCommandTypes, MAX_METADATA_BYTES, MAX_METADATA_DEPTH, MAX_TEXT_BYTES } from '../../src/core/schema.ts'
import { findViolations, readStore } from '../../src/testing/index.ts'
import { type BusyHouse, openBusyHouse } from './busy-house.ts'
import { expectNoUnhandledRejections } from './no-rejections.ts'

expectNoUnhandledRejections()

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<MaitredError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isMaitredError(error)) return error
  throw new Error(`expected a MaitredError, got ${String(error)}`, { cause: error })
}

/** A refused event is thrown back with a code and a hint, and leaves no trace. */
async function expectThrown(
  house: BusyHouse,
  deed: () => Promise<unknown>,
  expected: { readonly code: string; readonly path?: string; readonly message?: RegExp },
): Promise<void> {
  const error = await house.changesNothing(() => rejection(deed()))
  expect(error).toMatchObject({ code: expected.code, ...(expected.path === undefined ? {} : { path: expected.path }) })
  expect(error.hint).not.toBe('')
  expect(error.retryable).toBe(false)
  if (expected.message !== undefined) expect(error.message).toMatch(expected.message)
}

async function expectRefused(house: BusyHouse, deed: () => Promise<unknown>, expected: object): Promise<void> {
  const receipt = await house.changesNothing(deed)
  expect(receipt).toMatchObject({ ok: false, status: 'refused', ...expected })
  expect((receipt as { hint: string }).hint).not.toBe('')
}

function message(house: BusyHouse, about: object): object {
  return { type: 'message.received', conversationId: house.helping.conversationId, text: 'hello', ...about }
}

/** Objects or arrays one inside the other. */
function nested(depth: number, [open, close]: readonly [string, string]): unknown {
  return JSON.parse(`${open.repeat(depth)}0${close.repeat(depth)}`)
}
const IN_OBJECTS = ['{"a":', '}'] as const
const IN_ARRAYS = ['[', ']'] as const

describe('an event from outside', () => {
  const shapeless: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a string', 'message.received'],
    ['a number', 7],
    ['an array', [{ type: 'message.received' }]],
    ['a function', () => ({ type: 'message.received' })],
    ['an object without a type', { conversationId: 'c1' }],
    ['a type that is no string', { type: ['message.received'] }],
    ['an empty type', { type: '' }],
    ['an unknown type', { type: 'message.recieved', conversationId: 'c1', text: 'hello' }],
    ['the name of a built-in property', { type: 'constructor' }],
    ['a type of 10,000 characters', { type: 'x'.repeat(10_000) }],
  ]
  test.each(shapeless)('P18: is refused at once when it is %s', async (_what, event) => {
    await using house = await openBusyHouse()
    await expectThrown(house, () => house.engine.dispatch(event), { code: 'EVENT_INVALID', path: 'type' })
  })

  test('P18: that is refused says in few words what was expected', async () => {
    await using house = await openBusyHouse()
    const error = await rejection(house.engine.dispatch({ type: 'x'.repeat(10_000) }))
    expect(error.message.length).toBeLessThan(1_000)
    expect(error.hint).toContain('message.received')
  })

  const reserved = [
    ...['stop', 'init', 'after.100000.m.b', 'done.actor.x', 'error.actor.x', 'done.state.conversation'].map(
      (name) => `xstate.${name}`,
    ),
    ...['reopened', 'redirected'].map((name) => `conversation.${name}`),
    ...['listed'].map((name) => `steps.${name}`),
    ...['answered', 'rejected', 'skipped'].map((name) => `step.${name}`),
    ...['found', 'given', 'asked', 'missed'].map((name) => `answer.${name}`),
    ...['fellSilent', 'enriched'].map((name) => `customer.${name}`),
    ...['made', 'expired', 'lost'].map((name) => `offer.${name}`),
    ...['requirements.settled', 'wait.noticed', 'queue.overflowed', 'wrapUp.ended', 'agent.vanished', 'async.expired'],
    ...['timer.fired', 'timer.rearmed', 'question.answered', 'plugin.acted', 'plugin.spoke'],
  ]
  test.each(reserved)('P17: cannot be `%s`, which only the engine raises', async (type) => {
    await using house = await openBusyHouse()
    const { conversationId } = house.live
    const forged = { type, conversationId, agentId: 'ben', holdId: 'h', name: 'silence', token: 1, stage: 'gone' }
    await expectThrown(house, () => house.engine.dispatch(forged), { code: 'EVENT_RESERVED', path: 'type' })
  })

  test('P01: cannot reach a prototype through metadata, attributes or its own keys', async () => {
    await using house = await openBusyHouse()
    const evil = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"prototype":{"admin":true}'
    const metadata = JSON.parse(`${evil},"kept":{"list":[${evil}}]}}`) as object
    await house.engine.dispatch(message(house, { metadata }))
    await house.engine.dispatch(
      JSON.parse(`{"__proto__":{"admin":true},${JSON.stringify(message(house, {})).slice(1)}`),
    )
    const eve = await house.engine.openConversation({ customer: { id: 'eve', attributes: metadata as {} } })
    await house.sim.advance(0)
    const view = await eve.view()
    const said = (await house.store.transcript(house.helping.conversationId, 0)).find(
      (one) => one.metadata !== undefined,
    )
    expect(Object.entries(said?.metadata ?? {})).toEqual([['kept', { list: [{}] }]])
    expect(Object.entries(view.customer.attributes ?? {})).toEqual([['kept', { list: [{}] }]])
    for (const { id, snapshot } of (await readStore(house.store)).conversations) {
      expect('admin' in snapshot.context, id).toBe(false)
      expect(Object.getPrototypeOf(snapshot.context), id).toBe(Object.prototype)
    }
    expect(({} as { readonly admin?: unknown }).admin).toBeUndefined()
  })

  test('P02: may hold a text at the limit and none above it', async () => {
    await using house = await openBusyHouse()
    const { helping, live, engine } = house
    const tooLong = 'x'.repeat(MAX_TEXT_BYTES + 1)
    const euros = '€'.repeat(Math.ceil(MAX_TEXT_BYTES / 3))
    const refused = { code: 'MESSAGE_TOO_LARGE', path: 'text', message: /8192 bytes.*8193/ }
    await expectThrown(house, () => engine.conversation(helping.conversationId).say(tooLong), refused)
    await expectThrown(house, () => engine.conversation(helping.conversationId).say(euros), refused)
    const desk = engine.agent('ana')
    const id = live.conversationId
    await expectThrown(house, () => desk.say(id, tooLong), refused)
    await expectThrown(house, () => desk.note(id, tooLong), refused)
    const tooLarge = { code: 'MESSAGE_TOO_LARGE' }
    await expectThrown(house, () => desk.transfer(id, { skills: [] }, { note: tooLong }), tooLarge)
    await expectThrown(house, () => desk.close(id, { directions: tooLong }), tooLarge)
    const longest = 'x'.repeat(MAX_TEXT_BYTES)
    await helping.says(longest)
    expect(helping.messages.some(({ text }) => text === longest)).toBe(true)
  })

  test('P02: may hold metadata at the limit and none above it', async () => {
    await using house = await openBusyHouse()
    const sized = (bytes: number) => message(house, { metadata: { a: 'x'.repeat(bytes - '{"a":""}'.length) } })
    const refused = { code: 'MESSAGE_TOO_LARGE', path: 'metadata', message: /16384 bytes.*16385/ }
    await expectThrown(house, () => house.engine.dispatch(sized(MAX_METADATA_BYTES + 1)), refused)
    expect(await house.engine.dispatch(sized(MAX_METADATA_BYTES))).toMatchObject({ status: 'applied' })
  })

  const empty: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['blanks', ' \t\r\n\u00A0\u3000\u2028'],
    ['zero-width characters', '\u200B\u200C\u200D\u2060\uFEFF'],
    ['soft hyphens and direction marks', '\u00AD\u200E\u202E'],
    ['control characters', '\u0001\u001B\u007F'],
    ['a mixture of them', ' \u200B\n\uFEFF '],
  ]
  test.each(empty)('P03: cannot be a message of %s', async (_what, text) => {
    await using house = await openBusyHouse()
    const { helping, live, engine } = house
    const refused = { code: 'MESSAGE_EMPTY', path: 'text' }
    await expectThrown(house, () => engine.conversation(helping.conversationId).say(text), refused)
    await expectThrown(house, () => engine.agent('ana').say(live.conversationId, text), refused)
    await expectThrown(house, () => engine.agent('ana').note(live.conversationId, text), refused)
  })

  test('P03: may be without words when something is attached', async () => {
    await using house = await openBusyHouse()
    const attachments = [{ url: 'https://example.org/a.png', name: 'a.png' }]
    expect(await house.engine.dispatch(message(house, { text: '', attachments }))).toMatchObject({ ok: true })
    expect(await house.store.transcript(house.helping.conversationId, 0)).toContainEqual(
      expect.objectContaining({ author: 'customer', text: '', attachments }),
    )
  })

  test('P04: keeps NUL and lone surrogates as U+FFFD, wherever they come, and leaves pairs alone', async () => {
    await using house = await openBusyHouse()
    const [odd, kept] = ['a\u0000b\uD800c\uDC00🙂', 'a\uFFFDb\uFFFDc\uFFFD🙂']
    await house.engine.dispatch(message(house, { text: odd, metadata: { [odd]: [odd] } }))
    await house.engine.agent('ana').note(house.live.conversationId, odd)
    const customer = { id: 'eve', name: odd, attributes: { plan: odd } }
    const eve = await (await house.engine.openConversation({ customer })).view()
    expect(await house.store.transcript(house.helping.conversationId, 0)).toContainEqual(
      expect.objectContaining({ text: kept, metadata: { [kept]: [kept] } }),
    )
    expect(await house.store.transcript(house.live.conversationId, 0)).toContainEqual(
      expect.objectContaining({ text: kept, internal: true }),
    )
    expect(eve.customer).toEqual({ id: 'eve', name: kept, attributes: { plan: kept } })
  })

  test.each([
    ['objects', IN_OBJECTS],
    ['arrays', IN_ARRAYS],
  ] as const)('P05: may nest %s to a limit, and 10,000 deep without harm', async (_what, brackets) => {
    await using house = await openBusyHouse()
    const { engine } = house
    const refused = { code: 'METADATA_TOO_DEEP', path: 'metadata' }
    for (const depth of [MAX_METADATA_DEPTH, 10_000]) {
      const metadata = { deep: nested(depth, brackets) }
      await expectThrown(house, () => engine.dispatch(message(house, { metadata })), refused)
    }
    const attributes = { deep: nested(10_000, brackets) } as {}
    await expectThrown(house, () => engine.openConversation({ customer: { id: 'eve', attributes } }), {
      code: 'METADATA_TOO_DEEP',
      path: 'customer.attributes',
    })
    const metadata = { deep: nested(MAX_METADATA_DEPTH - 1, brackets) }
    expect(await engine.dispatch(message(house, { metadata }))).toMatchObject({ ok: true })
  })

  test('P05: may be deep where nothing deep belongs, and is refused all the same', async () => {
    await using house = await openBusyHouse()
    const deep = nested(10_000, IN_ARRAYS)
    const { conversationId } = house.live
    for (const about of [
      { text: deep },
      { conversationId: deep },
      { attachments: deep },
      { metadata: deep },
      { key: deep },
    ])
      await house.changesNothing(() => rejection(house.engine.dispatch(message(house, about))))
    const transfer = { type: 'conversation.transferred', conversationId, agentId: 'ana', to: deep }
    const expected = /expected 'bot', \{ agentId \} or \{ skills: \[\.\.\.\] \}/
    await expectThrown(house, () => house.engine.dispatch(transfer), {
      code: 'EVENT_INVALID',
      path: 'to',
      message: expected,
    })
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, '20 seconds', '5', ''])(
    'P19: cannot ask an agent back in %s',
    async (backIn) => {
      await using house = await openBusyHouse()
      const id = house.live.conversationId
      await expectThrown(house, () => house.engine.agent('ana').hold(id, { backIn: backIn as number }), {
        code: 'EVENT_INVALID',
        path: 'backIn',
      })
      await house.changesNothing(() =>
        rejection(house.engine.agent('ana').setPresence('online', { lease: backIn as number })),
      )
    },
  )

  test('P19: may ask an agent back after more than 2^31 ms', async () => {
    const silence = { remindAfter: '20d', closeAfter: '20d', agentAfter: '20d' } as const
    await using house = await openBusyHouse({ silence })
    const { live, sim, engine } = house
    await engine.agent('ana').hold(live.conversationId, { backIn: 3_000_000_000 })
    await sim.advance(3_000_000_000 + 20 * 86_400_000 - 1)
    await live.isIn('live')
    await sim.advance(1)
    await live.isIn('waiting')
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['an empty id', { conversationId: '' }, 'conversationId'],
    ['an id that is too long', { conversationId: 'x'.repeat(129) }, 'conversationId'],
    ['an id with NUL', { conversationId: 'c\u0000' }, 'conversationId'],
    ['an id with a line break', { conversationId: 'c\n1' }, 'conversationId'],
    ['an id with a lone surrogate', { conversationId: 'c\uD800' }, 'conversationId'],
    ['an id that is no string', { conversationId: { toString: () => 'c1' } }, 'conversationId'],
    ['no id', { conversationId: undefined }, 'conversationId'],
    ['a text that is no string', { text: 7 }, 'text'],
    ['an attachment without a place', { attachments: [{ name: 'a.png' }] }, 'attachments.0.url'],
    ['an attachment at no address', { attachments: [{ url: 'a.png', name: 'a' }] }, 'attachments.0.url'],
    ['metadata that is a list', { metadata: [1] }, 'metadata'],
    ['metadata that is a text', { metadata: 'x' }, 'metadata'],
    ['metadata with a function', { metadata: { f: () => 1 } }, 'metadata'],
    ['metadata with NaN', { metadata: { n: Number.NaN } }, 'metadata'],
    ['metadata with a bigint', { metadata: { n: 1n } }, 'metadata'],
    ['a key that is too long', { key: 'x'.repeat(129) }, 'key'],
    ['an empty key', { key: '' }, 'key'],
  ]
  test.each(wrong)('is refused with the path of the field when it has %s', async (_what, about, path) => {
    await using house = await openBusyHouse()
    await expectThrown(house, () => house.engine.dispatch(message(house, about)), { code: 'EVENT_INVALID', path })
  })

  test('is refused with a rejection by every verb, never with a throw', async () => {
    await using house = await openBusyHouse()
    const { engine } = house
    const bad = undefined as unknown as string
    const talk = engine.conversation(house.helping.conversationId)
    const desk = engine.agent('ana')
    const verbs: readonly (() => Promise<unknown>)[] = [
      () => engine.openConversation(bad as never),
      () => engine.openConversation({ customer: { id: '' } }),
      () => engine.assign(bad, bad, { by: '' }),
      () => talk.say(bad),
      () => talk.choose(bad),
      () => talk.requestAgent({ skills: [bad] }),
      () => talk.identify(bad as never),
      () => talk.rate('5' as never),
      () => talk.rate(Number.NaN),
      () => talk.rate(11),
      () => engine.conversation(bad).leave(),
      () => desk.accept(bad),
      () => desk.decline(bad),
      () => desk.say(house.live.conversationId, bad),
      () => desk.note(house.live.conversationId, bad),
      () => desk.hold(bad),
      () => desk.transfer(house.live.conversationId, 'nowhere' as never),
      () => desk.warn(bad),
      () => desk.close(bad),
      () => desk.setPresence('asleep' as never),
    ]
    for (const verb of verbs) await expectThrown(house, verb, { code: 'EVENT_INVALID' })
  })
})

describe('an id', () => {
  test('P20: that no conversation has is refused by every verb, and leaves nothing behind', async () => {
    await using house = await openBusyHouse()
    const { engine } = house
    const talk = engine.conversation('nobody-knows')
    const notFound = { code: 'NOT_FOUND', path: 'conversationId' }
    const verbs = [
      () => talk.view(),
      () => engine.explain('nobody-knows'),
      () => engine.assign('nobody-knows', 'ana', { by: 'sue' }),
      ...customerVerbs(talk),
      ...agentVerbs(engine.agent('ana'), 'nobody-knows'),
    ]
    for (const verb of verbs) await expectThrown(house, verb, notFound)
    talk.typing()
    talk.moveTo('/cart')
    await house.changesNothing(() => house.sim.advance(0))
  })

  test('P20: that no agent has is refused by every verb, and leaves nothing behind', async () => {
    await using house = await openBusyHouse()
    const { engine, offered, live } = house
    const notFound = { code: 'NOT_FOUND', path: 'agentId' }
    for (const id of [offered.conversationId, live.conversationId])
      for (const verb of agentVerbs(engine.agent('nobody'), id)) await expectThrown(house, verb, notFound)
    await expectThrown(house, () => engine.agent('nobody').setPresence('online'), notFound)
    await expectThrown(house, () => engine.removeAgent('nobody'), notFound)
    const { conversationId } = house.waiting
    await expectThrown(house, () => engine.assign(conversationId, 'nobody', { by: 'sue' }), notFound)
    const to = { agentId: 'nobody' }
    await expectThrown(house, () => engine.agent('ana').transfer(live.conversationId, to, { note: 'yours' }), notFound)
  })

  test('P20: that no choice has is refused, with the choices there are', async () => {
    await using house = await openBusyHouse()
    const { engine, helping, live } = house
    const missing = { code: 'NOT_FOUND', path: 'choiceId' }
    const talk = engine.conversation(helping.conversationId)
    await expectThrown(house, () => talk.choose('yes'), { ...missing, message: /Offered are: person/ })
    await expectThrown(house, () => engine.conversation(live.conversationId).choose('yes'), missing)
  })
})

describe('a closed conversation', () => {
  test('P20: refuses every verb of the customer and of agents', async () => {
    await using house = await openBusyHouse()
    const { engine, closed } = house
    const { leave, say, choose, requestAgent, identify } = engine.conversation(closed.conversationId)
    const talk = [() => say('hello'), () => choose('person'), () => requestAgent(), () => leave()]
    for (const verb of [...talk, () => identify({ id: 'closed' })]) await expectRefused(house, verb, { code: 'CLOSED' })
    const [accept, decline, ...others] = agentVerbs(engine.agent('ana'), closed.conversationId)
    for (const verb of others) await expectRefused(house, verb, { code: 'CLOSED' })
    for (const verb of [accept, decline]) await expectRefused(house, verb as never, { code: 'STALE_OFFER' })
    await expectRefused(house, () => engine.assign(closed.conversationId, 'ana', { by: 'sue' }), { code: 'CLOSED' })
    engine.conversation(closed.conversationId).moveTo('/cart')
    await house.changesNothing(() => house.sim.advance(0))
  })

  test('takes one rating', async () => {
    await using house = await openBusyHouse()
    const talk = house.engine.conversation(house.closed.conversationId)
    expect(await talk.rate(5)).toMatchObject({ status: 'applied', transitions: ['rate'] })
    await expectRefused(house, () => talk.rate(1), { code: 'NOT_NOW' })
  })

  test('takes a disposition from its agent alone', async () => {
    await using house = await openBusyHouse()
    const { engine, live, sim } = house
    await live.leaves()
    await sim.advance('10m')
    const id = live.conversationId
    await expectRefused(house, () => engine.agent('ben').close(id, { disposition: 'refund' }), { code: 'CLOSED' })
    await engine.agent('ana').close(id, { disposition: 'refund' })
    expect(await engine.conversation(id).view()).toMatchObject({ phase: 'closed', disposition: 'refund' })
  })
})

describe('an agent', () => {
  test('who does not own the conversation cannot act in it, and gets the words back', async () => {
    await using house = await openBusyHouse()
    const { engine } = house
    for (const { conversationId } of [house.live, house.waiting, house.helping, house.offered]) {
      const [, , say, note, ...others] = agentVerbs(engine.agent('ben'), conversationId)
      for (const verb of [say, note])
        await expectRefused(house, verb as never, { code: 'NOT_ASSIGNEE', text: 'a word from the desk' })
      for (const verb of others) await expectRefused(house, verb, { code: 'NOT_ASSIGNEE' })
    }
  })

  test('who owned the conversation before cannot act in it any more, and gets the words back', async () => {
    await using house = await openBusyHouse()
    const { engine, sim, live } = house
    const id = live.conversationId
    await engine.agent('ben').decline(house.offered.conversationId)
    await engine.agent('ana').transfer(id, { agentId: 'ben' })
    await sim.advance(0)
    const stale = { code: 'STALE_OWNER', text: 'a word from the desk' }
    const [, , say, note, ...others] = agentVerbs(engine.agent('ana'), id)
    for (const verb of [say, note]) await expectRefused(house, verb as never, stale)
    for (const verb of others) await expectRefused(house, verb, { code: 'STALE_OWNER' })
  })

  test('who writes with an old owner number gets the words back', async () => {
    await using house = await openBusyHouse()
    const { conversationId } = house.live
    const { ownerSeq } = (await house.store.load(conversationId)).row?.snapshot.context ?? { ownerSeq: 0 }
    const sent = { type: 'message.sent', conversationId, agentId: 'ana', text: 'hello' }
    for (const old of [ownerSeq - 1, ownerSeq + 1, 0])
      await expectRefused(house, () => house.engine.dispatch({ ...sent, ownerSeq: old }), {
        code: 'STALE_OWNER',
        text: 'hello',
      })
    expect(await house.engine.dispatch({ ...sent, ownerSeq })).toMatchObject({ status: 'applied' })
  })

  test('cannot answer an offer made to somebody else', async () => {
    await using house = await openBusyHouse()
    const desk = house.engine.agent('ana')
    const id = house.offered.conversationId
    await expectRefused(house, () => desk.accept(id), { code: 'STALE_OFFER' })
    await expectRefused(house, () => desk.decline(id), { code: 'STALE_OFFER' })
  })

  test('cannot answer an offer that has expired', async () => {
    await using house = await openBusyHouse()
    await house.sim.advance('20s')
    const desk = house.engine.agent('ben')
    const id = house.offered.conversationId
    await expectRefused(house, () => desk.accept(id), { code: 'STALE_OFFER' })
    await expectRefused(house, () => desk.decline(id), { code: 'STALE_OFFER' })
  })

  test('cannot answer an offer twice', async () => {
    await using house = await openBusyHouse()
    const desk = house.engine.agent('ben')
    const id = house.offered.conversationId
    await desk.accept(id)
    await house.sim.advance(0)
    await expectRefused(house, () => desk.accept(id), { code: 'STALE_OFFER' })
    await expectRefused(house, () => desk.decline(id), { code: 'STALE_OFFER' })
  })

  test('cannot answer an offer whose customer has left', async () => {
    await using house = await openBusyHouse()
    await house.offered.leaves()
    await house.sim.agent('ben').isOffered(house.waiting)
    await expectRefused(house, () => house.engine.agent('ben').accept(house.offered.conversationId), {
      code: 'STALE_OFFER',
    })
  })

  test('cannot be given a conversation that is not waiting, or above capacity', async () => {
    await using house = await openBusyHouse()
    const { engine } = house
    const give = (id: string) => () => engine.assign(id, 'ana', { by: 'sue' })
    await expectRefused(house, give(house.helping.conversationId), { code: 'NOT_NOW' })
    await expectRefused(house, give(house.live.conversationId), { code: 'NOT_NOW' })
    await expectRefused(house, give(house.waiting.conversationId), { code: 'NO_CAPACITY' })
    await engine.saveAgent({ id: 'zoe' })
    await expectRefused(house, () => engine.assign(house.waiting.conversationId, 'zoe', { by: 'sue' }), {
      code: 'AGENT_GONE',
    })
  })
})

describe('an engine', () => {
  test.each(['before it is started', 'after it is stopped'])('refuses every verb %s', async (when) => {
    const engine = createEngine({ agents: [{ id: 'ana' }] })
    if (when === 'after it is stopped') {
      await engine.start()
      await engine.stop()
    }
    const follows = when === 'before it is started' ? followVerbs(engine) : []
    for (const verb of [...engineVerbs(engine), ...follows]) {
      const error = await rejection(verb())
      expect(error.code).toBe('ENGINE_NOT_STARTED')
      expect(error.hint).not.toBe('')
    }
    engine.conversation('c1').typing()
    engine.conversation('c1').moveTo('/cart')
    engine.agent('ana').typing('c1')
  })

  test.each([
    ['message.add', 'Did you mean `message.added`?'],
    ['Message.Added', 'Did you mean `message.added`?'],
    ['xyzzy', /message\.added/],
    [7, /message\.added/],
  ])('tells nobody of `%s`, and says so', (name, hint) => {
    const listen = () => createEngine().on(name as never, () => undefined)
    expect(listen).toThrow(expect.objectContaining({ code: 'EVENT_INVALID', path: 'name' }))
    expect(listen).toThrow(hint)
  })

  test.each([undefined, null, 'tell me', {}])('tells only functions, not `%s`', (observer) => {
    for (const name of ['message.added', '*'] as const)
      expect(() => createEngine().on(name as 'message.added', observer as never)).toThrow(
        expect.objectContaining({ code: 'EVENT_INVALID', path: 'observer' }),
      )
  })

  test('ends what follows it when it is stopped', async () => {
    const engine = createEngine()
    await engine.start()
    await engine.stop()
    for (const verb of followVerbs(engine)) expect(await verb()).toEqual({ done: true, value: undefined })
  })

  test('is started and stopped more than once without harm', async () => {
    const engine = createEngine()
    await engine.stop()
    await engine.start()
    await engine.start()
    const talk = await engine.openConversation({ customer: { id: 'kim' } })
    await engine.stop()
    await engine.stop()
    expect((await rejection(talk.say('hello'))).code).toBe('ENGINE_NOT_STARTED')
  })

  test('answers whatever it is sent with a receipt or with an error of its own', async () => {
    await using house = await openBusyHouse({ skills: ['billing'] })
    const { engine, store } = house
    const known = [house.live, house.offered, house.waiting, house.helping, house.closed]
    const ids = [
      ...known.map(({ conversationId }) => conversationId),
      'ana',
      'ben',
      'billing',
      'yes',
      'person',
      'k1',
      'bot',
    ]
    const text = fc.oneof(fc.constantFrom(...ids, 'a person, please', 'hello', ' '), fc.string({ unit: 'binary' }))
    const value = fc.oneof(
      { weight: 4, arbitrary: text },
      fc.jsonValue(),
      fc.anything({ withBigInt: true, withMap: true }),
    )
    const fields = [
      'text',
      'choiceId',
      'agentId',
      'skills',
      'customer',
      'page',
      'score',
      'comment',
      'reason',
      'ownerSeq',
    ]
    const more = [
      'backIn',
      'to',
      'note',
      'warm',
      'directions',
      'disposition',
      'by',
      'force',
      'key',
      'metadata',
      'attachments',
    ]
    const event = fc
      .record({
        type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom<string>(...listCommandTypes()) }, text),
        conversationId: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ids.slice(0, 5)) }, value),
        rest: fc.dictionary(fc.constantFrom(...fields, ...more), value),
      })
      .map(({ type, conversationId, rest }) => ({
        ...(type === 'conversation.opened'
          ? {}
          : { agentId: 'ana', text: 'hello', by: 'sue', score: 3, choiceId: 'person' }),
        ...rest,
        type,
        conversationId,
      }))
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 6, arbitrary: event }, value), async (sent) => {
        const answer = await engine.dispatch(sent).catch((error: unknown) => error)
        seen.add(nameOf(answer))
      }),
      { numRuns: 2_000 },
    )
    await house.sim.advance(0)
    expect([...seen].filter((name) => !ANSWERS.has(name))).toEqual([])
    expect([...seen]).toEqual(
      expect.arrayContaining(['applied', 'CLOSED', 'NOT_ASSIGNEE', 'EVENT_INVALID', 'NOT_FOUND']),
    )
    expect(findViolations(await readStore(store))).toEqual([])
    await house.helping.returns()
    await house.helping.says('still there?')
  })
})

/** What a caller can do something about; nothing here is the fault of the house. */
const ANSWERS: ReadonlySet<string> = new Set<string>([
  'applied',
  'duplicate',
  ...Object.keys(REFUSALS),
  ...([
    'EVENT_INVALID',
    'EVENT_RESERVED',
    'MESSAGE_EMPTY',
    'MESSAGE_TOO_LARGE',
    'METADATA_TOO_DEEP',
    'NOT_FOUND',
    'SKILL_UNKNOWN',
    'IDEMPOTENCY_MISMATCH',
  ] satisfies readonly ErrorCode[]),
])

/** What an answer is, in one word: a code of an error or a refusal, or the status of a receipt. */
function nameOf(answer: unknown): string {
  if (answer instanceof MaitredError) return answer.hint === '' ? 'an error without a hint' : answer.code
  const { status, code } = (answer ?? {}) as { readonly status?: string; readonly code?: string }
  if (answer instanceof Error || status === undefined) return `unexpected: ${String(answer)}`
  return status === 'refused' ? String(code) : status
}

function customerVerbs(talk: Conversation): readonly (() => Promise<unknown>)[] {
  return [
    () => talk.say('hello', { key: 'k' }),
    () => talk.choose('person'),
    () => talk.requestAgent(),
    () => talk.leave(),
    () => talk.identify({ id: 'eve' }),
    () => talk.rate(5),
  ]
}

/** Accept, decline, say, note and the rest, in this order. */
function agentVerbs(desk: AgentDesk, id: string): readonly (() => Promise<unknown>)[] {
  return [
    () => desk.accept(id),
    () => desk.decline(id),
    () => desk.say(id, 'a word from the desk'),
    () => desk.note(id, 'a word from the desk'),
    () => desk.hold(id),
    () => desk.transfer(id, 'bot'),
    () => desk.transfer(id, { skills: [] }, { note: 'a note' }),
    () => desk.warn(id),
    () => desk.close(id),
  ]
}

function engineVerbs(engine: Engine): readonly (() => Promise<unknown>)[] {
  const talk = engine.conversation('c1')
  const desk = engine.agent('ana')
  return [
    () => engine.openConversation({ customer: { id: 'kim' } }),
    () => engine.dispatch({ type: 'message.received', conversationId: 'c1', text: 'hello' }),
    () => engine.conversations(),
    () => engine.saveAgent({ id: 'ana' }),
    () => engine.removeAgent('ana'),
    () => engine.assign('c1', 'ana', { by: 'sue' }),
    () => engine.availability(),
    () => engine.explain('c1'),
    () => engine.health(),
    () => engine.erase('kim'),
    () => desk.setPresence('online'),
    () => talk.view(),
    ...customerVerbs(talk),
    ...agentVerbs(desk, 'c1'),
  ]
}

function followVerbs(engine: Engine): readonly (() => Promise<unknown>)[] {
  return [
    () => engine.conversation('c1').follow()[Symbol.asyncIterator]().next(),
    () => engine.agent('ana').follow()[Symbol.asyncIterator]().next(),
  ]
}
