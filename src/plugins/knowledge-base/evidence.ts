import type { Query } from './query.ts'
import { toProbabilities } from './softmax.ts'
import type { Vector } from './vectors.ts'
import { type Ballot, pickBest, type Voters } from './voters.ts'

/** What speaks for the article on top, as numbers. */
export type Evidence = Float64Array

/** In the order of the numbers. */
export const EVIDENCE = [
  'likeness',
  'logOdds',
  'probabilityLead',
  'knownShare',
  'fusedLead',
  'votes',
  'unknownShare',
  'length',
  'nearest',
  'likenessLead',
  'lexicalLead',
  'corrected',
  'embedding',
] as const

const LEAST_RARITY = 0.1
/** Without a regression, how fast probability falls with likeness. */
const SHARPNESS = 12
const MOST_ODDS = 12
const MOST_LEAD = 20

/** Everything is 0 where there is nothing to compare. */
export function gatherEvidence(voters: Voters, query: Query, ballot: Ballot): { evidence: Evidence; best: number[] } {
  const { lexical, centroid, softmax, embedder, fused, vector } = ballot
  const best = pickBest(fused, 2)
  const [top = 0, next] = best
  const ahead = (scores: Float64Array): number => (scores[top] ?? 0) - (next === undefined ? 0 : (scores[next] ?? 0))
  const chances = softmax === undefined ? centroid.map((score) => SHARPNESS * score) : softmax.slice()
  toProbabilities(chances)
  const chance = Math.min(Math.max(chances[top] ?? 0, 1e-9), 1 - 1e-9)
  const voices = [lexical, centroid, softmax, embedder].filter((scores) => scores !== undefined)
  const evidence = Float64Array.of(
    centroid[top] ?? 0,
    Math.max(-MOST_ODDS, Math.min(MOST_ODDS, Math.log(chance / (1 - chance)))),
    next === undefined ? chance : chance - (chances[next] ?? 0),
    knownShare(voters, query, ballot.terms.get(top) ?? []),
    next === undefined ? MOST_LEAD : Math.min(ahead(fused), MOST_LEAD),
    voices.filter((scores) => pickBest(scores, 1)[0] === top).length / voices.length,
    voters.weighing.unknownShare(query.features),
    Math.log(1 + query.stems.size),
    nearest(voters.textVectors[top] ?? [], vector),
    ahead(centroid),
    (lexical[top] ?? 0) > 0 ? Math.max(-1, ahead(lexical) / (lexical[top] ?? 1)) : -1,
    query.stems.size === 0 ? 0 : query.correctedCount / query.stems.size,
    embedder?.[top] ?? 0,
  )
  return { evidence, best }
}

/** The part of the query that the article knows, by the rarity of its stems. */
export function knownShare({ lexical }: Voters, { stems }: Query, found: readonly string[]): number {
  let known = 0
  let asked = 0
  for (const stem of stems.keys()) {
    const rarity = Math.max(LEAST_RARITY, Math.log((lexical.partCount + 1) / (lexical.countOf(stem) + 0.5)))
    asked += rarity
    if (found.includes(stem)) known += rarity
  }
  return asked === 0 ? 0 : known / asked
}

/** The likeness to the one text that is most alike. */
export function nearest(texts: readonly Vector[], query: Vector): number {
  const size = 1 + Math.max(query.ids.at(-1) ?? 0, ...texts.map(({ ids }) => ids.at(-1) ?? 0))
  if (spread.length < size) spread = new Float32Array(2 * size)
  for (const [place, id] of query.ids.entries()) spread[id] = query.values[place] ?? 0
  let most = 0
  for (const { ids, values } of texts) {
    let sum = 0
    for (let place = 0; place < ids.length; place++) sum += (spread[ids[place] ?? 0] ?? 0) * (values[place] ?? 0)
    if (sum > most) most = sum
  }
  for (const id of query.ids) spread[id] = 0
  return most
}

/** The query by the numbers of its features; all 0 between two uses. */
let spread = new Float32Array(0)
