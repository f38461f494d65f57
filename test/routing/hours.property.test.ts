import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { resolveHours } from '../../src/routing/hours.ts'

const at = (text: string) => Date.parse(text)

describe('business hours of any kind', () => {
  test('begin at a moment at which they are open and a minute before which they were not', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia']
    const clock = fc.integer({ min: 0, max: 24 * 60 - 1 })
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
    const start = at('2026-01-01T00:00:00Z')
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.uniqueArray(fc.constantFrom(...days), { minLength: 1 }),
        clock,
        clock,
        fc.integer({ min: 0, max: 365 * 24 * 60 }),
        (timeZone, open, from, to, minutes) => {
          fc.pre(from !== to)
          const text = [from, to].map(
            (of) => `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`,
          )
          const week = Object.fromEntries(open.map((day) => [day, [text.join('-')]]))
          const hours = resolveHours({ timeZone, week })
          const now = start + minutes * 60_000
          const opening = hours.opensAt(now)
          expect(opening).toBeGreaterThan(now)
          expect(hours.isOpenAt(opening ?? 0)).toBe(true)
          expect(hours.isOpenAt((opening ?? 0) - 60_000)).toBe(false)
          const change = hours.changesAt(now) ?? Number.NaN
          const isOpen = hours.isOpenAt(now)
          expect(change).toBeGreaterThan(now)
          expect(hours.isOpenAt(change)).toBe(!isOpen)
          for (let step = 0; step < 20; step++)
            expect(hours.isOpenAt(now + Math.floor(((change - 60_000 - now) * step) / 20))).toBe(isOpen)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
