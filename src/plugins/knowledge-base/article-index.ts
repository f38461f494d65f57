import { MaitredError } from '../../core/errors.ts'
import type { KnowledgeSource } from '../../core/ports.ts'
import type { Article, Suggestion } from '../../core/types.ts'
import { calibrate } from './calibration.ts'
import { gatherEvidence } from './evidence.ts'
import { createFeatureTable, type FeatureTable } from './features.ts'
import { type Language, toLanguage } from './language.ts'
import { type Logistic, probabilityOf } from './logistic.ts'
import { parseArticle, parseArticles } from './parse-articles.ts'
import { type Prepared, prepareArticle } from './prepare.ts'
import { toPrior } from './prior.ts'
import { type Query, readQuery } from './query.ts'
import { parseQuery } from './query-terms.ts'
import { runAtOnce, runInSlices, type Work } from './slices.ts'
import { createSpelling, type Spelling } from './spelling.ts'
import { toProbabilities } from './softmax.ts'
import { addToLexical, type Ballot, createVoters, pickBest, trainVoters, vote, type Voters } from './voters.ts'

/** The built-in search over articles held in memory. */
export interface ArticleIndex extends KnowledgeSource {
  /** How many articles it holds. */
  readonly size: number
  search(query: string, options: { readonly limit: number; readonly signal: AbortSignal }): readonly Suggestion[]
  /** Done when it has learnt all it can from the articles; it answers before, not as well. */
  ready(): Promise<void>
  has(articleId: string): boolean
  /** Replaces the article of that id: found by its new words at once, learnt from in a while. */
  replace(article: Article): void
  /** One more question that the article answers. */
  addQuestion(articleId: string, question: string): void
}

export interface ArticleIndexOptions {
  /** Where each article comes from, for errors: a file, say. `articles[3]` unless said. */
  readonly places?: readonly string[]
  /** The language of the articles; `en` unless said. */
  readonly language?: string
}

interface State {
  readonly articles: Article[]
  readonly prepared: Prepared[]
  readonly placeOf: ReadonlyMap<string, number>
  readonly language: Language
  readonly table: FeatureTable
  readonly spelling: Spelling
  readonly voters: Voters
  /** Questions and titles as asked before, word by word, and the article each belongs to. */
  readonly asked: Map<string, number>
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
  return toIndex(runAtOnce(buildAndTrain(known, toLanguage(options.language), AT_ONCE)))
}

/** The same for many articles: others go on meanwhile. */
export async function loadArticleIndex(
  articles: readonly Article[],
  options: ArticleIndexOptions = {},
): Promise<ArticleIndex> {
  const known = parseArticles(articles, options.places)
  return toIndex(await runInSlices(buildAndTrain(known, toLanguage(options.language), WHILE_LOADING)))
}

interface Built {
  readonly state: State
  readonly isTrained: boolean
}

function toIndex({ state, isTrained }: Built): ArticleIndex {
  let training = isTrained ? Promise.resolve() : undefined
  let waitingCount = 0

  const startTraining = (): Promise<void> =>
    (training ??= runInSlices(train(state), { isHeld: () => waitingCount > 0 }))

  return {
    size: state.articles.length,
    async ready() {
      waitingCount++
      const alive = setInterval(() => {}, 60_000) // else a process with nothing else to do would end
      try {
        await startTraining()
      } finally {
        clearInterval(alive)
        waitingCount--
      }
    },
    has: (articleId) => state.placeOf.has(articleId),
    search(text, { limit, signal }) {
      signal.throwIfAborted()
      const query = readQuery(parseQuery(text), state)
      const found = query.stems.size === 0 ? [] : find(state, query, Math.max(0, limit))
      if (training === undefined) void startTraining()
      return found
    },
    replace(article) {
      replaceArticle(state, article)
      training = undefined
    },
    addQuestion(articleId, question) {
      const article = state.articles[placeOf(state, articleId)]
      if (article === undefined || article.questions?.includes(question) === true) return
      replaceArticle(state, { ...article, questions: [...(article.questions ?? []), question] })
      training = undefined
    },
  }
}

/** What is learnt so quickly that it is done before the first answer, so that a question always has the same one. */
const AT_ONCE = 15e6
const WHILE_LOADING = 60e6

function* buildAndTrain(articles: readonly Article[], language: Language, mostWork: number): Work<Built> {
  const state = yield* build(articles, language)
  const isTrained = estimateWork(state.voters) <= mostWork
  if (isTrained) yield* train(state)
  return { state, isTrained }
}

/** In multiplications. */
function estimateWork({ textVectors }: Voters): number {
  const featureCount = textVectors.flat().reduce((sum, { ids }) => sum + ids.length, 0)
  return featureCount * textVectors.length * 10
}

function replaceArticle(state: State, value: Article): void {
  const article = parseArticle(value, 'article')
  const place = placeOf(state, article.id)
  const { voters, language, table, spelling } = state
  const prepared = runAtOnce(prepareArticle(article, { language, table, meet: spelling.add }))
  const vectors = prepared.texts.map(({ features }) => {
    voters.weighing.learn(features)
    return voters.weighing.toVector(features)
  })
  voters.lexical.remove(place)
  addToLexical(voters.lexical, place, prepared)
  voters.centroid.replace(place, vectors)
  voters.textVectors[place] = vectors
  for (const [words, of] of state.asked) if (of === place) state.asked.delete(words)
  rememberAsked(state.asked, prepared, place)
  state.articles[place] = article
  state.prepared[place] = prepared
}

function placeOf(state: State, articleId: string): number {
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

function* build(articles: readonly Article[], language: Language): Work<State> {
  const table = createFeatureTable(language)
  const spelling = createSpelling()
  const prepared: Prepared[] = []
  for (const article of articles) {
    prepared.push(yield* prepareArticle(article, { language, table, meet: spelling.add }))
    yield
  }
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
    trust: toPrior(prepared),
  }
}

function* train(state: State): Work<void> {
  yield* trainVoters(state.voters)
  const chatter = state.language.chatter.map((text) => readQuery(parseQuery(text), state))
  state.trust = yield* calibrate(state.prepared, { table: state.table, chatter })
}

/** So many share what the first leaves. */
const RANKED = 10
/** How far a question is trusted that an article has word for word. */
const KNOWN_TRUST = 0.95
const LEAD_TRUST = 8

function find(state: State, query: Query, limit: number): readonly Suggestion[] {
  const { voters, trust } = state
  const ballot = vote(voters, query)
  const known = state.asked.get(query.words) ?? -1
  if (known >= 0)
    ballot.fused[known] = Math.max(...pickBest(ballot.fused, 1).map((place) => ballot.fused[place] ?? 0), 0) + 1
  const { evidence } = gatherEvidence(voters, query, ballot)
  const places = pickBest(ballot.fused, Math.max(limit, RANKED))
  if (places.length === 0) return []
  const tieCount = places.filter((place) => ballot.fused[place] === ballot.fused[places[0] ?? 0]).length
  const likely = Math.max(probabilityOf(trust, evidence), known >= 0 ? KNOWN_TRUST : 0)
  const [first = 0, second] = places
  const lead =
    second === undefined ? Number.POSITIVE_INFINITY : (ballot.fused[first] ?? 0) - (ballot.fused[second] ?? 0)
  // Of two that stand as high, the first is right half the time at most.
  const sure = Math.min(likely, 1 / tieCount, 1 / (1 + Math.exp(-LEAD_TRUST * lead)))
  const confidences = spread(ballot, places, sure)
  return places.slice(0, limit).flatMap((place, index) => {
    const article = state.articles[place]
    return article === undefined
      ? []
      : { article, confidence: confidences[index] ?? 0, matched: matchedBy(query, ballot.terms.get(place)) }
  })
}

/** The rest of what the first leaves is for no article at all. */
const LEFT_SHARE = 0.6

/** What the first leaves is shared among the others, by how likely they are beside one another. */
function spread({ fused }: Ballot, places: readonly number[], sure: number): number[] {
  const chances = Float64Array.from(places, (place) => fused[place] ?? 0)
  toProbabilities(chances)
  const first = chances[0] ?? 1
  let ceiling = sure
  return places.map((place, index) => {
    if (fused[place] === fused[places[0] ?? 0]) return sure
    ceiling = Math.min(ceiling, (LEFT_SHARE * (1 - sure) * (chances[index] ?? 0)) / Math.max(1 - first, 1e-9))
    return ceiling
  })
}

function matchedBy({ stems }: Query, terms: readonly string[] = []): readonly string[] {
  const matched = [...stems].flatMap(([stem, written]) => (terms.includes(stem) ? written : []))
  return matched.length > 0 ? matched : [...stems.values()].slice(0, 1)
}
