import { MaitredError } from '../errors.ts'
import type { AfterContext, HookContext, Own, Plugin, PluginFactory, Seen } from './hook-context.ts'
import { toMs } from '../duration.ts'
import type { Handler } from './hook-table.ts'
import { type Installed, type StateValue, findInstalled } from './installed.ts'
import type { Clock, Log, RecordPut } from '../ports.ts'
import type { PluginState } from '../snapshot.ts'
import { REDIRECT_TARGETS, type RedirectTarget, type TransitionName } from '../transitions.ts'
import type { Choice, ConversationView, Duration, Json } from '../types.ts'

/** The turn, as hooks may see it. */
export interface Scene {
  readonly now: number
  readonly clock: Clock
  readonly plugins: ReadonlyMap<string, Installed>
  view(): ConversationView
  stateOf(plugin: Installed): StateValue
  record(plugin: string, key: string): Promise<{ readonly value: Json; readonly version: number } | undefined>
  failed(called: Called, why: FailureKind, error: unknown): void
}

export type FailureKind = 'threw' | 'timedOut' | 'invalid'

/** What hooks asked for during one microstep: kept if the step stands, dropped if it does not. */
export interface Asked {
  readonly says: { readonly plugin: string; readonly text: string; readonly choices?: readonly Choice[] }[]
  readonly states: Map<string, { readonly state: StateValue; readonly stored: PluginState }>
  readonly timers: { readonly plugin: string; readonly name: string; readonly dueAt: number }[]
  readonly emits: { readonly plugin: string; readonly name: string; readonly data: Json }[]
  readonly puts: RecordPut[]
  verdict: Verdict | undefined
}

/** What a `before` hook decided; the first verdict of a step counts. */
export type Verdict =
  | { readonly type: 'veto'; readonly by: string; readonly reason: string }
  | {
      readonly type: 'redirect'
      readonly by: string
      readonly to: RedirectTarget
      readonly reason: string
      readonly say: string | undefined
    }

export function createAsked(): Asked {
  return { says: [], states: new Map(), timers: [], emits: [], puts: [], verdict: undefined }
}

/** The way back to what has been asked for until now. */
function dropping(asked: Asked): () => void {
  const { says, timers, emits, puts } = asked
  const counts = [says.length, timers.length, emits.length, puts.length] as const
  const states = [...asked.states]
  return () => {
    for (const [index, list] of [says, timers, emits, puts].entries()) list.length = counts[index] ?? 0
    asked.states.clear()
    for (const [name, state] of states) asked.states.set(name, state)
  }
}

/** One transition about to be taken, or taken. */
export interface TakenStep {
  readonly transition: TransitionName
  readonly details: () => object
  /** Edges taken by time, by the customer's own leaving, or named as facts: verdicts are reported and have no effect. */
  readonly isFact: boolean
}

/** Whose handler is called, and at which moment. */
export type Called = Pick<Handler, 'plugin' | 'hook'>

/** Where a handler's wishes go, and which transition it may judge. */
export interface Acts {
  readonly asked: Asked
  readonly taken?: TakenStep
}

interface Abortable {
  abort(reason: unknown): void
}

export type ActingContext = HookContext & Abortable

/** What every hook sees. A class, because one is made for each call: the getters cost nothing until they are used. */
class SeenBy implements Seen {
  readonly #scene: Scene
  readonly #handler: Called
  #aborter: AbortController | undefined

  constructor(scene: Scene, handler: Called) {
    this.#scene = scene
    this.#handler = handler
  }
  get conversation(): ConversationView {
    return this.#scene.view()
  }
  get config(): unknown {
    return this.#handler.plugin.config
  }
  get state(): StateValue {
    return this.#scene.stateOf(this.#handler.plugin)
  }
  get api(): unknown {
    return this.#handler.plugin.api
  }
  get now(): number {
    return this.#scene.now
  }
  get log(): Log {
    return this.#handler.plugin.log
  }
  get signal(): AbortSignal {
    return (this.#aborter ??= new AbortController()).signal
  }
  abort(reason: unknown): void {
    this.#aborter?.abort(reason)
  }
  plugin<Api>(plugin: PluginFactory<never, Api> | Plugin): Api {
    return findInstalled(this.#scene.plugins, plugin).api as Api // the factory's type parameter says what setup returned
  }
}

class Acting extends SeenBy implements HookContext {
  readonly #scene: Scene
  readonly #handler: Called
  readonly #taken: TakenStep | undefined
  readonly #drop: () => void
  #asked: Asked

  constructor(scene: Scene, handler: Called, { asked, taken }: Acts) {
    super(scene, handler)
    this.#scene = scene
    this.#handler = handler
    this.#asked = asked
    this.#taken = taken
    this.#drop = dropping(asked)
  }
  /** The call has failed: what it has asked for is dropped, and what it asks for from now on as well. A verdict counts when called. */
  override abort(reason: unknown): void {
    super.abort(reason)
    this.#drop()
    this.#asked = createAsked()
  }
  get transition(): TransitionName | undefined {
    return this.#taken?.transition
  }
  get details(): object {
    return this.#taken?.details() ?? {}
  }
  override get state(): StateValue {
    return this.#asked.states.get(this.#handler.plugin.name)?.state ?? super.state
  }
  get say() {
    return (text: string, options?: { readonly choices?: readonly Choice[] }): void => {
      if (typeof text !== 'string' || text.trim() === '') throw new TypeError('`say` expects a text that is not empty')
      this.#asked.says.push({
        plugin: this.#handler.plugin.name,
        text,
        ...(options?.choices === undefined ? {} : { choices: options.choices }),
      })
    }
  }
  get setState() {
    return (patch: StateValue): void => {
      const { plugin } = this.#handler
      this.#asked.states.set(plugin.name, plugin.patchState(this.state, patch))
    }
  }
  get schedule() {
    return (timer: string, after: Duration): void => {
      const { plugin } = this.#handler
      if (plugin.definition.timers === undefined || !Object.hasOwn(plugin.definition.timers, timer)) {
        throw new TypeError(`\`schedule\` expects one of the plugin's \`timers\`, got \`${timer}\``)
      }
      const dueAt = this.#scene.now + toMs(after, 'schedule')
      this.#asked.timers.push({ plugin: plugin.name, name: timer, dueAt })
    }
  }
  get emit() {
    return (name: string, data: Json): void => {
      this.#asked.emits.push({ plugin: this.#handler.plugin.name, name, data: structuredClone(data) })
    }
  }
  get records(): HookContext['records'] {
    const { name, readRecord } = this.#handler.plugin
    return {
      get: (key) => this.#scene.record(name, key),
      put: (key, value, options) => {
        const ifVersion = options?.ifVersion
        this.#asked.puts.push({
          plugin: name,
          key,
          value: readRecord(value),
          ...(ifVersion === undefined ? {} : { ifVersion }),
        })
      },
    }
  }
  get veto() {
    return (reason: string): void =>
      this.#decide({ type: 'veto', by: this.#handler.plugin.name, reason: String(reason) })
  }
  get redirect() {
    return (to: RedirectTarget, why: { readonly reason: string; readonly say?: string }): void => {
      if (!REDIRECT_TARGETS.includes(to)) {
        throw new TypeError(
          `\`redirect\` expects one of ${REDIRECT_TARGETS.map((name) => `'${name}'`).join(', ')}, got \`${String(to)}\``,
        )
      }
      this.#decide({
        type: 'redirect',
        by: this.#handler.plugin.name,
        to,
        reason: String(why?.reason ?? ''),
        say: why?.say,
      })
    }
  }
  #decide(verdict: Verdict): void {
    if (this.#taken === undefined) throw new TypeError(`\`${verdict.type}\` belongs to a \`before:\` hook`)
    if (!this.#taken.isFact) {
      this.#asked.verdict ??= verdict
      return
    }
    const error = new TypeError(
      `\`${this.#taken.transition}\` has happened already here: it cannot be ${verdict.type === 'veto' ? 'vetoed' : 'redirected'}`,
    )
    this.#scene.failed(this.#handler, 'invalid', error)
  }
}

class Afterwards extends SeenBy implements AfterContext<Own, '*'> {
  readonly transition: TransitionName
  readonly effectId: string
  readonly #details: () => object
  readonly #say: (text: string) => void

  constructor(
    scene: Scene,
    handler: Handler,
    about: { taken: TakenStep; effectId: string; say: (text: string) => void },
  ) {
    super(scene, handler)
    this.transition = about.taken.transition
    this.effectId = about.effectId
    this.#details = about.taken.details
    this.#say = about.say
  }
  get details(): object {
    return this.#details()
  }
  get say() {
    return (text: string): void => this.#say(text)
  }
}

/** A context for a handler inside the turn. */
export function actingContext(scene: Scene, handler: Called, acts: Acts): ActingContext {
  return new Acting(scene, handler, acts)
}

/** A context for looking only, such as a step's `ask` and `when`. */
export function seeingContext(scene: Scene, plugin: Installed, hook: string): Seen {
  return new SeenBy(scene, { plugin, hook })
}

/** A context for an `after:` handler. */
export function afterContext(
  scene: Scene,
  handler: Handler,
  about: { taken: TakenStep; effectId: string; say: (text: string) => void },
): AfterContext<Own, '*'> & Abortable {
  return new Afterwards(scene, handler, about)
}

export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

export const FAILED: unique symbol = Symbol('failed')

/** Calls one handler. A throw is reported and answered with `FAILED`; a promise is handed back, see {@link settleHandler}. */
export function callHandler(scene: Scene, handler: Handler, ...args: readonly unknown[]): unknown {
  try {
    const result = handler.run(...args)
    return isPromise(result) ? Promise.resolve(result) : result // whatever it can do, it does in here
  } catch (error) {
    const context = args.at(-1)
    if (context instanceof SeenBy) context.abort(error)
    scene.failed(handler, 'threw', error)
    return FAILED
  }
}

/** Waits for what a handler has promised, within its limit. A rejection and a time-out are reported and answered with `FAILED`. */
export function* settleHandler(
  scene: Scene,
  handler: Handler,
  call: { readonly promise: PromiseLike<unknown>; readonly context: Abortable; readonly deadlineAt: number },
): Generator<PromiseLike<unknown>, unknown, unknown> {
  const limitMs = Math.max(0, Math.min(handler.timeoutMs, call.deadlineAt - scene.clock.now()))
  try {
    return yield withLimit(call.promise, scene.clock, { limitMs, what: `${handler.plugin.name} in ${handler.hook}` })
  } catch (error) {
    call.context.abort(error)
    scene.failed(handler, error instanceof TimeUp ? 'timedOut' : 'threw', error)
    return FAILED
  }
}

/** The time limit of a hook has passed. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'
}

/** Settles as the promise does, or rejects with {@link TimeUp} when the time is up first. */
export function withLimit<Value>(
  promise: PromiseLike<Value>,
  clock: Clock,
  limit: { readonly limitMs: number; readonly what: string },
): Promise<Value> {
  const { limitMs, what } = limit
  return new Promise((resolve, reject) => {
    clock.watch?.(promise, what)
    const done = (settle: () => void): void => {
      cancel()
      settle()
    }
    const cancel = clock.at(clock.now() + limitMs, () =>
      done(() => reject(new TimeUp(`no answer within ${limitMs} ms`))),
    )
    promise.then(
      (value) => done(() => resolve(value)),
      (error: unknown) =>
        done(() =>
          reject(
            error instanceof Error
              ? error
              : new Error('the promise was rejected with something that is no error', { cause: error }),
          ),
        ),
    )
  })
}

/** Adds what one step's hooks asked for to what the turn has so far. */
export function joinAsked(turn: Asked, step: Asked): void {
  for (const [name, state] of step.states) turn.states.set(name, state)
  turn.timers.push(...step.timers)
  turn.emits.push(...step.emits)
  turn.puts.push(...step.puts)
}

/** Plugins that set one another off without end. */
export function pluginLoop(plugin: string, depth: number): MaitredError {
  return new MaitredError('PLUGIN_LOOP', {
    message: `The plugin \`${plugin}\` was about to act for the ${depth}th time in answer to itself.`,
    hint: 'Let the hook act only when something has changed that it has not answered yet.',
  })
}
