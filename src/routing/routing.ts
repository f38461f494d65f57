import { toMs } from '../core/duration.ts'
import { type NamesOf, refuseUnknownNames, wrongKind } from '../core/known-names.ts'
import { nearest } from '../core/nearest.ts'
import { MAX_TRANSFERS, type Overflow } from '../core/settings.ts'
import type { Candidate, Duration, Requirements } from '../core/types.ts'
import { invalid } from './invalid.ts'

/** Names one of the candidates, or nobody: then the conversation waits until an agent who could take it changes. Pure and synchronous. */
export type AgentPolicy = (candidates: readonly Candidate[], need: Requirements) => string | undefined

/** Who gets which conversation. Everything has a default. */
export interface Routing<Skill extends string = string> {
  /**
   * Who of those who can is asked first. Under 'default' and 'sticky' an agent who is slower at it than others on duty, and does something
   * else better, is spared for that: they help while enough colleagues have room for it, or when many wait, or one has waited for four
   * times its target. `relax: [{ after: 0, drop: 'proficiency' }]` spares nobody.
   */
  readonly agentPolicy?:
    | 'default'
    | 'longestIdle'
    | 'leastLoaded'
    | 'roundRobin'
    | 'random'
    | 'mostSpecialised'
    | 'mostProficient'
    | 'sticky'
    | 'scarcityAware'
    | AgentPolicy
  /** Who of those who wait is served first. */
  readonly queuePolicy?:
    | 'weightedAge'
    | 'fifo'
    | 'strictPriority'
    | 'additiveAgeing'
    | 'earliestDeadline'
    | 'scarceFirst'
  /** How soon a conversation should be answered unless it says so itself; 60 s unless said. */
  readonly target?: Duration
  /**
   * How long a conversation waits for its preferred agent, or for the one who had it last, while they are on duty; then anybody may take
   * it. 0 unless said: they are asked first if they are free. 45 s under `sticky`.
   */
  readonly preferredWait?: Duration
  /** How long an agent may think about an offer; 20 s unless said. */
  readonly offerTimeout?: Duration
  /** How long a seat stays taken after a conversation; none unless said. */
  readonly wrapUp?: Duration
  /**
   * What is dropped from the requirements once a conversation has waited so long. With 'proficiency' in the list, agents slower than
   * 0.9 of the best on duty take it only from then on, and nobody is spared for anything else.
   */
  readonly relax?: readonly { readonly after: Duration; readonly drop: Skill | 'preferredSkills' | 'proficiency' }[]
  /** Where a conversation goes after waiting so long; to async after 15 min unless said. */
  readonly overflow?: { readonly after: Duration; readonly to: Overflow<Skill> }
  /** How many agents are offered a conversation at once; the first to accept gets it. Each offer holds a seat. 1 unless said. */
  readonly offerTo?: number
  /** Whoever declined may be asked again after so long; not at all unless said. */
  readonly askAgainAfter?: Duration
  /** How often whoever waits is told where they stand; once, when they join the queue, unless said. */
  readonly noticeEvery?: Duration
  /**
   * How waits are forecast. 'estimate' works each one out in some microseconds; 'rollout' runs the queue forward 40 times and sees more,
   * in up to a millisecond. 'rollout' under `strictPriority`, 'estimate' elsewhere, unless said.
   */
  readonly forecast?: 'estimate' | 'rollout'
  /** How often one conversation may be given away before somebody has to keep it; 5 unless said. */
  readonly maxTransfers?: number
}

/** The policies that can be named. */
export const AGENT_POLICIES = [
  'default',
  'longestIdle',
  'leastLoaded',
  'roundRobin',
  'random',
  'mostSpecialised',
  'mostProficient',
  'sticky',
  'scarcityAware',
] as const
export const QUEUE_POLICIES = [
  'weightedAge',
  'fifo',
  'strictPriority',
  'additiveAgeing',
  'earliestDeadline',
  'scarceFirst',
] as const

export type AgentPolicyName = (typeof AGENT_POLICIES)[number]
export type QueuePolicyName = (typeof QUEUE_POLICIES)[number]

/** `drop` leaves the requirements once `afterMs` have been waited. */
interface RelaxStep {
  readonly afterMs: number
  readonly drop: string
}

/** {@link Routing} with every default filled in and every duration read. `relax` is in order of `afterMs`. */
export interface ResolvedRouting {
  readonly agentPolicy: AgentPolicyName | AgentPolicy
  readonly queuePolicy: QueuePolicyName
  readonly targetMs: number
  /** The target of a conversation whose customer is away, unless it says so itself. */
  readonly asyncTargetMs: number
  /** How long the preferred agent is waited for. */
  readonly preferredWaitMs: number
  readonly offerTimeoutMs: number
  readonly wrapUpMs: number
  readonly relax: readonly RelaxStep[]
  readonly overflow: { readonly afterMs: number; readonly to: Overflow }
  readonly offerTo: number
  /** Infinite: never. */
  readonly askAgainMs: number
  /** Infinite: once. */
  readonly noticeMs: number
  readonly maxTransfers: number
  /** How often the queue is run forward for a forecast; 0: it is estimated. */
  readonly forecastRuns: number
}

/** {@link Routing} has these, and the compiler keeps them whole. */
const ROUTING: NamesOf<Routing> = {
  agentPolicy: true,
  queuePolicy: true,
  target: true,
  preferredWait: true,
  offerTimeout: true,
  wrapUp: true,
  relax: true,
  overflow: true,
  offerTo: true,
  askAgainAfter: true,
  noticeEvery: true,
  forecast: true,
  maxTransfers: true,
}
const RELAX_STEP = { after: true, drop: true } as const
const OVERFLOW: NamesOf<NonNullable<Routing['overflow']>> = { after: true, to: true }
const OVERFLOW_TO = { skills: true } as const

const FORECASTS = ['estimate', 'rollout'] as const
const ROLLOUT_RUNS = 40

const NEVER = Number.POSITIVE_INFINITY
const ASYNC_TARGET_MS = 4 * 3_600_000

/**
 * Fills in the defaults and checks what was written.
 * @throws MaitredError `CONFIG_INVALID` with the `path` of the first wrong option.
 * @example resolveRouting({ target: '30s' }).targetMs // 30000
 */
export function resolveRouting(options: Routing = {}, path = 'routing'): ResolvedRouting {
  refuseUnknownNames(options, ROUTING, { path })
  return {
    agentPolicy: toAgentPolicy(options.agentPolicy ?? 'default', `${path}.agentPolicy`),
    queuePolicy: toName(options.queuePolicy ?? 'weightedAge', QUEUE_POLICIES, `${path}.queuePolicy`),
    targetMs: toPositiveMs(options.target ?? '60s', `${path}.target`),
    asyncTargetMs: ASYNC_TARGET_MS,
    preferredWaitMs: toMs(
      options.preferredWait ?? (options.agentPolicy === 'sticky' ? '45s' : 0),
      `${path}.preferredWait`,
    ),
    offerTimeoutMs: toPositiveMs(options.offerTimeout ?? '20s', `${path}.offerTimeout`),
    wrapUpMs: toMs(options.wrapUp ?? 0, `${path}.wrapUp`),
    relax: toRelaxSteps(options.relax ?? [], `${path}.relax`),
    overflow: toOverflow(options.overflow ?? { after: '15m', to: 'async' }, `${path}.overflow`),
    offerTo: toCount(options.offerTo ?? 1, `${path}.offerTo`, 1),
    askAgainMs:
      options.askAgainAfter === undefined ? NEVER : toPositiveMs(options.askAgainAfter, `${path}.askAgainAfter`),
    noticeMs: options.noticeEvery === undefined ? NEVER : toPositiveMs(options.noticeEvery, `${path}.noticeEvery`),
    maxTransfers: toCount(options.maxTransfers ?? MAX_TRANSFERS, `${path}.maxTransfers`, 0),
    forecastRuns: toRuns(options, path),
  }
}

function toAgentPolicy(policy: NonNullable<Routing['agentPolicy']>, path: string): AgentPolicyName | AgentPolicy {
  return typeof policy === 'function' ? policy : toName(policy, AGENT_POLICIES, path)
}

function toRuns({ forecast, queuePolicy }: Routing, path: string): number {
  const usual = queuePolicy === 'strictPriority' ? 'rollout' : 'estimate'
  return toName(forecast ?? usual, FORECASTS, `${path}.forecast`) === 'rollout' ? ROLLOUT_RUNS : 0
}

function toName<Name extends string>(name: string, names: readonly Name[], path: string): Name {
  const known = names.find((candidate) => candidate === name)
  if (known !== undefined) return known
  const meant = nearest(String(name), names)
  throw invalid(
    path,
    `Expected a policy that exists, got \`${String(name)}\``,
    `${meant === undefined ? 'There' : `Was \`${meant}\` meant? There`} are: ${names.map((each) => `\`${each}\``).join(', ')}.`,
  )
}

function toPositiveMs(duration: Duration, path: string): number {
  const ms = toMs(duration, path)
  if (ms > 0) return ms
  throw invalid(path, `Expected a duration above 0, got \`${String(duration)}\``, "Write for example '30s'.")
}

function toCount(count: number, path: string, least: number): number {
  if (Number.isInteger(count) && count >= least) return count
  throw invalid(
    path,
    `Expected a whole number from ${least}, got \`${String(count)}\``,
    'Leave it out for the default.',
  )
}

function toRelaxSteps(steps: NonNullable<Routing['relax']>, path: string): readonly RelaxStep[] {
  const isList: boolean = Array.isArray(steps) // asked like this, it forgets nothing of what the list holds
  if (!isList) throw wrongKind(path, 'a list', steps)
  return steps
    .map((step, index) => {
      refuseUnknownNames(step, RELAX_STEP, { path: `${path}[${index}]` })
      const { after, drop } = step
      const afterMs = toMs(after, `${path}[${index}].after`)
      if (typeof drop === 'string' && drop !== '') return { afterMs, drop }
      throw invalid(
        `${path}[${index}].drop`,
        `Expected a skill, 'preferredSkills' or 'proficiency', got \`${String(drop)}\``,
        'Name what is to be dropped.',
      )
    })
    .sort((a, b) => a.afterMs - b.afterMs)
}

function toOverflow(overflow: NonNullable<Routing['overflow']>, path: string): ResolvedRouting['overflow'] {
  refuseUnknownNames(overflow, OVERFLOW, { path })
  const { after, to } = overflow
  if (typeof to === 'object' && to !== null) refuseUnknownNames(to, OVERFLOW_TO, { path: `${path}.to` })
  if (
    to === 'async' ||
    to === 'callback' ||
    to === 'close' ||
    Array.isArray((to as { skills?: unknown } | null)?.skills)
  ) {
    return { afterMs: toMs(after, `${path}.after`), to }
  }
  throw invalid(
    `${path}.to`,
    `Expected a way out, got \`${JSON.stringify(to)}\``,
    "Write 'async', 'callback', 'close', or { skills: [...] }.",
  )
}
