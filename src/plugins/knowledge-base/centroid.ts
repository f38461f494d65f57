import { runAtOnce, SLICE_OPERATIONS, type Work } from './slices.ts'
import { likeness, sumVectors, type Vector } from './vectors.ts'

/** Scores every article by how alike the query is to all of its texts together. */
export interface Centroid {
  /** Adds to the scores, a place per article. */
  score(query: Vector, scores: Float64Array): void
  /** An article's texts have changed. */
  replace(position: number, texts: readonly Vector[]): void
  readonly vectors: readonly Vector[]
}

/** The articles that have a feature, feature by feature: those of `id` stand from `starts[id]` to `starts[id + 1]`. */
interface Postings {
  readonly starts: Int32Array
  readonly positions: Int32Array
  readonly values: Float32Array
}

/** @param vectors what the texts of each article come to, `sumVectors` of them */
export function* createCentroid(vectors: readonly Vector[], featureCount: number): Work<Centroid> {
  const postings = yield* toPostings(vectors, featureCount)
  const now = [...vectors]
  const changed = new Map<number, Vector>()
  return {
    vectors: now,
    score(query, scores) {
      addPostings(postings, query, scores)
      for (const [position, vector] of changed) scores[position] = likeness(query, vector)
    },
    replace(position, texts) {
      const vector = runAtOnce(sumVectors(texts))
      now[position] = vector
      changed.set(position, vector)
    },
  }
}

/** In large bases, features of so many articles cost much and tell little. */
const LARGE = 500
const COMMON_SHARE = 0.1

function* toPostings(vectors: readonly Vector[], featureCount: number): Work<Postings> {
  const starts = new Int32Array(featureCount + 1)
  for (const { ids } of vectors) for (const id of ids) starts[id + 1] = (starts[id + 1] ?? 0) + 1
  const most = vectors.length < LARGE ? vectors.length : vectors.length * COMMON_SHARE
  for (let id = 0; id < featureCount; id++) if ((starts[id + 1] ?? 0) > most) starts[id + 1] = 0
  for (let id = 0; id < featureCount; id++) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0)
  const next = starts.slice()
  const positions = new Int32Array(starts[featureCount] ?? 0)
  const values = new Float32Array(positions.length)
  let operations = 2 * featureCount
  for (const [position, vector] of vectors.entries()) {
    for (let index = 0; index < vector.ids.length; index++) {
      const id = vector.ids[index] ?? 0
      const place = next[id] ?? 0
      if (starts[id + 1] === starts[id]) continue
      positions[place] = position
      values[place] = vector.values[index] ?? 0
      next[id] = place + 1
    }
    operations += 2 * vector.ids.length
    if (operations < SLICE_OPERATIONS) continue
    yield operations
    operations = 0
  }
  return { starts, positions, values }
}

function addPostings({ starts, positions, values }: Postings, query: Vector, scores: Float64Array): void {
  for (let index = 0; index < query.ids.length; index++) {
    const id = query.ids[index] ?? 0
    const value = query.values[index] ?? 0
    const end = starts[id + 1] ?? 0
    for (let place = starts[id] ?? 0; place < end; place++) {
      const position = positions[place] ?? 0
      scores[position] = (scores[position] ?? 0) + value * (values[place] ?? 0)
    }
  }
}
