import type { StepRef } from './snapshot.ts'
import type { RedirectTarget } from './transitions.ts'
import type { Requirements, Slot } from './types.ts'

/** What a customer's message means to the bot, decided before the chart sees it. */
export type MessageKind = 'question' | 'smallTalk' | 'person' | 'yes' | 'no' | 'leaveMessage' | 'keepPlace' | 'leave'

/**
 * What the chart is told: events as decided. They carry ids, times and derived facts, never words, so that the log can be kept after
 * the words are erased, and replayed.
 */
export type Fact = { readonly at: number } & ( // the customer
  | { readonly type: 'conversation.opened'; readonly steps: readonly StepRef[]; readonly enrichEffectId: string | null }
  | { readonly type: 'conversation.reopened' }
  | {
      readonly type: 'message.received'
      readonly messageId: string
      readonly kind: MessageKind
      readonly effectId: string
    }
  | { readonly type: 'agent.requested'; readonly skills: readonly string[] | null }
  | { readonly type: 'customer.left'; readonly canReach: boolean }
  // the customer's connection: here, lost, and not back in time
  | { readonly type: 'customer.arrived'; readonly until: number; readonly token: number }
  | { readonly type: 'customer.vanished' }
  | { readonly type: 'customer.gone'; readonly canReach: boolean }
  | { readonly type: 'customer.identified'; readonly customerId: string; readonly enrichEffectId: string | null }
  | { readonly type: 'page.visited' }
  | { readonly type: 'rating.given'; readonly score: number }
  | { readonly type: 'customer.fellSilent'; readonly stage: 'reminded' | 'idle' | 'gone' }
  // steps
  | { readonly type: 'steps.listed'; readonly slot: Slot; readonly steps: readonly StepRef[] }
  | { readonly type: 'step.answered'; readonly index: number; readonly solved?: boolean; readonly score?: number }
  | { readonly type: 'step.rejected'; readonly index: number }
  | { readonly type: 'step.skipped'; readonly index: number }
  // answers
  | {
      readonly type: 'answer.found'
      readonly effectId: string
      readonly articleIds: readonly string[]
      readonly skills: readonly string[]
    }
  | { readonly type: 'answer.given'; readonly effectId: string }
  | { readonly type: 'answer.asked'; readonly effectId: string; readonly steps: readonly StepRef[] }
  | { readonly type: 'answer.missed'; readonly effectId: string; readonly skills: readonly string[] }
  | { readonly type: 'customer.enriched'; readonly effectId: string }
  // the queue and offers
  | {
      readonly type: 'requirements.settled'
      readonly requirements: Requirements
      readonly closedFor: string | null
      readonly steps: readonly StepRef[]
    }
  | { readonly type: 'wait.noticed' }
  | { readonly type: 'declines.forgotten' }
  | {
      readonly type: 'queue.overflowed'
      readonly to: 'async' | 'callback' | 'close' | 'skills'
      readonly requirements: Requirements | null
    }
  | {
      readonly type: 'offer.made'
      readonly agentId: string
      readonly holdId: string
      readonly units: number
      readonly endsAt: number
      readonly wrapUpMs: number
      readonly autoAccept: boolean
      readonly forced: boolean
    }
  | { readonly type: 'offer.accepted'; readonly agentId: string }
  | { readonly type: 'offer.declined'; readonly agentId: string }
  | { readonly type: 'offer.expired'; readonly agentId: string }
  | { readonly type: 'wrapUp.ended'; readonly holdId: string }
  // the agent
  | { readonly type: 'message.sent'; readonly agentId: string; readonly messageId: string }
  | { readonly type: 'note.added'; readonly agentId: string }
  | { readonly type: 'conversation.held'; readonly agentId: string; readonly backAt: number | null }
  | {
      readonly type: 'conversation.transferred'
      readonly agentId: string
      readonly to: 'bot' | 'queue'
      readonly warm: boolean
      readonly requirements: Requirements
    }
  | { readonly type: 'customer.warned'; readonly blockAt: number }
  | { readonly type: 'conversation.finished'; readonly agentId: string; readonly disposition: string | null }
  | {
      readonly type: 'agent.vanished'
      readonly agentId: string
      readonly requirements: Requirements
      /** Their connection was lost: it is theirs again if they are back in time. */
      readonly isCutOff: boolean
      /** It becomes a message: the customer is not there, or it has been lost too often. */
      readonly parks: boolean
    }
  | { readonly type: 'agent.fellSilent' }
  // others who take part
  | { readonly type: 'agent.joined'; readonly agentId: string }
  | { readonly type: 'agent.parted'; readonly agentId: string }
  | { readonly type: 'guest.spoke'; readonly agentId: string; readonly messageId: string }
  | {
      readonly type: 'conversation.taken'
      readonly agentId: string
      readonly holdId: string
      readonly units: number
      readonly wrapUpMs: number
      readonly forced: boolean
    }
  // time and plugins
  | { readonly type: 'async.expired' }
  | { readonly type: 'timer.rearmed' }
  | {
      readonly type: 'conversation.redirected'
      readonly to: RedirectTarget
      readonly reason: string
      readonly requirements: Requirements | null
      readonly effectId: string
    }
  | { readonly type: 'plugin.acted' }
)

export type FactType = Fact['type']
export type FactOf<Type extends FactType> = Extract<Fact, { readonly type: Type }>
