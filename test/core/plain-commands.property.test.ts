import { fc } from '../fc.ts'
import { expect, test } from 'vitest'
import { isMaitredError } from '../../src/core/errors.ts'
import { parseCommand } from '../../src/core/schema.ts'

const id = fc.oneof(
  fc.constantFrom('c1', '', 'x'.repeat(128), 'x'.repeat(129), 'a\u0000b', '\uD800', 'é🙂'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const text = fc.oneof(
  fc.constantFrom('hello', '', '   ', '\u200B', 'a\u0000b', '\uDC00!', '🙂', 'x'.repeat(8_193)),
  fc.string({ unit: 'binary' }),
)
const other = fc.constantFrom<unknown>(undefined, null, 7, {}, [])
const customer = fc.record(
  {
    id: fc.oneof({ weight: 5, arbitrary: id }, other),
    name: fc.oneof({ weight: 5, arbitrary: text }, other),
    email: fc.constantFrom(undefined, 'kim@example.com'),
    unknown: fc.constant(1),
  },
  { requiredKeys: [] },
)
const event = fc.record(
  {
    type: fc.constantFrom(
      'message.received',
      'message.sent',
      'agent.requested',
      'customer.left',
      'conversation.opened',
    ),
    customer: fc.oneof({ weight: 9, arbitrary: customer }, other),
    channel: fc.constantFrom(undefined, 'web'),
    conversationId: fc.oneof({ weight: 5, arbitrary: id }, other),
    agentId: fc.oneof({ weight: 5, arbitrary: id }, other),
    key: fc.oneof({ weight: 5, arbitrary: id }, other),
    text: fc.oneof({ weight: 5, arbitrary: text }, other),
    skills: fc.constantFrom(undefined, ['billing']),
    ownerSeq: fc.constantFrom<unknown>(undefined, 2, 'two'),
    attachments: fc.constantFrom(undefined, []),
    unknown: fc.constant(1),
  },
  { requiredKeys: ['type'] },
)

/** What it is read as, in its order, for the hash of a body is made of that; or what it is refused for. */
function outcomeOf(sent: object): unknown {
  try {
    return JSON.stringify(parseCommand(sent))
  } catch (error) {
    if (!isMaitredError(error)) throw error
    return { code: error.code, message: error.message, hint: error.hint, path: error.path }
  }
}

const visit = fc.record(
  { type: fc.constant('conversation.opened'), customer, page: fc.constantFrom(undefined, '/prices') },
  { requiredKeys: ['type', 'customer'] },
)

test('a plain command is read by hand as the schema reads it', () => {
  fc.assert(
    fc.property(fc.oneof(event, visit), (sent) => {
      // Without the usual prototype it is left to the schema.
      const judged = Object.assign(Object.create(null) as object, sent)
      expect(outcomeOf(sent)).toEqual(outcomeOf(judged))
    }),
    { numRuns: 4_000 },
  )
})
