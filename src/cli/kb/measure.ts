import { type Answered, type Figures, toFigures } from './figures.ts'
import type { Build } from './engines.ts'
import type { Labelled, QuestionSet } from './read-questions.ts'
import { addTypos, createDraw, shuffle } from './sampling.ts'

export interface MeasureOptions {
  /** How many alternate questions each article gets. */
  readonly k: number | 'all'
  readonly seed: number
  readonly typos: boolean
}

/** One question with what the engine made of it. */
export interface Asked extends Answered, Labelled {
  /** The article on top. */
  readonly found: string | null
}

export interface Measured extends Figures {
  readonly buildMs: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** What `--json` prints. Shares are between 0 and 1, `null` where the set cannot tell. */
export interface EvalReport extends Measured {
  readonly set: string
  readonly k: number | 'all'
  /** Questions that an article answers. */
  readonly n: number
  /** Questions that none answers. */
  readonly oos: number
  readonly baseline?: Measured
}

const TYPO_SEED = 5

/** Builds an engine with a seeded sample of the alternate questions, and asks it everything. */
export async function measure(
  build: Build,
  set: QuestionSet,
  options: MeasureOptions,
): Promise<{ readonly measured: Measured; readonly asked: readonly Asked[] }> {
  const test = options.typos ? misspelt(set.test) : set.test
  const questionsOf = sampleQuestions(set, options)
  const startedAt = performance.now()
  const ask = await build(set.articles, questionsOf)
  const buildMs = Math.round(performance.now() - startedAt)
  const tookMs: number[] = []
  const asked = test.map(({ text, label }): Asked => {
    const askedAt = performance.now()
    const { ids, confidence } = ask(text)
    tookMs.push(performance.now() - askedAt)
    const rank = label === null ? -1 : ids.indexOf(label)
    return { text, label, confidence, rank, isOutOfScope: label === null, found: ids[0] ?? null }
  })
  tookMs.sort((one, other) => one - other)
  const quantile = (share: number) => Number((tookMs[Math.floor(tookMs.length * share)] ?? 0).toFixed(3))
  return { measured: { ...toFigures(asked), buildMs, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }, asked }
}

function misspelt(test: readonly Labelled[]): readonly Labelled[] {
  const draw = createDraw(TYPO_SEED)
  return test.map((question) => ({ ...question, text: addTypos(question.text, draw) }))
}

function sampleQuestions(
  { articles, train }: QuestionSet,
  { k, seed }: MeasureOptions,
): Map<string, readonly string[]> {
  const questionsOf = new Map<string, string[]>(articles.map(({ id }) => [id, []]))
  for (const { text, label } of shuffle(train, seed)) {
    const questions = label === null ? undefined : questionsOf.get(label)
    if (questions !== undefined && (k === 'all' || questions.length < k)) questions.push(text)
  }
  return questionsOf
}
