/** What came of one question. */
export interface Answered {
  readonly confidence: number
  /** 0 is on top; -1 when it was not found, or when no article is right. */
  readonly rank: number
  readonly isOutOfScope: boolean
}

/** Shares are between 0 and 1; `null` where the set cannot tell. */
export interface Figures {
  readonly top1: number
  readonly top3: number
  readonly mrr: number
  readonly aurocCorrect: number | null
  readonly aurocInVsOos: number | null
  readonly coverageAt95: number
  readonly oosFalseAt95: number | null
  readonly coverageAt90: number
  readonly oosFalseAt90: number | null
  readonly ece: number | null
}

const RANKED = 10
const BINS = 10

/** How good the answers are, and how far their confidence can be trusted. */
export function toFigures(answered: readonly Answered[]): Figures {
  const inScope = answered.filter(({ isOutOfScope }) => !isOutOfScope)
  const outside = answered.filter(({ isOutOfScope }) => isOutOfScope)
  const shareOf = (worth: (rank: number) => number) =>
    inScope.reduce((sum, { rank }) => sum + worth(rank), 0) / inScope.length
  const at95 = coverageAt(answered, 0.95)
  const at90 = coverageAt(answered, 0.9)
  return {
    top1: shareOf((rank) => Number(rank === 0)),
    top3: shareOf((rank) => Number(rank >= 0 && rank < 3)),
    mrr: shareOf((rank) => (rank >= 0 && rank < RANKED ? 1 / (rank + 1) : 0)),
    aurocCorrect: auroc(
      answered.filter(isRight),
      answered.filter((each) => !isRight(each)),
    ),
    aurocInVsOos: auroc(inScope, outside),
    coverageAt95: at95.coverage,
    oosFalseAt95: at95.oosFalse,
    coverageAt90: at90.coverage,
    oosFalseAt90: at90.oosFalse,
    ece: calibrationError(answered),
  }
}

export function isRight({ rank }: Answered): boolean {
  return rank === 0
}

/** The chance that one of the first is surer than one of the others. */
function auroc(ones: readonly Answered[], others: readonly Answered[]): number | null {
  if (ones.length === 0 || others.length === 0) return null
  const ranked = [
    ...ones.map(({ confidence }) => ({ confidence, isOne: true })),
    ...others.map(({ confidence }) => ({ confidence, isOne: false })),
  ]
  ranked.sort((one, other) => one.confidence - other.confidence)
  let rankSum = 0
  for (let from = 0; from < ranked.length; ) {
    let to = from
    while (to < ranked.length && ranked[to]?.confidence === ranked[from]?.confidence) to++
    const meanRank = (from + to + 1) / 2 // those that tie share their ranks
    for (const { isOne } of ranked.slice(from, to)) if (isOne) rankSum += meanRank
    from = to
  }
  return (rankSum - (ones.length * (ones.length + 1)) / 2) / (ones.length * others.length)
}

/** One threshold on the confidence, and what comes of offering from there on. */
export interface Operating {
  readonly threshold: number
  readonly precision: number
  /** The share of the questions in scope that is answered rightly. */
  readonly coverage: number
  /** The share of the questions out of scope that is answered nevertheless. */
  readonly oosFalse: number | null
}

/** Every threshold there is, the highest first. */
export function operatingPoints(answered: readonly Answered[]): readonly Operating[] {
  const surest = [...answered].sort((one, other) => other.confidence - one.confidence)
  const oosCount = answered.filter(({ isOutOfScope }) => isOutOfScope).length
  const points: Operating[] = []
  let rightCount = 0
  let falseCount = 0
  for (const [index, each] of surest.entries()) {
    rightCount += Number(isRight(each))
    falseCount += Number(each.isOutOfScope)
    if (surest[index + 1]?.confidence === each.confidence) continue
    points.push({
      threshold: each.confidence,
      precision: rightCount / (index + 1),
      coverage: rightCount / (answered.length - oosCount),
      oosFalse: oosCount === 0 ? null : falseCount / oosCount,
    })
  }
  return points
}

/** At the lowest threshold that keeps the precision. */
function coverageAt(answered: readonly Answered[], precision: number): Pick<Operating, 'coverage' | 'oosFalse'> {
  const oosFalse = answered.some(({ isOutOfScope }) => isOutOfScope) ? 0 : null
  return operatingPoints(answered).findLast((point) => point.precision >= precision) ?? { coverage: 0, oosFalse }
}

/** How far confidence and truth are apart, over ten bins; `null` when the confidence is not a probability. */
function calibrationError(answered: readonly Answered[]): number | null {
  if (!answered.every(({ confidence }) => confidence >= 0 && confidence <= 1)) return null
  let error = 0
  for (let bin = 0; bin < BINS; bin++) {
    const inBin = answered.filter(
      ({ confidence }) =>
        confidence >= bin / BINS && (confidence < (bin + 1) / BINS || (bin === BINS - 1 && confidence <= 1)),
    )
    if (inBin.length === 0) continue
    const claimed = inBin.reduce((sum, { confidence }) => sum + confidence, 0) / inBin.length
    error += (Math.abs(claimed - inBin.filter(isRight).length / inBin.length) * inBin.length) / answered.length
  }
  return error
}
