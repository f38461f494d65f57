import type { Proposal, Settlement } from '../core/ports.ts'
import type { Agenda, Due } from './agenda.ts'
import { isFull } from './agent-state.ts'
import type { History } from './agent-policies.ts'
import type { Demand } from './demand.ts'
import type { Decisions } from './decisions.ts'
import type { Forecaster } from './forecast.ts'
import { isOpenToAll } from './barred.ts'
import { beginRound, pickPair, type Round } from './match.ts'
import { nextRelaxAt, toNeed } from './need.ts'
import type { Line, OpenProposal, Waiting } from './line.ts'
import { pickAgent, ringOf } from './pick-agent.ts'
import type { PickedAgent } from './picked.ts'
import type { Reservation } from './reservations.ts'
import type { ResolvedRouting } from './routing.ts'
import { hasRoom, hasSlowHelp, hasSlowRoom, helpAt, sparesAnybody } from './spare.ts'
import type { World } from './world.ts'

/** Everything the matcher keeps. */
export interface Matcher {
  readonly rules: ResolvedRouting
  readonly world: World
  readonly agenda: Agenda
  /** Proposals that are open still, of conversations that have left the queue meanwhile. */
  readonly strays: Map<string, OpenProposal>
  readonly decisions: Decisions
  readonly history: History
  /** Is there a time in which only the best will do, or only one? */
  readonly isChoosy: boolean
  /** Does each ring of agents have a turn of its own? */
  readonly takesTurns: boolean
  /** Present where the agent policy looks at it. */
  readonly demand: Demand | undefined
  /** Present from the first time that somebody asks for a forecast. */
  forecaster: Forecaster | undefined
  /** One for all rounds, begun anew each time. */
  readonly round: Round
  /** The roster as it was when those were last looked at for whom only the best will do. */
  choosyVersion: number
  /** The roster as it was when those were last looked at for whom somebody is spared. */
  sparingVersion: number
}

/** How long a pair that a plugin vetoed is not proposed again. */
const VETO_MS = 30_000

/** Works through the agenda up to the first pair, and reserves it. What the agenda names is struck off once it can give no more. */
export function reserveNext(matcher: Matcher, at: number): Proposal | undefined {
  const { agenda, world } = matcher
  world.roster.pass(at)
  matcher.forecaster?.passed(at)
  if (matcher.demand !== undefined) lookAround(matcher, matcher.demand)
  reviewChoosy(matcher)
  for (let due = agenda.takeDue(at); due !== undefined; due = agenda.takeDue(at)) bringAbout(matcher, due, at)
  if (world.queue.size === 0) return strikeAll(agenda)
  if (sparesAnybody(world)) reviewSpared(matcher, at)
  if (agenda.agents.first() === undefined && agenda.conversations.first() === undefined) return undefined
  world.roster.tidy()
  const about = beginRound(matcher.round, at)
  for (let agentId = agenda.agents.first(); agentId !== undefined; agentId = agenda.agents.first()) {
    const agent = world.roster.get(agentId)
    const pair = agent && pickPair(world, agent, about)
    if (pair !== undefined) return reserve(matcher, pair, at)
    agenda.agents.strikeFirst()
  }
  for (let id = agenda.conversations.first(); id !== undefined; id = agenda.conversations.first()) {
    const pair = pairFor(matcher, id, about)
    // Once proposed it can give no more: it comes back with its settlement, or with its next row.
    if (pair === undefined || pair.waiting.id === id) agenda.conversations.strikeFirst()
    if (pair !== undefined) return reserve(matcher, pair, at)
    const waiting = world.queue.get(id)
    if (waiting === undefined) continue
    planHelp(matcher, waiting, at)
    matcher.forecaster?.mustWait(waiting, at)
  }
  return undefined
}

/** While nobody waits there is nothing to look for: whoever comes looks by themselves. */
function strikeAll({ agents, conversations }: Agenda): undefined {
  agents.clear()
  conversations.clear()
}

/** Ends a proposal. Nothing happens when it is not open. */
export function settle(
  matcher: Matcher,
  { conversationId, agentId }: Proposal,
  { settlement, at }: { settlement: Settlement; at: number },
): void {
  const { agenda, strays, world } = matcher
  const waiting = world.queue.get(conversationId)
  const proposal = waiting?.proposal ?? strays.get(conversationId)
  if (proposal === undefined || proposal.reservation.agentId !== agentId) return
  if (waiting !== undefined) waiting.proposal = undefined
  else strays.delete(conversationId)
  if (settlement === 'confirmed') world.roster.confirm(proposal.reservation)
  else world.roster.release(proposal.reservation)
  if (settlement === 'refused') doubtAgent(matcher, proposal.reservation, at)
  if (settlement === 'vetoed') {
    world.vetoes.add(conversationId, agentId, at + VETO_MS)
    agenda.plan(at + VETO_MS, { type: 'vetoOver', conversationId, agentId })
  }
  const isGone = settlement === 'confirmed' || settlement === 'conflict'
  // A newer row came in the meantime: it waits again.
  if (isGone && waiting?.row.version === proposal.rowVersion) world.queue.remove(conversationId)
  else if (waiting !== undefined) agenda.conversations.add(conversationId)
  lookAt(matcher, agentId)
}

/**
 * The agent may be able to take something now. While nobody waits there is nothing to look for: whoever comes looks by themselves. Nor is
 * there at somebody who has no room: to get any they change once more.
 */
export function lookAt({ agenda, world }: Matcher, agentId: string): void {
  if (world.queue.size === 0) return
  const agent = world.roster.get(agentId)
  if (agent === undefined || !isFull(agent)) agenda.agents.add(agentId)
}

/** It waits no longer. */
export function leave({ forecaster, strays, world }: Matcher, conversationId: string): void {
  const waiting = world.queue.get(conversationId)
  if (waiting?.proposal !== undefined) strays.set(conversationId, waiting.proposal)
  else if (waiting !== undefined) forecaster?.gaveUp(waiting)
  world.queue.remove(conversationId)
}

/** Plans the next relaxation of a conversation after `afterAt`, if there is one. */
export function planRelaxation({ agenda, rules, world }: Matcher, conversationId: string, afterAt: number): void {
  if (rules.relax.length === 0 && rules.preferredWaitMs === 0) return
  const row = world.queue.get(conversationId)?.row
  if (row === undefined) return
  const dueAt = nextRelaxAt(row, rules, afterAt)
  if (dueAt !== undefined) agenda.plan(dueAt, { type: 'relax', conversationId, version: row.version })
}

/** A relaxation is over with the row it was planned for, anything else only when it comes. */
export function isOver({ world }: Matcher, due: Due): boolean {
  return (
    (due.type === 'relax' || due.type === 'help') && world.queue.get(due.conversationId)?.row.version !== due.version
  )
}

function lookAround({ world }: Matcher, demand: Demand): void {
  world.roster.tidy()
  demand.look()
}

/** When the best go off duty, others become good enough for those who wait for the best. */
function reviewChoosy(matcher: Matcher): void {
  const { agenda, world } = matcher
  if (!matcher.isChoosy || matcher.choosyVersion === world.roster.version) return
  matcher.choosyVersion = world.roster.version
  for (const line of world.queue.lines())
    if (line.need.isChoosy || line.need.onlyAgentId !== undefined)
      for (const { id } of line) agenda.conversations.add(id)
}

/**
 * Whether somebody slow is spared changes with everything: how many wait, who has room, who is on duty. So as soon as anything has
 * changed, lines are looked at again for which somebody slow has room who is not spared any more: the first that anybody may have, for
 * those after it fare no better. With another roster all that wait are, because who is slow, and what sets one apart from its line, hangs
 * on that.
 */
function reviewSpared(matcher: Matcher, at: number): void {
  const { agenda, world } = matcher
  const { queue, roster } = world
  const isIdle = agenda.agents.first() === undefined && agenda.conversations.first() === undefined
  const isOther = matcher.sparingVersion !== roster.version
  if (isIdle && !isOther) return
  matcher.sparingVersion = roster.version
  roster.tidy()
  for (const line of queue.lines()) {
    if (line.size === 0) continue
    if (!isOther && hasSlowRoom(world, line)) reviewFirst(matcher, line, at)
    if (isOther && hasRoom(world, line)) for (const { id } of line) agenda.conversations.add(id)
  }
}

/** Those at the head of the line, up to the first that anybody may have. */
function reviewFirst(matcher: Matcher, line: Line, at: number): void {
  const { agenda, world } = matcher
  const isHelped = hasSlowHelp(world, line)
  for (const waiting of line) {
    if (waiting.proposal !== undefined) continue
    if (isHelped) agenda.conversations.add(waiting.id)
    else planHelp(matcher, waiting, at)
    if (isOpenToAll(world, waiting)) break
  }
}

/** Somebody slow has room for it, and is spared for the time being: it is looked at again when anybody will do. */
function planHelp({ agenda, world }: Matcher, waiting: Waiting, at: number): void {
  if (waiting.isPlanned || !sparesAnybody(world) || !hasSlowRoom(world, waiting.line)) return
  const dueAt = helpAt(waiting)
  if (dueAt <= at) return
  waiting.isPlanned = true
  agenda.plan(dueAt, { type: 'help', conversationId: waiting.id, version: waiting.row.version })
}

function bringAbout(matcher: Matcher, due: Due, at: number): void {
  const { agenda, rules, world } = matcher
  if (isOver(matcher, due)) return
  if (due.type === 'doubtOver') {
    agenda.agents.add(due.agentId)
    return
  }
  if (due.type === 'vetoOver') world.vetoes.end(due.conversationId, due.agentId, at)
  const row = world.queue.get(due.conversationId)?.row
  if (row === undefined) return
  agenda.conversations.add(row.conversationId)
  if (due.type !== 'relax') return
  world.queue.put(row, toNeed(row, rules, at))
  planRelaxation(matcher, row.conversationId, at)
}

function doubtAgent({ agenda, world }: Matcher, reservation: Reservation, at: number): void {
  const retryAt = world.roster.doubt(reservation, at)
  if (retryAt !== undefined) agenda.plan(retryAt, { type: 'doubtOver', agentId: reservation.agentId })
}

function pairFor({ world }: Matcher, conversationId: string, about: Round): PickedAgent | undefined {
  const waiting = world.queue.get(conversationId)
  if (waiting === undefined || waiting.proposal !== undefined) return undefined
  const picked = pickAgent(world, waiting, about.at)
  if (picked === undefined || world.queue.size === 1) return picked
  about.known = picked
  return pickPair(world, picked.agent, about)
}

function reserve(matcher: Matcher, picked: PickedAgent, at: number): Proposal {
  const { decisions, history, world } = matcher
  const { agent, waiting } = picked
  const units = waiting.need.weight
  waiting.proposal = { reservation: world.roster.reserve(agent, units, at), rowVersion: waiting.row.version }
  decisions.put(picked)
  matcher.forecaster?.started(waiting, at)
  history.turn += 1
  matcher.demand?.started(waiting.need.skills)
  matcher.demand?.look()
  if (matcher.takesTurns) history.lastOf.set(ringOf(waiting), agent.id)
  return { conversationId: waiting.id, agentId: agent.id, units }
}
