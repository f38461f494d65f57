import { describe, expect, test } from 'vitest'
import {
  fitLogistic,
  type Logistic,
  type Observation,
  probabilityOf,
} from '../../../src/plugins/knowledge-base/logistic.ts'
import { runAtOnce } from '../../../src/plugins/knowledge-base/slices.ts'

const PRIOR: Logistic = { bias: -1, weights: [2, 0] }

/** Right when the first number is high; the second says it just as well. */
function observe(count: number): readonly Observation[] {
  return Array.from({ length: count }, (_, place) => {
    const value = (place % 10) / 10
    return { numbers: Float64Array.of(value, value), isRight: place % 10 >= 7, weight: 1 }
  })
}

const fit = (count: number): Logistic => runAtOnce(fitLogistic(observe(count), PRIOR))
const chanceAt = (logistic: Logistic, value: number) => probabilityOf(logistic, Float64Array.of(value, value))

describe('a probability learnt from numbers', () => {
  test('follows what is seen, the more of it the closer', () => {
    const [few, many] = [fit(100), fit(10_000)]
    for (const learnt of [few, many]) expect(chanceAt(learnt, 0.2)).toBeLessThan(chanceAt(PRIOR, 0.2))
    expect(chanceAt(many, 0.2)).toBeLessThan(chanceAt(few, 0.2))
    expect(chanceAt(many, 0.9)).toBeGreaterThan(0.9)
  })

  test('stays near the prior where little is seen, however little', () => {
    for (const count of [1, 10, 30, 50]) {
      for (const value of [0, 0.5, 1])
        expect(Math.abs(chanceAt(fit(count), value) - chanceAt(PRIOR, value))).toBeLessThan(0.2)
    }
  })

  test('gives no weight to what has none in the prior', () => {
    expect(fit(1_000).weights[1]).toBe(0)
  })
})
