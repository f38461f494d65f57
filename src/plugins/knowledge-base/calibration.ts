import type { FeatureTable } from './features.ts'
import { gatherEvidence } from './evidence.ts'
import { fitLogistic, type Observation } from './logistic.ts'
import type { Prepared, PreparedText } from './prepare.ts'
import { isAsked, toPrior } from './prior.ts'
import { type Query, toQuery } from './query.ts'
import { createSeeded } from './seeded.ts'
import type { Work } from './slices.ts'
import type { Trust } from './trust.ts'
import { createVoters, trainVoters, vote, type Voters } from './voters.ts'

const FOLDS = 3
const EPOCHS = 8
/** Of every article that stays, so many of its questions are asked. */
const ASKED_SHARE = 0.2
/** Of the articles taken away, so many of their questions are asked: nothing answers them now. */
const OUTSIDE_SHARE = 1 / 3
const STRANGE_LIKENESS = 0.5
const MOST_ASKED = 1_000
/** So many questions asked tell enough; fewer are asked again beside other articles. */
const ENOUGH_ASKED = 1_000
const MOST_ROUNDS = 4
/** What part of the questions of customers is of which kind, as far as anybody knows. */
const SHARES = { inside: 0.8, outside: 0.05, strange: 0.15 } as const
/** With fewer, chance says more than they do. */
const LEAST_OBSERVATIONS = 30

/**
 * Finds out how far the evidence can be trusted, from the articles alone: hides some articles and some questions, asks
 * those questions, and sees what comes of it. Where too few questions are known it stays with what holds in general.
 */
export function* calibrate(articles: readonly Prepared[], reading: CalibrationReading): Work<Trust> {
  const prior = toPrior(articles, true)
  if (!canCalibrate(articles)) return prior
  const seen = yield* observe(articles, reading)
  return seen.length < LEAST_OBSERVATIONS ? prior : { ...(yield* fitLogistic(weigh(seen), prior)), isTried: true }
}

export interface CalibrationReading {
  readonly table: FeatureTable
  /** What every bot hears and no article answers. */
  readonly strange: readonly Query[]
}

/** One question, what spoke for the article on top, and whether it was the right one. */
export interface Seen {
  readonly numbers: Float64Array
  readonly isRight: boolean
  readonly kind: 'inside' | 'outside' | 'strange'
}

/** Asks what was hidden, fold by fold; several times over where there is little to ask, with other articles hidden each time. */
export function* observe(articles: readonly Prepared[], { table, strange }: CalibrationReading): Work<readonly Seen[]> {
  const seen: Seen[] = []
  let askedCount = 0
  for (let fold = 0; fold < FOLDS * MOST_ROUNDS; fold++) {
    const round = Math.floor(fold / FOLDS)
    if (fold === round * FOLDS && askedCount >= ENOUGH_ASKED) break
    const order = createSeeded(11 + round).shuffle(articles.map((_, position) => position))
    const plan = planFold(articles, new Set(order.filter((_, place) => place % FOLDS === fold % FOLDS)), fold)
    askedCount += plan.asked.length
    const voters = yield* createVoters(plan.kept, table, (_, position) => plan.texts[position] ?? [])
    // Half of what is strange is learnt from, and the other half asked.
    yield* trainVoters(
      voters,
      strange.filter((_, place) => place % 2 === fold % 2),
      EPOCHS,
    )
    for (const { text, position } of plan.asked) {
      const query = toQuery(text)
      if (query.stems.size === 0) continue
      const { evidence, best } = gatherEvidence(voters, query, vote(voters, query))
      if (best.length === 0) continue
      seen.push({ numbers: evidence, isRight: best[0] === position, kind: position === -1 ? 'outside' : 'inside' })
      yield costOf(voters)
    }
    for (const [place, query] of strange.entries()) {
      if (round > 0 || query.stems.size === 0 || place % 2 === fold % 2) continue
      const { evidence, best, nearest } = gatherEvidence(voters, query, vote(voters, query))
      // Silence is right then. And an article that knows a question so like it does answer it.
      if (best.length === 0 || nearest >= STRANGE_LIKENESS) continue
      seen.push({ numbers: evidence, isRight: false, kind: 'strange' })
      yield costOf(voters)
    }
  }
  return seen
}

/** Of one vote. */
function costOf({ textVectors }: Voters): number {
  return 50_000 + 100 * textVectors.length
}

/** Is there anything to learn from? */
export function canCalibrate(articles: readonly Prepared[]): boolean {
  return articles.length >= 2 * FOLDS && isAsked(articles)
}

interface Fold {
  readonly kept: readonly Prepared[]
  readonly texts: readonly (readonly PreparedText[])[]
  /** Position -1: none answers it. */
  readonly asked: readonly { readonly text: PreparedText; readonly position: number }[]
}

function planFold(articles: readonly Prepared[], hidden: ReadonlySet<number>, seed: number): Fold {
  const random = createSeeded(100 + seed)
  const kept: Prepared[] = []
  const texts: PreparedText[][] = []
  const asked: { text: PreparedText; position: number }[] = []
  for (const [position, article] of articles.entries()) {
    const [title, ...questions] = article.texts
    random.shuffle(questions)
    if (hidden.has(position)) {
      const count = Math.ceil(questions.length * OUTSIDE_SHARE)
      asked.push(...questions.slice(0, count).map((text) => ({ text, position: -1 })))
      continue
    }
    const count = questions.length < 2 ? 0 : Math.max(1, Math.floor(questions.length * ASKED_SHARE))
    asked.push(...questions.slice(0, count).map((text) => ({ text, position: kept.length })))
    kept.push(article)
    texts.push([...(title === undefined ? [] : [title]), ...questions.slice(count)])
  }
  return { kept, texts, asked: random.shuffle(asked).slice(0, MOST_ASKED) }
}

/** Kinds count by what part of all questions they are, however many of them were asked here. */
function weigh(seen: readonly Seen[]): readonly Observation[] {
  const counts = { inside: 0, outside: 0, strange: 0 }
  for (const { kind } of seen) counts[kind]++
  return seen.map(({ numbers, isRight, kind }) => ({
    numbers,
    isRight,
    weight: (SHARES[kind] * seen.length) / counts[kind],
  }))
}
