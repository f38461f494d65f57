import { toMs } from '../duration.ts'
import type { Log } from '../ports.ts'
import { REDIRECT_TARGETS, type RedirectTarget, type TransitionName } from '../transitions.ts'
import type { Choice, ConversationView, Duration, Json } from '../types.ts'
import type { AfterContext, HookContext, Own, Plugin, PluginFactory, Seen } from './hook-context.ts'
import type { Handler } from './hook-table.ts'
import { type Installed, type StateValue, findInstalled } from './installed.ts'
import {
  type Abortable,
  type ActingContext,
  type Acts,
  type Asked,
  type Called,
  type Scene,
  type TakenStep,
  type Verdict,
  createAsked,
} from './scene.ts'

/** What every hook sees. A class, because one is made for each call: the getters cost nothing until they are used. */
export class SeenBy implements Seen {
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

/** A timer that sets the next one sooner than this may go on only so often. */
const SOON_MS = 1_000

class Acting extends SeenBy implements HookContext {
  readonly #scene: Scene
  readonly #handler: Called
  readonly #taken: TakenStep | undefined
  #asked: Asked
  /** What had been asked for before this call asked for anything. */
  #before: Asked | undefined

  constructor(scene: Scene, handler: Called, { asked, taken }: Acts) {
    super(scene, handler)
    this.#scene = scene
    this.#handler = handler
    this.#asked = asked
    this.#taken = taken
  }
  /** Where this call's wishes go, with the way back noted. */
  get #wishes(): Asked {
    this.#before ??= { ...this.#asked }
    return this.#asked
  }
  /** The call has failed: what it has asked for is dropped, and what it asks for from now on as well. A verdict counts when called. */
  override abort(reason: unknown): void {
    super.abort(reason)
    if (this.#before !== undefined) Object.assign(this.#asked, this.#before, { verdict: this.#asked.verdict })
    this.#asked = createAsked()
    this.#before = undefined
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
      const wishes = this.#wishes
      const said = { plugin: this.#handler.plugin.name, text }
      wishes.says = [...wishes.says, options?.choices === undefined ? said : { ...said, choices: options.choices }]
    }
  }
  get setState() {
    return (patch: StateValue): void => {
      const { plugin } = this.#handler
      const patched = plugin.patchState(this.state, patch)
      const wishes = this.#wishes
      wishes.states = new Map([...wishes.states, [plugin.name, patched]])
    }
  }
  get schedule() {
    return (timer: string, after: Duration): void => {
      const { plugin } = this.#handler
      if (plugin.definition.timers === undefined || !Object.hasOwn(plugin.definition.timers, timer)) {
        throw new TypeError(`\`schedule\` expects one of the plugin's \`timers\`, got \`${timer}\``)
      }
      const waitMs = toMs(after, 'schedule')
      if (waitMs < SOON_MS && !this.#scene.mayHurry(this.#handler)) return
      const dueAt = this.#scene.now + waitMs
      const wishes = this.#wishes
      wishes.timers = [...wishes.timers, { plugin: plugin.name, name: timer, dueAt }]
    }
  }
  get emit() {
    return (name: string, data: Json): void => {
      const emitted = { plugin: this.#handler.plugin.name, name, data: structuredClone(data) }
      const wishes = this.#wishes
      wishes.emits = [...wishes.emits, emitted]
    }
  }
  get records(): HookContext['records'] {
    const { name, readRecord } = this.#handler.plugin
    return {
      get: (key) => this.#scene.record(name, key),
      put: (key, value, options) => {
        const ifVersion = options?.ifVersion
        const put = { plugin: name, key, value: readRecord(key, value) }
        const wishes = this.#wishes
        wishes.puts = [...wishes.puts, ifVersion === undefined ? put : { ...put, ifVersion }]
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

/** One transition that has been committed, as its `after` hooks are told of it. */
export interface Happened {
  readonly taken: TakenStep
  /** Names the transition; each handler's `effectId` begins with it. */
  readonly effectId: string
  /** A new message through the front door. */
  say(handler: Handler, text: string): void
}

class Afterwards extends SeenBy implements AfterContext<Own, '*'> {
  readonly #handler: Handler
  readonly #happened: Happened

  constructor(scene: Scene, handler: Handler, happened: Happened) {
    super(scene, handler)
    this.#handler = handler
    this.#happened = happened
  }
  get transition(): TransitionName {
    return this.#happened.taken.transition
  }
  get effectId(): string {
    return `${this.#happened.effectId}/${this.#handler.plugin.name}`
  }
  get details(): object {
    return this.#happened.taken.details()
  }
  get say() {
    return (text: string): void => this.#happened.say(this.#handler, text)
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
export function afterContext(scene: Scene, handler: Handler, happened: Happened): AfterContext<Own, '*'> & Abortable {
  return new Afterwards(scene, handler, happened)
}
