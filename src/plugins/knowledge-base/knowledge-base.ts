import { definePlugin } from '../../core/hooks/define-plugin.ts'
import type { PluginFactory } from '../../core/hooks/hook-context.ts'
import type { KnowledgeSource } from '../../core/ports.ts'
import { z } from 'zod'
import { type Articles, toKnowledgeSource } from './load-articles.ts'

export interface KnowledgeOptions {
  /** A folder, values, a function that fetches them, or a search of your own. */
  readonly articles: Articles
  /** Articles are offered from this confidence on, 0 to 1; 0.4 unless said. */
  readonly offerAbove?: number
}

export interface KnowledgeApi {
  /** Reads the articles again; the old ones are searched until that is done. */
  reload(): Promise<void>
}

/** What is shown at once: the best, and the next for those it does not help. */
const LIMIT = 3

/**
 * Answers questions from articles: offers the likeliest one and asks whether it helped; a second one if it did not; then a person.
 * @example knowledgeBase({ articles: [{ id: 'refunds', title: 'When do I get my refund?', text: 'Within five days.' }] })
 */
export const knowledgeBase: PluginFactory<KnowledgeOptions, KnowledgeApi> = definePlugin({
  name: 'knowledge-base',
  version: '1.0.0',
  config: z.object({
    articles: z.custom<Articles>(
      (value) => value !== undefined && value !== null,
      'expected a folder, articles, or a source',
    ),
    offerAbove: z.number().min(0).max(1).default(0.4),
  }),
  setup: ({ config }) => toKnowledgeSource(config.articles),
  hooks: {
    'bot:answer': {
      order: 'post',
      timeout: '5s',
      handler: (question, ctx) => {
        const source = ctx.api.source()
        const taught = new Set(
          ctx.conversation.transcript.flatMap((message) => message.suggestions?.map(({ article }) => article.id) ?? []),
        )
        const about = { question, taught, offerAbove: ctx.config.offerAbove, signal: ctx.signal }
        return source instanceof Promise ? source.then((loaded) => find(loaded, about)) : find(source, about)
      },
    },
  },
})

interface About {
  readonly question: string
  readonly taught: ReadonlySet<string>
  readonly offerAbove: number
  readonly signal: AbortSignal
}

/** The best article that has not been offered yet, if it is likely enough, given that those offered before were not it. */
function find(source: KnowledgeSource, { question, taught, offerAbove, signal }: About) {
  const toAnswer = (found: Awaited<ReturnType<KnowledgeSource['search']>>) => {
    const ruledOut = found.reduce(
      (sum, { article, confidence }) => (taught.has(article.id) ? sum + confidence : sum),
      0,
    )
    const best = found.find(({ article }) => !taught.has(article.id))
    if (best === undefined) return undefined
    const confidence = Math.min(1, best.confidence / Math.max(1 - ruledOut, best.confidence, Number.EPSILON))
    return confidence < offerAbove ? undefined : { suggestions: [{ ...best, confidence }] }
  }
  const found = source.search(question, { limit: LIMIT + taught.size, signal })
  return found instanceof Promise ? found.then(toAnswer) : toAnswer(found)
}
