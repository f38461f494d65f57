import { toMs } from '../duration.ts'
import type { Log } from '../ports.ts'
import { REDIRECT_TARGETS, type RedirectTarget, type TransitionName } from '../transitions.ts'
import type { Choice, ConversationView, Duration, Json } from '../types.ts'
import type { AfterContext, HookContext, Own, Plugin, PluginFactory, Seen } from './hook-context.ts'
import type { Handler } from './hook-table.ts'
import { isPromise } from './hook-run.ts'
import { type Installed, type StateValue, findInstalled } from './installed.ts'
import {
  type Abortable,
  type ActingContext,
  type Acts,
  type Asked,
  type Called,
  type Scene,
  type StoredRecord,
  type TakenStep,
  type Verdict,
  createAsked,
  putSoFar,
  withPut,
} from './scene.ts'

const SCENE = Symbol('scene')
const HANDLER = Symbol('handler')
const ABORTER = Symbol('aborter')

/** Where a context keeps what it stands for. */
interface Standing {
  readonly [SCENE]: Scene
  readonly [HANDLER]: Called
  [ABORTER]: AbortController | undefined
}

/** What every hook sees. A class, because one is made for each call: the getters cost nothing until they are used. */
class SeenBy implements Seen, Standing {
  readonly [SCENE]: Scene
  readonly [HANDLER]: Called;
  [ABORTER]: AbortController | undefined

  constructor(scene: Scene, handler: Called) {
    this[SCENE] = scene
    this[HANDLER] = handler
    this[ABORTER] = undefined
  }
  get conversation(): ConversationView {
    return this[SCENE].view()
  }
  get config(): unknown {
    return this[HANDLER].plugin.config
  }
  get state(): StateValue {
    return this[SCENE].stateOf(this[HANDLER].plugin)
  }
  get api(): unknown {
    return this[HANDLER].plugin.api
  }
  get now(): number {
    return this[SCENE].now
  }
  get log(): Log {
    return this[HANDLER].plugin.log
  }
  get signal(): AbortSignal {
    return (this[ABORTER] ??= new AbortController()).signal
  }
  abort(reason: unknown): void {
    this[ABORTER]?.abort(reason)
  }
  plugin<Api>(plugin: PluginFactory<never, Api> | Plugin): Api {
    return findInstalled(this[SCENE].plugins, plugin).api as Api // the factory's type parameter says what setup returned
  }
}

/** A timer that sets the next one sooner than this may go on only so often. */
const SOON_MS = 1_000

/**
 * A hook inside the turn. It and {@link Afterwards} have what `SeenBy` has by their prototype and not by `extends`: one of them is made
 * for every call of every hook, and V8 makes an object four times slower when its constructor calls another (measured, `npm run bench -- hooks`).
 */
class Acting implements Standing {
  declare readonly [SCENE]: Scene
  declare readonly [HANDLER]: Called
  declare [ABORTER]: AbortController | undefined
  #acts: Acts
  /** What had been asked for before this call asked for anything. */
  #before: Asked | undefined

  constructor(scene: Scene, handler: Called, acts: Acts) {
    this[SCENE] = scene
    this[HANDLER] = handler
    this[ABORTER] = undefined
    this.#acts = acts
  }
  /** Where this call's wishes go, with the way back noted. */
  get #wishes(): Asked {
    const { asked } = this.#acts
    this.#before ??= { ...asked }
    return asked
  }
  /** The call has failed: what it has asked for is dropped, and what it asks for from now on as well. A verdict counts when called. */
  abort(reason: unknown): void {
    this[ABORTER]?.abort(reason)
    const { asked, taken } = this.#acts
    if (this.#before !== undefined) Object.assign(asked, this.#before, { verdict: asked.verdict })
    this.#acts = { asked: createAsked(), taken }
    this.#before = undefined
  }
  get transition(): TransitionName | undefined {
    return this.#acts.taken?.transition
  }
  get details(): object {
    return this.#acts.taken?.details() ?? {}
  }
  get state(): StateValue {
    const { plugin } = this[HANDLER]
    return this.#acts.asked.states.get(plugin.name)?.state ?? this[SCENE].stateOf(plugin)
  }
  get say() {
    return (text: string, options?: { readonly choices?: readonly Choice[] }): void => {
      if (typeof text !== 'string' || text.trim() === '') throw new TypeError('`say` expects a text that is not empty')
      const wishes = this.#wishes
      const said = { plugin: this[HANDLER].plugin.name, text }
      wishes.says = [...wishes.says, options?.choices === undefined ? said : { ...said, choices: options.choices }]
    }
  }
  get setState() {
    return (patch: StateValue): void => {
      const { plugin } = this[HANDLER]
      const patched = plugin.patchState(this.state, patch)
      const wishes = this.#wishes
      wishes.states = new Map([...wishes.states, [plugin.name, patched]])
    }
  }
  get schedule() {
    return (timer: string, after: Duration): void => {
      const { plugin } = this[HANDLER]
      if (plugin.definition.timers === undefined || !Object.hasOwn(plugin.definition.timers, timer)) {
        throw new TypeError(`\`schedule\` expects one of the plugin's \`timers\`, got \`${timer}\``)
      }
      const waitMs = toMs(after, 'schedule')
      if (waitMs < SOON_MS && !this[SCENE].mayHurry(this[HANDLER])) return
      const dueAt = this[SCENE].now + waitMs
      const wishes = this.#wishes
      wishes.timers = [...wishes.timers, { plugin: plugin.name, name: timer, dueAt }]
    }
  }
  get emit() {
    return (name: string, data: Json): void => {
      const emitted = { plugin: this[HANDLER].plugin.name, name, data: structuredClone(data) }
      const wishes = this.#wishes
      wishes.emits = [...wishes.emits, emitted]
    }
  }
  get records(): HookContext['records'] {
    const { name, readRecord } = this[HANDLER].plugin
    const put = (key: string, value: Json, ifVersion: number | undefined): void => {
      const checked = readRecord(key, value)
      const wishes = this.#wishes
      const about = { plugin: name, key, value: checked }
      wishes.puts = withPut(
        wishes.puts,
        ifVersion === undefined ? about : { plugin: name, key, value: checked, ifVersion },
      )
    }
    return {
      get: (key) => Promise.resolve(this[SCENE].record(name, key)),
      put: (key, value, options) => put(key, value, options?.ifVersion),
      update: (key, change) => {
        const amend = (known: StoredRecord | undefined): void => put(key, change(known?.value), known?.version ?? 0)
        const known = putSoFar(this.#acts.asked.puts, { plugin: name, key }) ?? this[SCENE].recordToBe(name, key)
        return isPromise(known) ? Promise.resolve(known.then(amend)) : amend(known)
      },
    }
  }
  get veto() {
    return (reason: string): void =>
      this.#decide({ type: 'veto', by: this[HANDLER].plugin.name, reason: String(reason) })
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
        by: this[HANDLER].plugin.name,
        to,
        reason: String(why?.reason ?? ''),
        say: why?.say,
      })
    }
  }
  #decide(verdict: Verdict): void {
    if (this.#acts.taken === undefined) throw new TypeError(`\`${verdict.type}\` belongs to a \`before:\` hook`)
    if (!this.#acts.taken.isFact) {
      this.#acts.asked.verdict ??= verdict
      return
    }
    const error = new TypeError(
      `\`${this.#acts.taken.transition}\` has happened already here: it cannot be ${verdict.type === 'veto' ? 'vetoed' : 'redirected'}`,
    )
    this[SCENE].failed(this[HANDLER], 'invalid', error)
  }
}

/** One transition that has been committed, as its `after` hooks are told of it. */
export interface Happened {
  readonly taken: TakenStep
  /** Names the transition; each handler's `effectId` begins with it. */
  readonly effectId: string
  /** A new message through the front door. */
  say(handler: Handler, text: string): void
}

class Afterwards implements Standing {
  declare readonly [SCENE]: Scene
  declare readonly [HANDLER]: Handler
  declare [ABORTER]: AbortController | undefined
  readonly #happened: Happened

  constructor(scene: Scene, handler: Handler, happened: Happened) {
    this[SCENE] = scene
    this[HANDLER] = handler
    this[ABORTER] = undefined
    this.#happened = happened
  }
  get transition(): TransitionName {
    return this.#happened.taken.transition
  }
  get effectId(): string {
    return `${this.#happened.effectId}/${this[HANDLER].plugin.name}`
  }
  get details(): object {
    return this.#happened.taken.details()
  }
  get say() {
    return (text: string): void => this.#happened.say(this[HANDLER], text)
  }
}

Object.setPrototypeOf(Acting.prototype, SeenBy.prototype)
Object.setPrototypeOf(Afterwards.prototype, SeenBy.prototype)

/** A context for a handler inside the turn. */
export function actingContext(scene: Scene, handler: Called, acts: Acts): ActingContext {
  return new Acting(scene, handler, acts) as Acting & SeenBy // by its prototype
}

/** A context for looking only, such as a step's `ask` and `when`. */
export function seeingContext(scene: Scene, plugin: Installed, hook: string): Seen {
  return new SeenBy(scene, { plugin, hook })
}

/** A context for an `after:` handler. */
export function afterContext(scene: Scene, handler: Handler, happened: Happened): AfterContext<Own, '*'> & Abortable {
  return new Afterwards(scene, handler, happened) as Afterwards & SeenBy // by its prototype
}
