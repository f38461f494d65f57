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
  for (const [place, weight] of weights.entries()) sum += weight * (numbers[place] ?? 0)
  return 1 / (1 + Math.exp(-sum))
}

const STEPS = 400
const RATE = 1.2
/** How many observations the prior is worth. */
const PRIOR_WORTH = 8

/** Logistic regression that stays near `prior` unless the observations say otherwise. */
export function fitLogistic(observations: readonly Observation[], prior: Logistic): Logistic {
  const count = prior.weights.length
  const total = observations.reduce((sum, { weight }) => sum + weight, 0)
  const { means, deviations } = describe(observations, count, total)
  const rows = observations.map(({ numbers }) =>
    Float64Array.from(
      { length: count },
      (_, place) => ((numbers[place] ?? 0) - (means[place] ?? 0)) / (deviations[place] ?? 1),
    ),
  )
  const start = prior.weights.map((weight, place) => weight * (deviations[place] ?? 1))
  const startBias = prior.bias + prior.weights.reduce((sum, weight, place) => sum + weight * (means[place] ?? 0), 0)
  const weights = [...start]
  let bias = startBias
  const pull = PRIOR_WORTH / total / count
  for (let step = 0; step < STEPS; step++) {
    const slopes = new Float64Array(count)
    let biasSlope = 0
    for (const [index, row] of rows.entries()) {
      const { isRight, weight } = observations[index] as Observation // as long as the observations
      const error = ((probabilityOf({ weights, bias }, row) - Number(isRight)) * weight) / total
      biasSlope += error
      for (let place = 0; place < count; place++) slopes[place] = (slopes[place] ?? 0) + error * (row[place] ?? 0)
    }
    for (let place = 0; place < count; place++) {
      const away = (weights[place] ?? 0) - (start[place] ?? 0)
      weights[place] = (weights[place] ?? 0) - RATE * ((slopes[place] ?? 0) + pull * away)
    }
    bias -= RATE * (biasSlope + pull * (bias - startBias))
  }
  const plain = weights.map((weight, place) => weight / (deviations[place] ?? 1))
  return { weights: plain, bias: bias - plain.reduce((sum, weight, place) => sum + weight * (means[place] ?? 0), 0) }
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
