/** One article found, with the query's terms that found it. */
export interface Hit {
  readonly position: number
  readonly score: number
  readonly terms: readonly string[]
}

/** What one term of the query counts for, and how far finding it can be trusted. */
export interface TermWeight {
  /** The rarer in the articles, the more. */
  readonly rarity: number
  /** Below 1 when no article has the term and only one of similar spelling can be found. */
  readonly trust: number
}

/** How far a lead in score shows in the confidence. */
const LEAD_EXPONENT = 4

/**
 * How sure each hit is, between 0 and 1 and never rising down the list: how much of the query the article knows, by the
 * rarity of the terms, times its part of the scores of all hits. Two articles that score alike share the confidence.
 *
 * It grows with the chance of being right, but is not calibrated yet: at .5 a hit is not right half the time.
 * @param hits best first
 */
export function toConfidences(hits: readonly Hit[], weights: ReadonlyMap<string, TermWeight>): number[] {
  const bestScore = hits[0]?.score ?? 0
  const standings = hits.map((hit) => (hit.score / bestScore) ** LEAD_EXPONENT)
  const total = standings.reduce((sum, standing) => sum + standing, 0)
  const asked = sumOf(weights.keys(), (term) => weights.get(term)?.rarity)
  let ceiling = 1
  return hits.map((hit, place) => {
    const known = sumOf(hit.terms, (term) => {
      const weight = weights.get(term)
      return weight && weight.rarity * weight.trust
    })
    ceiling = Math.min(ceiling, (known / asked) * ((standings[place] ?? 0) / total))
    return ceiling
  })
}

function sumOf(terms: Iterable<string>, worthOf: (term: string) => number | undefined): number {
  let sum = 0
  for (const term of terms) sum += worthOf(term) ?? 0
  return sum
}
