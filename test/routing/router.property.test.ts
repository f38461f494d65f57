import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { days, live } from './day.ts'

describe('any day, with agents who come and go, customers who give up, and news that are late', () => {
  test('keeps capacity, compatibility, order within a class and the queue policy, and leaves nobody waiting for a free agent', () => {
    fc.assert(
      fc.property(days, (day) => {
        live(day)
      }),
      { numRuns: 3_000 },
    )
  })

  test('goes the same way when it is lived again', () => {
    fc.assert(
      fc.property(days, (day) => {
        expect(live(day)).toEqual(live(day))
      }),
      { numRuns: 1_000 },
    )
  })
})
