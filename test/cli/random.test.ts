import { expect, test } from 'vitest'
import { createRandom } from '../../src/cli/random.ts'

function draws(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('gives the same draws for the same seeds, and others for others', () => {
  const [one, same, other] = [createRandom(1, 2), createRandom(1, 2), createRandom(2, 1)]
  const first = draws(50, () => one.next())
  expect(draws(50, () => same.next())).toEqual(first)
  expect(draws(50, () => other.next())).not.toEqual(first)
  expect(first.every((value) => value >= 0 && value < 1)).toBe(true)
})

test('draws as often and as large as it was asked to', () => {
  const random = createRandom(7)
  expect(mean(draws(20_000, () => random.next()))).toBeCloseTo(0.5, 1)
  expect(mean(draws(20_000, () => (random.chance(0.05) ? 1 : 0)))).toBeCloseTo(0.05, 1)
  expect(mean(draws(20_000, () => random.exponential(60))) / 60).toBeCloseTo(1, 1)
  const waits = draws(20_000, () => random.lognormal(25, 0.5)).sort((one, two) => one - two)
  expect((waits[10_000] ?? 0) / 25).toBeCloseTo(1, 1)
  expect(new Set(draws(200, () => random.pick([1, 2, 3])))).toEqual(new Set([1, 2, 3]))
})
