import type { Article } from '../../core/types.ts'
import { createArticleIndex } from '../../plugins/knowledge-base/article-index.ts'
import type { RawArticle } from './read-questions.ts'

/** What was found for a question, best first, and how sure the engine is of the first. */
export interface Found {
  readonly ids: readonly string[]
  readonly confidence: number
}

export type Ask = (question: string) => Found

/** Makes an engine of articles, each with its alternate questions; done when it answers as well as it can. */
export type Build = (
  articles: readonly RawArticle[],
  questionsOf: ReadonlyMap<string, readonly string[]>,
) => Promise<Ask>

const LIMIT = 10
const { signal } = new AbortController()

/** The index of the plugin `knowledgeBase`. */
export const buildOurs: Build = async (articles, questionsOf) => {
  const index = createArticleIndex(articles.map((article) => toArticle(article, questionsOf.get(article.id) ?? [])))
  await index.ready()
  return (question) => {
    const found = index.search(question, { limit: LIMIT, signal })
    return { ids: found.map(({ article }) => article.id), confidence: found[0]?.confidence ?? 0 }
  }
}

function toArticle({ id, title, headings, body }: RawArticle, questions: readonly string[]): Article {
  return { id, title, text: [...headings.map((heading) => `## ${heading}`), body].join('\n'), questions }
}

/** MiniSearch as it comes, its score for a confidence. */
export const buildMiniSearch: Build = async (articles, questionsOf) => {
  const { createPlainSearch } = await import('../../plugins/knowledge-base/plain-search.ts') // nobody else needs it
  const search = createPlainSearch(
    articles.map(({ id, title, headings, body }) => ({
      id,
      title,
      headings: headings.join('\n'),
      body,
      questions: (questionsOf.get(id) ?? []).join('\n'),
    })),
  )
  return (question) => {
    const found = search(question)
    return { ids: found.map(({ id }) => id), confidence: found[0]?.score ?? 0 }
  }
}
