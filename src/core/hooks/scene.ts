import type { Clock, RecordPut } from '../ports.ts'
import type { PluginState } from '../snapshot.ts'
import type { RedirectTarget, TransitionName } from '../transitions.ts'
import type { Awaitable, Choice, ConversationView, Json } from '../types.ts'
import type { HookContext } from './hook-context.ts'
import type { Handler } from './hook-table.ts'
import type { Installed, StateValue } from './installed.ts'

/** The turn, as hooks may see it. */
export interface Scene {
  readonly now: number
  readonly clock: Clock
  readonly plugins: ReadonlyMap<string, Installed>
  view(): ConversationView
  stateOf(plugin: Installed): StateValue
  /** As it is stored. */
  record(plugin: string, key: string): Awaitable<StoredRecord | undefined>
  /** As it will be stored: with what this turn has put there already. */
  recordToBe(plugin: string, key: string): Awaitable<StoredRecord | undefined>
  /** May a timer be set that comes at once? Not if a plugin's timers do so one after the other; that is reported. */
  mayHurry(called: Called): boolean
  failed(called: Called, why: FailureKind, error: unknown): void
}

export interface StoredRecord {
  readonly value: Json
  readonly version: number
}

export type FailureKind = 'threw' | 'timedOut' | 'invalid'

/**
 * What hooks asked for during one microstep: kept if the step stands, dropped if it does not. Its lists are replaced and never changed, so
 * one that nobody asks anything of costs nothing, and a copy is a way back.
 */
export interface Asked {
  says: readonly Said[]
  states: ReadonlyMap<string, { readonly state: StateValue; readonly stored: PluginState }>
  timers: readonly { readonly plugin: string; readonly name: string; readonly dueAt: number }[]
  emits: readonly { readonly plugin: string; readonly name: string; readonly data: Json }[]
  puts: readonly RecordPut[]
  verdict: Verdict | undefined
}

interface Said {
  readonly plugin: string
  readonly text: string
  readonly choices?: readonly Choice[]
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
  return { says: NONE, states: NO_STATES, timers: NONE, emits: NONE, puts: NONE, verdict: undefined }
}

const NONE: readonly never[] = []
const NO_STATES: Asked['states'] = new Map()

/** One transition about to be taken, or taken. */
export interface TakenStep {
  readonly transition: TransitionName
  details(): object
  /** Edges taken by time, by the customer's own leaving, or named as facts: verdicts are reported and have no effect. */
  readonly isFact: boolean
}

/** Whose handler is called, and at which moment. */
export type Called = Pick<Handler, 'plugin' | 'hook'>

/** Where a handler's wishes go, and which transition it may judge. */
export interface Acts {
  readonly asked: Asked
  readonly taken?: TakenStep | undefined
}

export interface Abortable {
  abort(reason: unknown): void
}

export type ActingContext = HookContext & Abortable

/** Adds what one step's hooks asked for to what the turn has so far; what they say is for the caller to place. */
export function joinAsked(turn: Asked, step: Asked): void {
  if (step.states.size > 0) turn.states = new Map([...turn.states, ...step.states])
  if (step.timers.length > 0) turn.timers = [...turn.timers, ...step.timers]
  if (step.emits.length > 0) turn.emits = [...turn.emits, ...step.emits]
  for (const put of step.puts) turn.puts = withPut(turn.puts, put)
}

/** The puts with one more: what was put under the same key on the same footing is replaced by it. */
export function withPut(puts: readonly RecordPut[], put: RecordPut): readonly RecordPut[] {
  const others = puts.filter((other) => !isFromSame(other, put) || other.ifVersion !== put.ifVersion)
  return [...others, put]
}

/** What a plugin has put under a key so far. */
export function putSoFar(
  puts: readonly RecordPut[],
  about: Pick<RecordPut, 'plugin' | 'key'>,
): StoredRecord | undefined {
  const put = puts.findLast((other) => isFromSame(other, about))
  return put?.ifVersion === undefined ? undefined : { value: put.value, version: put.ifVersion }
}

function isFromSame(one: Pick<RecordPut, 'plugin' | 'key'>, other: Pick<RecordPut, 'plugin' | 'key'>): boolean {
  return one.plugin === other.plugin && one.key === other.key
}
