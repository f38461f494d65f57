import { z } from 'zod'
import { toMs } from '../core/duration.ts'
import { definePlugin } from '../core/hooks/define-plugin.ts'
import type { HookContext, PluginFactory, Seen } from '../core/hooks/hook-context.ts'
import type { PluginHost } from '../core/hooks/plugin.ts'
import { type InferOutput, madeLater, readFitting } from '../core/standard-schema.ts'
import type { Duration, Json } from '../core/types.ts'

export interface CsatOptions {
  /** How many grades there are: thumbs, stars, or ten points; 5 unless said. */
  readonly scale?: 2 | 5 | 10
  /** A customer is asked at most once in so many days; at the end of every conversation unless said. */
  readonly everyDays?: number
  /** Whom to ask for a few words after the rating: those in the lower half of the scale unless said. */
  readonly comment?: 'low' | 'always' | 'never'
}

export interface CsatApi {
  /** The mean of all ratings, or of those in the period up to now, to the hour. `NaN` when there is none. */
  average(period?: Duration): Promise<number>
  /** Never asks this customer again, until it is taken back with `false`. */
  optOut(customerId: string, isOut?: boolean): Promise<void>
}

/** The engine's own question, of five grades; for the other scales there are steps of our own in its place. */
const STEP_OF_SCALE = { 2: 'csatThumbs', 5: 'rating', 10: 'csatPoints' } as const
const ENGINES_STEP = STEP_OF_SCALE[5]
const COMMENT_STEP = 'csatComment'
const OURS: readonly string[] = [STEP_OF_SCALE[2], STEP_OF_SCALE[10], COMMENT_STEP]
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type Tally = Readonly<Record<'sum' | 'count', number>>
const toTally = () => z.strictObject({ sum: z.number(), count: z.number() })
const none: Tally = { sum: 0, count: 0 }

/** One day's ratings, by the hour. */
const toDay = () => z.strictObject({ hours: z.record(z.string(), toTally()) })
const toTotal = () => z.strictObject({ total: toTally(), since: z.number() })
const toAsked = () => z.strictObject({ askedAt: z.number() })
const toOptedOut = () => z.strictObject({ isOut: z.boolean() })

const day = madeLater(toDay)
const total = madeLater(toTotal)
const asked = madeLater(toAsked)
const optedOut = madeLater(toOptedOut)

const state = madeLater(() =>
  z.object({
    score: z.number().optional(),
    isCounted: z.boolean().default(false),
    hasCommented: z.boolean().default(false),
  }),
)
interface Self {
  config: { scale: 2 | 5 | 10; everyDays: number; comment: 'low' | 'always' | 'never' }
  state: InferOutput<typeof state>
  api: CsatApi
}

/**
 * Asks for a rating in the closing steps, by rules: once per conversation and again after it was taken up anew, never after an end by
 * silence, not more often than every so many days, and not those who would rather not. Whoever skips the question has skipped it.
 * @example csat({ everyDays: 30 })
 */
export const csat: PluginFactory<CsatOptions, CsatApi> = definePlugin({
  name: 'csat',
  version: '1.0.0',
  config: madeLater(() =>
    z.object({
      scale: z.union([z.literal(2), z.literal(5), z.literal(10)]).default(5),
      everyDays: z.number().min(0).default(0),
      comment: z.enum(['low', 'always', 'never']).default('low'),
    }),
  ),
  state,
  records: madeLater(() => z.union([toDay(), toTotal(), toAsked(), toOptedOut()])),
  setup: (host): CsatApi => ({
    average: (period) => average(host, period),
    optOut: (customerId, isOut = true) => host.records.put(optOutKey(customerId), { isOut }),
  }),
  steps: (step) => [
    step({
      slot: 'closing',
      id: STEP_OF_SCALE[2],
      ask: 'Are you satisfied with this conversation?',
      choices: [
        { id: '2', label: 'Yes, I am' },
        { id: '1', label: 'Not really' },
      ],
      reply: z.string().transform(readThumb).pipe(z.number()),
      when: (ctx) => ctx.config.scale === 2 && ctx.state.score === undefined,
      accept: (score, ctx) => ctx.setState({ score }),
    }),
    step({
      slot: 'closing',
      id: STEP_OF_SCALE[10],
      ask: 'How would you rate this conversation, from 1 to 10?',
      reply: z.coerce.number().int().min(1).max(10),
      again: 'A number from 1 to 10, please, or "skip".',
      when: (ctx) => ctx.config.scale === 10 && ctx.state.score === undefined,
      accept: (score, ctx) => ctx.setState({ score }),
    }),
    step({
      slot: 'closing',
      id: COMMENT_STEP,
      ask: (ctx) =>
        wantsComment(ctx) ? 'Would you tell us why, in a few words? Write "skip" if you would rather not.' : '',
      reply: z.string(),
      attempts: 1,
      when: (ctx) => ctx.config.comment !== 'never' && ctx.state.score === undefined,
      // The words stand in the transcript, where they are erased with the rest of it.
      accept: (comment, ctx) => ctx.emit('commented', { comment, score: ctx.state.score ?? null }),
    }),
  ],
  hooks: {
    'closing:steps': async (ids, ctx) => {
      const isWelcome = await mayAsk(ctx)
      const questions = isWelcome ? [STEP_OF_SCALE[ctx.config.scale], COMMENT_STEP] : []
      const due = questions.filter((id) => ids.includes(id))
      return ids.flatMap((id) => (id === ENGINES_STEP ? due : OURS.includes(id) ? [] : [id]))
    },
    'before:ask': (ctx) => {
      if (ctx.details.stepId !== STEP_OF_SCALE[ctx.config.scale] || ctx.config.everyDays === 0) return
      ctx.records.put(askedKey(ctx.conversation.customer.id), { askedAt: ctx.now })
    },
    'before:rate': (ctx) => {
      const { score, comment } = ctx.details
      if (ctx.state.isCounted || score < 1 || score > ctx.config.scale) return undefined
      ctx.setState({ score, isCounted: true, hasCommented: comment !== undefined })
      return count(ctx, score)
    },
    'before:close': (ctx) => {
      const { score, isCounted } = ctx.state
      if (score === undefined || isCounted) return undefined
      ctx.setState({ isCounted: true })
      ctx.emit('rated', { score, scale: ctx.config.scale })
      return count(ctx, score)
    },
    'before:reopen': (ctx) => ctx.setState({ score: undefined, isCounted: false, hasCommented: false }),
  },
})

function readThumb(text: string): number | undefined {
  if (/^\s*(2|yes|y|👍)/iu.test(text)) return 2
  return /^\s*(1|no|n|not really|👎)/iu.test(text) ? 1 : undefined
}

/** Known once the rating is given: a step that has nothing to ask is passed over. */
function wantsComment({ config, state: { score, hasCommented } }: Pick<Seen<Self>, 'config' | 'state'>): boolean {
  return score !== undefined && !hasCommented && (config.comment === 'always' || score <= config.scale / 2)
}

async function mayAsk(ctx: HookContext<Self>): Promise<boolean> {
  const { id } = ctx.conversation.customer
  const { everyDays } = ctx.config
  const out = readFitting(optedOut, (await ctx.records.get(optOutKey(id)))?.value)
  if (out?.isOut === true) return false
  if (everyDays === 0) return true
  const last = readFitting(asked, (await ctx.records.get(askedKey(id)))?.value)
  return last === undefined || ctx.now - last.askedAt >= everyDays * DAY_MS
}

/** Adds one rating to its hour, and to all there are. */
async function count(ctx: HookContext<Self>, score: number): Promise<void> {
  const { now, records } = ctx
  const [dayRecord, totalRecord] = await Promise.all([records.get(dayKey(now)), records.get(TOTAL)])
  const hours = readDay(dayRecord?.value)
  const hour = String(hourOf(now))
  const all = readTotal(totalRecord?.value)
  const put = (key: string, value: Json, version = 0): void => records.put(key, value, { ifVersion: version })
  put(
    dayKey(now),
    { hours: { ...hours, [hour]: plus(hours[hour] ?? none, { sum: score, count: 1 }) } },
    dayRecord?.version,
  )
  put(
    TOTAL,
    { total: plus(all.total, { sum: score, count: 1 }), since: Math.min(all.since, now) },
    totalRecord?.version,
  )
}

async function average(
  { now, records }: Pick<PluginHost<unknown, unknown>, 'now' | 'records'>,
  period?: Duration,
): Promise<number> {
  const all = readTotal((await records.get(TOTAL))?.value)
  if (period === undefined) return mean(all.total)
  const until = now()
  const from = Math.max(until - toMs(period, 'period'), all.since)
  const days: Promise<Tally>[] = []
  for (let at = startOf(from, DAY_MS); at <= until; at += DAY_MS) {
    days.push(records.get(dayKey(at)).then((record) => sumOf(readDay(record?.value), at, from)))
  }
  return mean((await Promise.all(days)).reduce(plus, none))
}

/** The ratings of one day, from the hour on in which `from` lies. */
function sumOf(hours: Readonly<Record<string, Tally>>, dayAt: number, from: number): Tally {
  return Object.entries(hours)
    .filter(([hour]) => dayAt + Number(hour) * HOUR_MS >= startOf(from, HOUR_MS))
    .reduce((sum, [, one]) => plus(sum, one), none)
}

const TOTAL = 'total'
const optOutKey = (customerId: string): string => `out:${customerId}`
const askedKey = (customerId: string): string => `asked:${customerId}`
const dayKey = (at: number): string => `day:${new Date(at).toISOString().slice(0, 10)}`
const hourOf = (at: number): number => Math.floor((at % DAY_MS) / HOUR_MS)
const startOf = (at: number, unitMs: number): number => Math.floor(at / unitMs) * unitMs
const plus = (one: Tally, other: Tally): Tally => ({ sum: one.sum + other.sum, count: one.count + other.count })
const mean = ({ sum, count: ratingCount }: Tally): number => (ratingCount === 0 ? Number.NaN : sum / ratingCount)

function readDay(value: Json | undefined): Readonly<Record<string, Tally>> {
  return readFitting(day, value)?.hours ?? {}
}

function readTotal(value: Json | undefined): InferOutput<typeof total> {
  return readFitting(total, value) ?? { total: none, since: Number.POSITIVE_INFINITY }
}
