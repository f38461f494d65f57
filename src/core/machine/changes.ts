import type { Fact } from '../events.ts'
import type { Context, Ending, StepProgress } from '../snapshot.ts'
import type { Author, Outcome } from '../types.ts'
import { NONE, only, ownerOf } from './context.ts'
import { isIdle, ownerAgentId } from './holds.ts'
import {
  alone,
  answeredAt,
  begunWith,
  handedOn,
  isOpenAt,
  joined,
  leaveSeats,
  NO_CHANGE,
  offerIn,
  own,
  wantedBack,
  weighed,
  withoutWrapUp,
} from './ownership.ts'

/** What one edge or one entry does to the context: the fields it replaces. */
export type Change = (context: Context, fact: Fact) => Partial<Context>

export const changes = {
  // owners
  toBot: (context) => own(context, 'bot'),
  toQueue: (context) => own(context, 'queue'),
  toNobody: (context, { at }) => ({ ...own(context, 'none'), closedAt: at }),
  away: () => ({ reach: 'away' }),
  present: (context) => (context.reach === 'present' ? NO_CHANGE : { reach: 'present' }),
  /** Whoever held or was offered the conversation does so no more: offers end, open seats go to wrap-up. */
  unseat: (context, { at }) =>
    joined(
      leaveSeats(context, at, () => true),
      alone(context),
    ),

  // what the customer says and does
  opened: (_, fact) => ({
    lastHeardAt: fact.at,
    ...(fact.type === 'conversation.opened' && fact.enrichEffectId !== null
      ? { pending: [{ type: 'customer.enrich', effectId: fact.enrichEffectId }] }
      : NO_CHANGE),
  }),
  reopened: (context, { at }) => ({
    episode: context.episode + 1,
    reach: 'present',
    lastHeardAt: at,
    remindedAt: null,
    questionId: null,
    missCount: 0,
    taught: NONE,
    unsolvedCount: 0,
    returnCount: 0,
    outcome: null,
    reason: null,
    closedAt: null,
    ending: null,
    rating: null,
    requirements: null,
    overflowCount: 0,
    transferCount: 0,
  }),
  heard: (_, { at }) => ({ lastHeardAt: at, remindedAt: null, goneAt: null, parkedAt: null }),
  /** A word to the agent. Whoever has been idle wants the seat of their agent back. */
  unanswered: (context, { at }) => ({
    unansweredAt: context.unansweredAt ?? at,
    ...(isIdle(context) && context.unansweredAt === null ? wantedBack(context, at) : NO_CHANGE),
  }),
  arrived: (_, fact) =>
    fact.type === 'customer.arrived' ? { hereUntil: fact.until, hereToken: fact.token, goneAt: null } : NO_CHANGE,
  vanished: (context, { at }) => ({ goneAt: context.goneAt ?? at, hereUntil: null }),
  asked: (context, fact) =>
    fact.type === 'message.received'
      ? { questionId: fact.messageId, unsolvedCount: 0, pending: withSearch(context, fact.effectId, fact.messageId) }
      : NO_CHANGE,
  askedAgain: (context, fact) =>
    'effectId' in fact && context.questionId !== null
      ? { unsolvedCount: context.unsolvedCount + 1, pending: withSearch(context, fact.effectId, context.questionId) }
      : NO_CHANGE,
  wished: (_, fact) => (fact.type === 'agent.requested' && fact.skills !== null ? { skills: fact.skills } : NO_CHANGE),
  identified: (context, fact) =>
    fact.type === 'customer.identified'
      ? {
          customerId: fact.customerId,
          ...(fact.enrichEffectId === null
            ? NO_CHANGE
            : {
                pending: [
                  ...without(context, 'customer.enrich'),
                  { type: 'customer.enrich', effectId: fact.enrichEffectId },
                ],
              }),
        }
      : NO_CHANGE,
  enriched: (context) => ({ pending: without(context, 'customer.enrich') }),
  reminded: (_, { at }) => ({ remindedAt: at }),
  rated: (context, fact) =>
    fact.type === 'rating.given'
      ? { rating: fact.score, step: withoutRating(context.step) }
      : fact.type === 'step.answered'
        ? { rating: fact.score ?? null }
        : NO_CHANGE,

  // answers
  searchOver: (context) => ({ pending: without(context, 'question.answer') }),
  suggested: (context, fact) =>
    fact.type === 'answer.found'
      ? {
          articleId: fact.articleIds[0] ?? null,
          taught: [...context.taught, ...fact.articleIds],
          articleSkills: fact.skills,
          missCount: 0,
        }
      : NO_CHANGE,
  answered: () => ({ missCount: 0 }),
  missed: (context, fact) =>
    fact.type === 'answer.missed'
      ? { missCount: context.missCount + 1, ...(fact.skills.length > 0 ? { articleSkills: fact.skills } : NO_CHANGE) }
      : NO_CHANGE,
  deflected: () => ({ ending: ending('customer', 'deflected', 'articleHelped') }),

  // steps
  listed: (_, fact) => {
    if (fact.type === 'steps.listed') return begin(fact.slot, fact.steps)
    if (fact.type === 'conversation.opened') return begin('preChat', fact.steps)
    if (fact.type === 'requirements.settled')
      return { ...begin('beforeQueue', fact.steps), requirements: fact.requirements }
    return fact.type === 'answer.asked' ? begin('helping', fact.steps) : NO_CHANGE
  },
  nextStep: (context) =>
    context.step === null ? NO_CHANGE : { step: { ...context.step, index: context.step.index + 1, attempts: 0 } },
  tried: (context) =>
    context.step === null ? NO_CHANGE : { step: { ...context.step, attempts: context.step.attempts + 1 } },
  /** It is not being closed any more. */
  goesOn: (context) => (context.ending === null ? NO_CHANGE : { ending: null }),
  stepsDone: (context) => (context.step === null ? NO_CHANGE : { step: null }),
  unsolved: (context) => ({ returnCount: context.returnCount + 1 }),
  confirmed: (context, fact) => {
    if (fact.type !== 'step.answered' || fact.solved === undefined || context.ending === null) return NO_CHANGE
    return { ending: fact.solved ? { ...context.ending, outcome: 'resolved' } : context.ending }
  },

  // the queue
  required: (_, fact) =>
    'requirements' in fact && fact.requirements !== null
      ? { requirements: fact.requirements, overflowCount: 0 }
      : NO_CHANGE,
  queued: (context, { at }) => (context.queuedAt === null ? { queuedAt: at } : NO_CHANGE),
  overflowed: (context, fact) =>
    fact.type === 'queue.overflowed'
      ? {
          overflowCount: context.overflowCount + 1,
          ...(fact.requirements === null ? NO_CHANGE : { requirements: fact.requirements }),
        }
      : NO_CHANGE,
  /** Those who declined, and whoever gave it away or did not answer, may be asked again. */
  forgiven: (context) => joined(context.declinedBy.length === 0 ? NO_CHANGE : { declinedBy: NONE }, handedOn(context)),
  forgotten: (context) => (context.declinedBy.length === 0 ? NO_CHANGE : { declinedBy: NONE }),
  parked: (context, { at }) => (context.parkedAt === null ? { parkedAt: at } : NO_CHANGE),
  unqueued: () => ({ queuedAt: null, declinedBy: NONE, handover: null, parkedAt: null }),
  offered: (context, fact) =>
    fact.type === 'offer.made'
      ? {
          holds: [
            ...context.holds,
            {
              holdId: fact.holdId,
              agentId: fact.agentId,
              units: fact.units,
              weight: fact.units,
              phase: 'offered',
              wrapUpMs: fact.wrapUpMs,
              endsAt: fact.endsAt,
            },
          ],
        }
      : NO_CHANGE,
  refused: (context, fact) => {
    const offer = offerIn(context, fact)
    return offer === undefined
      ? NO_CHANGE
      : { holds: only(context.holds, (hold) => hold !== offer), declinedBy: [...context.declinedBy, offer.agentId] }
  },
  /** The offered seat becomes the open one; a seat that was open goes to wrap-up, and whoever else was asked is asked no more. */
  seated: (context, fact) => {
    const offer = offerIn(context, fact)
    if (offer === undefined) return NO_CHANGE
    const { at } = fact
    const staying = only(
      context.holds,
      (hold) => hold === offer || (hold.phase !== 'offered' && !isOpenAt(hold, offer.agentId)),
    )
    const left = leaveSeats({ ...context, holds: staying }, at, (hold) => hold.phase === 'open')
    const holds = (left.holds ?? staying).map((hold) =>
      hold === offer ? { ...hold, phase: 'open' as const, endsAt: null } : hold,
    )
    return {
      ...own(context, ownerOf(offer.agentId)),
      ...left,
      holds,
      ...handedOn(context),
      ...begunWith(context, offer.agentId, at),
    }
  },
  /** An offer that was not answered is over; whoever missed it is away, and may be asked again when they are back. */
  lapsed: (context, fact) => {
    const offer = offerIn(context, fact)
    return offer === undefined ? NO_CHANGE : { holds: only(context.holds, (hold) => hold !== offer) }
  },
  wrappedUp: (context, fact) =>
    fact.type === 'wrapUp.ended' ? { holds: only(context.holds, (hold) => hold.holdId !== fact.holdId) } : NO_CHANGE,

  // the agent
  /** Whoever answers a customer who has been idle takes the seat again. */
  spoke: (context, { at }) => ({
    ...answeredAt(at),
    backAt: null,
    ...(context.unansweredAt === null ? NO_CHANGE : weighed(context)),
  }),
  guestSpoke: (_, { at }) => answeredAt(at),
  agentReminded: (_, { at }) => ({ agentRemindedAt: at }),
  weightless: (context) => ({
    holds: context.holds.map((hold) => (hold.phase === 'open' ? { ...hold, units: 0 } : hold)),
  }),
  weighed: (context) => weighed(context),
  joined: (context, fact) =>
    fact.type === 'agent.joined'
      ? { guests: [...context.guests.filter((id) => id !== fact.agentId), fact.agentId] }
      : NO_CHANGE,
  parted: (context, fact) =>
    fact.type === 'agent.parted' ? { guests: only(context.guests, (id) => id !== fact.agentId) } : NO_CHANGE,
  /** Somebody else owns it from now on; whoever owned it stays as a guest, and may finish what they were saying. */
  takenOver: (context, fact) => {
    if (fact.type !== 'conversation.taken') return NO_CHANGE
    const { agentId, at, holdId, units, wrapUpMs } = fact
    const former = ownerAgentId(context)
    const left = leaveSeats(context, at, () => true)
    const seat = { holdId, agentId, units, weight: units, phase: 'open', wrapUpMs, endsAt: null } as const
    const guests = former === undefined ? context.guests : [...context.guests.filter((id) => id !== former), former]
    return {
      ...own(context, ownerOf(agentId)),
      ...left,
      holds: [...(left.holds ?? context.holds), seat],
      ...handedOn(context),
      ...begunWith({ ...context, guests }, agentId, at),
    }
  },
  held: (_, fact) => (fact.type === 'conversation.held' ? { backAt: fact.backAt, lastSpokeAt: fact.at } : NO_CHANGE),
  handedOver: (context, fact) =>
    fact.type === 'conversation.transferred'
      ? {
          requirements: fact.requirements,
          handover: { fromAgentId: fact.agentId, warm: fact.warm, isCutOff: false },
          overflowCount: 0,
          declinedBy: NONE,
          transferCount: context.transferCount + 1,
        }
      : fact.type === 'agent.vanished'
        ? {
            requirements: fact.requirements,
            handover: { fromAgentId: fact.agentId, warm: false, isCutOff: fact.isCutOff },
            overflowCount: 0,
            transferCount: context.transferCount + (fact.isCutOff ? 0 : 1),
            ...(fact.isCutOff ? { holds: context.holds.map(withoutWrapUp) } : NO_CHANGE),
          }
        : context.handover === null
          ? NO_CHANGE
          : { handover: null },
  keptHandover: () => ({ handover: null, overflowCount: 0, declinedBy: NONE }),
  warned: (context) => ({ warningCount: context.warningCount + 1 }),
  finished: (_, fact) =>
    fact.type === 'conversation.finished'
      ? {
          ending: ending('agent', 'unresolved', 'agentClosed'),
          ...(fact.disposition === null ? NO_CHANGE : { disposition: fact.disposition }),
        }
      : NO_CHANGE,
  disposed: (_, fact) => (fact.type === 'conversation.finished' ? { disposition: fact.disposition } : NO_CHANGE),

  // endings
  endAbandoned: () => close('customer', 'abandoned', 'customerLeft'),
  endLeftHelping: (context) =>
    close('customer', context.questionId === null ? 'abandoned' : 'unresolved', 'customerLeft'),
  endSilent: (context) =>
    close(
      'system',
      context.questionId === null && context.formerAgentIds.length === 0 && !hasAgent(context)
        ? 'abandoned'
        : 'unresolved',
      'silence',
    ),
  endLeft: () => close('customer', 'unresolved', 'customerLeft'),
  endOverflowed: () => close('system', 'unresolved', 'nobodyAvailable'),
  endMessageLeft: () => close('system', 'messageLeft', 'messageLeft'),
  endBlocked: () => close('system', 'blocked', 'boundary'),
  endRedirected: (context, fact) =>
    close(
      'system',
      context.ending?.outcome ?? 'unresolved',
      fact.type === 'conversation.redirected' ? fact.reason : 'redirected',
    ),
  endPlanned: (context) =>
    context.ending === null
      ? close('system', 'unresolved', 'closed')
      : close(context.ending.by, context.ending.outcome, context.ending.reason),
  planRedirected: (context, fact) =>
    context.ending === null
      ? { ending: ending('system', 'unresolved', fact.type === 'conversation.redirected' ? fact.reason : 'redirected') }
      : NO_CHANGE,
} satisfies Record<string, Change>

export type ChangeName = keyof typeof changes

function hasAgent(context: Context): boolean {
  return ownerAgentId(context) !== undefined
}

function withSearch(context: Context, effectId: string, messageId: string): Context['pending'] {
  return [...without(context, 'question.answer'), { type: 'question.answer', effectId, messageId }]
}

function without(context: Context, type: Context['pending'][number]['type']): Context['pending'] {
  return only(context.pending, (effect) => effect.type !== type)
}

function begin(slot: StepProgress['slot'], steps: StepProgress['steps']): Partial<Context> {
  return { step: { slot, steps, index: 0, attempts: 0 } }
}

/** Whoever has rated without being asked is not asked any more. */
function withoutRating(step: Context['step']): Context['step'] {
  if (step === null) return null
  return { ...step, steps: step.steps.filter(({ id }, index) => index <= step.index || id !== 'rating') }
}

function ending(by: Author, outcome: Outcome, reason: string): Ending {
  return { by, outcome, reason }
}

function close(by: Author, outcome: Outcome, reason: string): Partial<Context> {
  return { ending: ending(by, outcome, reason), outcome, reason }
}
