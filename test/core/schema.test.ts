import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { clean } from '../../src/core/clean.ts'
import { isMaitredError, type MaitredError } from '../../src/core/errors.ts'
import {
  type Command,
  listCommandTypes,
  MAX_METADATA_DEPTH,
  MAX_TEXT_BYTES,
  parseCommand,
  readJsonObject,
  readText,
} from '../../src/core/schema.ts'

/** The least that each event needs. */
const LEAST: Readonly<Record<Command['type'], object>> = {
  'conversation.opened': { customer: { id: 'kim' } },
  'message.received': { conversationId: 'c1', text: 'hello' },
  'choice.made': { conversationId: 'c1', choiceId: 'yes' },
  'agent.requested': { conversationId: 'c1' },
  'customer.left': { conversationId: 'c1' },
  'customer.identified': { conversationId: 'c1', customer: { id: 'kim' } },
  'page.visited': { conversationId: 'c1', page: '/cart' },
  'rating.given': { conversationId: 'c1', score: 5 },
  'offer.accepted': { conversationId: 'c1', agentId: 'ana' },
  'offer.declined': { conversationId: 'c1', agentId: 'ana' },
  'message.sent': { conversationId: 'c1', agentId: 'ana', text: 'hello' },
  'note.added': { conversationId: 'c1', agentId: 'ana', text: 'hello' },
  'conversation.held': { conversationId: 'c1', agentId: 'ana' },
  'conversation.transferred': { conversationId: 'c1', agentId: 'ana', to: 'bot' },
  'customer.warned': { conversationId: 'c1', agentId: 'ana' },
  'conversation.finished': { conversationId: 'c1', agentId: 'ana' },
  'agent.joined': { conversationId: 'c1', agentId: 'sue' },
  'agent.parted': { conversationId: 'c1', agentId: 'sue' },
  'whisper.sent': { conversationId: 'c1', agentId: 'sue', text: 'hello' },
  'conversation.assigned': { conversationId: 'c1', agentId: 'ana', by: 'sue' },
}

function thrownBy(read: () => unknown): MaitredError {
  try {
    read()
  } catch (error) {
    if (isMaitredError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the door', () => {
  test.each([...listCommandTypes()])('takes `%s` with the least it needs, and adds nothing', (type) => {
    expect(parseCommand({ type, ...LEAST[type] })).toEqual({ type, ...LEAST[type] })
  })

  test.each([...listCommandTypes()])('refuses `%s` without any one field that it needs', (type) => {
    for (const field of Object.keys(LEAST[type])) {
      const { [field]: _left, ...rest } = LEAST[type] as Record<string, unknown>
      expect(thrownBy(() => parseCommand({ type, ...rest }))).toMatchObject({ code: 'EVENT_INVALID', path: field })
    }
  })

  test.each([...listCommandTypes()])('takes `%s` with a key, and drops what it does not know', (type) => {
    const event = { type, ...LEAST[type], key: 'k1' }
    expect(parseCommand({ ...event, at: 0, version: 7, owner: 'bot' })).toEqual(event)
  })

  test('names the field that does not fit, how deep it may lie', () => {
    const sent = { type: 'message.received', ...LEAST['message.received'] }
    const attachments = [
      { url: 'https://example.org', name: 'a' },
      { url: 'https://example.org', name: 7 },
    ]
    const error = thrownBy(() => parseCommand({ ...sent, attachments }))
    expect(error).toMatchObject({ code: 'EVENT_INVALID', path: 'attachments.1.name', retryable: false })
    expect(error.message).toContain('attachments.1.name')
    expect(error.hint).not.toBe('')
  })

  test.each([
    ['128 characters', 'x'.repeat(128), true],
    ['129 characters', 'x'.repeat(129), false],
    ['nothing', '', false],
    ['spaces and signs', 'Ö — "o\'brien" 🙂 %_\\', true],
    ['a tab', 'a\tb', false],
    ['a C1 control character', 'a\u0085b', false],
    ['a lone surrogate', 'a\uDC00', false],
  ])('takes an id of %s: %s (%s)', (_what, id, isTaken) => {
    const read = () => parseCommand({ type: 'customer.left', conversationId: id })
    if (isTaken) expect(read()).toEqual({ type: 'customer.left', conversationId: id })
    else expect(thrownBy(read)).toMatchObject({ code: 'EVENT_INVALID', path: 'conversationId' })
  })

  test('reads a second time what it has read once, and finds nothing to change', () => {
    const event = fc.constantFrom(...listCommandTypes()).chain((type) =>
      fc.record({
        type: fc.constant(type),
        rest: fc.record(
          {
            text: fc.string({ unit: 'binary', minLength: 1 }),
            comment: fc.string({ unit: 'binary' }),
            customer: fc.record({
              id: fc.constant('kim'),
              name: fc.string({ unit: 'binary' }),
              attributes: jsonObject(),
            }),
            metadata: jsonObject(),
          },
          { requiredKeys: [] },
        ),
      }),
    )
    fc.assert(
      fc.property(event, ({ type, rest }) => {
        const sent = { ...LEAST[type], ...rest, type }
        const read = readOrRefuse(() => parseCommand(sent))
        if (read !== undefined) expect(parseCommand(read)).toEqual(read)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a text', () => {
  test('is kept as it is when every store can keep it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(clean(text)).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  test('holds neither NUL nor a lone surrogate once it is read, and as many characters as before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (one, other) => {
        const text = `${one}\u0000${other}\uD83D`
        const cleaned = clean(text)
        expect(cleaned).not.toMatch(/[\0\p{Surrogate}]/u)
        expect([...cleaned]).toHaveLength([...text].length)
        expect(Buffer.from(cleaned).toString()).toBe(cleaned)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is measured in bytes, as it came', () => {
    expect(readText('€'.repeat(MAX_TEXT_BYTES / 4))).toHaveLength(MAX_TEXT_BYTES / 4)
    expect(readText('🙂'.repeat(MAX_TEXT_BYTES / 4))).toHaveLength(MAX_TEXT_BYTES / 2)
    const error = thrownBy(() => readText('🙂'.repeat(MAX_TEXT_BYTES / 4 + 1)))
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', path: 'text' })
    expect(error.message).toContain(String(MAX_TEXT_BYTES))
    expect(error.message).toContain(String(MAX_TEXT_BYTES + 4))
  })

  test.each(['.', '0', '🙂', '\u0301', 'ㅤa', '\u0000'])('is not empty when it is %j', (text) => {
    expect(readText(text)).toBe(clean(text))
  })

  test.each(['', ' ', '\u200B', '\u3164', '\u{E0020}', '\uFE0F', '\u0007'])('is empty when it is %j', (text) => {
    expect(thrownBy(() => readText(text))).toMatchObject({ code: 'MESSAGE_EMPTY' })
    expect(readText(text, true)).toBe(text)
  })
})

describe('metadata', () => {
  test('comes out as plain JSON of its own, without keys that reach a prototype', () => {
    fc.assert(
      fc.property(jsonObject(), (value) => {
        const read = readOrRefuse(() => readJsonObject(value, 'metadata'))
        if (read === undefined) return
        expect(JSON.parse(JSON.stringify(read))).toEqual(read)
        expect(JSON.stringify(read)).not.toMatch(/"(__proto__|constructor|prototype)":/)
        expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined()
      }),
      { numRuns: 1_000 },
    )
  })

  test('is copied: what the caller does with it later is felt by nobody', () => {
    const list = [1]
    const read = readJsonObject({ list }, 'metadata')
    list.push(2)
    expect(read).toEqual({ list: [1] })
  })

  test('may nest to the limit', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })
    expect(readJsonObject(nested(MAX_METADATA_DEPTH), 'metadata')).toBeDefined()
    expect(thrownBy(() => readJsonObject(nested(MAX_METADATA_DEPTH + 1), 'metadata'))).toMatchObject({
      code: 'METADATA_TOO_DEEP',
      path: 'metadata',
    })
  })

  test('that holds itself is refused, not followed for ever', () => {
    const round: Record<string, unknown> = {}
    round['round'] = round
    expect(thrownBy(() => readJsonObject(round, 'metadata'))).toMatchObject({ code: 'METADATA_TOO_DEEP' })
  })
})

/** Objects with the keys that matter among them. */
function jsonObject(): fc.Arbitrary<object> {
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'plan'), fc.string({ unit: 'binary' }))
  const polluting = fc.constantFrom(...['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}'])
  const value = fc.oneof(
    fc.jsonValue({ stringUnit: 'binary' }),
    polluting.map((text) => JSON.parse(text) as fc.JsonValue),
  )
  return fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true })
}

/** What is read, or `undefined` when it is refused with an error of ours. */
function readOrRefuse<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (isMaitredError(error)) return undefined
    throw error
  }
}
