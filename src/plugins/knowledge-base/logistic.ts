import { SLICE_OPERATIONS, type Work } from './slices.ts'

/** A probability learnt from numbers: weights for each, and what all begin with. */
export interface Logistic {
  readonly weights: readonly number[]
  readonly bias: number
}

/** What was seen, and whether it came out right; `weight` is how much it counts. */
export interface Observation {
  readonly numbers: Float64Array
  readonly isRight: boolean
  readonly weight: number
}

export function probabilityOf({ weights, bias }: Logistic, numbers: Float64Array): number {
  let sum = bias
  for (let place = 0; place < weights.length; place++) sum += (weights[place] ?? 0) * (numbers[place] ?? 0)
  return 1 / (1 + Math.exp(-sum))
}

const STEPS = 400
const RATE = 1.2
/**
 * How many observations the prior is worth for each number: the questions that an owner knows come from the same heads as
 * the articles, and what holds over many bases tells more of strangers than a few of them do.
 */
const PRIOR_WORTH = 65
/** What an exponential costs, in multiplications. */
const EXPONENTIAL = 20

/** Logistic regression that stays near `prior` unless the observations say otherwise; what has no weight there gets none. */
export function* fitLogistic(observations: readonly Observation[], prior: Logistic): Work<Logistic> {
  const count = prior.weights.length
  const total = observations.reduce((sum, { weight }) => sum + weight, 0)
  const { means, deviations } = describe(observations, count, total)
  const rows = standardise(observations, means, deviations)
  const shares = Float64Array.from(observations, ({ weight }) => weight / total)
  const rights = Float64Array.from(observations, ({ isRight }) => Number(isRight))
  const start = Float64Array.from(prior.weights, (weight, place) => weight * (deviations[place] ?? 1))
  const startBias = prior.bias + prior.weights.reduce((sum, weight, place) => sum + weight * (means[place] ?? 0), 0)
  const weights = start.slice()
  const slopes = new Float64Array(count)
  let bias = startBias
  let operations = 0
  const pull = PRIOR_WORTH / total
  const rate = RATE / (1 + pull) // a strong pull would overshoot
  for (let step = 0; step < STEPS; step++) {
    const biasSlope = slope({ rows, shares, rights, weights, bias }, slopes)
    for (let place = 0; place < count; place++) {
      if (start[place] === 0) continue
      const away = (weights[place] ?? 0) - (start[place] ?? 0)
      weights[place] = (weights[place] ?? 0) - rate * ((slopes[place] ?? 0) + pull * away)
    }
    bias -= rate * (biasSlope + pull * (bias - startBias))
    operations += observations.length * (2 * count + EXPONENTIAL)
    if (operations < SLICE_OPERATIONS) continue
    yield operations
    operations = 0
  }
  const plain = Array.from(weights, (weight, place) => weight / (deviations[place] ?? 1))
  return { weights: plain, bias: bias - plain.reduce((sum, weight, place) => sum + weight * (means[place] ?? 0), 0) }
}

interface Fit {
  readonly rows: Float64Array
  readonly shares: Float64Array
  readonly rights: Float64Array
  readonly weights: Float64Array
  readonly bias: number
}

/** How the loss changes with each weight, into `slopes`, and with the bias. */
function slope({ rows, shares, rights, weights, bias }: Fit, slopes: Float64Array): number {
  const count = weights.length
  slopes.fill(0)
  let biasSlope = 0
  for (let index = 0, from = 0; index < shares.length; index++, from += count) {
    let sum = bias
    for (let place = 0; place < count; place++) sum += (weights[place] ?? 0) * (rows[from + place] ?? 0)
    const error = (1 / (1 + Math.exp(-sum)) - (rights[index] ?? 0)) * (shares[index] ?? 0)
    biasSlope += error
    for (let place = 0; place < count; place++) slopes[place] = (slopes[place] ?? 0) + error * (rows[from + place] ?? 0)
  }
  return biasSlope
}

/** Row after row, each number with mean 0 and deviation 1. */
function standardise(
  observations: readonly Observation[],
  means: Float64Array,
  deviations: Float64Array,
): Float64Array {
  const count = means.length
  const rows = new Float64Array(observations.length * count)
  for (const [index, { numbers }] of observations.entries()) {
    for (let place = 0; place < count; place++)
      rows[index * count + place] = ((numbers[place] ?? 0) - (means[place] ?? 0)) / (deviations[place] ?? 1)
  }
  return rows
}

function describe(observations: readonly Observation[], count: number, total: number) {
  const means = new Float64Array(count)
  const squares = new Float64Array(count)
  for (const { numbers, weight } of observations) {
    for (let place = 0; place < count; place++) {
      const value = numbers[place] ?? 0
      means[place] = (means[place] ?? 0) + (weight * value) / total
      squares[place] = (squares[place] ?? 0) + (weight * value * value) / total
    }
  }
  const deviations = squares.map((square, place) => {
    const deviation = Math.sqrt(Math.max(0, square - (means[place] ?? 0) ** 2))
    return deviation < 1e-6 ? 1 : deviation
  })
  return { means, deviations }
}
