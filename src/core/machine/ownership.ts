import type { Fact } from '../events.ts'
import type { Context, Hold, Owner } from '../snapshot.ts'
import { NONE, only } from './context.ts'
import { isIdle, offeredHold, offerTo, ownerAgentId } from './holds.ts'

// Pieces of the changes in which a conversation, or a seat, passes from one to another.

/** Nothing: the context stays the one that it was, and is not copied. */
export const NO_CHANGE: Partial<Context> = Object.freeze({})

/** Two pieces of one change. */
export function joined(one: Partial<Context>, other: Partial<Context>): Partial<Context> {
  if (one === NO_CHANGE) return other
  return other === NO_CHANGE ? one : { ...one, ...other }
}

export function own(context: Context, owner: Owner): Partial<Context> {
  return context.owner === owner ? NO_CHANGE : { owner, ownerSeq: context.ownerSeq + 1 }
}

/** Nobody else takes part, and nobody owes an answer. */
export function alone({ guests, unansweredAt }: Context): Partial<Context> {
  return guests.length === 0 && unansweredAt === null
    ? NO_CHANGE
    : { guests: NONE, unansweredAt: null, agentRemindedAt: null }
}

/** An agent owns it from here on, and owes the first word. */
export function begunWith({ guests }: Context, agentId: string, at: number): Partial<Context> {
  return {
    lastSpokeAt: 0,
    lastHeardAt: at,
    unansweredAt: at,
    agentRemindedAt: null,
    remindedAt: null,
    declinedBy: NONE,
    backAt: null,
    ...(guests.includes(agentId) ? { guests: only(guests, (id) => id !== agentId) } : { guests }),
  }
}

export function answeredAt(at: number): Partial<Context> {
  return { lastSpokeAt: at, unansweredAt: null, agentRemindedAt: null }
}

/** The seat of an idle customer takes what it took before. */
export function weighed(context: Context): Partial<Context> {
  if (!isIdle(context)) return NO_CHANGE
  return { holds: context.holds.map((hold) => (hold.phase === 'open' ? { ...hold, units: hold.weight } : hold)) }
}

/** Their own agent first, as soon as there is room; anybody else who can if not. */
export function wantedBack(context: Context, at: number): Partial<Context> {
  const agentId = ownerAgentId(context)
  const { excludedAgentIds = [], ...needs } = context.requirements ?? {
    skills: context.skills.length > 0 ? context.skills : context.articleSkills,
  }
  const excluded = excludedAgentIds.filter((id) => id !== agentId)
  return {
    requirements: {
      ...needs,
      ...(agentId === undefined ? {} : { preferredAgentId: agentId }),
      ...(excluded.length === 0 ? {} : { excludedAgentIds: excluded }),
    },
    queuedAt: context.queuedAt ?? at,
    declinedBy: NONE,
  }
}

/** The offer that a fact is about. */
export function offerIn(context: Context, fact: Fact): Hold | undefined {
  return 'agentId' in fact ? offerTo(context, fact.agentId) : offeredHold(context)
}

export function isOpenAt({ phase, agentId }: Hold, id: string): boolean {
  return phase === 'open' && agentId === id
}

export function withoutWrapUp(hold: Hold): Hold {
  return hold.phase === 'open' ? { ...hold, wrapUpMs: 0 } : hold
}

export function leaveSeats(context: Context, at: number, leaves: (hold: Hold) => boolean): Partial<Context> {
  if (!context.holds.some((hold) => hold.phase !== 'wrapUp' && leaves(hold))) return NO_CHANGE
  const former = context.holds.filter((hold) => hold.phase === 'open' && leaves(hold)).map((hold) => hold.agentId)
  const holds = context.holds.flatMap((hold): Hold[] => {
    if (hold.phase === 'wrapUp' || !leaves(hold)) return [hold]
    return hold.phase === 'open' && hold.wrapUpMs > 0 && hold.units > 0
      ? [{ ...hold, phase: 'wrapUp', endsAt: at + hold.wrapUpMs }]
      : []
  })
  return {
    holds,
    backAt: null,
    formerAgentIds: [...context.formerAgentIds.filter((id) => !former.includes(id)), ...former],
  }
}

/** The handover is over: whoever gave the conversation away was excluded from it only until here. */
export function handedOn({ handover, requirements }: Context): Partial<Context> {
  if (handover === null) return NO_CHANGE
  if (requirements === null) return { handover: null }
  const { excludedAgentIds = [], ...rest } = requirements
  const excluded = excludedAgentIds.filter((id) => id !== handover.fromAgentId)
  return { handover: null, requirements: excluded.length === 0 ? rest : { ...rest, excludedAgentIds: excluded } }
}
