import { z } from 'zod'
import { toMs } from '../core/duration.ts'
import { definePlugin } from '../core/hooks/define-plugin.ts'
import type { HookContext, PluginFactory } from '../core/hooks/hook-context.ts'
import { loadPeer } from '../core/optional-peer.ts'
import { type InferOutput, madeLater, readFitting } from '../core/standard-schema.ts'
import { FACT_TRANSITIONS } from '../core/transitions.ts'
import type { Duration, Json } from '../core/types.ts'

/** One step of the ladder: what is done, and what the customer is told. */
export interface Rung {
  /** `block`: the conversation ends, and so does every later one of this customer, at its greeting. */
  readonly do: 'warn' | 'end' | 'block'
  readonly say: string
}

export interface BoundaryOptions {
  /** What is not to be said: whole words or phrases, however they are written in capitals or accents. The package `obscenity` decides unless these or a `detector` do. */
  readonly words?: readonly string[]
  /** Decides by itself, beside the words: a model, a service's answer kept at hand. It must answer at once. */
  readonly detector?: (text: string) => boolean
  /** How often a customer is warned before the conversation ends; 2 unless said. */
  readonly warnings?: number
  /** The whole ladder as data, in place of `warnings`; whoever is at the top stays there. */
  readonly ladder?: readonly Rung[]
  /** How long what was done is held against a customer who is not blocked; 30 days unless said. */
  readonly forgetAfter?: Duration
}

export interface BoundaryApi {
  isOffence(text: string): boolean
  isBlocked(customerId: string): Promise<boolean>
  block(customerId: string): Promise<void>
  /** Takes the customer off the block list, to the foot of the ladder. */
  unblock(customerId: string): Promise<void>
}

const DEFAULT_WORDS = {
  warning: 'Let us keep this friendly, please.',
  lastWarning: 'This is the last warning: if it goes on like this, the conversation will be ended.',
  ended: 'This conversation has been ended.',
  blocked: 'This conversation has been ended, and we will not take up another one.',
} as const

const toRung = () => z.object({ do: z.enum(['warn', 'end', 'block']), say: z.string().min(1) })
const config = madeLater(() =>
  z.object({
    words: z.array(z.string().trim().min(1)).readonly().optional(),
    detector: z.custom<(text: string) => boolean>((value) => typeof value === 'function').optional(),
    warnings: z.number().int().min(0).max(10).default(2),
    ladder: z.array(toRung()).min(1).readonly().optional(),
    forgetAfter: z.custom<Duration>(isDuration, "expected a duration such as '30d'").default('30d'),
  }),
)
const state = madeLater(() => z.object({ verdict: toRung().optional() }))

/** How far up a customer is, and since when. */
const standing = madeLater(() => z.strictObject({ strikeCount: z.number(), at: z.number(), isBlocked: z.boolean() }))
type Standing = InferOutput<typeof standing>

interface Self {
  config: InferOutput<typeof config>
  state: InferOutput<typeof state>
  api: BoundaryApi
}

const REASON = 'boundary'

/**
 * A ladder for those who offend: a warning, a last one, the end of the conversation, and a block that outlives it. Before and behind a
 * person the bot climbs it by itself; while an agent talks it tells observers (`plugin.emitted`, `offence`), and the agent decides, with
 * `desk.warn`.
 * @example boundaries({ words: ['numbskull'], warnings: 1 })
 */
export const boundaries: PluginFactory<BoundaryOptions, BoundaryApi> = definePlugin({
  name: 'boundaries',
  version: '1.0.0',
  config,
  state,
  records: standing,
  setup: ({ config: { words, detector }, records, now }): BoundaryApi => {
    const isWord = words === undefined ? (detector === undefined ? loadDetector() : () => false) : toDetector(words)
    const put = (id: string, isBlocked: boolean) => records.put(id, { strikeCount: 0, at: now(), isBlocked })
    return {
      isOffence: (text) => isWord(text) || detector?.(text) === true,
      isBlocked: async (id) => readStanding((await records.get(id))?.value)?.isBlocked ?? false,
      block: (id) => put(id, true),
      unblock: (id) => put(id, false),
    }
  },
  hooks: {
    'message:in': (message, ctx) => {
      if (!ctx.api.isOffence(message.text)) return message
      const { phase, agentId } = ctx.conversation
      ctx.emit('offence', { messageId: message.id, phase, ...(agentId === undefined ? {} : { agentId }) })
      if (phase === 'live') return message
      return climb(ctx).then((next) => {
        if (next.do === 'warn') ctx.say(next.say)
        else ctx.setState({ verdict: next })
        return message
      })
    },
    // The verdict is carried out at the next step that can be turned: mostly the one that the message itself leads to.
    'before:*': (ctx) => {
      const { transition } = ctx
      if (transition === 'close' || transition === 'warn' || FACT_TRANSITIONS.has(transition)) return undefined
      const { verdict } = ctx.state
      if (verdict !== undefined) return ctx.redirect('close', { reason: REASON, say: verdict.say })
      return ctx.conversation.phase === 'greeting' || transition === 'reopen' ? turnAway(ctx) : undefined
    },
    'before:warn': async (ctx) => {
      const next = await look(ctx)
      if (next.rung.do === 'warn') next.put()
      else ctx.redirect('close', { reason: REASON, say: next.rung.say }) // the engine warns in words of its own: `texts`
    },
    'before:block': async (ctx) => {
      const { id } = ctx.conversation.customer
      const known = await ctx.records.get(id)
      put(ctx, { strikeCount: ladderOf(ctx.config).length, at: ctx.now, isBlocked: true }, known?.version)
    },
    'before:close': (ctx) => {
      if (ctx.state.verdict !== undefined) return ctx.setState({ verdict: undefined })
      // An agent's warning that went too far: whatever was put before a redirect is dropped, so it is counted here.
      return ctx.details.reason === REASON ? climb(ctx).then(() => undefined) : undefined
    },
  },
})

function isDuration(value: unknown): value is Duration {
  try {
    return toMs(value as Duration) >= 0 // whatever it is, `toMs` says so
  } catch {
    return false
  }
}

/** One step up, which counts from now on. */
async function climb(ctx: HookContext<Self>): Promise<Rung> {
  const next = await look(ctx)
  next.put()
  return next.rung
}

/** The next step up, and the way to take it. */
async function look(ctx: HookContext<Self>): Promise<{ readonly rung: Rung; readonly put: () => void }> {
  const record = await ctx.records.get(ctx.conversation.customer.id)
  const known = readStanding(record?.value)
  const isForgotten = known === undefined || (!known.isBlocked && ctx.now - known.at > toMs(ctx.config.forgetAfter))
  const strikeCount = (isForgotten ? 0 : known.strikeCount) + 1
  const ladder = ladderOf(ctx.config)
  const next = ladder[Math.min(strikeCount, ladder.length) - 1] ?? { do: 'end', say: DEFAULT_WORDS.ended }
  const isBlocked = next.do === 'block' || known?.isBlocked === true
  return { rung: next, put: () => put(ctx, { strikeCount, at: ctx.now, isBlocked }, record?.version) }
}

function put(ctx: HookContext<Self>, value: Standing, version = 0): void {
  ctx.records.put(ctx.conversation.customer.id, value, { ifVersion: version })
}

/** Whoever is blocked gets no further than the door. */
async function turnAway(
  ctx: HookContext<Self> & { redirect(to: 'close', why: { readonly reason: string; readonly say?: string }): void },
): Promise<void> {
  const known = readStanding((await ctx.records.get(ctx.conversation.customer.id))?.value)
  if (known?.isBlocked !== true) return
  const say = ladderOf(ctx.config).findLast((one) => one.do === 'block')?.say ?? DEFAULT_WORDS.blocked
  ctx.redirect('close', { reason: 'blocked', say })
}

function ladderOf({ ladder, warnings }: Self['config']): readonly Rung[] {
  if (ladder !== undefined) return ladder
  const warned = Array.from({ length: warnings }, (_, index): Rung => {
    return { do: 'warn', say: index === warnings - 1 ? DEFAULT_WORDS.lastWarning : DEFAULT_WORDS.warning }
  })
  return [...warned, { do: 'end', say: DEFAULT_WORDS.ended }, { do: 'block', say: DEFAULT_WORDS.blocked }]
}

function readStanding(value: Json | undefined): Standing | undefined {
  return readFitting(standing, value)
}

function toDetector(words: readonly string[]): (text: string) => boolean {
  if (words.length === 0) return () => false
  const either = words.map((word) => fold(word).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${either.replace(/\s+/g, '\\s+')})(?![\\p{L}\\p{N}])`, 'u')
  return (text) => pattern.test(fold(text))
}

/** Without capitals and accents. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Words that begin many innocent ones, and names: they count when they stand alone. */
const ALONE: ReadonlySet<string> = new Set(['anus', 'ass', 'cock', 'dick'])

/** English words in any disguise, with the package `obscenity`. @throws MaitredError when it is not installed */
function loadDetector(): (text: string) => boolean {
  const obscenity = loadPeer('obscenity', 'boundaries') as typeof import('obscenity') // the package of that name
  const { englishDataset, englishRecommendedTransformers, RegExpMatcher } = obscenity
  const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers })
  return (text) =>
    matcher.getAllMatches(text).some((match) => {
      const { startIndex, endIndex } = match
      const said = text.slice(startIndex, endIndex + 1)
      if ((said.match(/\p{L}/gu)?.length ?? 0) * 2 < said.length) return false // an order number is no disguise
      const word = englishDataset.getPayloadWithPhraseMetadata(match).phraseMetadata?.originalWord ?? ''
      return !ALONE.has(word) || isAlone(text.slice(0, startIndex), text.slice(endIndex + 1))
    })
}

function isAlone(before: string, after: string): boolean {
  return !/[\p{L}\p{N}]$/u.test(before) && /^(?:e?s|heads?|holes?)?(?![\p{L}\p{N}])/u.test(after)
}
