import type { Context, Owner } from '../snapshot.ts'

/** The context of a conversation that has not been opened yet. */
export function createContext(about: {
  id: string
  customerId: string
  channel: string
  skills: readonly string[]
  at: number
}): Context {
  return {
    id: about.id,
    customerId: about.customerId,
    channel: about.channel,
    openedAt: about.at,
    episode: 1,
    owner: 'bot',
    ownerSeq: 1,
    reach: 'present',
    lastHeardAt: about.at,
    lastSpokeAt: 0,
    unansweredAt: null,
    agentRemindedAt: null,
    hereUntil: null,
    hereToken: 0,
    goneAt: null,
    remindedAt: null,
    questionId: null,
    missCount: 0,
    taught: NONE,
    articleId: null,
    skills: about.skills,
    articleSkills: NONE,
    requirements: null,
    queuedAt: null,
    declinedBy: NONE,
    overflowCount: 0,
    holds: NONE,
    formerAgentIds: NONE,
    guests: NONE,
    transferCount: 0,
    handover: null,
    backAt: null,
    parkedAt: null,
    step: null,
    ending: null,
    unsolvedCount: 0,
    returnCount: 0,
    outcome: null,
    reason: null,
    closedAt: null,
    disposition: null,
    rating: null,
    warningCount: 0,
    pending: NONE,
  }
}

/** One for all: lists are replaced and never changed, and every open conversation holds seven that are empty. */
export const NONE: readonly never[] = Object.freeze([])

/** Those that fit. Nothing is made where nothing changes, or where nothing is left. */
export function only<Item>(items: readonly Item[], fits: (item: Item) => boolean): readonly Item[] {
  if (items.every(fits)) return items
  const left = items.filter(fits)
  return left.length === 0 ? NONE : left
}

/** Owners by their agents, so that those who are owned by one agent do not hold a string each. Not as many as there may ever be. */
const owners = new Map<string, Owner>()
const MAX_OWNERS = 10_000

/** The agent as an owner. */
export function ownerOf(agentId: string): Owner {
  const known = owners.get(agentId)
  if (known !== undefined) return known
  if (owners.size >= MAX_OWNERS) owners.clear()
  const owner: Owner = `agent:${agentId}`
  owners.set(agentId, owner)
  return owner
}

/**
 * A context of its own, to be changed. Written out: `{ ...context }` of an object this wide is built field by field, and costs six times as
 * much as all the rest of a step.
 */
export function copyContext(context: Context): Context {
  return {
    id: context.id,
    customerId: context.customerId,
    channel: context.channel,
    openedAt: context.openedAt,
    episode: context.episode,
    owner: context.owner,
    ownerSeq: context.ownerSeq,
    reach: context.reach,
    lastHeardAt: context.lastHeardAt,
    lastSpokeAt: context.lastSpokeAt,
    unansweredAt: context.unansweredAt,
    agentRemindedAt: context.agentRemindedAt,
    hereUntil: context.hereUntil,
    hereToken: context.hereToken,
    goneAt: context.goneAt,
    remindedAt: context.remindedAt,
    questionId: context.questionId,
    missCount: context.missCount,
    taught: context.taught,
    articleId: context.articleId,
    skills: context.skills,
    articleSkills: context.articleSkills,
    requirements: context.requirements,
    queuedAt: context.queuedAt,
    declinedBy: context.declinedBy,
    overflowCount: context.overflowCount,
    holds: context.holds,
    formerAgentIds: context.formerAgentIds,
    guests: context.guests,
    transferCount: context.transferCount,
    handover: context.handover,
    backAt: context.backAt,
    parkedAt: context.parkedAt,
    step: context.step,
    ending: context.ending,
    unsolvedCount: context.unsolvedCount,
    returnCount: context.returnCount,
    outcome: context.outcome,
    reason: context.reason,
    closedAt: context.closedAt,
    disposition: context.disposition,
    rating: context.rating,
    warningCount: context.warningCount,
    pending: context.pending,
  }
}
