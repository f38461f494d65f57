import { expect, test } from 'vitest'
import type { Fact } from '../../src/core/events.ts'
import { type PackedTurn, packTurn, unpackTurns } from '../../src/core/memory/packed-turn.ts'
import type { TurnRecord } from '../../src/core/ports.ts'
import type { Timer } from '../../src/core/snapshot.ts'
import { fc } from '../fc.ts'

const moment = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 0, max: 1e6, noNaN: true }))
const text = fc.string({ maxLength: 6 })
const value = fc.oneof(text, fc.integer(), fc.double(), fc.constant(null), fc.constant(undefined), fc.array(text))
/** Any fields in any order, which is more than facts have; some at another time than their turn. */
const fact = (at: number): fc.Arbitrary<Fact> =>
  fc
    .record({
      type: fc.constantFrom('message.received', 'answer.given', 'other'),
      at: fc.oneof({ weight: 5, arbitrary: fc.constant(at) }, { weight: 1, arbitrary: moment }),
      fields: fc.dictionary(fc.constantFrom('messageId', 'kind', 'effectId', 'steps', 'endsAt'), value),
    })
    .map(({ type, fields, ...rest }) => ({ type, ...rest, ...fields }) as unknown as Fact)
const timer: fc.Arbitrary<Timer> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ dueAt: fc.integer({ min: 0, max: 4e12 }), token: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ dueAt: moment, token: fc.nat(), more: text }) },
)
const timers = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  timer,
  { maxKeys: 3 },
)
const turn: fc.Arbitrary<TurnRecord> = moment.chain((at) =>
  fc.record({
    version: fc.nat(),
    at: fc.constant(at),
    opening: fc.option(
      fc.record({ id: text, customerId: text, channel: text, skills: fc.array(text), at: fc.constant(at) }),
      { nil: undefined },
    ),
    walks: fc.array(fc.record({ fact: fact(at), kept: fc.nat(9) }), { maxLength: 3 }),
    notes: fc.oneof(fc.constant([]), fc.array(fc.record({ veto: text }), { maxLength: 2 })),
    timers: fc.option(timers, { nil: undefined }),
    plugins: fc.option(fc.constant({ nps: { version: 0, state: { asked: true } } }), { nil: undefined }),
    depth: fc.nat(8),
  }),
)

test('turns that were packed are read as they were, oldest first', () => {
  let packedCount = 0
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 4 }), fc.nat(), (turns, fromVersion) => {
      const last = turns.reduce((earlier: PackedTurn | undefined, each) => packTurn(each, earlier), undefined)
      for (let packed = last; packed !== undefined; packed = packed[0] as PackedTurn | undefined)
        if (!turns.some((each) => packed.includes(each))) packedCount += 1
      expect(unpackTurns(last)).toEqual(turns)
      expect(unpackTurns(last, fromVersion)).toEqual(turns.filter(({ version }) => version >= fromVersion))
    }),
    { numRuns: 500 },
  )
  expect(packedCount).toBeGreaterThan(100)
})

test('a fact of ours is kept with its fields, and without an object', () => {
  const record: TurnRecord = {
    version: 2,
    at: 1_000,
    walks: [{ fact: { type: 'agent.requested', at: 1_000, skills: null }, kept: 1 }],
    notes: [],
    depth: 0,
  }
  const packed = packTurn(record, undefined)
  expect(packed).not.toContain(record)
  expect(packed).not.toContain(record.walks[0]?.fact)
})
