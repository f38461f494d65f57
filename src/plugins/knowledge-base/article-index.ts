import type { KnowledgeSource } from '../../core/ports.ts'
import type { Article, Suggestion } from '../../core/types.ts'
import { calibrate } from './calibration.ts'
import { gatherEvidence } from './evidence.ts'
import { createFeatureTable, type FeatureTable } from './features.ts'
import { type Language, toLanguage } from './language.ts'
import { type Logistic, probabilityOf } from './logistic.ts'
import { parseArticles } from './parse-articles.ts'
import { type Prepared, prepareArticle } from './prepare.ts'
import { toPrior } from './prior.ts'
import { type Query, readQuery } from './query.ts'
import { parseQuery } from './query-terms.ts'
import { runAtOnce, runInSlices, type Work } from './slices.ts'
import { createSpelling, type Spelling } from './spelling.ts'
import { toProbabilities } from './softmax.ts'
import { type Ballot, createVoters, pickBest, trainVoters, vote, type Voters } from './voters.ts'

/** The built-in search over articles held in memory. */
export interface ArticleIndex extends KnowledgeSource {
  /** How many articles it holds. */
  readonly size: number
  search(query: string, options: { readonly limit: number; readonly signal: AbortSignal }): readonly Suggestion[]
  /** Done when it has learnt all it can from the articles. */
  ready(): Promise<void>
}

export interface ArticleIndexOptions {
  /** Where each article comes from, for errors: a file, say. `articles[3]` unless said. */
  readonly places?: readonly string[]
  /** The language of the articles; `en` unless said. */
  readonly language?: string
}

interface State {
  readonly articles: readonly Article[]
  readonly prepared: readonly Prepared[]
  readonly language: Language
  readonly table: FeatureTable
  readonly spelling: Spelling
  readonly voters: Voters
  trust: Logistic
}

/**
 * Indexes articles for questions as customers write them: case, accents, invisible characters and small typos aside.
 * Later changes to the list are not seen. Good for some 10,000 articles; beyond that, use a search server.
 * @throws MaitredError `CONFIG_INVALID` when an article is malformed or two have the same id.
 * @example createArticleIndex([{ id: 'refunds', title: 'Refunds', text: 'Within 14 days.' }])
 */
export function createArticleIndex(articles: readonly Article[], options: ArticleIndexOptions = {}): ArticleIndex {
  const known = parseArticles(articles, options.places)
  const state = runAtOnce(build(known, toLanguage(options.language)))
  let training: Promise<void> | undefined
  return {
    size: known.length,
    ready: () => (training ??= runInSlices(train(state))),
    search(text, { limit, signal }) {
      signal.throwIfAborted()
      const query = readQuery(parseQuery(text), state)
      return query.stems.size === 0 || known.length === 0 ? [] : find(state, query, Math.max(0, limit))
    },
  }
}

function* build(articles: readonly Article[], language: Language): Work<State> {
  const table = createFeatureTable(language)
  const spelling = createSpelling()
  const prepared: Prepared[] = []
  for (const article of articles) {
    prepared.push(yield* prepareArticle(article, { language, table, meet: spelling.add }))
    yield
  }
  const voters = yield* createVoters(prepared, table)
  return { articles, prepared, language, table, spelling, voters, trust: toPrior(prepared) }
}

function* train(state: State): Work<void> {
  yield* trainVoters(state.voters)
  const chatter = state.language.chatter.map((text) => readQuery(parseQuery(text), state))
  state.trust = yield* calibrate(state.prepared, { table: state.table, chatter })
}

/** So many share what the first leaves. */
const RANKED = 10

function find(state: State, query: Query, limit: number): readonly Suggestion[] {
  const { voters, trust } = state
  const ballot = vote(voters, query)
  const { evidence } = gatherEvidence(voters, query, ballot)
  const places = pickBest(ballot.fused, Math.max(limit, RANKED))
  if (places.length === 0) return []
  const tieCount = places.filter((place) => ballot.fused[place] === ballot.fused[places[0] ?? 0]).length
  const sure = Math.min(probabilityOf(trust, evidence), 1 / tieCount)
  const confidences = spread(ballot, places, sure)
  return places.slice(0, limit).flatMap((place, index) => {
    const article = state.articles[place]
    return article === undefined
      ? []
      : { article, confidence: confidences[index] ?? 0, matched: matchedBy(query, ballot.terms.get(place)) }
  })
}

/** What the first leaves is shared among the others, by how likely they are beside one another. */
function spread({ fused }: Ballot, places: readonly number[], sure: number): number[] {
  const chances = Float64Array.from(places, (place) => fused[place] ?? 0)
  toProbabilities(chances)
  const first = chances[0] ?? 1
  let ceiling = sure
  return places.map((_, index) => {
    if (index === 0) return sure
    ceiling = Math.min(ceiling, ((1 - sure) * (chances[index] ?? 0)) / Math.max(1 - first, 1e-9))
    return ceiling
  })
}

function matchedBy({ stems }: Query, terms: readonly string[] = []): readonly string[] {
  const matched = [...stems].flatMap(([stem, written]) => (terms.includes(stem) ? written : []))
  return matched.length > 0 ? matched : [...stems.values()].slice(0, 1)
}
