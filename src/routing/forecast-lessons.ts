import type { Forecast } from '../core/types.ts'

/** A wait as it looks before anything has been learnt from others: its mean, and how much it scatters. */
export interface Outlook {
  readonly meanMs: number
  /** Of a gamma distribution: 1 for the next of many seats, k for the k-th of them. */
  readonly shape: number
}

/** What the waits of those who asked for the same turned out to be, against their outlooks. */
export interface Lessons {
  /** It waited so long; `gaveUp`: and would have waited longer. */
  learn(outlook: Outlook, waitMs: number, gaveUp: boolean): void
  toForecast(outlook: Outlook): Forecast
  readonly count: number
}

/** Standard normal scores of the two quantiles that are told, and how quickly those are moved. */
const LEVELS = [0.5, 0.9] as const
const SCORES = [0, 1.2816] as const
const [FIRST_STEP, LAST_STEP] = [0.02, 0.003] as const
/** The scale rests on the last so many waits, and so many more that were just as expected. */
const [MEMORY, PRIOR] = [4_000, 400]
/** Wilder scores than this are not believed. */
const WILDEST = 4

/**
 * Corrects outlooks in two ways, both slow, so that they add little noise of their own: a scale, the sum of the waits over the sum of
 * their means; and the scores of the quantiles, each moved up whenever a wait exceeds it and down whenever not, in such a proportion
 * that its share of the waits stays below it (H. Robbins and S. Monro, 1951). Those who gave up count for what they would have waited,
 * as far as the outlook tells.
 */
export function createLessons(): Lessons {
  const scores: [number, number] = [...SCORES]
  let [count, waited, expected, typical] = [0, 0, 0, 0]

  function scale(): number {
    const prior = PRIOR * typical
    return expected + prior === 0 ? 1 : (waited + prior) / (expected + prior)
  }

  return {
    learn(outlook, waitMs, gaveUp) {
      if (!(outlook.meanMs > 0)) return
      const scaled = { ...outlook, meanMs: outlook.meanMs * scale() }
      const score = Math.max(-WILDEST, Math.min(WILDEST, toScore(scaled, waitMs)))
      const step = Math.max(LAST_STEP, 1 / (1 / FIRST_STEP + count))
      for (const [index, level] of LEVELS.entries()) {
        const own = scores[index] ?? 0
        scores[index] = own + step * (level - shareBelow(own, { score, gaveUp }))
      }
      const wait = gaveUp ? Math.max(waitMs, atScore(scaled, meanAbove(score))) : waitMs
      const keep = 1 - 1 / MEMORY
      count += 1
      waited = waited * keep + wait
      expected = expected * keep + outlook.meanMs
      typical += (outlook.meanMs - typical) / Math.min(count, MEMORY)
    },
    toForecast(outlook) {
      const scaled = { ...outlook, meanMs: outlook.meanMs * scale() }
      const [p50, p90] = [atScore(scaled, scores[0]), atScore(scaled, Math.max(...scores))]
      return { p50Ms: Math.round(p50), p90Ms: Math.round(Math.max(p50, p90)), sampleCount: count }
    },
    get count() {
      return count
    },
  }
}

/** Does a wait of this score stay below the other; where it was cut short, how likely would it have? */
function shareBelow(limit: number, { score, gaveUp }: { readonly score: number; readonly gaveUp: boolean }): number {
  if (score > limit) return 0
  if (!gaveUp) return 1
  const above = 1 - normalShare(score)
  return above <= 0 ? 0 : Math.max(0, (normalShare(limit) - normalShare(score)) / above)
}

/** Gamma quantiles by the cube root, which is nearly normal: E. B. Wilson and M. M. Hilferty (1931). */
function atScore({ meanMs, shape }: Outlook, score: number): number {
  const root = 1 - 1 / (9 * shape) + score / (3 * Math.sqrt(shape))
  return meanMs * Math.max(0, root) ** 3
}

function toScore({ meanMs, shape }: Outlook, waitMs: number): number {
  return (Math.cbrt(Math.max(0, waitMs) / meanMs) - 1 + 1 / (9 * shape)) * 3 * Math.sqrt(shape)
}

/** The mean of a standard normal, given that it is above. */
function meanAbove(score: number): number {
  const above = 1 - normalShare(score)
  return above < 1e-9 ? score : Math.exp(-(score ** 2) / 2) / Math.sqrt(2 * Math.PI) / above
}

/** The standard normal distribution; Abramowitz and Stegun 26.2.17, to 1e-7. */
function normalShare(score: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(score))
  const tail =
    (Math.exp(-(score ** 2) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return score > 0 ? 1 - tail : tail
}
