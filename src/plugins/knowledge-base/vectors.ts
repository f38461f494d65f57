import type { Features, FeatureTable } from './features.ts'
import { SLICE_OPERATIONS, type Work } from './slices.ts'

/** Features with their weights, of length 1 unless it is empty. Ids rise. */
export interface Vector {
  readonly ids: Int32Array
  readonly values: Float32Array
}

/** Weighs features by how rare they are in the texts of the articles. */
export interface Weighing {
  toVector(features: Features): Vector
  /** The share of a query's features that these texts do not have. */
  unknownShare(features: Features): number
  /** Features that are new from now on count as met once. */
  learn(features: Features): void
  readonly textCounts: Int32Array
  readonly size: number
}

/** @param counts in how many of `size` texts each feature occurs */
export function createWeighing(table: FeatureTable, counts: Int32Array, size: number): Weighing {
  let textCounts = counts
  let rarities = new Float32Array(counts.length)
  for (let id = 0; id < counts.length; id++) rarities[id] = rarityOf(counts[id] ?? 0, id)

  function rarityOf(count: number, id: number): number {
    return count === 0 ? 0 : (Math.log((1 + size) / (1 + count)) + 1) * table.weightOf(id)
  }

  return {
    get textCounts() {
      return textCounts
    },
    size,
    toVector: ({ ids, counts: times }) => toVector(ids, times, rarities),
    unknownShare({ ids, unknownShare }) {
      if (ids.length === 0 || unknownShare >= 1) return 1
      let knownCount = 0
      for (const id of ids) if ((textCounts[id] ?? 0) > 0) knownCount++
      return 1 - (knownCount / ids.length) * (1 - unknownShare)
    },
    learn({ ids }) {
      if (table.size > textCounts.length) {
        textCounts = grow(textCounts, new Int32Array(table.size))
        rarities = grow(rarities, new Float32Array(table.size))
      }
      for (const id of ids) {
        if ((textCounts[id] ?? 0) > 0) continue
        textCounts[id] = 1
        rarities[id] = rarityOf(1, id)
      }
    },
  }
}

function grow<Numbers extends Int32Array | Float32Array>(numbers: Numbers, larger: Numbers): Numbers {
  larger.set(numbers)
  return larger
}

/** In how many texts each feature occurs. */
export function* countTexts(texts: Iterable<Pick<Features, 'ids'>>, featureCount: number): Work<Int32Array> {
  const counts = new Int32Array(featureCount)
  let operations = featureCount
  for (const { ids } of texts) {
    for (const id of ids) counts[id] = (counts[id] ?? 0) + 1
    operations += ids.length
    if (operations < SLICE_OPERATIONS) continue
    yield operations
    operations = 0
  }
  return counts
}

function toVector(ids: Int32Array, counts: Uint8Array, rarities: Float32Array): Vector {
  const known = new Int32Array(ids.length)
  const values = new Float32Array(ids.length)
  let squares = 0
  let place = 0
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index] ?? 0
    const rarity = rarities[id] ?? 0
    if (rarity === 0) continue
    const count = counts[index] ?? 1
    const value = count === 1 ? rarity : (1 + Math.log(count)) * rarity
    known[place] = id
    values[place++] = value
    squares += value * value
  }
  // Copied where they are shorter: the whole would be kept as long as any of it.
  const ofKnown = place === ids.length ? known : known.slice(0, place)
  return { ids: ofKnown, values: scale(place === ids.length ? values : values.slice(0, place), squares) }
}

function scale(values: Float32Array, squares: number): Float32Array {
  const length = Math.sqrt(squares)
  if (length > 0) for (let place = 0; place < values.length; place++) values[place] = (values[place] ?? 0) / length
  return values
}

/** What adding a feature to a sum costs. */
const SUMMED = 30

/** The sum of vectors, of length 1. */
export function* sumVectors(vectors: readonly Vector[]): Work<Vector> {
  const sums = new Map<number, number>()
  let operations = 0
  for (const { ids, values } of vectors) {
    for (let place = 0; place < ids.length; place++) {
      const id = ids[place] ?? 0
      sums.set(id, (sums.get(id) ?? 0) + (values[place] ?? 0))
    }
    operations += SUMMED * ids.length
    if (operations < SLICE_OPERATIONS) continue
    yield operations
    operations = 0
  }
  const ids = Int32Array.from(sums.keys()).sort()
  const values = Float32Array.from(ids, (id) => sums.get(id) ?? 0)
  return {
    ids,
    values: scale(
      values,
      values.reduce((sum, value) => sum + value * value, 0),
    ),
  }
}

/** How alike two vectors are, 0 to 1. */
export function likeness(one: Vector, other: Vector): number {
  let sum = 0
  let place = 0
  for (let index = 0; index < one.ids.length; index++) {
    const id = one.ids[index] ?? 0
    while (place < other.ids.length && (other.ids[place] ?? 0) < id) place++
    if (other.ids[place] === id) sum += (one.values[index] ?? 0) * (other.values[place] ?? 0)
  }
  return sum
}
