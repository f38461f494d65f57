import type { Fact } from '../events.ts'
import type { Context, Ending, Hold, Owner, StepProgress } from '../snapshot.ts'
import type { Author, Outcome } from '../types.ts'

/** What one edge or one entry does to the context: the fields it replaces. */
export type Change = (context: Context, fact: Fact) => Partial<Context>

/** The agent who owns the conversation, if one does. */
export function ownerAgentId(context: Context): string | undefined {
  return context.owner.startsWith('agent:') ? context.owner.slice('agent:'.length) : undefined
}

/** The hold of the agent who owns the conversation, if one does. */
export function openHold(context: Context): Hold | undefined {
  return context.holds.find((hold) => hold.phase === 'open')
}

/** The hold that is on offer, if one is. */
export function offeredHold(context: Context): Hold | undefined {
  return context.holds.find((hold) => hold.phase === 'offered')
}

export const changes = {
  // owners
  toBot: (context) => own(context, 'bot'),
  toQueue: (context) => own(context, 'queue'),
  toNobody: (context, { at }) => ({ ...own(context, 'none'), closedAt: at }),
  away: () => ({ reach: 'away' }),
  present: (context) => (context.reach === 'present' ? {} : { reach: 'present' }),
  /** Whoever held or was offered the conversation does so no more: offers end, open seats go to wrap-up. */
  unseat: (context, { at }) => leaveSeats(context, at, () => true),

  // what the customer says and does
  opened: (_, fact) => ({
    lastHeardAt: fact.at,
    ...(fact.type === 'conversation.opened' && fact.enrichEffectId !== null
      ? { pending: [{ type: 'customer.enrich', effectId: fact.enrichEffectId }] }
      : {}),
  }),
  reopened: (context, { at }) => ({
    episode: context.episode + 1,
    reach: 'present',
    lastHeardAt: at,
    remindedAt: null,
    questionId: null,
    missCount: 0,
    taught: [],
    unsolvedCount: 0,
    returnCount: 0,
    outcome: null,
    reason: null,
    closedAt: null,
    ending: null,
    rating: null,
    requirements: null,
    overflowCount: 0,
  }),
  heard: (_, { at }) => ({ lastHeardAt: at, remindedAt: null }),
  asked: (context, fact) =>
    fact.type === 'message.received'
      ? { questionId: fact.messageId, unsolvedCount: 0, pending: withSearch(context, fact.effectId, fact.messageId) }
      : {},
  askedAgain: (context, fact) =>
    'effectId' in fact && context.questionId !== null
      ? { unsolvedCount: context.unsolvedCount + 1, pending: withSearch(context, fact.effectId, context.questionId) }
      : {},
  wished: (_, fact) => (fact.type === 'agent.requested' && fact.skills !== null ? { skills: fact.skills } : {}),
  identified: (context, fact) =>
    fact.type === 'customer.identified'
      ? {
          customerId: fact.customerId,
          ...(fact.enrichEffectId === null
            ? {}
            : {
                pending: [
                  ...without(context, 'customer.enrich'),
                  { type: 'customer.enrich', effectId: fact.enrichEffectId },
                ],
              }),
        }
      : {},
  enriched: (context) => ({ pending: without(context, 'customer.enrich') }),
  reminded: (_, { at }) => ({ remindedAt: at }),
  rated: (context, fact) =>
    fact.type === 'rating.given'
      ? { rating: fact.score, step: withoutRating(context.step) }
      : fact.type === 'step.answered'
        ? { rating: fact.score ?? null }
        : {},

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
      : {},
  answered: () => ({ missCount: 0 }),
  missed: (context, fact) =>
    fact.type === 'answer.missed'
      ? { missCount: context.missCount + 1, ...(fact.skills.length > 0 ? { articleSkills: fact.skills } : {}) }
      : {},
  deflected: () => ({ ending: ending('customer', 'deflected', 'articleHelped') }),

  // steps
  listed: (_, fact) => {
    if (fact.type === 'steps.listed') return begin(fact.slot, fact.steps)
    if (fact.type === 'conversation.opened') return begin('preChat', fact.steps)
    if (fact.type === 'requirements.settled')
      return { ...begin('beforeQueue', fact.steps), requirements: fact.requirements }
    return fact.type === 'answer.asked' ? begin('helping', fact.steps) : {}
  },
  nextStep: (context) =>
    context.step === null ? {} : { step: { ...context.step, index: context.step.index + 1, attempts: 0 } },
  tried: (context) => (context.step === null ? {} : { step: { ...context.step, attempts: context.step.attempts + 1 } }),
  /** It is not being closed any more. */
  goesOn: (context) => (context.ending === null ? {} : { ending: null }),
  stepsDone: (context) => (context.step === null ? {} : { step: null }),
  unsolved: (context) => ({ returnCount: context.returnCount + 1 }),
  confirmed: (context, fact) => {
    if (fact.type !== 'step.answered' || fact.solved === undefined || context.ending === null) return {}
    return { ending: fact.solved ? { ...context.ending, outcome: 'resolved' } : context.ending }
  },

  // the queue
  required: (_, fact) =>
    'requirements' in fact && fact.requirements !== null ? { requirements: fact.requirements, overflowCount: 0 } : {},
  queued: (context, { at }) => (context.queuedAt === null ? { queuedAt: at } : {}),
  overflowed: (context, fact) =>
    fact.type === 'queue.overflowed'
      ? {
          overflowCount: context.overflowCount + 1,
          ...(fact.requirements === null ? {} : { requirements: fact.requirements }),
        }
      : {},
  /** Those who declined, and whoever gave it away or did not answer, may be asked again. */
  forgiven: (context) => ({ ...(context.declinedBy.length === 0 ? {} : { declinedBy: [] }), ...handedOn(context) }),
  unqueued: () => ({ queuedAt: null, declinedBy: [], handover: null }),
  offered: (context, fact) =>
    fact.type === 'offer.made'
      ? {
          holds: [
            ...context.holds,
            {
              holdId: fact.holdId,
              agentId: fact.agentId,
              units: fact.units,
              phase: 'offered',
              wrapUpMs: fact.wrapUpMs,
              endsAt: fact.endsAt,
            },
          ],
        }
      : {},
  refused: (context) => {
    const offer = offeredHold(context)
    return offer === undefined
      ? {}
      : { holds: context.holds.filter((hold) => hold !== offer), declinedBy: [...context.declinedBy, offer.agentId] }
  },
  /** The offered seat becomes the open one; a seat that was open goes to wrap-up. */
  seated: (context, { at }) => {
    const offer = offeredHold(context)
    if (offer === undefined) return {}
    const left = leaveSeats(context, at, (hold) => hold.phase === 'open')
    const holds = (left.holds ?? context.holds).map((hold) =>
      hold === offer ? { ...hold, phase: 'open' as const, endsAt: null } : hold,
    )
    return {
      ...own(context, `agent:${offer.agentId}`),
      ...left,
      holds,
      ...handedOn(context),
      lastSpokeAt: 0,
      lastHeardAt: at,
      remindedAt: null,
      declinedBy: [],
      backAt: null,
    }
  },
  /** An offer that was not answered is over; whoever missed it is away, and may be asked again when they are back. */
  lapsed: (context) => ({ holds: context.holds.filter((hold) => hold.phase !== 'offered') }),
  wrappedUp: (context, fact) =>
    fact.type === 'wrapUp.ended' ? { holds: context.holds.filter((hold) => hold.holdId !== fact.holdId) } : {},

  // the agent
  spoke: (_, { at }) => ({ lastSpokeAt: at, backAt: null }),
  held: (_, fact) => (fact.type === 'conversation.held' ? { backAt: fact.backAt, lastSpokeAt: fact.at } : {}),
  handedOver: (context, fact) =>
    fact.type === 'conversation.transferred'
      ? {
          requirements: fact.requirements,
          handover: { fromAgentId: fact.agentId, warm: fact.warm },
          overflowCount: 0,
          declinedBy: [],
        }
      : fact.type === 'agent.vanished'
        ? { requirements: fact.requirements, handover: { fromAgentId: fact.agentId, warm: false }, overflowCount: 0 }
        : context.handover === null
          ? {}
          : { handover: null },
  keptHandover: () => ({ handover: null, overflowCount: 0, declinedBy: [] }),
  warned: (context) => ({ warningCount: context.warningCount + 1 }),
  finished: (_, fact) =>
    fact.type === 'conversation.finished'
      ? {
          ending: ending('agent', 'unresolved', 'agentClosed'),
          ...(fact.disposition === null ? {} : { disposition: fact.disposition }),
        }
      : {},
  disposed: (_, fact) => (fact.type === 'conversation.finished' ? { disposition: fact.disposition } : {}),

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
      : {},
} satisfies Record<string, Change>

export type ChangeName = keyof typeof changes

function own(context: Context, owner: Owner): Partial<Context> {
  return context.owner === owner ? {} : { owner, ownerSeq: context.ownerSeq + 1 }
}

function hasAgent(context: Context): boolean {
  return ownerAgentId(context) !== undefined
}

function leaveSeats(context: Context, at: number, leaves: (hold: Hold) => boolean): Partial<Context> {
  if (!context.holds.some((hold) => hold.phase !== 'wrapUp' && leaves(hold))) return {}
  const former = context.holds.filter((hold) => hold.phase === 'open' && leaves(hold)).map((hold) => hold.agentId)
  const holds = context.holds.flatMap((hold): Hold[] => {
    if (hold.phase === 'wrapUp' || !leaves(hold)) return [hold]
    return hold.phase === 'open' && hold.wrapUpMs > 0 ? [{ ...hold, phase: 'wrapUp', endsAt: at + hold.wrapUpMs }] : []
  })
  return {
    holds,
    backAt: null,
    formerAgentIds: [...context.formerAgentIds.filter((id) => !former.includes(id)), ...former],
  }
}

function withSearch(context: Context, effectId: string, messageId: string): Context['pending'] {
  return [...without(context, 'question.answer'), { type: 'question.answer', effectId, messageId }]
}

function without(context: Context, type: Context['pending'][number]['type']): Context['pending'] {
  return context.pending.filter((effect) => effect.type !== type)
}

function begin(slot: StepProgress['slot'], steps: StepProgress['steps']): Partial<Context> {
  return { step: { slot, steps, index: 0, attempts: 0 } }
}

/** The handover is over: whoever gave the conversation away was excluded from it only until here. */
function handedOn({ handover, requirements }: Context): Partial<Context> {
  if (handover === null) return {}
  if (requirements === null) return { handover: null }
  const { excludedAgentIds = [], ...rest } = requirements
  const excluded = excludedAgentIds.filter((id) => id !== handover.fromAgentId)
  return { handover: null, requirements: excluded.length === 0 ? rest : { ...rest, excludedAgentIds: excluded } }
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
