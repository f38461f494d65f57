import { bench, describe, vi } from 'vitest'
import { createVirtualClock } from '../src/testing/virtual-clock.ts'

const PENDING = 10_000

// Set a timer, let a millisecond pass, call it off, while ten thousand others wait.
describe('10,000 pending timers', () => {
  const clock = createVirtualClock(0)
  for (let index = 0; index < PENDING; index++) clock.at(1e12 + index, () => {})

  bench('the virtual clock', () => {
    const cancel = clock.at(clock.now() + 1_000, () => {})
    const until = clock.now() + 1
    while (clock.fireNext(until)) continue
    clock.moveTo(until)
    cancel()
  })

  bench(
    "vitest's fake timers",
    () => {
      const timer = setTimeout(() => {}, 1_000)
      vi.advanceTimersByTime(1)
      clearTimeout(timer)
    },
    {
      setup: () => {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        for (let index = 0; index < PENDING; index++) setTimeout(() => {}, 1e9 + index)
      },
      teardown: () => void vi.useRealTimers(),
    },
  )
})
