import MiniSearch from 'minisearch'
import type { KnowledgeSource } from '../../core/ports.ts'
import type { Article, Suggestion } from '../../core/types.ts'
import { type Hit, type TermWeight, toConfidences } from './confidence.ts'
import { toTerms } from './normalise.ts'
import { parseArticles } from './parse-articles.ts'
import { parseQueryTerms, type QueryTerms } from './query-terms.ts'
import { isStopWord } from './stop-words.ts'

/** The built-in search over articles held in memory. */
export interface ArticleIndex extends KnowledgeSource {
  /** How many articles it holds. */
  readonly size: number
  search(query: string, options: { readonly limit: number; readonly signal: AbortSignal }): readonly Suggestion[]
}

export interface ArticleIndexOptions {
  /** Where each article comes from, for errors: a file, say. `articles[3]` unless said. */
  readonly places?: readonly string[]
}

/** An article as the search engine sees it: fields of terms with one space between. */
interface Entry {
  readonly id: number
  readonly title: string
  readonly questions: string
  readonly text: string
}

const FIELDS = ['title', 'questions', 'text'] as const
/** Shorter words have too many neighbours: `card`, `cart`, `care`. */
const TYPO_LENGTH = 5
/** How many letters may be wrong, as a part of the word; never more than two. */
const TYPO_SHARE = 0.2
const TYPO_LIMIT = 2
const TYPO_SCORE = 0.6
const TYPO_TRUST = 0.8
const LEAST_RARITY = 0.1

/**
 * Indexes articles for questions as customers write them: case, accents, invisible characters and small typos aside.
 * Later changes to the list are not seen. Good for some 10,000 articles; beyond that, use a search server.
 * @throws MaitredError `CONFIG_INVALID` when an article is malformed or two have the same id.
 * @example createArticleIndex([{ id: 'refunds', title: 'Refunds', text: 'Within 14 days.' }])
 */
export function createArticleIndex(articles: readonly Article[], options: ArticleIndexOptions = {}): ArticleIndex {
  const known = parseArticles(articles, options.places)
  const entries = known.map(toEntry)
  const articleCounts = countArticles(entries)
  const search = createSearch(articleCounts)
  search.addAll(entries)

  function find(query: QueryTerms): Hit[] {
    const results = search.search([...query.keys()].join(' '))
    return results.map(toHit).sort(byScore)
  }

  return {
    size: known.length,
    search(text, { limit, signal }) {
      signal.throwIfAborted()
      const query = parseQueryTerms(text)
      const hits = find(query)
      const confidences = toConfidences(hits, weigh(query, articleCounts, known.length))
      return hits.slice(0, Math.max(0, limit)).flatMap((hit, place) => {
        const article = known[hit.position]
        return article ? { article, confidence: confidences[place] ?? 0, matched: pickWritten(query, hit.terms) } : []
      })
    },
  }
}

function toEntry(article: Article, index: number): Entry {
  return {
    id: index,
    title: toField(article.title),
    questions: toField((article.questions ?? []).join('\n')),
    text: toField(article.text),
  }
}

function toField(text: string): string {
  const terms = toTerms(text).filter((term) => !isStopWord(term))
  return terms.join(' ')
}

function countArticles(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const entry of entries) {
    const terms = new Set(FIELDS.flatMap((field) => splitAtSpaces(entry[field])))
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  }
  return counts
}

function createSearch(articleCounts: ReadonlyMap<string, number>): MiniSearch<Entry> {
  return new MiniSearch<Entry>({
    fields: [...FIELDS],
    // Documents and queries alike come here as terms, already normalised.
    tokenize: splitAtSpaces,
    processTerm: (term) => term,
    searchOptions: {
      combineWith: 'OR',
      prefix: false,
      fuzzy: (term) => !articleCounts.has(term) && term.length >= TYPO_LENGTH && TYPO_SHARE,
      maxFuzzy: TYPO_LIMIT,
      weights: { fuzzy: TYPO_SCORE, prefix: 0 },
    },
  })
}

/** Undoes MiniSearch's multiplication by the number of terms found, which makes scores grow with the query. */
function toHit(result: { id: number; score: number; queryTerms: string[] }): Hit {
  return { position: result.id, score: result.score / result.queryTerms.length, terms: result.queryTerms }
}

function byScore(one: Hit, other: Hit): number {
  return other.score - one.score || one.position - other.position
}

function weigh(query: QueryTerms, articleCounts: ReadonlyMap<string, number>, size: number): Map<string, TermWeight> {
  const weights = new Map<string, TermWeight>()
  for (const term of query.keys()) {
    const count = articleCounts.get(term) ?? 0
    const rarity = Math.max(LEAST_RARITY, Math.log((size + 1) / (count + 0.5)))
    weights.set(term, { rarity, trust: count === 0 ? TYPO_TRUST : 1 })
  }
  return weights
}

function pickWritten(query: QueryTerms, terms: readonly string[]): readonly string[] {
  return [...query].flatMap(([term, written]) => (terms.includes(term) ? written : []))
}

function splitAtSpaces(terms: string): string[] {
  return terms === '' ? [] : terms.split(' ')
}
