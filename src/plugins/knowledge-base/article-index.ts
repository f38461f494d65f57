import type { KnowledgeSource, Log } from '../../core/ports.ts'
import type { Article, Awaitable, Suggestion } from '../../core/types.ts'
import type { Embedding } from './embedder.ts'
import { find } from './find.ts'
import { build, estimateWork, type IndexState, placeOf, replaceArticle, train } from './index-state.ts'
import { toLanguage } from './language.ts'
import { parseArticles } from './parse-articles.ts'
import { readQuery } from './query.ts'
import { parseQuery } from './query-terms.ts'
import { type IndexSubject, packIndex, unpackIndex } from './saved-index.ts'
import { type Pace, runAtOnce, runInSlices, whileAlive } from './slices.ts'

/** The built-in search over articles held in memory. */
export interface ArticleIndex extends KnowledgeSource {
  /** How many articles it holds. */
  readonly size: number
  /** Begins to learn from the articles; done when it answers well enough, which takes no time where there is little to learn. */
  prepare(): Awaitable<void>
  /** Done when it has learnt all it can; it answers before, not as well. */
  ready(): Promise<void>
  has(articleId: string): boolean
  /** Replaces the article of that id: found by its new words at once, learnt from in a while. */
  replace(article: Article): void
  /** One more question that the article answers. */
  addQuestion(articleId: string, question: string): void
  /** `search` without anything to wait for, and so without a signal; absent where somebody else is asked first. */
  readonly find?: ((query: string, limit: number) => readonly Suggestion[]) | undefined
}

/** One that has nobody to ask. */
export interface LocalIndex extends ArticleIndex {
  search(query: string, options: { readonly limit: number; readonly signal: AbortSignal }): readonly Suggestion[]
}

/** Keeps what was learnt over restarts: a file, say. */
export interface SavedIndex {
  /** What was saved last; nothing the first time. */
  load(): Promise<Uint8Array | undefined>
  save(bytes: Uint8Array): Promise<void>
}

export interface ArticleIndexOptions {
  /** Where each article comes from, for errors: a file, say. `articles[3]` unless said. */
  readonly places?: readonly string[]
  /** The language of the articles; `en` unless said. */
  readonly language?: string
  /** See `Pace`. */
  readonly sliceMs?: number
  readonly embedding?: Embedding | undefined
  readonly saved?: SavedIndex | undefined
  readonly log?: Log
}

/**
 * Indexes articles for questions as customers write them: case, accents, invisible characters and small typos aside.
 * Later changes to the list are not seen. Good for some 10,000 articles; beyond that, use a search server.
 * @throws MaitredError `CONFIG_INVALID` when an article is malformed or two have the same id.
 * @example createArticleIndex([{ id: 'refunds', title: 'Refunds', text: 'Within 14 days.' }])
 */
export function createArticleIndex(
  articles: readonly Article[],
  options: Pick<ArticleIndexOptions, 'places' | 'language' | 'sliceMs'> = {},
): LocalIndex {
  const known = parseArticles(articles, options.places)
  const state = runAtOnce(build(known, toLanguage(options.language)))
  const isLittle = estimateWork(state.voters) <= IN_ONE_GO
  if (isLittle) runAtOnce(train(state))
  return toIndex(state, { ...options, isLearnt: isLittle })
}

/** The same for many articles: others go on meanwhile. One that was saved of the same articles is taken as it was. */
export async function loadArticleIndex(
  articles: readonly Article[],
  options: ArticleIndexOptions = {},
): Promise<ArticleIndex> {
  const language = toLanguage(options.language)
  const { embedding, saved } = options
  const subject = { articles: parseArticles(articles, options.places), language, embedder: embedding?.name }
  const restored = saved === undefined ? undefined : await restore(saved, subject, options)
  const state = restored ?? (await runInSlices(build(subject.articles, language), toPace(options)))
  const save = saved === undefined ? undefined : () => keep(saved, state, { subject, options })
  const index = toIndex(state, { ...options, isLearnt: restored !== undefined, save })
  return embedding === undefined ? index : askingFirst(index, embedding)
}

function toPace({ sliceMs }: ArticleIndexOptions, isHeld = (): boolean => true): Pace {
  return sliceMs === undefined ? { isHeld } : { sliceMs, isHeld }
}

/** What was saved, if it is of these articles. */
async function restore(
  saved: SavedIndex,
  subject: IndexSubject,
  options: ArticleIndexOptions,
): Promise<IndexState | undefined> {
  try {
    const bytes = await saved.load()
    if (bytes === undefined) return undefined
    const state = await runInSlices(unpackIndex(bytes, subject), toPace(options))
    if (state !== undefined) return state
    options.log?.info({}, 'the saved index is of other articles, or broken: a new one is made')
  } catch (error) {
    options.log?.warn({ error }, 'the saved index could not be loaded: a new one is made')
  }
  return undefined
}

async function keep(
  saved: SavedIndex,
  state: IndexState,
  { subject, options }: { readonly subject: IndexSubject; readonly options: ArticleIndexOptions },
): Promise<void> {
  try {
    await saved.save(await runInSlices(packIndex(state, subject), toPace(options)))
  } catch (error) {
    options.log?.warn({ error }, 'the index could not be saved; the next start makes it again')
  }
}

interface Inside extends ArticleIndexOptions {
  readonly isLearnt?: boolean
  /** Called when all is learnt from the articles as they were given. */
  readonly save?: (() => Promise<void>) | undefined
}

/** What is learnt so quickly that the first question waits for it, so that it always has the same answer. */
const AT_ONCE = 15e6
/** What is learnt along with reading the articles: nobody would notice. */
const IN_ONE_GO = 500_000

/** An index that takes the vector of a question, too. */
interface Asked extends LocalIndex {
  search(
    query: string,
    options: { readonly limit: number; readonly signal: AbortSignal; readonly vector?: Float32Array | undefined },
  ): readonly Suggestion[]
}

function toIndex(state: IndexState, options: Inside): Asked {
  let learning: Awaitable<void> | 'not yet' = options.isLearnt === true ? undefined : 'not yet'
  let isAsGiven = true
  let waitingCount = 0
  const pace = toPace(options, () => waitingCount > 0)

  function learn(): Awaitable<void> {
    if (learning !== 'not yet') return learning
    const trained = runInSlices(train(state), pace)
    const { embedding, save } = options
    if (!(trained instanceof Promise) && embedding === undefined && save === undefined) return (learning = undefined)
    const all = finish(trained).finally(() => {
      if (learning === all) learning = undefined
    })
    learning = all
    return trained instanceof Promise ? all : undefined
  }

  async function finish(trained: Awaitable<void>): Promise<void> {
    const embeddings = options.embedding?.embedArticles(state.articles)
    await trained
    state.voters.embeddings = (await embeddings) ?? state.voters.embeddings
    if (isAsGiven) await options.save?.()
  }

  function look(text: string, limit: number, vector?: Float32Array): readonly Suggestion[] {
    const query = readQuery(parseQuery(text), state)
    if (query.stems.size === 0) return []
    return find(state, vector === undefined ? query : { ...query, embedding: vector }, Math.max(0, limit))
  }

  function change(article: Article): void {
    replaceArticle(state, article)
    isAsGiven = false
    learning = 'not yet'
  }

  return {
    size: state.articles.length,
    prepare() {
      const learnt = learn()
      return options.embedding === undefined && estimateWork(state.voters) <= AT_ONCE ? learnt : undefined
    },
    ready: () =>
      whileAlive(async () => {
        waitingCount++
        try {
          await learn()
          if (learning !== 'not yet') await learning
        } finally {
          waitingCount--
        }
      }),
    has: (articleId) => state.placeOf.has(articleId),
    find: look,
    search(text, { limit, signal, vector }) {
      signal.throwIfAborted()
      return look(text, limit, vector)
    },
    replace: change,
    addQuestion(articleId, question) {
      const article = state.articles[placeOf(state, articleId)]
      if (article === undefined || article.questions?.includes(question) === true) return
      change({ ...article, questions: [...(article.questions ?? []), question] })
    },
  }
}

/** Asks the embedder before each search. */
function askingFirst(index: Asked, embedding: Embedding): ArticleIndex {
  return {
    ...index,
    find: undefined,
    async search(query, options) {
      parseQuery(query) // what is no text is refused before anybody is asked
      return index.search(query, { ...options, vector: await embedding.embedQuery(query) })
    },
  }
}
