import type { Centroid } from './centroid.ts'
import type { Query } from './query.ts'
import type { Work } from './slices.ts'
import { scoreSoftmax, type SoftmaxWeights, trainSoftmax } from './softmax.ts'
import type { Vector, Weighing } from './vectors.ts'

/** An article so like a question may well answer it. */
const ANSWERED = 0.35
const MOST_BELONGING = 8
const EPOCHS = 10
/** So many tell enough. */
const MOST_TEXTS = 10_000
/** What comparing with an article costs. */
const SEARCHED = 50

/**
 * Learns what tells the questions of these articles from those that are asked anywhere: one answer of a regression, for
 * all articles together. Nothing where there is nothing strange to compare with.
 */
export function* trainBelonging(
  textVectors: readonly (readonly Vector[])[],
  strangers: readonly Vector[],
  featureCount: number,
): Work<SoftmaxWeights | undefined> {
  const texts = textVectors.flat()
  if (strangers.length === 0 || texts.length < 2) return undefined
  const every = Math.ceil(texts.length / MOST_TEXTS)
  const examples = [
    ...texts.filter((_, place) => place % every === 0).map((vector) => ({ vector, position: 0 })),
    ...strangers.map((vector) => ({ vector, position: 1 })),
  ]
  return yield* trainSoftmax(examples, { classCount: 2, featureCount, epochs: EPOCHS })
}

/** More than 0 when the question is more like those asked here than like those asked anywhere: log odds, within bounds. */
export function belongingOf(model: SoftmaxWeights, query: Vector): number {
  const scores = new Float64Array(2)
  scoreSoftmax(model, query, scores)
  return Math.max(-MOST_BELONGING, Math.min(MOST_BELONGING, (scores[0] ?? 0) - (scores[1] ?? 0)))
}

/** Those that no article answers, as vectors. */
export function* pickStrangers(
  queries: readonly Query[],
  { centroid, weighing, count }: { readonly centroid: Centroid; readonly weighing: Weighing; readonly count: number },
): Work<readonly Vector[]> {
  const strangers: Vector[] = []
  const scores = new Float64Array(count)
  for (const { features } of queries) {
    const vector = weighing.toVector(features)
    centroid.score(vector, scores.fill(0))
    const known = Math.sqrt(1 - weighing.unknownShare(features))
    if (scores.every((score) => known * score < ANSWERED)) strangers.push(vector)
    yield SEARCHED * count
  }
  return strangers
}
