import type { Clock, RecordPut } from '../ports.ts'
import type { PluginState } from '../snapshot.ts'
import type { RedirectTarget, TransitionName } from '../transitions.ts'
import type { Choice, ConversationView, Json } from '../types.ts'
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
  record(plugin: string, key: string): Promise<{ readonly value: Json; readonly version: number } | undefined>
  /** May a timer be set that comes at once? Not if a plugin's timers do so one after the other; that is reported. */
  mayHurry(called: Called): boolean
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
export function dropping(asked: Asked): () => void {
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

export interface Abortable {
  abort(reason: unknown): void
}

export type ActingContext = HookContext & Abortable

/** Adds what one step's hooks asked for to what the turn has so far. */
export function joinAsked(turn: Asked, step: Asked): void {
  for (const [name, state] of step.states) turn.states.set(name, state)
  turn.timers.push(...step.timers)
  turn.emits.push(...step.emits)
  turn.puts.push(...step.puts)
}
