import type { Decision } from './decision.ts'
import { isQueued } from './diff.ts'
import { toMs } from '../duration.ts'
import type { EngineEvent } from './engine-events.ts'
import { MaitredError } from '../errors.ts'
import type { Fact, FactOf } from '../events.ts'
import { isIdle, offerTo, openHold, ownerAgentId } from '../machine/holds.ts'
import { type RefusedReceipt, refused } from '../receipts.ts'
import { asGuest, type GuestEvent, isGuestEvent } from './decide-guest.ts'
import { baseRequirements, refuseUnknownSkills } from './requirements.ts'
import { CLOSING_STEP_IDS } from '../hooks/closing-steps.ts'
import type { Turn } from './turn.ts'
import type { Agent, Requirements } from '../types.ts'

type AgentEvent = Extract<EngineEvent, { readonly agentId: string }>
type EventOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { readonly type: Type }>

/** Two warnings, then the conversation ends. */
const BLOCK_AT = 3

/** What an agent (or the router, about an agent) does: only the agent concerned may, and only now. */
export function decideAgentEvent(turn: Turn, event: AgentEvent): Decision {
  const { now: at } = turn
  const agent = findAgent(turn, event.agentId)
  switch (event.type) {
    case 'offer.made':
      if (event.isBack === true && !isCutOff(turn, agent.id)) return { nothing: true }
      return offered(turn, { agent, units: event.units, autoAccept: event.autoAccept, forced: false })
    case 'conversation.assigned':
      turn.note({ assigned: agent.id, by: event.by, force: event.force === true })
      return offered(turn, {
        agent,
        units: turn.state.context.requirements?.weight ?? 1,
        autoAccept: true,
        forced: event.force === true,
      })
    case 'offer.accepted':
    case 'offer.declined':
      if (offerTo(turn.state.context, agent.id) === undefined) return stale(turn)
      return { fact: { type: event.type, at, agentId: agent.id } }
    case 'offer.lost':
      if (offerTo(turn.state.context, agent.id) === undefined) return { nothing: true }
      return { fact: { type: 'offer.expired', at, agentId: agent.id } }
    case 'agent.vanished':
      if (ownerAgentId(turn.state.context) !== agent.id) return { nothing: true }
      if (event.isCutOff && !isMissed(turn, agent.id)) return { nothing: true }
      return { fact: vanished(turn, agent.id, event) }
    case 'conversation.finished':
      if (turn.state.path === 'closed' || isDisposing(turn, event)) return disposed(turn, event)
      break
    default:
  }
  if (isGuestEvent(turn, event)) return asGuest(turn, event)
  const refusal = refuseOthers(turn, event)
  return refusal === undefined ? owned(turn, event) : { refusal }
}

function findAgent(turn: Turn, agentId: string): Agent {
  const agent = turn.services.agent(agentId)
  if (agent !== undefined) return agent
  // Somebody who has been removed from the roster may still own a conversation that must go back to the queue.
  if (turn.event.type === 'agent.vanished' || turn.event.type === 'offer.lost') return { id: agentId }
  throw new MaitredError('NOT_FOUND', {
    message: `There is no agent \`${agentId}\`.`,
    hint: 'Add them with `createEngine({ agents })` or `engine.saveAgent(agent)`.',
    path: 'agentId',
  })
}

function stale({ state }: Turn): Decision {
  const isTaken = ownerAgentId(state.context) !== undefined
  const hint = isTaken
    ? 'Somebody else was first.'
    : 'The offer was taken back, has expired, or was made to somebody else.'
  return { refusal: refused('STALE_OFFER', hint) }
}

/** It was theirs until their connection was lost, and nobody has it since. */
function isCutOff({ state: { context } }: Turn, agentId: string): boolean {
  return context.handover?.isCutOff === true && context.handover.fromAgentId === agentId
}

function offered(turn: Turn, about: { agent: Agent; units: number; autoAccept: boolean; forced: boolean }): Decision {
  if (turn.state.path === 'closed') return { refusal: refused('CLOSED', 'The conversation is over.') }
  const { settings } = turn.services
  const { context } = turn.state
  const { agent } = about
  if (!isQueued(turn.state, settings.offerTo) || offerTo(context, agent.id) !== undefined)
    return { refusal: refused('NOT_NOW', 'The conversation is not waiting for an agent.') }
  turn.forced = about.forced
  const fact: FactOf<'offer.made'> = {
    type: 'offer.made',
    at: turn.now,
    agentId: agent.id,
    holdId: turn.effectId('hold'),
    units: about.units,
    endsAt: turn.now + settings.offerMs,
    wrapUpMs: settings.wrapUpMs,
    // What is theirs is not offered to them as something new.
    autoAccept: about.autoAccept || ownerAgentId(context) === agent.id || isCutOff(turn, agent.id),
    forced: about.forced,
  }
  return { fact }
}

/** Not if they are back in time, nor by a customer who has long been silent: whoever can takes that one when they say something. */
function isMissed({ services, state: { context } }: Turn, agentId: string): boolean {
  return services.presenceOf(agentId) === 'offline' && (context.unansweredAt !== null || !isIdle(context))
}

/** An agent who is gone gives the conversation back, with its wait; one who was cut off gets it again if they are back before somebody else has it. */
export function vanished(turn: Turn, agentId: string, { isCutOff: isCut }: { readonly isCutOff: boolean }): Fact {
  const { reach, transferCount } = turn.state.context
  return {
    type: 'agent.vanished',
    at: turn.now,
    agentId,
    requirements: isCut ? { ...needs(turn), preferredAgentId: agentId } : needsWithout(turn, agentId),
    isCutOff: isCut,
    parks: reach === 'away' || (!isCut && transferCount >= turn.services.settings.maxTransfers),
  }
}

/** What is needed, and from anybody but this agent. */
function needsWithout(turn: Turn, agentId: string): Requirements {
  const base = needs(turn)
  return { ...base, excludedAgentIds: [...new Set([...(base.excludedAgentIds ?? []), agentId])] }
}

function needs(turn: Turn): Requirements {
  const { preferredAgentId: _last, ...rest } = turn.state.context.requirements ?? baseRequirements(turn.state.context)
  return rest
}

/** Wrap-up begins with the closing steps: what its agent notes then is taken. */
function isDisposing({ state }: Turn, { agentId, disposition }: EventOf<'conversation.finished'>): boolean {
  return (
    state.path.startsWith('closing.') && disposition !== undefined && state.context.formerAgentIds.includes(agentId)
  )
}

function disposed(turn: Turn, event: EventOf<'conversation.finished'>): Decision {
  if (event.disposition === undefined || !turn.state.context.formerAgentIds.includes(event.agentId)) {
    return { refusal: refused('CLOSED', 'The conversation is over; only its agent may still note a disposition.') }
  }
  return {
    fact: { type: 'conversation.finished', at: turn.now, agentId: event.agentId, disposition: event.disposition },
  }
}

type OwnedEvent = Exclude<
  AgentEvent,
  {
    readonly type:
      | 'offer.made'
      | 'conversation.assigned'
      | 'offer.accepted'
      | 'offer.declined'
      | 'offer.lost'
      | 'agent.vanished'
      | GuestEvent['type']
  }
>

/** Everything that speaks or acts for the owner must come from the owner. */
function refuseOthers(turn: Turn, event: OwnedEvent): RefusedReceipt | undefined {
  const { context } = turn.state
  const text =
    'text' in event ? event.text : 'note' in event ? event.note : 'directions' in event ? event.directions : undefined
  const owns = ownerAgentId(context) === event.agentId
  if (owns && (event.ownerSeq === undefined || event.ownerSeq === context.ownerSeq)) return undefined
  if (owns || context.formerAgentIds.includes(event.agentId)) {
    return refused('STALE_OWNER', 'The conversation has passed to somebody else since; nothing was sent.', text)
  }
  return refused('NOT_ASSIGNEE', `The conversation is not \`${event.agentId}\`'s: accept an offer first.`, text)
}

function owned(turn: Turn, event: OwnedEvent): Decision {
  const { now: at } = turn
  const { agentId } = event
  switch (event.type) {
    case 'message.sent': {
      const { text, attachments, metadata } = event
      const messageId = turn.nextMessageId()
      turn.owe({
        author: 'agent',
        agentId,
        text,
        ...(attachments === undefined || attachments.length === 0 ? {} : { attachments }),
        ...(metadata === undefined ? {} : { metadata }),
      })
      return { fact: { type: 'message.sent', at, agentId, messageId } }
    }
    case 'note.added':
      turn.add({ author: 'agent', agentId, text: event.text, internal: true })
      return { fact: { type: 'note.added', at, agentId } }
    case 'conversation.held':
      return {
        fact: {
          type: 'conversation.held',
          at,
          agentId,
          backAt: event.backIn === undefined ? null : at + readDuration(event.backIn),
        },
      }
    case 'conversation.transferred':
      return transferred(turn, event)
    case 'customer.warned':
      return { fact: { type: 'customer.warned', at, blockAt: BLOCK_AT } }
    case 'conversation.finished':
      if (event.directions !== undefined) {
        turn.owe({ author: 'agent', agentId, text: event.directions })
        turn.skippedStepIds = [CLOSING_STEP_IDS[1]]
      }
      return { fact: { type: 'conversation.finished', at, agentId, disposition: event.disposition ?? null } }
  }
}

function readDuration(duration: string | number): number {
  try {
    return toMs(duration as number, 'backIn') // checked by toMs, whatever it is
  } catch (error) {
    throw new MaitredError('EVENT_INVALID', {
      message: `Expected a duration such as '5m' at \`backIn\`, got \`${duration}\`.`,
      hint: 'Write a number of milliseconds, or a number followed by a unit.',
      path: 'backIn',
      cause: error,
    })
  }
}

function transferred(turn: Turn, event: EventOf<'conversation.transferred'>): Decision {
  const { to, note, agentId } = event
  const { transferCount } = turn.state.context
  if (to !== 'bot' && transferCount >= turn.services.settings.maxTransfers) {
    const often = `The conversation has been given away ${transferCount} times already`
    return { refusal: refused('NOT_NOW', `${often}: somebody has to keep it, close it, or hand it to the bot.`) }
  }
  if (typeof to === 'object' && 'agentId' in to && to.agentId === agentId)
    return { refusal: refused('NOT_NOW', 'The conversation is theirs already.') }
  if (note !== undefined) turn.add({ author: 'agent', agentId, text: note, internal: true })
  const requirements = to === 'bot' ? needs(turn) : transferNeeds(turn, agentId, to)
  return {
    fact: {
      type: 'conversation.transferred',
      at: turn.now,
      agentId,
      to: to === 'bot' ? 'bot' : 'queue',
      warm: event.warm === true && openHold(turn.state.context) !== undefined,
      requirements,
    },
  }
}

function transferNeeds(
  turn: Turn,
  fromAgentId: string,
  to: { readonly agentId: string } | { readonly skills: readonly string[] },
): Requirements {
  const base = needsWithout(turn, fromAgentId)
  if ('agentId' in to) {
    // Somebody was named: what they can do is known to whoever named them, and decides only if they cannot take it.
    const preferredSkills = [...new Set([...base.skills, ...(base.preferredSkills ?? [])])]
    return { ...base, skills: [], preferredSkills, preferredAgentId: findAgent(turn, to.agentId).id }
  }
  refuseUnknownSkills(turn.services.skills, to.skills)
  return to.skills.length === 0 ? base : { ...base, skills: to.skills }
}
