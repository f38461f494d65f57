import type { Update } from '../core/engine/engine-api.ts'
import type { ConversationView, Message } from '../core/types.ts'

// What a customer may see. What agents and plugins keep among themselves (notes, attributes, requirements, the reason of an end, the coded
// outcome) stays in the house.

/** A conversation for its customer; `agentName` is who answers. */
export interface CustomerView extends Omit<ConversationView, 'requirements' | 'disposition' | 'reason'> {
  readonly agentName?: string
}

export function toCustomerView(view: ConversationView, agentName?: string): CustomerView {
  const { requirements: _, disposition: _coded, reason: _why, customer, transcript, ...open } = view
  const { attributes: _known, ...person } = customer
  return {
    ...open,
    customer: person,
    transcript: transcript.filter(({ internal }) => internal !== true).map(toCustomerMessage),
    ...(agentName === undefined ? {} : { agentName }),
  }
}

/** How sure the bot was, and what somebody else attached, is not for the customer; their own metadata is. */
export function toCustomerMessage(message: Message): Message {
  const { suggestions, metadata, ...open } = message
  return {
    ...open,
    ...(suggestions === undefined
      ? {}
      : { suggestions: suggestions.map(({ article }) => ({ article, confidence: 1, matched: [] })) }),
    ...(metadata === undefined || message.author !== 'customer' ? {} : { metadata }),
  }
}

export function toCustomerUpdate(update: Update, nameOf: (agentId: string) => string | undefined): Update {
  if (update.type === 'message') return { ...update, message: toCustomerMessage(update.message) }
  if (update.type !== 'conversation') return update
  const { agentId } = update.conversation
  return {
    ...update,
    conversation: toCustomerView(update.conversation, agentId === undefined ? undefined : nameOf(agentId)),
  }
}
