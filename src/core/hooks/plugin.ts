import type { AnyStep, Step } from './step-definition.ts'
import type { AfterContext, BeforeContext, HookContext, Own, PluginFactory } from './hook-context.ts'
import type { Clock, Log } from '../ports.ts'
import type { InferOutput, Schema } from '../standard-schema.ts'
import type { TransitionName } from '../transitions.ts'
import type { Awaitable, Candidate, Customer, Duration, Json, Message, Requirements, Suggestion } from '../types.ts'

/** Values handed from hook to hook: each gets the value of the one before and returns it, changed or not. */
export interface Waterfalls {
  /** Once at opening and at each `identify`; late answers still reach the agent. */
  'customer:context': Customer
  'route:requirements': Requirements
  'knowledge:rank': readonly Suggestion[]
  'closing:steps': readonly string[]
  /** Before an agent sends: advice, never a block. */
  'desk:advice': { readonly draft: string; readonly hints: readonly string[] }
}

/** What a plugin says to a question: words (at once or as they come), articles, or a step to ask. */
export interface Answer {
  readonly text?: string | AsyncIterable<string>
  readonly suggestions?: readonly Suggestion[]
  /** The id of a step in the slot `helping`. */
  readonly ask?: string
}

/** A handler, or a handler with its place and its limits. */
export type Hook<Handler> =
  | Handler
  | {
      /** Before or after the handlers that say nothing; among equals the order of the plugins counts. */
      readonly order?: 'pre' | 'post'
      /** 2 s unless said. */
      readonly timeout?: Duration
      /** `skip` (default): go on without it. `veto`: what cannot be checked does not happen. */
      readonly onFailure?: 'skip' | 'veto'
      readonly handler: Handler
    }

/** All moments a plugin may join. */
export type Hooks<Self extends Own> = {
  readonly [Name in TransitionName | '*' as `before:${Name}`]?: Hook<
    (ctx: BeforeContext<Self, Name>) => Awaitable<void>
  >
} & {
  readonly [Name in TransitionName | '*' as `after:${Name}`]?: Hook<(ctx: AfterContext<Self, Name>) => Awaitable<void>>
} & {
  /** `null` drops the message. */
  readonly [Name in 'message:in' | 'message:out']?: Hook<
    (message: Message, ctx: HookContext<Self>) => Awaitable<Message | null>
  >
} & {
  readonly [Name in keyof Waterfalls]?: Hook<
    (value: Waterfalls[Name], ctx: HookContext<Self>) => Awaitable<Waterfalls[Name]>
  >
} & {
  /** A question nobody has claimed yet: the first answer wins. */
  readonly 'bot:answer'?: Hook<(question: string, ctx: HookContext<Self>) => Awaitable<Answer | undefined>>
  /** Asked per candidate while matching: synchronous, and never with a context. */
  readonly 'route:score'?: Hook<
    (score: number, about: { readonly candidate: Candidate; readonly need: Requirements }) => number
  >
}

/** What a plugin is made of. In the literal, `config`, `state` and `setup` stand before `steps` and `hooks`: types are inferred in that order. */
export interface PluginDefinition<
  Config extends Schema,
  State extends Schema,
  Api,
  Self extends Own,
  Records extends Schema = Schema,
> {
  /** Lower-case words with hyphens; it names the plugin in errors, logs and stored state. */
  readonly name: string
  readonly version: string
  /** Plugins that must be installed too. */
  readonly requires?: readonly PluginFactory<never, unknown>[]
  /** Checked when the factory is called. */
  readonly config?: Config
  /** One value per conversation; must accept `{}`. */
  readonly state?: State
  /** Checks the value of every record. */
  readonly records?: Records
  /** Index n leads from version n to n + 1; the length is the version. */
  readonly migrations?: readonly ((old: Readonly<Record<string, unknown>>) => Record<string, unknown>)[]
  /** Its result is the plugin's public API. */
  readonly setup?: (host: PluginHost<InferOutput<Config>, InferOutput<State>, InferOutput<Records>>) => Api
  readonly steps?: (step: <Reply extends Schema>(step: Step<Reply, Self>) => AnyStep) => readonly AnyStep[]
  /** What to do when a timer of that name comes due. */
  readonly timers?: Readonly<Record<string, (ctx: HookContext<Self>) => Awaitable<void>>>
  readonly hooks?: Hooks<Self>
}

/** What a plugin may reach outside a turn. */
export interface PluginHost<Config, State, Value = Json> {
  readonly config: Config
  readonly log: Log
  now(): number
  /** The engine's: timers for what is awaited outside a turn, and how long to work before letting others go on. */
  readonly clock: Pick<Clock, 'now' | 'at' | 'sliceMs'>
  stateOf(conversationId: string): Promise<State>
  readonly records: {
    get(key: string): Promise<{ readonly value: Value; readonly version: number } | undefined>
    put(key: string, value: Value, options?: { readonly ifVersion?: number }): Promise<void>
  }
}

export type AnyPluginDefinition = PluginDefinition<Schema, Schema, unknown, Own>
