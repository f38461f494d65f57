import { fc } from '../fc.ts'
import { expect, test } from 'vitest'
import { copySmallJson } from '../../src/core/small-json.ts'

const ROOM = 64 * 1024

test('a copy of something small is what JSON makes of it', () => {
  const values = fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withBigInt: true })
  fc.assert(
    fc.property(values, (value) => {
      const copy = copySmallJson(value, ROOM)
      if (copy === undefined) return
      const written = JSON.stringify(value)
      expect(JSON.stringify(copy)).toBe(written)
      expect(copy).toStrictEqual(JSON.parse(written))
    }),
    { numRuns: 2_000 },
  )
  expect(copySmallJson({ list: [1, 'two', null, { three: true }], none: undefined }, ROOM)).toStrictEqual({
    list: [1, 'two', null, { three: true }],
  })
})

test('nothing comes through that would be larger than it may be, and nothing that holds itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(200), (value, maxBytes) => {
      const copy = copySmallJson(value, maxBytes)
      if (copy !== undefined) expect(Buffer.byteLength(JSON.stringify(copy))).toBeLessThanOrEqual(maxBytes)
    }),
  )
  const ring: Record<string, unknown> = {}
  ring['self'] = ring
  expect(copySmallJson(ring, ROOM)).toBeUndefined()
})
