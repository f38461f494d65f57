import { EventEmitter } from 'eventemitter3'
import type { MaitredError, Refusal } from './errors.ts'
import type { Log } from './ports.ts'
import type { TransitionName } from './transitions.ts'
import type { Availability, Customer, Json, Message, Outcome, Phase, Presence } from './types.ts'

/** Committed facts, in the past tense: whoever observes them cannot change anything. */
export interface Observations {
  /** A new conversation, not one that was found or taken up again. */
  'conversation.opened': { readonly conversationId: string; readonly customer: Customer }
  /** It is in another phase now; `transition` is the last one taken. */
  'conversation.moved': {
    readonly conversationId: string
    readonly from: Phase
    readonly to: Phase
    readonly transition: TransitionName
    readonly agentId?: string
  }
  /** It is over. */
  'conversation.closed': {
    readonly conversationId: string
    readonly outcome: Outcome
    readonly reason: string
    readonly agentId?: string
    readonly durationMs: number
  }
  /** Something new stands in the transcript, whoever wrote it; notes for colleagues (`internal`) too. */
  'message.added': { readonly conversationId: string; readonly message: Message }
  /** An agent has until `expiresAt` to accept. */
  'offer.made': { readonly conversationId: string; readonly agentId: string; readonly expiresAt: number }
  /** An agent owns the conversation, which had waited so long. */
  'offer.accepted': { readonly conversationId: string; readonly agentId: string; readonly waitMs: number }
  /** The agent does not take it. */
  'offer.declined': { readonly conversationId: string; readonly agentId: string; readonly reason?: string }
  /** The agent let it pass, and is away now. */
  'offer.expired': { readonly conversationId: string; readonly agentId: string }
  /** Presence, load or capacity of an agent is another. */
  'agent.changed': {
    readonly agentId: string
    readonly presence: Presence
    readonly load: number
    readonly capacity: number
  }
  /** The door has opened or shut. */
  'availability.changed': { readonly availability: Availability }
  /** The customer has rated the conversation. */
  'rating.given': {
    readonly conversationId: string
    readonly score: number
    readonly comment?: string
    readonly agentId?: string
  }
  /** A command was refused: the customer, the agent or the world was not as it takes. Nothing has changed. Worth keeping where `code` is `NOT_ASSIGNEE`. */
  'command.refused': {
    readonly conversationId: string
    readonly command: string
    readonly code: Refusal
    readonly agentId?: string
  }
  /** A plugin said no. */
  'transition.vetoed': {
    readonly conversationId: string
    readonly transition: TransitionName
    readonly by: string
    readonly reason: string
  }
  /** A channel has given a message up; the next one is asked, if there is one. */
  'delivery.failed': {
    readonly conversationId: string
    /** Of the message. */
    readonly seq: number
    readonly channel: string
    readonly attemptCount: number
    readonly error: MaitredError
  }
  /** A plugin threw, took too long, or returned nonsense; the conversation has gone on. */
  'plugin.failed': {
    readonly plugin: string
    readonly hook: string
    readonly why: 'threw' | 'timedOut' | 'invalid'
    readonly conversationId?: string
    readonly error: unknown
  }
  /** An `after:` hook has failed as often as it is tried: its row stays in the outbox, and nobody takes it any more. */
  'effect.parked': {
    readonly conversationId: string
    readonly plugin: string
    readonly hook: string
    readonly effectId: string
    readonly attemptCount: number
  }
  /** A plugin told something with `ctx.emit`. */
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
  'command.refused',
  'transition.vetoed',
  'delivery.failed',
  'plugin.failed',
  'effect.parked',
  'plugin.emitted',
] as const satisfies readonly ObservationName[]

/** Tells observers, each on its own: one that throws or rejects is reported, and felt by nobody. */
export interface Board {
  /** What is told is the observers' from now on: it is frozen. */
  tell(observation: AnyObservation): void
  on(name: string, observer: (fact: unknown) => unknown): () => void
  /** Is anybody listening to anything, or to this? */
  isHeard(name?: ObservationName): boolean
}

export function createBoard(log: Log): Board {
  const emitter = new EventEmitter<Record<string, (fact: unknown) => void>>()
  const counts = new Map<string, number>() // asked for at every turn, and the emitter makes a list to answer
  const count = (name: string, change: number): void => {
    const left = (counts.get(name) ?? 0) + change
    if (left > 0) counts.set(name, left)
    else counts.delete(name)
  }
  return {
    tell(observation) {
      const { type } = observation
      const isHeard = counts.has(type)
      const isHeardByAll = counts.has('*')
      if (!isHeard && !isHeardByAll) return
      Object.freeze(observation)
      if (isHeard) emitter.emit(type, observation)
      if (isHeardByAll) emitter.emit('*', observation)
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
      let isOn = true
      emitter.on(name, guarded)
      count(name, 1)
      return () => {
        if (isOn) count(name, -1)
        isOn = false
        emitter.off(name, guarded)
      }
    },
    isHeard: (name) => (name === undefined ? counts.size > 0 : counts.has(name) || counts.has('*')),
  }
}
