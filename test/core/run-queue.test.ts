import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { type Work, createRunQueue } from '../../src/core/engine/run-queue.ts'

/** Time stands still; how often it was looked at is counted: once for each job that is taken up. */
function stillClock() {
  const clock = {
    lookCount: 0,
    sliceMs: 10,
    now: () => ((clock.lookCount += 1), 0),
    breathe: (work: () => void) => work(),
  }
  return clock
}

/** Work that waits for so many promises. */
function* waiting(count: number, told: (what: 'begins' | 'ends') => void): Work<void> {
  told('begins')
  for (let index = 0; index < count; index += 1) yield Promise.resolve()
  told('ends')
}

describe('the run queue', () => {
  test('takes up each of those who wait in one lane once or twice, however many they are', async () => {
    for (const count of [100, 1_000, 10_000]) {
      const clock = stillClock()
      const queue = createRunQueue(clock)
      const order: number[] = []
      const jobs = Array.from({ length: count }, (_, index) =>
        queue.run('kim', () => waiting(1, (what) => void (what === 'ends' && order.push(index)))),
      )
      await Promise.all(jobs)
      expect(order).toEqual(order.toSorted((one, other) => one - other))
      expect(order).toHaveLength(count)
      expect(clock.lookCount / count).toBeLessThan(5)
    }
  })

  test('lets what follows from a lane’s work go ahead of what arrived there, also of what was about to begin', async () => {
    const queue = createRunQueue(stillClock())
    const order: string[] = []
    const run = (name: string, isConsequence = false): Promise<void> =>
      queue.run('kim', () => waiting(2, (what) => void (what === 'begins' && order.push(name))), { isConsequence })
    const first = queue.run('kim', function* (): Work<void> {
      yield Promise.resolve()
      yield* waiting(0, () => undefined)
      order.push('first')
      queue.later(() => void run('follows late', true)) // when the next is about to begin
    })
    const others = [run('second'), run('third'), run('follows', true)]
    await Promise.all([first, ...others])
    await queue.idle()
    expect(order).toEqual(['first', 'follows', 'follows late', 'second', 'third'])
  })

  test('keeps the order of a lane, and one job at a time in it, whatever waits for what', async () => {
    const job = fc.record({
      lane: fc.constantFrom('a', 'b', 'c'),
      isConsequence: fc.boolean(),
      waits: fc.nat({ max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ job, after: fc.nat({ max: 2 }) }), { maxLength: 60 }), async (arrivals) => {
        const queue = createRunQueue(stillClock())
        const busy = new Set<string>()
        const ended = new Map<string, number[]>()
        const promises: Promise<void>[] = []
        for (const [index, { job, after }] of arrivals.entries()) {
          for (let count = 0; count < after; count += 1) await Promise.resolve()
          const { lane, isConsequence, waits } = job
          const told = (what: 'begins' | 'ends'): void => {
            if (what === 'begins') {
              expect(busy.has(lane)).toBe(false)
              busy.add(lane)
              return
            }
            busy.delete(lane)
            const kind = `${lane}${String(isConsequence)}`
            ended.set(kind, [...(ended.get(kind) ?? []), index])
          }
          promises.push(queue.run(lane, () => waiting(waits, told), { isConsequence }))
        }
        await Promise.all(promises)
        await queue.idle()
        expect(queue.size).toBe(0)
        for (const order of ended.values()) expect(order).toEqual(order.toSorted((one, other) => one - other))
      }),
      { numRuns: 300 },
    )
  })
})
