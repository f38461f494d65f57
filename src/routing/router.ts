import type { AgentRow, Explanation, Proposal, QueueRow, Router, Score, Settlement, Staffing } from '../core/ports.ts'
import { compareIds, createAgenda, type Due } from './agenda.ts'
import { type History, orderOf } from './agent-policies.ts'
import type { AgentState } from './agent-state.ts'
import { createRoster, isLapsed, type Roster } from './agents.ts'
import { createDemand } from './demand.ts'
import { createDecisions } from './decisions.ts'
import { explainDecision, explainWaiting } from './explain.ts'
import type { Group } from './group.ts'
import { createForecaster, type Forecaster } from './forecast.ts'
import { isOver, leave, lookAt, type Matcher, planRelaxation, reserveNext, settle } from './matcher.ts'
import type { OpenProposal } from './line.ts'
import { isChoosy, toNeed } from './need.ts'
import { toPosition } from './place.ts'
import { createQueue } from './queue.ts'
import { queuePolicies } from './queue-policies.ts'
import { type Routing, resolveRouting } from './routing.ts'
import { createVetoes } from './vetoes.ts'
import type { World } from './world.ts'

export interface RouterAbout {
  /** For the `random` agent policy: the same seed gives the same choices. 0 unless said. */
  readonly seed?: number
  /** Told when a developer's own agent policy throws, or names somebody who is no candidate. The conversation waits meanwhile. */
  readonly onPolicyFault?: World['onPolicyFault']
}

/**
 * Brings conversations and agents together as soon as both can. After `next` has returned nothing, no waiting conversation has an
 * available agent; and until something changes, asking again costs next to nothing.
 *
 * In which order to report:
 * - `queued` and `left` as the conversation's commits came. Either may come before `settle`; a newer row stays in the queue.
 * - `settle(confirmed)` and the `agentChanged` that holds the seat in either order. The row first is exact at every moment.
 * - `settle(refused)` first, then `agentChanged` with the agent as read again. Until then the agent takes nothing.
 * @throws MaitredError `CONFIG_INVALID` when an option is wrong; `queued` throws it when the row's own target is not a duration.
 * @example const router = createRouter({ target: '30s' })
 */
export function createRouter(options: Routing = {}, about: RouterAbout = {}): Router {
  const matcher = createMatcher(options, about)
  const { agenda, decisions, rules, strays, world } = matcher
  const { queue, roster } = world
  const isOverNow = (due: Due): boolean => isOver(matcher, due)
  // What waits is counted in fields: V8 keeps an object with getters of its own as a dictionary, and every call is looked up in it.
  const router = {
    agentChanged(row: AgentRow) {
      const { forecaster } = matcher
      const before = forecaster && toHeld(roster.get(row.agent.id), roster)
      if (!roster.put(row)) return
      forecaster?.heldChanged(before, toHeld(roster.get(row.agent.id), roster))
      lookAt(matcher, row.agent.id)
    },
    agentRemoved(agentId: string) {
      matcher.forecaster?.heldChanged(toHeld(roster.get(agentId), roster), undefined)
      roster.remove(agentId)
    },
    queued(row: QueueRow) {
      const known = queue.get(row.conversationId)
      if (known !== undefined && row.version <= known.row.version) return
      queue.put(row, toNeed(row, rules, row.queuedAt), takeStray(strays, row.conversationId))
      if (known === undefined && matcher.forecaster !== undefined) joined(matcher, row.conversationId)
      planRelaxation(matcher, row.conversationId, row.queuedAt)
      agenda.conversations.add(row.conversationId)
      count()
    },
    left(conversationId: string) {
      leave(matcher, conversationId)
      count()
    },
    next: (at: number) => reserveNext(matcher, at),
    settle(proposal: Proposal, settlement: Settlement, at: number) {
      settle(matcher, proposal, { settlement, at })
      count()
    },
    dueAt: () => agenda.dueAt(isOverNow),
    place(conversationId: string, at: number) {
      roster.pass(at)
      roster.tidy()
      const waiting = queue.get(conversationId)
      return waiting && { position: toPosition(world, waiting, at), wait: askForecaster().forWaiting(waiting, at) }
    },
    explain(conversationId: string, at: number, { full = false }: { readonly full?: boolean } = {}) {
      roster.pass(at)
      roster.tidy()
      const waiting = queue.get(conversationId)
      const telling = { rules: toTold(rules), full }
      const isDecided = waiting === undefined || waiting.proposal !== undefined
      return isDecided
        ? explainDecision(decisions.get(conversationId), telling)
        : explainWaiting(world, { waiting, at }, telling)
    },
    staffing(skills: readonly string[], isTeamOpen?: (team: string | undefined) => boolean) {
      roster.tidy()
      const { presentCount, groups } = roster.crew(skills)
      if (isTeamOpen !== undefined) return staffByTeam(groups, isTeamOpen)
      return {
        online: presentCount,
        free: groups.reduce((sum, { number }) => sum + (roster.table.free[number] ?? 0), 0),
      }
    },
    scoreBy(score: Score) {
      world.score = score
    },
    forecast(skills: readonly string[], at: number) {
      return askForecaster().forSkills(skills, at)
    },
    waitingCount: 0,
    presentCount: 0,
  }
  /** Until somebody asks for a forecast nothing is learnt for one: it costs as much again as the rest of a match. */
  function askForecaster(): Forecaster {
    matcher.forecaster ??= startForecaster(matcher, about)
    return matcher.forecaster
  }
  function count(): void {
    router.waitingCount = queue.size
    router.presentCount = queue.presentCount
  }
  return router
}

function createMatcher(options: Routing, { seed = 0, onPolicyFault = () => undefined }: RouterAbout): Matcher {
  const rules = resolveRouting(options)
  const demand = createDemand(() => roster.crew([]).groups)
  const history: History = {
    seed,
    turn: 0,
    lastAgentId: '',
    lastOf: new Map<string, string>(),
    needElsewhere: (standing) => demand.needElsewhere(standing),
  }
  const agentPolicy = typeof rules.agentPolicy === 'function' ? rules.agentPolicy : orderOf(rules.agentPolicy, history)
  const named = typeof agentPolicy === 'function' ? undefined : agentPolicy
  const roster = createRoster(named?.inGroup)
  const queue = createQueue()
  const since = (conversationId: string): number => queue.get(conversationId)?.row.queuedAt ?? 0
  const world: World = {
    roster,
    queue,
    vetoes: createVetoes(),
    sparesSlow: named?.sparesSlow === true && !isChoosy(rules),
    agentPolicy,
    queuePolicy: queuePolicies[rules.queuePolicy],
    history,
    score: undefined,
    onPolicyFault,
  }
  return {
    rules,
    strays: new Map(),
    forecaster: undefined,
    agenda: createAgenda((one, other) => since(one) - since(other) || compareIds(one, other)),
    decisions: createDecisions(),
    history,
    isChoosy: isChoosy(rules) || rules.preferredWaitMs > 0,
    takesTurns: named?.takesTurns === true,
    demand: named?.name === 'scarcityAware' ? demand : undefined,
    round: { at: 0, skipped: undefined, known: undefined },
    choosyVersion: -1,
    sparingVersion: -1,
    world,
  }
}

/** A conversation that asks for these skills and says no more. */
function toPlainRow(skills: readonly string[]): QueueRow {
  return { conversationId: '', requirements: { skills }, queuedAt: 0, declinedBy: [], reach: 'present', version: 0 }
}

/** Begins with what everybody holds. */
function startForecaster({ rules, world }: Matcher, { seed = 0 }: RouterAbout): Forecaster {
  const forecaster = createForecaster(world, {
    runs: rules.forecastRuns,
    seed,
    toNeed: (skills) => toNeed(toPlainRow(skills), rules, 0),
  })
  const { roster } = world
  for (const { members } of roster.crew([]).groups)
    for (const agent of members) forecaster.heldChanged(undefined, toHeld(agent, roster))
  return forecaster
}

function toHeld(
  agent: AgentState | undefined,
  roster: Roster,
): { readonly group: Group; readonly units: number } | undefined {
  return agent && { group: roster.groupOf(agent), units: agent.row.units }
}

function joined({ forecaster, world }: Matcher, conversationId: string): void {
  const waiting = world.queue.get(conversationId)
  if (waiting !== undefined && waiting.row.declinedBy.length === 0)
    forecaster?.joined(waiting.line, waiting.row.queuedAt)
}

function takeStray(strays: Matcher['strays'], conversationId: string): OpenProposal | undefined {
  if (strays.size === 0) return undefined
  const proposal = strays.get(conversationId)
  strays.delete(conversationId)
  return proposal
}

/** Changes with every change to what the policies of these names do. */
const RULES_VERSION = '3'

function toTold({ agentPolicy, queuePolicy }: Matcher['rules']): NonNullable<Explanation['rules']> {
  return {
    agentPolicy: typeof agentPolicy === 'function' ? 'custom' : agentPolicy,
    queuePolicy,
    version: RULES_VERSION,
  }
}

function staffByTeam(groups: readonly Group[], isTeamOpen: (team: string | undefined) => boolean): Staffing {
  const closedTeams = new Set<string>()
  let [online, free] = [0, 0]
  for (const agent of groups.flatMap(({ members }) => members)) {
    const { team } = agent.row.agent
    if (!isTeamOpen(team)) {
      if (team !== undefined) closedTeams.add(team)
      continue
    }
    if (agent.row.presence !== 'online' || isLapsed(agent)) continue
    online += 1
    if (agent.load + 1 <= agent.capacity) free += 1
  }
  return { online, free, closedTeams: [...closedTeams] }
}
