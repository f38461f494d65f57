import { MaitredError } from '../../core/errors.ts'
import type { KnowledgeSource } from '../../core/ports.ts'
import type { Article, Awaitable } from '../../core/types.ts'
import { readArticleFolder } from './article-folder.ts'
import { type ArticleIndexOptions, createArticleIndex, loadArticleIndex } from './article-index.ts'
import { toLanguage } from './language.ts'
import { parseArticles } from './parse-articles.ts'

/** Where articles may come from: a folder, values, a function which fetches them, or a search of one's own. */
export type Articles = string | readonly Article[] | (() => Promise<readonly Article[]>) | KnowledgeSource

/** A knowledge source that may still have to be loaded. */
export interface LoadedKnowledge {
  /** What to search now; a promise only while it is loading for the first time. */
  source(): Awaitable<KnowledgeSource>
  /** Reads the articles again. Until that is done, and if it fails, the old ones are searched. */
  reload(): Promise<void>
}

/**
 * Makes any form of `articles` searchable. Values are indexed at once, so that a wrong one fails here; a folder is read
 * and a function called at the first use, once. A failure is not remembered: the next use tries again.
 * @throws MaitredError `CONFIG_INVALID` when it is none of the forms, or an article among values is malformed.
 * @example await toKnowledgeSource('./help').source()
 */
export function toKnowledgeSource(articles: Articles, options: LoadOptions = {}): LoadedKnowledge {
  if (typeof articles === 'string') return loadLazily(() => indexFolder(articles, options))
  if (typeof articles === 'function') return loadLazily(() => indexFetched(articles, options))
  if (isKnowledgeSource(articles)) return { source: () => articles, reload: () => Promise.resolve() }
  const known = parseArticles(articles)
  toLanguage(options.language)
  const load = () => index(articles, options)
  if (isSmall(known) && options.saved === undefined && options.embedding === undefined)
    return loadLazily(load, createArticleIndex(known, options))
  const loaded = loadLazily(load)
  void loaded.reload() // they are right, so it goes through; the first question finds it done
  return loaded
}

export interface LoadOptions extends Omit<ArticleIndexOptions, 'places'> {
  /** Adds what belongs to the articles before they are indexed. */
  readonly amend?: (articles: readonly Article[]) => Promise<readonly Article[]>
}

async function index(articles: readonly Article[], options: LoadOptions & ArticleIndexOptions) {
  const known = parseArticles(articles, options.places)
  return loadArticleIndex(options.amend === undefined ? known : await options.amend(known), options)
}

/** So few characters are indexed before anybody notices. */
const SMALL = 10_000

function isSmall(articles: readonly Article[]): boolean {
  let length = 0
  for (const { title, text, questions } of articles) {
    length += title.length + text.length
    for (const question of questions ?? []) length += 4 * question.length
  }
  return length <= SMALL
}

function loadLazily(load: () => Promise<KnowledgeSource>, first?: KnowledgeSource): LoadedKnowledge {
  let ready = first
  let readyFrom = 0
  let startCount = 0
  let loading: Promise<KnowledgeSource> | undefined

  async function start(): Promise<KnowledgeSource> {
    const turn = ++startCount
    const source = await load()
    // Of two loads at once, the one begun later has the newer articles, whichever ends first.
    if (turn > readyFrom) {
      ready = source
      readyFrom = turn
    }
    return source
  }

  function begin(): Promise<KnowledgeSource> {
    const mine = start().finally(() => {
      if (loading === mine) loading = undefined
    })
    loading = mine
    return mine
  }

  return {
    source: () => ready ?? loading ?? begin(),
    async reload() {
      await begin()
    },
  }
}

async function indexFolder(folder: string, options: LoadOptions): Promise<KnowledgeSource> {
  const { articles, places } = await readArticleFolder(folder)
  return index(articles, { ...options, places })
}

async function indexFetched(
  fetchArticles: () => Promise<readonly Article[]>,
  options: LoadOptions,
): Promise<KnowledgeSource> {
  return index(await callFetch(fetchArticles), options)
}

async function callFetch(fetchArticles: () => Promise<readonly Article[]>): Promise<readonly Article[]> {
  try {
    return await fetchArticles()
  } catch (cause) {
    throw new MaitredError('CONFIG_INVALID', {
      message: 'Expected articles from the function at `articles`, but it failed.',
      hint: 'The cause says why; the next use calls it again.',
      path: 'articles',
      cause,
    })
  }
}

function isKnowledgeSource(articles: unknown): articles is KnowledgeSource {
  return (
    typeof articles === 'object' && articles !== null && 'search' in articles && typeof articles.search === 'function'
  )
}
