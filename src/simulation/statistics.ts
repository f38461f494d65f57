/** Two-sided 95 % points of Student's distribution, by degrees of freedom from 1; 1.96 beyond. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0
  return values.length === 0 ? 0 : sum / values.length
}

/** Half the width of the 95 % confidence interval of the mean of independent values; 0 for a single one. */
export function halfWidth95(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
  return (T95[values.length - 2] ?? 1.96) * Math.sqrt(variance / values.length)
}

/** Of values that follow one another: their means over stretches so long that they hardly depend on each other. */
export function batchMeans(values: Float64Array, count = 20): readonly number[] {
  const length = Math.floor(values.length / count)
  return length === 0
    ? []
    : Array.from({ length: count }, (_, index) => mean(values.subarray(index * length, (index + 1) * length)))
}

/** The value that a share of all does not exceed; of sorted values. */
export function quantileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** The ratio of two means over the same seeds, and half the width of its 95 % confidence interval (by the delta method). */
export function ratioOf(
  values: readonly number[],
  bases: readonly number[],
): { readonly ratio: number; readonly ci95: number } {
  const [top, bottom] = [mean(values), mean(bases)]
  const ratio = top / bottom
  return { ratio, ci95: halfWidth95(values.map((value, index) => value - ratio * (bases[index] ?? 0))) / bottom }
}
