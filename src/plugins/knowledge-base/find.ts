import type { Suggestion } from '../../core/types.ts'
import { gatherEvidence } from './evidence.ts'
import type { IndexState } from './index-state.ts'
import { probabilityOf } from './logistic.ts'
import type { Query } from './query.ts'
import { toProbabilities } from './softmax.ts'
import { toldOf } from './trust.ts'
import { type Ballot, pickBest, vote } from './voters.ts'

/** So many share what the first leaves. */
const RANKED = 10
/** How far a question is trusted that an article has word for word. */
const KNOWN_TRUST = 0.95
const LEAD_TRUST = 8

/** The articles that the voters favour, best first, each with the probability of being right. */
export function find(state: IndexState, query: Query, limit: number): readonly Suggestion[] {
  const { voters, trust } = state
  const ballot = vote(voters, query)
  const known = state.asked.get(query.words) ?? -1
  if (known >= 0) ballot.fused[known] = Math.max(ballot.fused[pickBest(ballot.fused, 1)[0] ?? 0] ?? 0, 0) + 1
  const { evidence } = gatherEvidence(voters, query, ballot)
  const places = pickBest(ballot.fused, Math.max(limit, RANKED))
  if (places.length === 0) return []
  const tieCount = places.filter((place) => ballot.fused[place] === ballot.fused[places[0] ?? 0]).length
  // A question that has to be corrected first may be another: `tiger` is no `timer`.
  const isKnown = known >= 0 && query.correctedCount === 0
  const [first = 0, second] = places
  const lead =
    second === undefined ? Number.POSITIVE_INFINITY : (ballot.fused[first] ?? 0) - (ballot.fused[second] ?? 0)
  const probability = probabilityOf(trust, evidence)
  // Of two that stand as high, the first is right half the time at most.
  const most = Math.min(1 / tieCount, 1 / (1 + Math.exp(-LEAD_TRUST * lead)))
  const sure = isKnown
    ? Math.min(Math.max(probability, KNOWN_TRUST), most)
    : Math.min(toldOf(trust, Math.min(probability, most)), 1 / tieCount)
  const confidences = spread(ballot, places, sure)
  const found: Suggestion[] = []
  for (let index = 0; index < Math.min(limit, places.length); index++) {
    const place = places[index] ?? 0
    const article = state.articles[place]
    const matched = matchedBy(query, voters.lexical.termsIn(place, ballot.asked))
    if (article !== undefined) found.push({ article, confidence: confidences[index] ?? 0, matched })
  }
  return found
}

/** The rest of what the first leaves is for no article at all. */
const LEFT_SHARE = 0.6

/** What the first leaves is shared among the others, by how likely they are beside one another. */
function spread({ fused }: Ballot, places: readonly number[], sure: number): number[] {
  const chances = new Float64Array(places.length)
  for (let index = 0; index < places.length; index++) chances[index] = fused[places[index] ?? 0] ?? 0
  toProbabilities(chances)
  const first = chances[0] ?? 1
  let ceiling = sure
  return places.map((place, index) => {
    if (fused[place] === fused[places[0] ?? 0]) return sure
    ceiling = Math.min(ceiling, (LEFT_SHARE * (1 - sure) * (chances[index] ?? 0)) / Math.max(1 - first, 1e-9))
    return ceiling
  })
}

function matchedBy({ stems }: Query, terms: readonly string[]): readonly string[] {
  const matched: string[] = []
  for (const [stem, written] of stems) if (terms.includes(stem)) matched.push(written)
  return matched.length > 0 ? matched : [...stems.values()].slice(0, 1)
}
