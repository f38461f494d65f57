import type { Asked } from '../hooks/scene.ts'
import type { Answer } from '../hooks/plugin.ts'
import type { Command } from '../schema.ts'
import type { Customer } from '../types.ts'

/** Events that only the engine raises: time, the router, results of effects, plugins that speak. */
export type InternalEvent = { readonly conversationId: string } & (
  | Reopening
  | { readonly type: 'timer.fired'; readonly name: string; readonly token: number }
  /** `isBack`: only if the agent was cut off from it, and nobody has it yet. */
  | {
      readonly type: 'offer.made'
      readonly agentId: string
      readonly units: number
      readonly autoAccept: boolean
      readonly isBack?: true
    }
  | { readonly type: 'offer.lost'; readonly agentId: string }
  /** `isCutOff`: the connection was lost; it counts only while they are offline. */
  | { readonly type: 'agent.vanished'; readonly agentId: string; readonly isCutOff: boolean }
  | { readonly type: 'customer.arrived'; readonly until: number }
  /** `token`: the arrival that is over; a later one counts for more. */
  | { readonly type: 'customer.vanished'; readonly token: number }
  | { readonly type: 'wait.noticed'; readonly position: number | undefined }
  | {
      readonly type: 'question.answered'
      readonly effectId: string
      readonly answer: Answer | undefined
      readonly by: string
      readonly asked: Asked
      /** The version that those who answered had before them. */
      readonly basedOn: number
    }
  | {
      readonly type: 'customer.enriched'
      readonly effectId: string
      readonly customer: Customer | undefined
      readonly asked?: Asked
      readonly basedOn: number
    }
  | {
      readonly type: 'plugin.spoke'
      readonly plugin: string
      readonly text: string
      readonly ownerSeq: number
      readonly basedOn: number
    }
)

/** The customer opens what they have: it is taken up again if it was over. */
type Reopening = { readonly type: 'conversation.reopened'; readonly page?: string | undefined } & Partial<OpeningKey>

/** An opening is told to whichever conversation it leads to: what its key stands for is the hash of the visit, not of that. */
export interface OpeningKey {
  readonly key: string
  readonly bodyHash: string
}

/** `conversation.opened` as the engine passes it on: with the id it chose. */
export type OpeningEvent = Extract<Command, { type: 'conversation.opened' }> & {
  readonly bodyHash?: string
  readonly conversationId: string
  readonly previousId: string | null
  readonly at: number
}

/** Whatever a turn can be about. */
export type EngineEvent = Exclude<Command, { type: 'conversation.opened' }> | OpeningEvent | InternalEvent

/** Does it come from a customer or an agent, through the door? */
export function isFromOutside(
  event: EngineEvent,
): event is Exclude<Command, { type: 'conversation.opened' }> | OpeningEvent {
  return !INTERNAL.has(event.type)
}

const INTERNAL: ReadonlySet<string> = new Set<InternalEvent['type']>([
  'conversation.reopened',
  'timer.fired',
  'offer.made',
  'offer.lost',
  'agent.vanished',
  'customer.arrived',
  'customer.vanished',
  'wait.noticed',
  'question.answered',
  'customer.enriched',
  'plugin.spoke',
])
