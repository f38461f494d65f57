import type { Article } from '../../core/types.ts'
import { createCentroid } from './centroid.ts'
import { createFeatureTable } from './features.ts'
import type { IndexState } from './index-state.ts'
import type { Language } from './language.ts'
import { createLexical } from './lexical.ts'
import type { Postings } from './postings.ts'
import { createPacker, hashTexts, openPacked, type Packer, type Unpacker } from './packing.ts'
import { SLICE_OPERATIONS, type Work } from './slices.ts'
import type { SoftmaxWeights } from './softmax.ts'
import { createSpelling } from './spelling.ts'
import type { Trust } from './trust.ts'
import { createWeighing, type Vector } from './vectors.ts'

/** Raised whenever what is learnt or how it is written changes: what older versions saved is not used. */
const FORMAT = '6'

/** What an index of these articles is known by. */
export interface IndexSubject {
  readonly articles: readonly Article[]
  readonly language: Language
  /** The name of the embedder, if there is one. */
  readonly embedder: string | undefined
}

/** All that was learnt, as bytes. */
export function* packIndex(state: IndexState, subject: IndexSubject): Work<Uint8Array> {
  const { voters, trust } = state
  const packer = createPacker()
  packer.numbers(Float64Array.of(Number(trust.isTried), trust.bias, ...trust.weights))
  yield* packer.words(state.table.keys())
  yield* packer.words(state.spelling.counts.keys())
  packer.numbers(Int32Array.from(state.spelling.counts.values()))
  yield* packer.words(state.asked.keys())
  packer.numbers(Int32Array.from(state.asked.values()))
  packer.numbers(Float64Array.of(voters.weighing.size, voters.centroidWeight, voters.meanQuestions))
  packer.numbers(voters.weighing.textCounts)
  packer.numbers(Int32Array.from(voters.textVectors, (vectors) => vectors.length))
  yield* packVectors(packer, voters.textVectors.flat())
  yield* packVectors(packer, voters.centroid.vectors)
  yield* packPostings(packer, voters.lexical.postings)
  const { softmax, belonging, embeddings } = voters
  packer.numbers(Int32Array.of(softmax?.classCount ?? 0, belonging?.classCount ?? 0, embeddings?.[0]?.length ?? 0))
  for (const learnt of [softmax, belonging])
    if (learnt !== undefined) for (const numbers of [learnt.rowOf, learnt.weights, learnt.bias]) packer.numbers(numbers)
  for (const embedding of embeddings ?? []) packer.numbers(embedding)
  return yield* packer.seal(yield* hashSubject(subject))
}

/** The index again; nothing when the bytes are of other articles, of another version, or broken. */
export function* unpackIndex(bytes: Uint8Array, subject: IndexSubject): Work<IndexState | undefined> {
  const unpacker = yield* openPacked(bytes, yield* hashSubject(subject))
  if (unpacker === undefined) return undefined
  const { articles, language } = subject
  const trust = readTrust(unpacker.doubles())
  const table = createFeatureTable(language)
  yield* inSlices(yield* unpacker.words(), (key) => table.add(key))
  const spelling = createSpelling()
  const known = yield* unpacker.words()
  const counts = unpacker.ints()
  yield* inSlices(known, (word, place) => spelling.add(word, counts[place]))
  const asked = new Map<string, number>()
  const askedWords = yield* unpacker.words()
  const askedPlaces = unpacker.ints()
  yield* inSlices(askedWords, (words, place) => asked.set(words, askedPlaces[place] ?? -1))
  const [size = 0, centroidWeight = 1, meanQuestions = 0] = unpacker.doubles()
  const weighing = createWeighing(table, unpacker.ints().slice(), size)
  yield table.size * 8
  const textVectors = groupVectors(unpacker.ints(), readVectors(unpacker))
  const centroid = yield* createCentroid(readVectors(unpacker), table.size)
  const lexical = createLexical(yield* unpackPostings(unpacker))
  const [classCount = 0, sideCount = 0, dimension = 0] = unpacker.ints()
  const softmax = classCount === 0 ? undefined : readSoftmax(unpacker, classCount)
  const belonging = sideCount === 0 ? undefined : readSoftmax(unpacker, sideCount)
  const embeddings = dimension === 0 ? undefined : articles.map(() => unpacker.floats())
  return {
    articles: [...articles],
    prepared: articles.map(() => undefined),
    placeOf: new Map(articles.map(({ id }, place) => [id, place])),
    language,
    table,
    spelling,
    voters: { lexical, weighing, centroid, textVectors, softmax, belonging, centroidWeight, meanQuestions, embeddings },
    asked,
    trust,
  }
}

function hashSubject({ articles, language, embedder }: IndexSubject): Work<Uint8Array> {
  const texts = function* () {
    yield JSON.stringify([FORMAT, language.code, embedder ?? null])
    for (const article of articles) yield JSON.stringify(article)
  }
  return hashTexts(texts())
}

function readTrust([isTried = 0, bias = 0, ...weights]: Float64Array): Trust {
  return { isTried: isTried === 1, bias, weights }
}

/** What adding one of many to a map costs. */
const KEPT = 60

function* inSlices<Value>(values: readonly Value[], keep: (value: Value, place: number) => void): Work<void> {
  for (const [place, value] of values.entries()) {
    keep(value, place)
    if ((place * KEPT) % SLICE_OPERATIONS < KEPT) yield SLICE_OPERATIONS
  }
}

function* packVectors(packer: Packer, vectors: readonly Vector[]): Work<void> {
  const lengths = Int32Array.from(vectors, ({ ids }) => ids.length)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const ids = new Int32Array(total)
  const values = new Float32Array(total)
  let from = 0
  for (const vector of vectors) {
    ids.set(vector.ids, from)
    values.set(vector.values, from)
    from += vector.ids.length
  }
  yield total
  for (const numbers of [lengths, ids, values]) packer.numbers(numbers)
}

function readVectors(unpacker: Unpacker): readonly Vector[] {
  const lengths = unpacker.ints()
  const ids = unpacker.ints()
  const values = unpacker.floats()
  let from = 0
  return Array.from(lengths, (length) => {
    const vector = { ids: ids.subarray(from, from + length), values: values.subarray(from, from + length) }
    from += length
    return vector
  })
}

function groupVectors(counts: Int32Array, vectors: readonly Vector[]): Vector[][] {
  let from = 0
  return Array.from(counts, (count) => vectors.slice(from, (from += count)))
}

function* packPostings(packer: Packer, { positions, lengths, terms, counts, parts, times }: Postings): Work<void> {
  yield* packer.words(terms)
  for (const numbers of [positions, lengths, counts, parts, times]) packer.numbers(numbers)
}

function* unpackPostings(unpacker: Unpacker): Work<Postings> {
  const terms = yield* unpacker.words()
  const positions = unpacker.ints()
  const lengths = unpacker.ints()
  const counts = unpacker.ints()
  return { positions, lengths, terms, counts, parts: unpacker.ints(), times: unpacker.ints() }
}

function readSoftmax(unpacker: Unpacker, classCount: number): SoftmaxWeights {
  return { classCount, rowOf: unpacker.ints(), weights: unpacker.floats(), bias: unpacker.doubles() }
}
