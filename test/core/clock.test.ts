import { expect, test } from 'vitest'
import { createSystemClock } from '../../src/core/clock.ts'

const HOUR_MS = 3_600_000

/** Both clocks go on together, until somebody sets the one on the wall. */
function house() {
  const time = { wall: 1_700_000_000_000, steady: 0 }
  const clock = createSystemClock({ wall: () => time.wall, steady: () => time.steady })
  return {
    clock,
    passes(ms: number) {
      time.wall += ms
      time.steady += ms
    },
    isSet(ms: number) {
      time.wall += ms
    },
  }
}

test('the system clock is the wall clock', () => {
  const { clock, passes } = house()
  const before = clock.now()
  expect(before).toBe(1_700_000_000_000)
  passes(1_234)
  expect(clock.now() - before).toBe(1_234)
})

test('P28: a wall clock that is set back by an hour costs nobody an hour: time goes on as it went', () => {
  const { clock, passes, isSet } = house()
  const before = clock.now()
  isSet(-HOUR_MS)
  expect(clock.now()).toBe(before)
  passes(20_000)
  expect(clock.now() - before).toBe(20_000)
})

test('P28: set forward again, it is the wall clock again; set forward alone, it goes along', () => {
  const { clock, passes, isSet } = house()
  const before = clock.now()
  isSet(-HOUR_MS)
  passes(5_000)
  clock.now()
  isSet(HOUR_MS)
  passes(5_000)
  expect(clock.now() - before).toBe(10_000)
  isSet(HOUR_MS)
  expect(clock.now() - before).toBe(10_000 + HOUR_MS)
})

test('small corrections are followed, but never backwards', () => {
  const { clock, isSet } = house()
  const before = clock.now()
  isSet(-300)
  expect(clock.now()).toBe(before)
  isSet(500)
  expect(clock.now()).toBe(before + 200)
})
