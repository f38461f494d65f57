import type { Decision } from './decision.ts'
import type { EngineEvent } from './engine-events.ts'
import { ownerAgentId } from '../machine/holds.ts'
import { refused } from '../receipts.ts'
import type { Turn } from './turn.ts'

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>

/** What somebody does who does not own the conversation: a supervisor, or whoever owned it before one took it over. */
export type GuestEvent = EventOf<'agent.joined' | 'agent.parted' | 'whisper.sent'>
type WordOfGuest = EventOf<'message.sent' | 'note.added'>

export function isGuestEvent(
  { state }: Turn,
  event: Exclude<EngineEvent, { readonly type: 'offer.made' }>,
): event is GuestEvent | WordOfGuest {
  switch (event.type) {
    case 'agent.joined':
    case 'agent.parted':
    case 'whisper.sent':
      return true
    case 'message.sent':
    case 'note.added':
      return state.context.guests.includes(event.agentId)
    default:
      return false
  }
}

export function asGuest(turn: Turn, event: GuestEvent | WordOfGuest): Decision {
  const { now: at, state } = turn
  const { agentId } = event
  if (!state.path.startsWith('live.'))
    return { refusal: refused('NOT_NOW', 'No agent has the conversation now. `engine.assign` gives it to one.') }
  switch (event.type) {
    case 'agent.joined':
      return joined(turn, event)
    case 'agent.parted':
      return state.context.guests.includes(agentId)
        ? { fact: { type: 'agent.parted', at, agentId } }
        : { nothing: true }
    case 'message.sent': {
      const { text, attachments = [], metadata } = event
      const messageId = turn.nextMessageId()
      const extras = {
        ...(attachments.length === 0 ? {} : { attachments }),
        ...(metadata === undefined ? {} : { metadata }),
      }
      turn.owe({ author: 'agent', agentId, text, ...extras })
      return { fact: { type: 'guest.spoke', at, agentId, messageId } }
    }
    case 'whisper.sent':
    case 'note.added':
      turn.add({ author: 'agent', agentId, text: event.text, internal: true })
      return { fact: { type: 'note.added', at, agentId } }
  }
}

function joined(turn: Turn, { agentId, takeOver, force }: EventOf<'agent.joined'>): Decision {
  const { context } = turn.state
  if (ownerAgentId(context) === agentId) return { refusal: refused('NOT_NOW', 'The conversation is theirs already.') }
  if (takeOver !== true) {
    if (context.guests.includes(agentId)) return { nothing: true }
    return { fact: { type: 'agent.joined', at: turn.now, agentId } }
  }
  turn.forced = force === true
  turn.note({ assigned: agentId, by: agentId, force: turn.forced })
  return {
    fact: {
      type: 'conversation.taken',
      at: turn.now,
      agentId,
      holdId: turn.effectId('hold'),
      units: context.requirements?.weight ?? 1,
      wrapUpMs: turn.services.settings.wrapUpMs,
      forced: turn.forced,
    },
  }
}
