import { MaitredError } from '../../core/errors.ts'
import type { KnowledgeSource } from '../../core/ports.ts'
import type { Article, Awaitable } from '../../core/types.ts'
import type { ArticleIndex } from './article-index.ts'
import type { LoadedKnowledge } from './load-articles.ts'
import { whileAlive } from './slices.ts'

/** Knowledge that questions can be added to. */
export interface GrowingKnowledge extends LoadedKnowledge {
  /** @throws MaitredError `NOT_FOUND`, or `CONFIG_INVALID` when the articles are searched by somebody else. */
  addQuestion(articleId: string, question: string): Promise<void>
  ready(): Promise<void>
}

/** A question that was added to an article. */
export interface Added {
  readonly articleId: string
  readonly question: string
}

/** @param readAdded the questions that were added before, in this process or another */
export function withQuestions(
  knowledge: LoadedKnowledge,
  readAdded: () => Promise<readonly Added[]>,
): GrowingKnowledge {
  const done = new WeakSet<KnowledgeSource>()
  let preparing: Promise<KnowledgeSource> | undefined

  async function prepare(): Promise<KnowledgeSource> {
    const source = await knowledge.source()
    const added = isIndex(source) ? await readAdded() : []
    if (isIndex(source) && !done.has(source))
      for (const { articleId, question } of added) if (source.has(articleId)) source.addQuestion(articleId, question)
    done.add(source)
    const prepared = isIndex(source) ? source.prepare() : undefined
    if (prepared instanceof Promise) await prepared // not even a moment is lost where there is nothing to wait for
    return source
  }

  function source(): Awaitable<KnowledgeSource> {
    const loaded = knowledge.source()
    if (loaded instanceof Promise) return begin()
    const prepared = isIndex(loaded) ? loaded.prepare() : undefined
    // What little can be learnt at once answers at once; questions that were added before join it a moment later.
    const preparing = done.has(loaded) ? undefined : begin()
    if (!(prepared instanceof Promise)) {
      preparing?.catch(() => undefined) // it is tried again by the next question
      return loaded
    }
    return preparing ?? prepared.then(() => loaded)
  }

  function begin(): Promise<KnowledgeSource> {
    preparing ??= prepare().finally(() => (preparing = undefined))
    return preparing
  }

  return {
    source,
    reload: knowledge.reload,
    async addQuestion(articleId, question) {
      const loaded = await source()
      if (isIndex(loaded)) return loaded.addQuestion(articleId, question)
      throw new MaitredError('CONFIG_INVALID', {
        message: 'Expected articles that are held in memory, but they are searched by a source of your own.',
        hint: 'Add the question where that source keeps its articles.',
        path: 'articles',
      })
    },
    ready: () =>
      whileAlive(async () => {
        const loaded = await source()
        if (isIndex(loaded)) await loaded.ready()
      }),
  }
}

export function isIndex(source: KnowledgeSource): source is ArticleIndex {
  return 'addQuestion' in source
}

/** The articles with the questions that were added to them. */
export function amendArticles(articles: readonly Article[], added: readonly Added[]): readonly Article[] {
  const questionsOf = new Map<string, string[]>()
  for (const { articleId, question } of added)
    questionsOf.set(articleId, [...(questionsOf.get(articleId) ?? []), question])
  return articles.map((article) => {
    const more = questionsOf.get(article.id)
    return more === undefined
      ? article
      : { ...article, questions: [...new Set([...(article.questions ?? []), ...more])] }
  })
}
