import type { Log } from '../ports.ts'
import type { FactTransition, RedirectTarget, TransitionName, Transitions } from '../transitions.ts'
import type { Awaitable, Choice, ConversationView, Duration, Json } from '../types.ts'

/** A plugin with its configuration: what `createEngine({ plugins })` takes. */
export interface Plugin {
  readonly name: string
  readonly version: string
}

/** Makes a plugin, and stands for it: `requires: [loyalty]`, `engine.plugin(nps)`. */
export interface PluginFactory<Config, Api> {
  (...args: {} extends Config ? [config?: Config] : [config: Config]): Plugin
  /** Carries the type of the plugin's API; never set. */
  readonly api?: Api
}

/** What one plugin knows about itself. */
export interface Own {
  config: unknown
  state: unknown
  api: unknown
  /** What its records are by their schema; any JSON where there is none. */
  record?: unknown
}

/** The value of a plugin's records, as its schema reads it. */
export type RecordOf<Self extends Own> = Self extends { readonly record: infer Value } ? Value : Json

/** What every hook sees. All of it is read-only. */
export interface Seen<Self extends Own = Own> {
  readonly conversation: ConversationView
  readonly config: Self['config']
  readonly state: Readonly<Self['state']>
  readonly api: Self['api']
  /** Epoch ms, the same throughout the turn. */
  readonly now: number
  /** Aborts when this hook's time is up: hand it to `fetch`. */
  readonly signal: AbortSignal
  readonly log: Log
  /** Another plugin's API, by its imported factory. */
  plugin<Api>(plugin: PluginFactory<never, Api>): Api
}

/**
 * Inside the turn, before the commit. The hook may run again after a write conflict, so act only through these verbs: they are stored with
 * the step, or not at all.
 */
export interface HookContext<Self extends Own = Own> extends Seen<Self> {
  say(text: string, options?: { readonly choices?: readonly Choice[] }): void
  setState(patch: Partial<Self['state']>): void
  /** Sets the timer of that name, replacing it; it comes back in `timers`. */
  schedule(timer: string, after: Duration): void
  /** Tells observers of `plugin.emitted`, after the commit. */
  emit(name: string, data: Json): void
  /** What outlives the conversation. `put` is stored with the step. */
  readonly records: {
    /** As it was put, under the schema of that day. */
    get(key: string): Promise<{ readonly value: RecordOf<Self>; readonly version: number } | undefined>
    put(key: string, value: RecordOf<Self>, options?: { readonly ifVersion?: number }): void
    /** Gets a value and puts what is made of it, unless somebody else has put another meanwhile: then the step is run again. Return what it returns: with a store that answers at once, nothing has to be waited for. */
    update(key: string, change: (value: RecordOf<Self> | undefined) => RecordOf<Self>): Awaitable<void>
  }
}

export type BeforeContext<Self extends Own, Name extends TransitionName | '*'> = HookContext<Self> &
  Taken<Name> &
  (Name extends FactTransition
    ? {}
    : {
        /** Nothing happens but the customer's message. Counts when called. On what cannot be vetoed (time, the customer's own leaving) it is reported and ignored. */
        veto(reason: string): void
        /** Something else happens instead. */
        redirect(to: RedirectTarget, why: { readonly reason: string; readonly say?: string }): void
      })

/** After the commit: at least once, so hand `effectId` to what you call. */
export type AfterContext<Self extends Own, Name extends TransitionName | '*'> = Seen<Self> &
  Taken<Name> & {
    readonly effectId: string
    /** A new message, through the front door. */
    say(text: string): void
  }

type Taken<Name extends TransitionName | '*'> = {
  readonly transition: Name extends TransitionName ? Name : TransitionName
  readonly details: Name extends TransitionName ? Readonly<Transitions[Name]> : {}
}
