import { describe, expect, it } from 'vitest'
import { toConfidences } from '../../../src/plugins/knowledge-base/confidence.ts'

const WEIGHTS = new Map([
  ['refund', { rarity: 3, trust: 1 }],
  ['order', { rarity: 1, trust: 1 }],
  ['pasword', { rarity: 4, trust: 0.5 }],
])

describe('toConfidences', () => {
  it('gives nothing for nothing', () => {
    expect(toConfidences([], WEIGHTS)).toEqual([])
  })

  it('is the share of the query that a lone hit knows, by rarity and trust', () => {
    expect(toConfidences([{ position: 0, score: 2, terms: ['refund', 'order'] }], WEIGHTS)).toEqual([0.5])
    expect(toConfidences([{ position: 0, score: 2, terms: ['pasword'] }], WEIGHTS)).toEqual([0.25])
  })

  it('grows with the lead over the runner-up', () => {
    const leadOf = (score: number) => {
      const terms = ['refund', 'order', 'pasword']
      return toConfidences(
        [2, score].map((each, position) => ({ position, score: each, terms })),
        WEIGHTS,
      )[0]
    }
    expect(leadOf(0.5)).toBeGreaterThan(leadOf(1) ?? 1)
    expect(leadOf(1)).toBeGreaterThan(leadOf(2) ?? 1)
  })

  it('never rises down the list', () => {
    const hits = [
      { position: 0, score: 2, terms: ['order'] },
      { position: 1, score: 1.9, terms: ['refund', 'pasword'] },
    ]
    const [first = 0, second = 1] = toConfidences(hits, WEIGHTS)
    expect(second).toBeLessThanOrEqual(first)
  })
})
