import { createSeeded } from './seeded.ts'
import { SLICE_OPERATIONS, type Work } from './slices.ts'
import { countTexts, type Vector } from './vectors.ts'

/** A text and the article it belongs to. */
export interface Example {
  readonly vector: Vector
  readonly position: number
}

/** What the regression has learnt, as plain numbers. */
export interface SoftmaxWeights {
  readonly classCount: number
  /** The row of each feature in `weights`, or -1. */
  readonly rowOf: Int32Array
  /** A row per feature, a column per article. */
  readonly weights: Float32Array
  readonly bias: Float64Array
}

export interface SoftmaxOptions {
  readonly classCount: number
  readonly featureCount: number
  readonly epochs?: number
}

const EPOCHS = 10
const RATE = 0.5
const SHRINKAGE = 1e-6
const BIAS_RATE = 0.01
/** Begins so far from 0 that the first examples do not take all: worth 4 points of accuracy over 1e-8. */
const FIRST_SQUARES = 0.01
/** Smaller errors are not worth the work: three times as fast, and no less accurate. */
const LEAST_ERROR = 0.02
/** 48 MB of weights, and as much again while training. */
const MOST_WEIGHTS = 12e6
/** Some minutes of work. Larger bases do with fewer rounds, the largest without. */
const MOST_OPERATIONS = 20e9
const LEAST_EPOCHS = 3

/**
 * Learns which features tell articles apart: softmax regression, by AdaGrad. Nothing when that would be too large.
 * The same examples give the same weights.
 */
export function* trainSoftmax(
  examples: readonly Example[],
  { classCount, featureCount, epochs = EPOCHS }: SoftmaxOptions,
): Work<SoftmaxWeights | undefined> {
  const rowOf = yield* toRows(examples, featureCount, MOST_WEIGHTS / classCount)
  const rounds = Math.min(epochs, Math.floor(MOST_OPERATIONS / Math.max(1, countFeatures(examples) * classCount)))
  if (rowOf === undefined || rounds < LEAST_EPOCHS) return undefined
  const rowCount = rowOf.reduce((most, row) => Math.max(most, row + 1), 0)
  const model: SoftmaxWeights = {
    classCount,
    rowOf,
    weights: new Float32Array(rowCount * classCount),
    bias: new Float64Array(classCount),
  }
  const squares = new Float32Array(rowCount * classCount)
  const scratch = { errors: new Float64Array(classCount), active: new Int32Array(classCount) }
  const order = Int32Array.from(examples, (_, index) => index)
  const random = createSeeded(7)
  yield 2 * model.weights.length
  let operations = 0
  for (let epoch = 0; epoch < rounds; epoch++) {
    random.shuffle(order)
    for (const index of order) {
      const example = examples[index]
      if (example === undefined) continue
      learn(model, squares, { ...example, ...scratch })
      operations += example.vector.ids.length * classCount
      if (operations < SLICE_OPERATIONS) continue
      yield operations
      operations = 0
    }
  }
  return model
}

/** Adds the score of every article. */
export function scoreSoftmax(model: SoftmaxWeights, { ids, values }: Vector, scores: Float64Array): void {
  const { classCount, rowOf, weights, bias } = model
  for (let position = 0; position < classCount; position++) scores[position] = bias[position] ?? 0
  for (let index = 0; index < ids.length; index++) {
    const row = rowOf[ids[index] ?? 0] ?? -1
    if (row < 0) continue
    const value = values[index] ?? 0
    const from = row * classCount
    for (let position = 0; position < classCount; position++)
      scores[position] = (scores[position] ?? 0) + value * (weights[from + position] ?? 0)
  }
}

/** Turns scores into probabilities, in place. */
export function toProbabilities(scores: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY
  for (const score of scores) if (score > most) most = score
  let total = 0
  let last = Number.NaN
  let value = 0
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] ?? 0
    if (score !== last) value = Math.exp(score - most) // most articles have nothing of the query, and score alike
    last = score
    scores[place] = value
    total += value
  }
  for (let place = 0; place < scores.length; place++) scores[place] = (scores[place] ?? 0) / total
}

/** Features of one example only are left out where there is no room for all. */
function* toRows(examples: readonly Example[], featureCount: number, mostRows: number): Work<Int32Array | undefined> {
  const counts = yield* countTexts(
    examples.map(({ vector }) => vector),
    featureCount,
  )
  for (const least of [1, 2, 3]) {
    let rowCount = 0
    for (const count of counts) if (count >= least) rowCount++
    if (rowCount > mostRows) continue
    let row = 0
    return counts.map((count) => (count >= least ? row++ : -1))
  }
  return undefined
}

function countFeatures(examples: readonly Example[]): number {
  return examples.reduce((sum, { vector }) => sum + vector.ids.length, 0)
}

interface Lesson extends Example {
  readonly errors: Float64Array
  readonly active: Int32Array
}

function learn(model: SoftmaxWeights, squares: Float32Array, { vector, position, errors, active }: Lesson): void {
  const { classCount, rowOf, weights, bias } = model
  scoreSoftmax(model, vector, errors)
  toProbabilities(errors)
  errors[position] = (errors[position] ?? 0) - 1
  let activeCount = 0
  for (let place = 0; place < classCount; place++) {
    const error = errors[place] ?? 0
    bias[place] = (bias[place] ?? 0) - BIAS_RATE * error
    if (error > LEAST_ERROR || error < -LEAST_ERROR) active[activeCount++] = place
  }
  for (let index = 0; index < vector.ids.length; index++) {
    const row = rowOf[vector.ids[index] ?? 0] ?? -1
    if (row < 0) continue
    const from = row * classCount
    const value = vector.values[index] ?? 0
    for (let turn = 0; turn < activeCount; turn++) {
      const place = active[turn] ?? 0
      const at = from + place
      const slope = (errors[place] ?? 0) * value + SHRINKAGE * (weights[at] ?? 0)
      const square = (squares[at] ?? 0) + slope * slope
      squares[at] = square
      weights[at] = (weights[at] ?? 0) - (RATE * slope) / Math.sqrt(FIRST_SQUARES + square)
    }
  }
}
