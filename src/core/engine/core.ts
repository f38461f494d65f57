import type { Board } from '../observations.ts'
import type { AgentRow, Channel, Clock, Log, Router, Store, TenantStore } from '../ports.ts'
import type { Phrases } from '../phrases.ts'
import type { Plugin } from '../hooks/hook-context.ts'
import type { Settings } from '../settings.ts'
import type { Texts } from '../texts.ts'
import type { TurnServices } from '../turn/turn.ts'
import type { EngineEvent } from '../turn/engine-events.ts'
import type { Receipt } from '../receipts.ts'
import type { RunQueue } from './run-queue.ts'
import type { Afterwards } from './afterwards.ts'
import type { Deliveries } from './deliveries.ts'
import type { ReadMarks } from './read-marks.ts'
import type { Visits } from './visits.ts'
import type { Agent, Availability, Visit } from '../types.ts'
import type { Node, NodeSettings } from './nodes/shared-work.ts'

/** What an engine is put together from: the parts that the public door chooses. */
export interface CoreOptions {
  readonly skills: readonly string[] | undefined
  readonly agents: readonly Agent[]
  readonly plugins: readonly Plugin[]
  readonly settings: Settings
  readonly texts: Texts
  readonly phrases: Phrases
  readonly channels: readonly Channel[]
  readonly tenant: string
  readonly store: Store
  readonly log: Log
  readonly clock: Clock
  readonly router: Router
  /** How nodes share the work on a store that several work on; `undefined`: nobody else does, whatever the store says. */
  readonly nodes: NodeSettings | undefined
  /** How long what is over is kept. */
  readonly retention: RetentionSettings
  /** Whether live chat is open to a visit that needs these skills. */
  admit(visit: Visit, skills: readonly string[], at: number): Availability
  /** When hours next open or close, after `at`. */
  hoursChangeAt(at: number): number | undefined
  /** A new conversation's id; ids sort by time. */
  createId(at: number): string
}

/** How long what is over is kept. */
export interface RetentionSettings {
  /** From the end of a conversation on; `undefined`: for good. */
  readonly closedMs: number | undefined
}

/** The rooms of a running engine, for those who work in them. */
export interface Core {
  readonly options: CoreOptions
  readonly clock: Clock
  readonly board: Board
  readonly queue: RunQueue
  readonly router: Router
  readonly services: TurnServices
  /** @throws MaitredError `ENGINE_NOT_STARTED` */
  store(): TenantStore
  isRunning(): boolean
  /** The roster, as last heard of. */
  readonly agents: Map<string, AgentRow>
  /** Puts an event into its conversation's lane. */
  submit(event: EngineEvent): Promise<Receipt>
  /** As `submit`, for events nobody waits for: what goes wrong is logged. */
  raise(event: EngineEvent): void
  /** An agent's row has changed: routing, observers and the cache are told. */
  agentChanged(row: AgentRow): void
  /** Matches soon, once for all that happens now. */
  matchSoon(): void
  readonly signals: Signals
  /** Customers whose connection is held here. */
  readonly visits: Visits
  /** How far conversations were read. */
  readonly readMarks: ReadMarks
  /** What goes out by channels. */
  readonly deliveries: Deliveries
  /** What plugins do about what has been committed. */
  readonly afterwards: Afterwards
  readonly node: Node
  /** Openings under way, by customer and channel: one after the other. */
  readonly openings: Map<string, Promise<unknown>>
}

/** Wakes those who follow a conversation or a desk, and passes on what is never stored. */
export interface Signals {
  wake(topic: string): void
  send(topic: string, signal: Signal): void
  subscribe(topic: string, subscriber: (signal: Signal | undefined) => void): () => void
  /** What is followed. */
  topics(): readonly string[]
  /** Ends all that follow. */
  end(): void
  readonly hasEnded: boolean
}

/** A transient frame. It is shown only while its author may speak: the agent who owns the conversation, the bot whose answer is awaited. */
export type Signal =
  | { readonly type: 'typing'; readonly conversationId: string; readonly author: 'customer' }
  | { readonly type: 'typing'; readonly conversationId: string; readonly author: 'agent'; readonly agentId: string }
  | { readonly type: 'typing'; readonly conversationId: string; readonly author: 'bot'; readonly effectId: string }
  | {
      readonly type: 'partial'
      readonly conversationId: string
      readonly author: 'bot'
      readonly effectId: string
      /** All there is so far. */
      readonly text: string
    }

export function createSignals(): Signals {
  const subscribers = new Map<string, Set<(signal: Signal | undefined) => void>>()
  let hasEnded = false
  const tell = (topic: string, signal: Signal | undefined): void => {
    const told = subscribers.get(topic)
    if (told !== undefined) for (const subscriber of [...told]) subscriber(signal)
  }
  return {
    get hasEnded() {
      return hasEnded
    },
    wake: (topic) => tell(topic, undefined),
    send: tell,
    topics: () => [...subscribers.keys()],
    subscribe(topic, subscriber) {
      const own = subscribers.get(topic) ?? new Set()
      subscribers.set(topic, own.add(subscriber))
      return () => {
        own.delete(subscriber)
        if (own.size === 0) subscribers.delete(topic)
      }
    },
    end() {
      hasEnded = true
      for (const topic of [...subscribers.keys()]) tell(topic, undefined)
    },
  }
}
