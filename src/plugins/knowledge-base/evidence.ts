import { belongingOf } from './belonging.ts'
import { nearest } from './nearest.ts'
import type { Query } from './query.ts'
import type { Vector } from './vectors.ts'
import { type Ballot, pickBest, type Voters } from './voters.ts'

/** What speaks for the article on top, as numbers. */
export type Evidence = Float64Array

/** In the order of the numbers. */
export const EVIDENCE = [
  'logOdds',
  'votes',
  'rank',
  'knownShare',
  'knownLead',
  'unknownShare',
  'unheard',
  'length',
  'nearestLead',
  'titleLead',
  'lexical',
  'lexicalLead',
  'corrected',
  'belonging',
  'embedding',
] as const

const LEAST_RARITY = 0.1
/** Without a regression, how fast probability falls with likeness. */
const SHARPNESS = 12
const MOST_ODDS = 12
/** So many on top are compared text by text. */
const COMPARED = 8
/** So many that follow the first are asked how much of the query they know. */
const KNOWING = 4

/** Evidence for the first of `best`, and how like the query its likest text is. */
export interface Gathered {
  readonly evidence: Evidence
  /** The places of the first and the second, if there are any. */
  readonly best: readonly number[]
  readonly nearest: number
}

/** Everything is 0 where there is nothing to compare. */
export function gatherEvidence(voters: Voters, query: Query, ballot: Ballot): Gathered {
  const { lexical, centroid, softmax, embedder, fused, vector } = ballot
  const best = pickBest(fused, COMPARED)
  const [top = 0, ...others] = best
  const [next] = others
  const chanceOf = softmax === undefined ? toChances(centroid, SHARPNESS) : toChances(softmax, 1)
  const chance = Math.min(Math.max(chanceOf(top), 1e-9), 1 - 1e-9)
  const voices = [lexical, centroid, softmax, embedder].filter((scores) => scores !== undefined)
  const featureCount = voters.weighing.textCounts.length
  const textsOf = (place: number): readonly Vector[] => voters.textVectors[place] ?? []
  const nearestOf = (place: number): number =>
    ballot.nearest.get(place) ?? nearest(textsOf(place), vector, featureCount)
  const titleNearest = (place: number): number => nearest(textsOf(place).slice(0, 1), vector, featureCount)
  const stems = weighStems(voters, query)
  const knownOf = (place: number): number => knownShare(stems, voters.lexical.termsIn(place, ballot.asked))
  const near = nearestOf(top)
  const known = knownOf(top)
  const found = lexical[top] ?? 0
  const evidence = Float64Array.of(
    Math.max(-MOST_ODDS, Math.min(MOST_ODDS, Math.log(chance / (1 - chance)))),
    voices.filter((scores) => isOnTop(scores, top)).length / voices.length,
    voices.reduce((sum, scores) => sum + Math.log(1 + countAbove(scores, top)), 0) / voices.length,
    known,
    known - Math.max(0, ...others.slice(0, KNOWING).map(knownOf)),
    voters.weighing.unknownShare(query.features),
    stems.length === 0 ? 0 : stems.filter(({ isHeard }) => !isHeard).length / stems.length,
    Math.log(1 + stems.length),
    near - Math.max(0, ...others.map(nearestOf)),
    titleNearest(top) - Math.max(0, ...others.map(titleNearest)),
    Math.log(1 + found),
    found > 0 ? Math.max(-1, 1 - (next === undefined ? 0 : (lexical[next] ?? 0)) / found) : -1,
    query.stems.size === 0 ? 0 : query.correctedCount / query.stems.size,
    // Unlike what is known from here is not yet strange: those examples are too few to speak against an article.
    voters.belonging === undefined ? 0 : Math.max(0, belongingOf(voters.belonging, vector)),
    embedder?.[top] ?? 0,
  )
  return { evidence, best: best.slice(0, 2), nearest: near }
}

/** Is no other higher, or as high and before it? */
function isOnTop(scores: Float64Array, top: number): boolean {
  const score = scores[top] ?? 0
  for (let place = 0; place < scores.length; place++) {
    const other = scores[place] ?? 0
    if (other > score || (other === score && place < top)) return false
  }
  return true
}

/** How many are higher? */
function countAbove(scores: Float64Array, top: number): number {
  const score = scores[top] ?? 0
  let count = 0
  for (let place = 0; place < scores.length; place++) if ((scores[place] ?? 0) > score) count++
  return count
}

/** How likely each is beside all others, by the exponentials of their scores. */
function toChances(scores: Float64Array, sharpness: number): (place: number) => number {
  let most = Number.NEGATIVE_INFINITY
  for (let place = 0; place < scores.length; place++) most = Math.max(most, scores[place] ?? 0)
  const weigh = (score: number): number => Math.exp(sharpness * (score - most))
  const nothing = weigh(0)
  let total = 0
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] ?? 0
    total += score === 0 ? nothing : weigh(score) // most articles have nothing of the query
  }
  return (place) => weigh(scores[place] ?? 0) / total
}

/** A stem of the query, with how rare it is; heard when any article has it. */
interface WeighedStem {
  readonly stem: string
  readonly rarity: number
  readonly isHeard: boolean
}

function weighStems({ lexical }: Voters, query: Query): readonly WeighedStem[] {
  return Array.from(query.stems.keys(), (stem) => {
    const count = lexical.countOf(stem)
    const rarity = Math.max(LEAST_RARITY, Math.log((lexical.partCount + 1) / (count + 0.5)))
    return { stem, rarity, isHeard: count > 0 }
  })
}

/** The part of the query that the article knows, by the rarity of its stems. */
function knownShare(stems: readonly WeighedStem[], found: readonly string[]): number {
  let known = 0
  let asked = 0
  for (const { stem, rarity } of stems) {
    asked += rarity
    if (found.includes(stem)) known += rarity
  }
  return asked === 0 ? 0 : known / asked
}
