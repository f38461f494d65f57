import { z } from 'zod'
import { MaitredError } from '../../core/errors.ts'
import { definePlugin } from '../../core/hooks/define-plugin.ts'
import type { HookContext, PluginFactory } from '../../core/hooks/hook-context.ts'
import type { Answer, PluginHost } from '../../core/hooks/plugin.ts'
import type { KnowledgeSource } from '../../core/ports.ts'
import { type InferOutput, madeLater } from '../../core/standard-schema.ts'
import type { Article, Awaitable, Message, Suggestion } from '../../core/types.ts'
import type { SavedIndex } from './article-index.ts'
import {
  addGap,
  GAP_SHELVES,
  type Gap,
  type Helpfulness,
  knowledgeRecord,
  PROMOTED,
  readGaps,
  readHelpfulness,
  readPromoted,
  shelfOf,
  toGap,
} from './gaps.ts'
import { createEmbedding, type Embedder } from './embedder.ts'
import { type Articles, toKnowledgeSource } from './load-articles.ts'
import { decideReply, isSlotAnswer, isTopic, taughtIn } from './reply.ts'
import { amendArticles, isIndex, withQuestions } from './with-questions.ts'

export interface KnowledgeOptions {
  /** A folder, values, a function that fetches them, or a search of your own. */
  readonly articles: Articles
  /** Articles are offered from this probability of being right on, 0 to 1; 0.4 unless said. */
  readonly offerAbove?: number
  /** The language of the articles; `en` unless said. Others need the packages `snowball-stemmers` and `stopword`. */
  readonly language?: string
  /** Compares questions and articles by their meaning, as a further voter. When it fails or is slow, the others answer. */
  readonly embedder?: Embedder
  /** Keeps what was learnt over restarts, as bytes; it is used as long as the articles are the same. */
  readonly savedIndex?: SavedIndex
  /** What is said when several articles may be meant. */
  readonly texts?: {
    readonly which?: string
    readonly otherWords?: string
    readonly person?: string
  }
}

export interface KnowledgeApi {
  /** Reads the articles again; the old ones are searched until that is done. */
  reload(): Promise<void>
  /** Done when the articles are loaded and all is learnt from them. */
  ready(): Promise<void>
  /** What was asked and not answered, most often first. */
  gaps(): Promise<readonly Gap[]>
  /** Makes a question that was not answered one of an article's: it is found from the next question on. */
  promote(gapId: string, articleId: string): Promise<void>
  /** How often an article was offered, and how often it helped. */
  helpfulness(articleId: string): Promise<Helpfulness>
}

const LIMIT = 3

function hasMethods(...names: readonly string[]): (value: unknown) => boolean {
  return (value) =>
    typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function')
}

const config = madeLater(() =>
  z.object({
    articles: z.custom<Articles>(
      (value) => value !== undefined && value !== null,
      'expected a folder, articles, or a source',
    ),
    offerAbove: z.number().min(0).max(1).default(0.4),
    language: z.string().default('en'),
    embedder: z.custom<Embedder>(hasMethods('embed'), 'expected { name, embed }').optional(),
    savedIndex: z.custom<SavedIndex>(hasMethods('load', 'save'), 'expected { load, save }').optional(),
    texts: z
      .object({
        which: z.string().default('Which of these is it about?'),
        otherWords: z.string().default('Or say it in other words.'),
        person: z.string().default('Talk to a person'),
      })
      .prefault({}),
  }),
)
const state = madeLater(() =>
  z.object({
    /** What the customer was asked to choose from, and what they had asked. */
    narrowing: z.object({ question: z.string(), articleIds: z.array(z.string()) }).optional(),
  }),
)

type Config = InferOutput<typeof config>
type Context = HookContext<{ config: Config; state: InferOutput<typeof state>; api: ReturnType<typeof setUp> }>

/**
 * Answers questions from articles when it is likely to be right: offers one and asks whether it helped, asks which one
 * is meant when several may be, and stays silent otherwise. What it could not answer is kept as a list of gaps.
 * @example knowledgeBase({ articles: [{ id: 'refunds', title: 'When do I get my refund?', text: 'Within five days.' }] })
 */
export const knowledgeBase: PluginFactory<KnowledgeOptions, KnowledgeApi> = definePlugin({
  name: 'knowledge-base',
  version: '1.0.0',
  config,
  state,
  records: knowledgeRecord,
  setup: setUp,
  hooks: {
    // While the customer is being greeted, so that the first question need not wait. What fails is told when it is asked.
    'before:greet': (ctx) => ctx.api.prepare(),
    'bot:answer': {
      order: 'post',
      timeout: '5s',
      handler: (question, ctx) => answer(question, ctx),
    },
    'before:miss': (ctx) => recordMiss(ctx.conversation.transcript, ctx.records),
    'before:suggest': (ctx) => count(ctx, ctx.details.suggestions[0]?.article.id, 'offeredCount'),
    'before:deflect': (ctx) => count(ctx, ctx.details.articleId, 'helpedCount'),
    'before:search': (ctx) => recordUnhelpful(ctx),
    'before:requestAgent': (ctx) =>
      ctx.conversation.path === 'helping.searching'
        ? recordMiss(ctx.conversation.transcript, ctx.records)
        : recordUnhelpful(ctx),
  },
})

function setUp(host: PluginHost<Config, InferOutput<typeof state>>) {
  const { articles, language, embedder, savedIndex: saved } = host.config
  const { log, clock } = host
  const embedding = embedder === undefined ? undefined : createEmbedding(embedder, { log, clock })
  const readAdded = async () => {
    await Promise.resolve() // articles that are values are read while the engine is made, before it can read a record
    return readPromoted((await host.records.get(PROMOTED))?.value)
  }
  const amend = async (loaded: readonly Article[]) => amendArticles(loaded, await readAdded().catch(() => []))
  const { sliceMs } = clock
  const knowledge = withQuestions(
    toKnowledgeSource(articles, { language, embedding, saved, amend, log, sliceMs }),
    readAdded,
  )
  return {
    source: knowledge.source,
    prepare() {
      const source = knowledge.source()
      if (source instanceof Promise) source.catch(() => undefined)
    },
    reload: knowledge.reload,
    ready: knowledge.ready,
    async gaps() {
      const shelves = await Promise.all(GAP_SHELVES.map((shelf) => host.records.get(shelf)))
      const gaps = shelves.flatMap((stored) => readGaps(stored?.value))
      return gaps.sort((one, other) => other.count - one.count || (one.id < other.id ? -1 : 1))
    },
    async promote(gapId: string, articleId: string) {
      const shelf = shelfOf(gapId)
      const gaps = readGaps((await host.records.get(shelf))?.value)
      const gap = gaps.find(({ id }) => id === gapId)
      if (gap === undefined) throw noGap(gapId)
      await knowledge.addQuestion(articleId, gap.query)
      const promoted = await host.records.get(PROMOTED)
      const questions = [...readPromoted(promoted?.value), { articleId, question: gap.query }]
      await host.records.put(PROMOTED, { promoted: questions.map((each) => ({ ...each })) })
      await host.records.put(shelf, { gaps: gaps.filter(({ id }) => id !== gapId).map((each) => ({ ...each })) })
    },
    async helpfulness(articleId: string) {
      return readHelpfulness((await host.records.get(`article:${articleId}`))?.value)
    },
  }
}

function answer(question: string, ctx: Context): Answer | undefined | Promise<Answer | undefined> {
  const { narrowing } = ctx.state
  const { transcript } = ctx.conversation
  // A short reply to "which of these?" says more of the same question.
  const isMore = narrowing !== undefined && question.trim().split(/\s+/u).length <= 4
  const asked = isMore ? `${narrowing.question} ${question}` : question
  const taught = taughtIn(transcript)
  const toAnswer = (found: readonly Suggestion[]): Answer | undefined => {
    const chosen = found.find(
      ({ article }) => narrowing?.articleIds.includes(article.id) === true && article.title === question,
    )
    if (narrowing !== undefined) ctx.setState({ narrowing: undefined })
    if (chosen !== undefined && !taught.has(chosen.article.id)) return { suggestions: [{ ...chosen, confidence: 1 }] }
    if (narrowing === undefined && isSlotAnswer(question) && !isTopic(question, found)) return undefined
    const { offerAbove } = ctx.config
    const reply = decideReply(found, { taught, offerAbove, mayAsk: narrowing === undefined })
    if (reply.type === 'offer') return reply.answer
    return reply.type === 'narrow' ? narrow(question, reply.options, ctx) : undefined
  }
  const limit = LIMIT + taught.size
  const search = (source: KnowledgeSource): Awaitable<readonly Suggestion[]> =>
    isIndex(source) && source.find !== undefined
      ? source.find(asked, limit)
      : source.search(asked, { limit, signal: ctx.signal })
  const source = ctx.api.source()
  const found = source instanceof Promise ? source.then(search) : search(source)
  return found instanceof Promise ? found.then(toAnswer) : toAnswer(found)
}

function narrow(question: string, options: readonly Suggestion[], ctx: Context): Answer {
  const { which, otherWords, person } = ctx.config.texts
  ctx.setState({ narrowing: { question, articleIds: options.map(({ article }) => article.id) } })
  ctx.say(which, {
    choices: [
      ...options.map(({ article }) => ({ id: `article:${article.id}`, label: article.title })),
      { id: 'person', label: person },
    ],
  })
  return { text: otherWords }
}

type Recording = Pick<Context, 'conversation' | 'records'>

function recordMiss(transcript: readonly Message[], records: Context['records']): Awaitable<void> {
  const asked = transcript.findLast(({ author }) => author === 'customer')
  if (asked === undefined || isSlotAnswer(asked.text)) return
  const gap = toGap(asked.text)
  if (gap === undefined) return
  return records.update(shelfOf(gap.id), (stored) => ({
    gaps: addGap(readGaps(stored), gap).map((each) => ({ ...each })),
  }))
}

/** The article under discussion did not help: the question that led to it has no answer yet. */
function recordUnhelpful({ conversation, records }: Recording): Awaitable<void> {
  const { path, transcript } = conversation
  if (path !== 'helping.suggesting') return
  const at = transcript.findLastIndex(({ suggestions }) => suggestions !== undefined)
  const said = transcript[transcript.length - 1]
  // Whoever asks something else has not said that it did not help.
  if (at < 0 || (said?.author === 'customer' && /[?？]/u.test(said.text))) return
  const counted = count({ records }, transcript[at]?.suggestions?.[0]?.article.id, 'notHelpedCount')
  const noteMiss = (): Awaitable<void> => recordMiss(transcript.slice(0, at), records)
  return counted instanceof Promise ? counted.then(noteMiss) : noteMiss()
}

function count(
  { records }: Pick<Context, 'records'>,
  articleId: string | undefined,
  name: keyof Helpfulness,
): Awaitable<void> {
  if (articleId === undefined) return
  return records.update(`article:${articleId}`, (stored) => {
    const { offeredCount, helpedCount, notHelpedCount } = readHelpfulness(stored)
    return {
      offeredCount: offeredCount + (name === 'offeredCount' ? 1 : 0),
      helpedCount: helpedCount + (name === 'helpedCount' ? 1 : 0),
      notHelpedCount: notHelpedCount + (name === 'notHelpedCount' ? 1 : 0),
    }
  })
}

function noGap(gapId: string): MaitredError {
  return new MaitredError('NOT_FOUND', {
    message: `There is no gap \`${gapId}\` in the knowledge base.`,
    hint: 'Use an id from `gaps()`; each can be promoted once.',
    path: 'gapId',
  })
}
