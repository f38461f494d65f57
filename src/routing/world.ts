import type { Rejection, Score } from '../core/ports.ts'
import type { History, Order } from './agent-policies.ts'
import type { Roster } from './agents.ts'
import type { Queue } from './queue.ts'
import type { QueuePolicy } from './queue-policies.ts'
import type { AgentPolicy } from './routing.ts'
import type { Vetoes } from './vetoes.ts'

/** Everything a choice looks at. Nothing here is changed by choosing. */
export interface World {
  readonly roster: Roster
  readonly queue: Queue
  readonly agentPolicy: Order | AgentPolicy
  readonly queuePolicy: QueuePolicy
  readonly history: History
  readonly vetoes: Vetoes
  /** Is whoever is slow at something spared for what they do better? */
  readonly sparesSlow: boolean
  /** What plugins make of a candidate; `undefined` while none has anything to say. */
  score: Score | undefined
  /** Told what a developer's own agent policy did wrong; the conversation waits. */
  readonly onPolicyFault: (fault: { readonly conversationId: string; readonly error: unknown }) => void
}

/** How many agents cannot take a conversation now, by the first reason that holds. */
export type Rejected = Readonly<Record<Rejection, number>>
