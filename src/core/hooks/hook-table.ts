import { toMs } from '../duration.ts'
import { MaitredError } from '../errors.ts'
import { type NamesOf, refuseUnknownNames } from '../known-names.ts'
import type { Installed } from './installed.ts'
import { nearest } from '../nearest.ts'
import { TRANSITION_NAMES, type TransitionName } from '../transitions.ts'

/** The moments that are not named after a transition, and how their handlers work together. */
export const ASPECTS = {
  /** What the customer wrote, before it is stored and before anything follows from it. Rewrite it, redact it, or return `null` to drop it. */
  'message:in': 'waterfall',
  /** What the bot or an agent says, before it is stored. Rewrite it, redact it, or return `null` to drop it. */
  'message:out': 'waterfall',
  /** Once at the opening and at each `identify`, beside the conversation: add what you know of the customer. A late answer still reaches the agent. */
  'customer:context': 'waterfall',
  /** A person is wanted: say what the conversation needs. A shorter `target` goes first. */
  'route:requirements': 'waterfall',
  /** Articles were found: reorder them, or leave some out. */
  'knowledge:rank': 'waterfall',
  /** The closing begins: reorder the ids of its steps, or leave some out. */
  'closing:steps': 'waterfall',
  /** An agent is about to send: give hints about the draft. Advice, never a block. */
  'desk:advice': 'waterfall',
  /** A question that nobody has claimed yet: answer it in words (at once or as they come), with articles, or with a step to ask. `undefined` leaves it to the next; the first answer wins. */
  'bot:answer': 'first',
  /** Asked per candidate while matching, the best 32 by the agent policy: change the score, which begins at 0. The highest is asked first, among equals the policy decides. Synchronous, and never with a context. */
  'route:score': 'scorer',
} as const

export type Aspect = keyof typeof ASPECTS

/** Every name a plugin may put into `hooks`. */
export const HOOK_NAMES: readonly string[] = [
  ...['*', ...TRANSITION_NAMES].flatMap((name) => [`before:${name}`, `after:${name}`]),
  ...Object.keys(ASPECTS),
]

/** 2 s a hook, 3 s a turn. */
export const HOOK_LIMIT_MS = 2_000
export const TURN_LIMIT_MS = 3_000

/** One plugin's handler, ready to be called. */
export interface Handler {
  readonly plugin: Installed
  readonly hook: string
  readonly timeoutMs: number
  readonly onFailure: 'skip' | 'veto'
  readonly run: (...args: readonly unknown[]) => unknown
}

/** Who is called when, in run order. */
export interface HookTable {
  readonly before: ReadonlyMap<TransitionName, readonly Handler[]>
  readonly after: ReadonlyMap<TransitionName, readonly Handler[]>
  readonly aspects: ReadonlyMap<Aspect, readonly Handler[]>
}

interface Placed extends Handler {
  readonly rank: number
}

const RANKS = { pre: 0, plain: 1, post: 2 } as const

/**
 * Sorts the handlers of all plugins: `pre`, plain, `post`, then the order of the plugins.
 * @throws MaitredError `CONFIG_INVALID` for a hook nobody knows, naming the nearest one
 */
export function compileHooks(plugins: readonly Installed[]): HookTable {
  const placed = plugins.flatMap((plugin) =>
    Object.entries(plugin.definition.hooks ?? {}).map(([hook, entry]) => place(plugin, hook, entry)),
  )
  const listed = (...hooks: readonly string[]): readonly Handler[] =>
    placed.filter(({ hook }) => hooks.includes(hook)).sort((one, other) => one.rank - other.rank) // stable: array order within a rank
  return {
    before: byTransition((name) => listed(`before:${name}`, 'before:*')),
    after: byTransition((name) => listed(`after:${name}`, 'after:*')),
    aspects: new Map((Object.keys(ASPECTS) as Aspect[]).map((aspect) => [aspect, listed(aspect)])),
  }
}

function byTransition(
  handlersOf: (name: TransitionName) => readonly Handler[],
): ReadonlyMap<TransitionName, readonly Handler[]> {
  return new Map(
    TRANSITION_NAMES.map((name) => [name, handlersOf(name)] as const).filter(([, handlers]) => handlers.length > 0),
  )
}

function place(plugin: Installed, hook: string, entry: unknown): Placed {
  const path = `plugins.${plugin.name}.hooks['${hook}']`
  if (!HOOK_NAMES.includes(hook)) {
    const near = nearest(hook, HOOK_NAMES)
    throw new MaitredError('CONFIG_INVALID', {
      message: `The plugin \`${plugin.name}\` hooks \`${hook}\`, which does not exist.`,
      hint: near === undefined ? 'The names are `before:` or `after:` and a transition.' : `Did you mean \`${near}\`?`,
      path,
    })
  }
  const spec = typeof entry === 'function' ? { handler: entry } : entry
  if (!isSpec(spec)) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a function, or an object with a \`handler\`, at \`${path}\`, got \`${entry === null ? 'null' : typeof entry}\`.`,
      hint: 'Write `handler: (ctx) => { ... }`; `order` is `pre` or `post`, `onFailure` is `skip` or `veto`.',
      path,
    })
  }
  refuseUnknownNames(spec, SPEC, { path, what: 'a setting of a hook' })
  return {
    plugin,
    hook,
    timeoutMs:
      spec.timeout === undefined ? HOOK_LIMIT_MS : positive(toMs(spec.timeout, `${path}.timeout`), `${path}.timeout`),
    onFailure: spec.onFailure ?? 'skip',
    run: spec.handler,
    rank: RANKS[spec.order ?? 'plain'],
  }
}

interface Spec {
  readonly handler: Handler['run']
  readonly order?: 'pre' | 'post'
  readonly timeout?: number | `${number}s`
  readonly onFailure?: 'skip' | 'veto'
}

/** A misspelt `onFailure: 'veto'` would let pass what was to be stopped. */
const SPEC: NamesOf<Spec> = { handler: true, order: true, timeout: true, onFailure: true }

function isSpec(value: unknown): value is Spec {
  if (typeof value !== 'object' || value === null || !('handler' in value) || typeof value.handler !== 'function')
    return false
  const { order, onFailure } = value as { order?: unknown; onFailure?: unknown }
  return (
    (order === undefined || order === 'pre' || order === 'post') &&
    (onFailure === undefined || onFailure === 'skip' || onFailure === 'veto')
  )
}

function positive(ms: number, path: string): number {
  if (ms > 0) return ms
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected a time limit above 0 at \`${path}\`, got \`${ms}\`.`,
    hint: 'Leave it out for the default of 2 s.',
    path,
  })
}
