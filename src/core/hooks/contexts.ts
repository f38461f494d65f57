import { toMs } from '../duration.ts'
import type { Log } from '../ports.ts'
import { REDIRECT_TARGETS, type RedirectTarget, type TransitionName } from '../transitions.ts'
import type { Choice, ConversationView, Duration, Json } from '../types.ts'
import type { AfterContext, HookContext, Own, Plugin, PluginFactory, Seen } from './hook-context.ts'
import type { Handler } from './hook-table.ts'
import { failed, isPromise, settledWithin } from './hook-run.ts'
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

const HANDLER = Symbol('handler')
const MOMENT = Symbol('moment')

/** What a hook is called about. The `before` hooks of one edge share it, until one of them asks for something. */
interface Moment {
  readonly scene: Scene
  late: Late | undefined
}

/** What is made only once a hook asks for it: most hooks look, and ask for nothing. */
interface Late {
  aborter?: AbortController
  /** What had been asked for before this call asked for anything. */
  before?: Asked
}

/** Where a context keeps what it stands for. As little as can be, for one is made for every call of every hook. */
interface Standing {
  readonly [HANDLER]: Called
  [MOMENT]: Moment
}

/** What every hook sees. A class, because one is made for each call: the getters cost nothing until they are used. */
class SeenBy implements Seen, Standing {
  declare readonly [HANDLER]: Called
  declare [MOMENT]: Moment

  constructor(handler: Called, moment: Moment) {
    this[HANDLER] = handler
    this[MOMENT] = moment
  }
  get conversation(): ConversationView {
    return this[MOMENT].scene.view()
  }
  get config(): unknown {
    return this[HANDLER].plugin.config
  }
  get state(): StateValue {
    return this[MOMENT].scene.stateOf(this[HANDLER].plugin)
  }
  get api(): unknown {
    return this[HANDLER].plugin.api
  }
  get now(): number {
    return this[MOMENT].scene.now
  }
  get log(): Log {
    return this[HANDLER].plugin.log
  }
  get signal(): AbortSignal {
    return (lateOf(this).aborter ??= new AbortController()).signal
  }
  abort(reason: unknown): void {
    this[MOMENT].late?.aborter?.abort(reason)
  }
  plugin<Api>(plugin: PluginFactory<never, Api> | Plugin): Api {
    return findInstalled(this[MOMENT].scene.plugins, plugin).api as Api // the factory's type parameter says what setup returned
  }
}

/** A timer that sets the next one sooner than this may go on only so often. */
const SOON_MS = 1_000

/**
 * A hook inside the turn. It and {@link Afterwards} have what `SeenBy` has by their prototype and not by `extends`: one of them is made
 * for every call of every hook, and V8 makes an object four times slower when its constructor calls another, or has private fields to set up
 * (measured, `npm run bench -- hooks`).
 */
class Acting implements Standing {
  declare readonly [HANDLER]: Called
  declare [MOMENT]: ActingMoment

  constructor(handler: Called, moment: ActingMoment) {
    this[HANDLER] = handler
    this[MOMENT] = moment
  }
  /** The call has failed: what it has asked for is dropped, and what it asks for from now on as well. A verdict counts when called. */
  abort(reason: unknown): void {
    const { scene, asked, taken, late } = this[MOMENT]
    late?.aborter?.abort(reason)
    if (late?.before !== undefined && asked !== undefined) Object.assign(asked, late.before, { verdict: asked.verdict })
    this[MOMENT] = new ActingMoment(scene, createAsked(), taken)
  }
  get transition(): TransitionName | undefined {
    return this[MOMENT].transition
  }
  get details(): object {
    return this[MOMENT].taken?.details() ?? {}
  }
  get state(): StateValue {
    const { plugin } = this[HANDLER]
    const { scene, asked } = this[MOMENT]
    return asked?.states.get(plugin.name)?.state ?? scene.stateOf(plugin)
  }
  get say() {
    return (text: string, options?: { readonly choices?: readonly Choice[] }): void => {
      if (typeof text !== 'string' || text.trim() === '') throw new TypeError('`say` expects a text that is not empty')
      const wishes = wishesOf(this)
      const said = { plugin: this[HANDLER].plugin.name, text }
      wishes.says = [...wishes.says, options?.choices === undefined ? said : { ...said, choices: options.choices }]
    }
  }
  get setState() {
    return (patch: StateValue): void => {
      const { plugin } = this[HANDLER]
      const patched = plugin.patchState(this.state, patch)
      const wishes = wishesOf(this)
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
      const { scene } = this[MOMENT]
      if (waitMs < SOON_MS && !scene.mayHurry(this[HANDLER])) return
      const dueAt = scene.now + waitMs
      const wishes = wishesOf(this)
      wishes.timers = [...wishes.timers, { plugin: plugin.name, name: timer, dueAt }]
    }
  }
  get emit() {
    return (name: string, data: Json): void => {
      const emitted = { plugin: this[HANDLER].plugin.name, name, data: structuredClone(data) }
      const wishes = wishesOf(this)
      wishes.emits = [...wishes.emits, emitted]
    }
  }
  get records(): HookContext['records'] {
    const { name, readRecord } = this[HANDLER].plugin
    const put = (key: string, value: Json, ifVersion: number | undefined): void => {
      const checked = readRecord(key, value)
      const wishes = wishesOf(this)
      const about = { plugin: name, key, value: checked }
      wishes.puts = withPut(
        wishes.puts,
        ifVersion === undefined ? about : { plugin: name, key, value: checked, ifVersion },
      )
    }
    return {
      get: (key) => Promise.resolve(this[MOMENT].scene.record(name, key)),
      put: (key, value, options) => put(key, value, options?.ifVersion),
      update: (key, change) => {
        const amend = (known: StoredRecord | undefined): void => put(key, change(known?.value), known?.version ?? 0)
        const { scene, asked } = this[MOMENT]
        const known = putSoFar(asked?.puts ?? [], { plugin: name, key }) ?? scene.recordToBe(name, key)
        return isPromise(known) ? Promise.resolve(known.then(amend)) : amend(known)
      },
    }
  }
  get veto() {
    return (reason: string): void =>
      decide(this, { type: 'veto', by: this[HANDLER].plugin.name, reason: String(reason) })
  }
  get redirect() {
    return (to: RedirectTarget, why: { readonly reason: string; readonly say?: string }): void => {
      if (!REDIRECT_TARGETS.includes(to)) {
        throw new TypeError(
          `\`redirect\` expects one of ${REDIRECT_TARGETS.map((name) => `'${name}'`).join(', ')}, got \`${String(to)}\``,
        )
      }
      decide(this, {
        type: 'redirect',
        by: this[HANDLER].plugin.name,
        to,
        reason: String(why?.reason ?? ''),
        say: why?.say,
      })
    }
  }
}

/** Where a call's wishes go, with the way back noted. */
function wishesOf(context: Acting): Asked {
  const late = lateOf(context)
  const moment = context[MOMENT]
  const asked = (moment.asked ??= createAsked())
  late.before ??= { ...asked }
  return asked
}

/** A context that shares its moment gets one of its own, which still shares what was asked for. */
function lateOf(context: Standing): Late {
  const moment = context[MOMENT]
  if (moment.late !== undefined) return moment.late
  const own = moment instanceof ActingMoment ? moment.apart() : moment
  context[MOMENT] = own
  return (own.late = {})
}

function decide(context: Acting, verdict: Verdict): void {
  const moment = context[MOMENT]
  const { scene, taken } = moment
  if (taken === undefined) throw new TypeError(`\`${verdict.type}\` belongs to a \`before:\` hook`)
  if (!taken.isFact) {
    giveVerdict(moment, verdict)
    return
  }
  const error = new TypeError(
    `\`${taken.transition}\` has happened already here: it cannot be ${verdict.type === 'veto' ? 'vetoed' : 'redirected'}`,
  )
  scene.failed(context[HANDLER], 'invalid', error)
}

/** What the hooks of one edge ask for: nothing is made before one of them asks for something. */
class ActingMoment implements Moment {
  readonly scene: Scene
  asked: Asked | undefined
  readonly taken: TakenStep | undefined
  readonly transition: TransitionName | undefined
  late: Late | undefined

  constructor(scene: Scene, asked: Asked | undefined, taken: TakenStep | undefined) {
    this.scene = scene
    this.asked = asked
    this.taken = taken
    this.transition = taken?.transition
    this.late = undefined
  }
  apart(): ActingMoment {
    this.asked ??= createAsked()
    return new ActingMoment(this.scene, this.asked, this.taken)
  }
}

interface AfterMoment extends Moment {
  readonly happened: Happened
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
  declare readonly [HANDLER]: Handler
  declare [MOMENT]: AfterMoment

  constructor(handler: Handler, moment: AfterMoment) {
    this[HANDLER] = handler
    this[MOMENT] = moment
  }
  get transition(): TransitionName {
    return this[MOMENT].happened.taken.transition
  }
  get effectId(): string {
    return `${this[MOMENT].happened.effectId}/${this[HANDLER].plugin.name}`
  }
  get details(): object {
    return this[MOMENT].happened.taken.details()
  }
  get say() {
    return (text: string): void => this[MOMENT].happened.say(this[HANDLER], text)
  }
}

Object.setPrototypeOf(Acting.prototype, SeenBy.prototype)
Object.setPrototypeOf(Afterwards.prototype, SeenBy.prototype)

/** A context for a handler inside the turn. */
export function actingContext(scene: Scene, handler: Called, acts: Acts): ActingContext {
  return new Acting(handler, new ActingMoment(scene, acts.asked, acts.taken)) as Acting & SeenBy // by its prototype
}

/** Where the asking has stopped: somebody has promised something, failed, or given a verdict. */
export interface Stopped {
  readonly index: number
  readonly context: Abortable
  readonly result: unknown
}

/** The `before` hooks of one edge, asked one after the other. */
export interface Asking {
  /** What they have asked for; `undefined`: nothing. */
  readonly asked: Asked | undefined
}

/** Nobody has been asked yet. */
export function beginAsking(scene: Scene, taken: TakenStep): Asking {
  return new ActingMoment(scene, undefined, taken)
}

/** Decides on their behalf, unless one of them has. */
export function giveVerdict(asking: Asking, verdict: Verdict): void {
  const moment = asking as ActingMoment // `beginAsking` made it
  moment.asked ??= createAsked()
  moment.asked.verdict ??= verdict
}

/** Asks handlers, from `index` on, as long as they answer at once and have nothing against the edge. */
export function askBefore(asking: Asking, handlers: readonly Handler[], index: number): Stopped | undefined {
  const moment = asking as ActingMoment // `beginAsking` made it
  let place = index
  let context: Acting | undefined
  try {
    for (; place < handlers.length; place += 1) {
      const handler = handlers[place] as Handler // within its length
      context = new Acting(handler, moment)
      const result = handler.run(context)
      if (result !== undefined || moment.asked?.verdict !== undefined)
        return { index: place, context, result: settledWithin(result) }
    }
    return undefined
  } catch (error) {
    const thrower = context as Acting // nothing before it throws
    return {
      index: place,
      context: thrower,
      result: failed(moment.scene, handlers[place] as Handler, { context: thrower, error }),
    }
  }
}

/** A context for looking only, such as a step's `ask` and `when`. */
export function seeingContext(scene: Scene, plugin: Installed, hook: string): Seen {
  return new SeenBy({ plugin, hook }, { scene, late: undefined })
}

/** A context for an `after:` handler. */
export function afterContext(scene: Scene, handler: Handler, happened: Happened): AfterContext<Own, '*'> & Abortable {
  return new Afterwards(handler, { scene, happened, late: undefined }) as Afterwards & SeenBy // by its prototype
}
