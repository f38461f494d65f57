import { fc } from '../fc.ts'
import { expect, test } from 'vitest'
import { createContext } from '../../src/core/machine/context.ts'
import { packRow, readRow } from '../../src/core/memory/packed-row.ts'
import type { ConversationRow } from '../../src/core/ports.ts'
import type { Context, Hold, Timer } from '../../src/core/snapshot.ts'

const moment = fc.integer({ min: 0, max: 4e12 })
const text = fc.string({ maxLength: 8 })
const hold = fc.record<Hold>({
  holdId: text,
  agentId: text,
  units: fc.nat(3),
  weight: fc.nat(3),
  phase: fc.constantFrom('offered', 'open', 'wrapUp'),
  wrapUpMs: fc.nat(),
  endsAt: fc.option(moment),
})
const fresh = createContext({ id: 'c1', customerId: 'kim', channel: 'web', skills: [], at: 5 })
/** Any field of the context may be as at the beginning, or another value of its kind. */
const context = fc
  .record(
    Object.fromEntries(
      Object.entries(fresh).map(([name, value]) => [
        name,
        name === 'holds'
          ? fc.array(hold, { maxLength: 2 })
          : Array.isArray(value)
            ? fc.array(text, { maxLength: 2 })
            : typeof value === 'number'
              ? fc.oneof(fc.constant(value), moment)
              : fc.oneof(fc.constant(value), /(?:At|Until)$/.test(name) ? moment : text),
      ]),
    ),
  )
  .map((changed) => ({ ...fresh, ...changed, id: 'c1' })) // of any kind, which is more than there can be
const timers = fc.dictionary(
  text.filter((name) => !['__proto__'].includes(name) && !/^\d+$/.test(name)),
  fc.record<Timer>({ dueAt: moment, token: fc.nat() }),
  { maxKeys: 3 },
)
const row: fc.Arbitrary<ConversationRow> = fc.record({
  id: fc.constant('c1'),
  version: fc.nat(),
  snapshot: fc.record({
    chart: fc.constantFrom(1, 2),
    path: fc.constantFrom('live.active', 'closed'),
    context,
    timers,
    plugins: fc.constantFrom({}, { nps: { version: 0, state: { asked: true } } }),
    depth: fc.nat(2),
  }),
  customer: fc.record({ id: fc.constantFrom('kim', 'lee'), name: text }),
  pages: fc.array(fc.record({ url: text, at: moment }), { maxLength: 2 }),
  entryCount: fc.nat(),
  previousId: fc.option(text),
  erasedVersion: fc.option(fc.nat(), { nil: undefined }),
})

test('a row that was packed is read as it was', () => {
  let packedCount = 0
  fc.assert(
    fc.property(row, (given) => {
      const packed = packRow(given)
      if (packed === undefined) return
      packedCount += 1
      expect(JSON.stringify(readRow(packed))).toBe(JSON.stringify(given))
      expect(readRow(packed)).toEqual(given)
    }),
    { numRuns: 500 },
  )
  expect(packedCount).toBeGreaterThan(50)
})

test('a row of another version of the chart, or with a field that is not known here, is left as it is', () => {
  const snapshot = { chart: 1, path: 'closed', context: fresh, timers: {}, plugins: {}, depth: 0 }
  const whole: ConversationRow = {
    ...{ id: 'c1', version: 1, snapshot, customer: { id: 'kim' }, pages: [], entryCount: 0, previousId: null },
    erasedVersion: undefined,
  }
  expect(packRow(whole)).toBeDefined()
  expect(packRow({ ...whole, snapshot: { ...snapshot, chart: 2 } })).toBeUndefined()
  expect(
    packRow({ ...whole, snapshot: { ...snapshot, context: { ...fresh, mood: 'good' } as Context } }),
  ).toBeUndefined()
  expect(
    packRow({ ...whole, snapshot: { ...snapshot, timers: { silence: { dueAt: 0.5, token: 1 } } } }),
  ).toBeUndefined()
})
