import { MaitredError } from '../../core/errors.ts'
import type { Article } from '../../core/types.ts'
import { calibrate } from './calibration.ts'
import { createFeatureTable, type FeatureTable } from './features.ts'
import type { Language } from './language.ts'
import { parseArticle } from './parse-articles.ts'
import { type Prepared, prepareArticle } from './prepare.ts'
import { isAsked, toPrior } from './prior.ts'
import { type Query, readQuery } from './query.ts'
import { runAtOnce, type Work } from './slices.ts'
import { createSpelling, type Spelling } from './spelling.ts'
import type { Trust } from './trust.ts'
import { createVoters, toLexicalParts, trainVoters, type Voters } from './voters.ts'

/** All that an index knows. */
export interface IndexState {
  readonly articles: Article[]
  /** Of an index that was saved: nothing, until an article is needed again. */
  readonly prepared: (Prepared | undefined)[]
  readonly placeOf: ReadonlyMap<string, number>
  readonly language: Language
  readonly table: FeatureTable
  readonly spelling: Spelling
  readonly voters: Voters
  /** Questions and titles as asked before, word by word, and the article each belongs to. */
  readonly asked: Map<string, number>
  trust: Trust
}

/** Reads the articles; what has to be learnt is left for later. */
export function* build(articles: readonly Article[], language: Language): Work<IndexState> {
  const table = createFeatureTable(language)
  const spelling = createSpelling()
  const prepared: Prepared[] = []
  for (const article of articles) prepared.push(yield* prepareArticle(article, { language, table, meet: spelling.add }))
  const voters = yield* createVoters(prepared, table)
  const asked = new Map<string, number>()
  for (const [place, each] of prepared.entries()) rememberAsked(asked, each, place)
  return {
    articles: [...articles],
    prepared,
    placeOf: new Map(articles.map(({ id }, place) => [id, place])),
    language,
    table,
    spelling,
    voters,
    asked,
    trust: toPrior(prepared, false),
  }
}

/** Learns which words tell articles apart, and how far the index can trust itself. */
export function* train(state: IndexState): Work<void> {
  const prepared: Prepared[] = []
  for (const place of state.articles.keys()) prepared.push(yield* prepare(state, place))
  const strange = isAsked(prepared) ? yield* readStrange(state) : []
  yield* trainVoters(state.voters, strange)
  state.trust = yield* calibrate(prepared, { table: state.table, strange })
}

/** What reading a line costs. */
const READ = 20_000

/** Titles alone are too few words to tell from what is strange. */
function* readStrange(state: IndexState): Work<readonly Query[]> {
  const strange: Query[] = []
  for (const words of state.language.strange) {
    strange.push(readQuery(words, state))
    yield READ
  }
  return strange
}

/** What `train` takes, about, in multiplications. */
export function estimateWork({ textVectors }: Voters): number {
  let featureCount = 0
  for (const vectors of textVectors) for (const { ids } of vectors) featureCount += ids.length
  return featureCount * textVectors.length * 10
}

/** The article as it was read. */
export function* prepare(state: IndexState, place: number): Work<Prepared> {
  const known = state.prepared[place]
  const article = state.articles[place]
  if (known !== undefined || article === undefined) return known ?? { texts: [], parts: [] }
  const { language, table } = state
  const prepared = yield* prepareArticle(article, { language, table, meet: () => undefined }) // its words are known
  state.prepared[place] = prepared
  return prepared
}

/** Puts an article in the place of the one of that id; learnt from it has to be again. */
export function replaceArticle(state: IndexState, value: Article): void {
  const article = parseArticle(value, 'article')
  const place = placeOf(state, article.id)
  const { voters, language, table, spelling } = state
  const old = runAtOnce(prepare(state, place))
  const prepared = runAtOnce(prepareArticle(article, { language, table, meet: spelling.add }))
  const vectors = prepared.texts.map(({ features }) => {
    voters.weighing.learn(features)
    return voters.weighing.toVector(features)
  })
  voters.lexical.replace(place, toLexicalParts(place, prepared), toLexicalParts(place, old))
  voters.centroid.replace(place, vectors)
  voters.textVectors[place] = vectors
  for (const [words, of] of state.asked) if (of === place) state.asked.delete(words)
  rememberAsked(state.asked, prepared, place)
  state.articles[place] = article
  state.prepared[place] = prepared
}

export function placeOf(state: IndexState, articleId: string): number {
  const place = state.placeOf.get(articleId)
  if (place !== undefined) return place
  throw new MaitredError('NOT_FOUND', {
    message: `There is no article \`${articleId}\` in the knowledge base.`,
    hint: 'Use the id of an article that is loaded.',
    path: 'articleId',
  })
}

/** Whoever knows a question word for word knows its answer; one that two articles claim counts for neither. */
function rememberAsked(asked: Map<string, number>, { texts }: Prepared, place: number): void {
  for (const { words } of texts) {
    const other = asked.get(words)
    asked.set(words, other === undefined || other === place ? place : -1)
  }
}
