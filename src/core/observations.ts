import { EventEmitter } from 'eventemitter3'
import type { MaitredError } from './errors.ts'
import type { Log } from './ports.ts'
import type { TransitionName } from './transitions.ts'
import type { Availability, Customer, Json, Message, Outcome, Phase, Presence } from './types.ts'

/** Committed facts, in the past tense: whoever observes them cannot change anything. */
export interface Observations {
  'conversation.opened': { readonly conversationId: string; readonly customer: Customer }
  'conversation.moved': {
    readonly conversationId: string
    readonly from: Phase
    readonly to: Phase
    readonly transition: TransitionName
    readonly agentId?: string
  }
  'conversation.closed': {
    readonly conversationId: string
    readonly outcome: Outcome
    readonly reason: string
    readonly agentId?: string
    readonly durationMs: number
  }
  'message.added': { readonly conversationId: string; readonly message: Message }
  'offer.made': { readonly conversationId: string; readonly agentId: string; readonly expiresAt: number }
  'offer.accepted': { readonly conversationId: string; readonly agentId: string; readonly waitMs: number }
  'offer.declined': { readonly conversationId: string; readonly agentId: string; readonly reason?: string }
  'offer.expired': { readonly conversationId: string; readonly agentId: string }
  'agent.changed': {
    readonly agentId: string
    readonly presence: Presence
    readonly load: number
    readonly capacity: number
  }
  'availability.changed': { readonly availability: Availability }
  'rating.given': {
    readonly conversationId: string
    readonly score: number
    readonly comment?: string
    readonly agentId?: string
  }
  'transition.vetoed': {
    readonly conversationId: string
    readonly transition: TransitionName
    readonly by: string
    readonly reason: string
  }
  'delivery.failed': {
    readonly conversationId: string
    readonly channel: string
    readonly attemptCount: number
    readonly error: MaitredError
  }
  'plugin.failed': {
    readonly plugin: string
    readonly hook: string
    readonly why: 'threw' | 'timedOut' | 'invalid'
    readonly conversationId?: string
    readonly error: unknown
  }
  'plugin.emitted': {
    readonly plugin: string
    readonly name: string
    readonly data: Json
    readonly conversationId: string
  }
}

export type ObservationName = keyof Observations
export type Observation<Name extends ObservationName> = Readonly<Observations[Name]> & {
  readonly type: Name
  readonly at: number
}
export type AnyObservation = { [Name in ObservationName]: Observation<Name> }[ObservationName]

/** All names. The order has no meaning. */
export const OBSERVATION_NAMES = [
  'conversation.opened',
  'conversation.moved',
  'conversation.closed',
  'message.added',
  'offer.made',
  'offer.accepted',
  'offer.declined',
  'offer.expired',
  'agent.changed',
  'availability.changed',
  'rating.given',
  'transition.vetoed',
  'delivery.failed',
  'plugin.failed',
  'plugin.emitted',
] as const satisfies readonly ObservationName[]

/** Tells observers, each on its own: one that throws or rejects is reported, and felt by nobody. */
export interface Board {
  tell<Name extends ObservationName>(type: Name, at: number, fact: Observations[Name]): void
  on(name: string, observer: (fact: unknown) => unknown): () => void
  /** Is anybody listening? */
  hears(name: ObservationName): boolean
}

export function createBoard(log: Log): Board {
  const emitter = new EventEmitter<Record<string, (fact: unknown) => void>>()
  return {
    tell(type, at, fact) {
      if (emitter.listenerCount(type) === 0 && emitter.listenerCount('*') === 0) return
      const told: unknown = Object.freeze({ ...fact, type, at })
      emitter.emit(type, told)
      emitter.emit('*', told)
    },
    on(name, observer) {
      const guarded = (fact: unknown): void => {
        try {
          const result = observer(fact)
          if (result instanceof Promise)
            result.catch((error: unknown) => log.error({ error, observation: name }, 'an observer rejected'))
        } catch (error) {
          log.error({ error, observation: name }, 'an observer threw')
        }
      }
      emitter.on(name, guarded)
      return () => {
        emitter.off(name, guarded)
      }
    },
    hears: (name) => emitter.listenerCount(name) + emitter.listenerCount('*') > 0,
  }
}
