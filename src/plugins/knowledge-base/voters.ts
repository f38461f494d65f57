import { pickStrangers, trainBelonging } from './belonging.ts'
import { type Centroid, createCentroid } from './centroid.ts'
import type { FeatureTable } from './features.ts'
import { createLexical, type Lexical } from './lexical.ts'
import { type LexicalPart, toPostings } from './postings.ts'
import { nearest } from './nearest.ts'
import { PART_LENGTH, type Prepared, type PreparedText } from './prepare.ts'
import type { Query } from './query.ts'
import { SLICE_OPERATIONS, type Work } from './slices.ts'
import { scoreSoftmax, type SoftmaxWeights, trainSoftmax } from './softmax.ts'
import { countTexts, createWeighing, sumVectors, type Vector, type Weighing } from './vectors.ts'

/** All that scores articles, each in its own way. */
export interface Voters {
  readonly lexical: Lexical
  readonly weighing: Weighing
  readonly centroid: Centroid
  /** Each text of each article by itself, the title first. */
  readonly textVectors: Vector[][]
  softmax: SoftmaxWeights | undefined
  /** Tells what is asked here from what is asked anywhere. */
  belonging: SoftmaxWeights | undefined
  /** The centroid knows titles and questions only: it counts for the part of the knowledge that lies in them. */
  readonly centroidWeight: number
  /** How many alternate questions an article has on average. */
  readonly meanQuestions: number
  embeddings: readonly Float32Array[] | undefined
}

/** What the voters make of one query; a place per article. */
export interface Ballot {
  readonly vector: Vector
  readonly lexical: Float64Array
  readonly centroid: Float64Array
  readonly softmax: Float64Array | undefined
  readonly embedder: Float64Array | undefined
  readonly fused: Float64Array
  /** How like the query the likest text is, of the articles that were looked at again. */
  readonly nearest: ReadonlyMap<number, number>
  /** The terms that were searched for. */
  readonly asked: readonly string[]
}

/** The regression says most once it has something to learn from. */
const SOFTMAX_WEIGHT = 3
const FEW_QUESTIONS = 3
const FEW_WEIGHT = 2
const EMBEDDER_WEIGHT = 3
/** Below, there is nothing to learn from: the titles alone are better compared than generalised. */
const LEAST_QUESTIONS = 0.5

/** What weighing a feature costs, and making it part of a vector. */
const WEIGHED = 8
const TURNED = 15
const TITLE_LENGTH = 256

/** The voters that need no training. */
export function* createVoters(
  articles: readonly Prepared[],
  table: FeatureTable,
  textsOf: (article: Prepared, position: number) => readonly PreparedText[] = (article) => article.texts,
): Work<Voters> {
  const texts = articles.map(textsOf)
  const lexical = createLexical(yield* toPostings(allParts(articles, texts)))
  const all = texts.flatMap((each) => each.map(({ features }) => features))
  const weighing = createWeighing(table, yield* countTexts(all, table.size), all.length)
  yield WEIGHED * table.size
  const textVectors: Vector[][] = []
  const sums: Vector[] = []
  let operations = 0
  for (const each of texts) {
    const vectors: Vector[] = []
    for (const { features } of each) {
      vectors.push(weighing.toVector(features))
      operations += TURNED * features.ids.length
      if (operations < SLICE_OPERATIONS) continue
      yield operations
      operations = 0
    }
    textVectors.push(vectors)
    sums.push(yield* sumVectors(vectors))
  }
  return {
    lexical,
    weighing,
    centroid: yield* createCentroid(sums, table.size),
    textVectors,
    softmax: undefined,
    belonging: undefined,
    centroidWeight: centroidWeightOf(articles),
    meanQuestions: all.length / Math.max(1, articles.length) - 1,
    embeddings: undefined,
  }
}

const QUESTIONS_FOR_ALL = 3

/** 1 when all is said in titles and questions, near 0 when articles speak through their texts. */
export function centroidWeightOf(articles: readonly Prepared[]): number {
  let askedLength = 0
  let toldLength = 0
  let textCount = 0
  for (const { texts, parts } of articles) {
    textCount += texts.length
    for (const { terms } of texts) askedLength += terms.length
    for (const part of parts) toldLength += part.length
  }
  if (toldLength === 0) return 1
  return Math.min(1, askedLength / (askedLength + toldLength) + (textCount / articles.length - 1) / QUESTIONS_FOR_ALL)
}

function* allParts(
  articles: readonly Prepared[],
  texts: readonly (readonly PreparedText[])[],
): Generator<LexicalPart, void, void> {
  for (const [position, { parts }] of articles.entries())
    yield* toLexicalParts(position, { texts: texts[position] ?? [], parts })
}

/** One part, and more only where an article is very long. */
export function* toLexicalParts(position: number, { texts, parts }: Prepared): Generator<LexicalPart, void, void> {
  const [title = '', ...asked] = splitQuestions(texts)
  const [first = '', ...rest] = parts
  yield { position, questions: title, text: first }
  for (const questions of asked) yield { position, questions, text: '' }
  for (const text of rest) yield { position, questions: (texts[0]?.terms ?? '').slice(0, TITLE_LENGTH), text }
}

function splitQuestions(texts: readonly PreparedText[]): readonly string[] {
  const groups: string[][] = [[]]
  let length = 0
  for (const { terms } of texts) {
    if (length > PART_LENGTH) {
      groups.push([])
      length = 0
    }
    groups.at(-1)?.push(terms)
    length += terms.length
  }
  return groups.map((group) => group.join(' '))
}

/** The voters that do. @param strange what no article answers, as far as anybody knows */
export function* trainVoters(voters: Voters, strange: readonly Query[], epochs?: number): Work<void> {
  const { textVectors, weighing } = voters
  const strangers = yield* pickStrangers(strange, { ...voters, count: textVectors.length })
  voters.belonging = yield* trainBelonging(textVectors, strangers, weighing.textCounts.length)
  if (voters.meanQuestions < LEAST_QUESTIONS || voters.textVectors.length < 2) return
  const examples = voters.textVectors.flatMap((vectors, position) => vectors.map((vector) => ({ vector, position })))
  voters.softmax = yield* trainSoftmax(examples, {
    classCount: voters.textVectors.length,
    featureCount: voters.weighing.textCounts.length,
    ...(epochs === undefined ? {} : { epochs }),
  })
}

/** Lets every voter score every article. */
export function vote(voters: Voters, query: Query): Ballot {
  const count = voters.textVectors.length
  const vector = voters.weighing.toVector(query.features)
  const lexical = new Float64Array(count)
  const asked = voters.lexical.score(query.terms, lexical)
  const centroid = new Float64Array(count)
  voters.centroid.score(vector, centroid)
  const softmax = voters.softmax === undefined ? undefined : new Float64Array(count)
  if (voters.softmax !== undefined && softmax !== undefined) scoreSoftmax(voters.softmax, vector, softmax)
  const embedder = scoreEmbeddings(voters.embeddings, query.embedding)
  const fused = new Float64Array(count)
  addStandardised(fused, lexical, { weight: 1, isLikeness: true })
  addStandardised(fused, centroid, { weight: voters.centroidWeight, isLikeness: true })
  if (softmax !== undefined)
    addStandardised(fused, softmax, { weight: voters.meanQuestions < FEW_QUESTIONS ? FEW_WEIGHT : SOFTMAX_WEIGHT })
  if (embedder !== undefined) addStandardised(fused, embedder, { weight: EMBEDDER_WEIGHT })
  const least = LEAST_LIKENESS / Math.max(1 - voters.weighing.unknownShare(query.features), 1e-9)
  for (let place = 0; place < count; place++) {
    if ((lexical[place] ?? 0) > 0 || (centroid[place] ?? 0) >= least) continue
    if ((embedder?.[place] ?? 0) < LEAST_NEARNESS) fused[place] = Number.NEGATIVE_INFINITY
  }
  return { vector, lexical, centroid, softmax, embedder, fused, nearest: lookAgain(voters, vector, fused), asked }
}

/** So many articles on top are looked at again. */
const CANDIDATES = 8
const NEAREST_WEIGHT = 3
const MANY_QUESTIONS = 5

/**
 * Compares the articles on top text by text, and counts how near the nearest is: the more, the more questions an article
 * has, as one of many is likelier to be the one that is asked.
 */
function lookAgain(
  { textVectors, weighing, meanQuestions }: Voters,
  vector: Vector,
  fused: Float64Array,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  const weight = (NEAREST_WEIGHT * meanQuestions) / (meanQuestions + MANY_QUESTIONS)
  if (weight === 0) return found
  for (const place of pickBest(fused, CANDIDATES)) {
    const likeness = nearest(textVectors[place] ?? [], vector, weighing.textCounts.length)
    found.set(place, likeness)
    fused[place] = (fused[place] ?? 0) + weight * likeness
  }
  return found
}

/** An article that shares nothing telling with the query is not found, however high it stands. */
const LEAST_LIKENESS = 0.25
const LEAST_NEARNESS = 0.5

function scoreEmbeddings(
  embeddings: readonly Float32Array[] | undefined,
  query: Float32Array | undefined,
): Float64Array | undefined {
  if (embeddings === undefined || query === undefined) return undefined
  return Float64Array.from(embeddings, (embedding) => {
    let sum = 0
    for (let place = 0; place < query.length; place++) sum += (embedding[place] ?? 0) * (query[place] ?? 0)
    return sum
  })
}

/**
 * Voters count alike whatever their scale: mean 0, deviation 1 over all articles. But a likeness, which is 0 where nothing is
 * shared, is taken to spread at least half as far as if only the best had any: where the few articles of a small base score
 * nearly alike, the little that is between them is no reason to go against another voter.
 */
function addStandardised(
  fused: Float64Array,
  scores: Float64Array,
  { weight, isLikeness = false }: { readonly weight: number; readonly isLikeness?: boolean },
): void {
  const count = scores.length
  let sum = 0
  let most = 0
  for (let place = 0; place < count; place++) {
    const score = scores[place] ?? 0
    sum += score
    if (score > most) most = score
  }
  const mean = sum / count
  let squares = 0
  for (let place = 0; place < count; place++) squares += ((scores[place] ?? 0) - mean) ** 2
  const least = isLikeness ? (most * Math.sqrt(count - 1)) / (2 * count) : 0
  const scale = weight / (Math.max(Math.sqrt(squares / count), least) || 1)
  for (let place = 0; place < count; place++) fused[place] = (fused[place] ?? 0) + ((scores[place] ?? 0) - mean) * scale
}

/** The places of the highest scores, best first. */
export function pickBest(scores: Float64Array, limit: number): number[] {
  const best: number[] = []
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] ?? 0
    if (score === Number.NEGATIVE_INFINITY) continue
    if (best.length === limit && score <= (scores[best[limit - 1] ?? 0] ?? 0)) continue
    let at = best.length
    while (at > 0 && (scores[best[at - 1] ?? 0] ?? 0) < score) at--
    best.splice(at, 0, place)
    if (best.length > limit) best.pop()
  }
  return best
}
