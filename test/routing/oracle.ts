import type { AgentRow, Proposal, QueueRow } from '../../src/core/ports.ts'
import type { AgentPolicyName, QueuePolicyName } from '../../src/routing/routing.ts'

export interface Rules {
  readonly agentPolicy: AgentPolicyName
  readonly queuePolicy: QueuePolicyName
  readonly relax: readonly { readonly after: number; readonly drop: string }[]
}

interface Held {
  readonly conversationId: string
  readonly agentId: string
  readonly units: number
  seenVersion: number
  awaits: 'settlement' | 'row'
}

/** The rules of routing written down once more, in the plainest way: over all that the router has been told, by looking at everything. */
export interface Oracle {
  readonly agents: Map<string, AgentRow>
  readonly waiting: Map<string, QueueRow>
  toldAgent(row: AgentRow): void
  removedAgent(agentId: string): void
  proposed(proposal: Proposal): void
  confirmed(proposal: Proposal): void
  dropped(proposal: Proposal): void
  refused(proposal: Proposal, at: number): void
  vetoed(proposal: Proposal, at: number): void
  isOpen(conversationId: string): boolean
  openUnits(agentId: string): number
  canTake(agentId: string, units: number, at: number): boolean
  /** May this pair be made now? */
  isEligible(row: QueueRow, agentId: string, at: number): boolean
  /** May this agent have this conversation, seats and presence apart? */
  isAllowed(row: QueueRow, agentId: string, at: number): boolean
  /** Who ranks higher for the agent? */
  score(row: QueueRow, agentId: string, at: number): number
  classOf(row: QueueRow, at: number): string
  /** Every pair that could be made now. */
  pairs(at: number): string[]
  /** When time alone makes a pair possible, at the latest. */
  nextPairAt(at: number): number | undefined
}

const skillsOf = (row: AgentRow) => row.agent.skills as Record<string, number>

export function createOracle({ agentPolicy, queuePolicy, relax }: Rules): Oracle {
  const agents = new Map<string, AgentRow>()
  const waiting = new Map<string, QueueRow>()
  const vetoes = new Map<string, number>()
  const doubts = new Map<string, { readonly version: number; endsAt: number }>()
  let held: Held[] = []

  const heldFor = ({ conversationId }: { conversationId: string }) =>
    held.find((each) => each.conversationId === conversationId && each.awaits === 'settlement')

  const needAt = (row: QueueRow, at: number) => {
    const dropped = relax.filter(({ after }) => at - row.queuedAt >= after).map(({ drop }) => drop)
    const { skills, weight = 1, target, priority = 0 } = row.requirements
    const targetMs = typeof target === 'number' ? target : row.reach === 'away' ? 4 * 3_600_000 : 60_000
    return {
      skills: [...new Set(skills)].filter((skill) => !dropped.includes(skill)).sort(),
      weight,
      targetMs,
      priority,
      isChoosy: relax.some(({ drop }) => drop === 'proficiency') && !dropped.includes('proficiency'),
    }
  }
  const speed = (row: AgentRow, skills: readonly string[]) =>
    Math.min(5, ...skills.map((skill) => skillsOf(row)[skill] ?? 0))

  const speedsOnDuty = (skills: readonly string[]) => {
    const onDuty = [...agents.values()].filter(
      ({ presence, agent: { capacity = 3 } }) => presence === 'online' && capacity > 0,
    )
    return { count: onDuty.length, speeds: onDuty.map((agent) => speed(agent, skills)).filter((each) => each > 0) }
  }
  const isGoodEnough = (row: QueueRow, agent: AgentRow, at: number) => {
    const { skills, isChoosy } = needAt(row, at)
    const own = speed(agent, skills)
    return own > 0 && (!isChoosy || own >= 0.9 * Math.max(0, ...speedsOnDuty(skills).speeds))
  }

  const isOnDuty = ({ presence, agent: { capacity = 3 } }: AgentRow) => presence === 'online' && capacity > 0
  const isOneOf = (skills: readonly string[], others: readonly string[]) =>
    JSON.stringify(skills) === JSON.stringify(others)
  const isBarred = (row: QueueRow, agentId: string, at: number) =>
    row.declinedBy.includes(agentId) ||
    row.requirements.excludedAgentIds?.includes(agentId) === true ||
    at < (vetoes.get(`${row.conversationId} ${agentId}`) ?? 0)

  /** Whoever is slow at it is spared for what they do better, until enough wait and enough have room who can do that. */
  const isSpared = (row: QueueRow, agent: AgentRow, at: number): boolean => {
    if (agentPolicy !== 'default' && agentPolicy !== 'sticky') return false
    if (relax.some(({ drop }) => drop === 'proficiency')) return false
    const { skills, weight, targetMs } = needAt(row, at)
    if (row.requirements.preferredAgentId === agent.agent.id || at >= row.queuedAt + 4 * targetMs) return false
    const own = speed(agent, skills)
    const faster = [...agents.values()].filter(
      (other) => isOnDuty(other) && speed(other, skills) > own && (other.agent.capacity ?? 3) >= weight,
    )
    const isDropped = relax.some(({ after, drop }) => drop === 'preferredSkills' && at - row.queuedAt >= after)
    const preferred = isDropped ? [] : (row.requirements.preferredSkills ?? [])
    const liked = (other: AgentRow) => preferred.filter((skill) => skillsOf(other)[skill] !== undefined).length
    if (faster.every((other) => isBarred(row, other.agent.id, at) || liked(other) < liked(agent))) return false
    const gap = faster.reduce((sum, other) => sum + (other.agent.capacity ?? 3) * (speed(other, skills) - own), 0)
    const alike = [...waiting.values()].filter(
      (other) => !oracle.isOpen(other.conversationId) && isOneOf(needAt(other, at).skills, skills),
    )
    const units = alike.reduce((sum, other) => sum + needAt(other, at).weight, 0)
    const best = Math.max(...speedsOnDuty(skills).speeds)
    return Object.entries(skillsOf(agent)).some(([skill, level]) => {
      if (level * best <= own * Math.max(...speedsOnDuty([skill]).speeds)) return false
      const colleagues = [...agents.values()].filter(
        (other) => (skillsOf(other)[skill] ?? 0) >= level && oracle.canTake(other.agent.id, 1, at),
      )
      return units * colleagues.length ** 2 * own < 0.6 * gap
    })
  }

  const oracle: Oracle = {
    agents,
    waiting,
    toldAgent(row) {
      const known = agents.get(row.agent.id)
      if (known !== undefined && row.version < known.version) return
      agents.set(row.agent.id, row)
      const doubt = doubts.get(row.agent.id)
      if (doubt !== undefined && row.version > doubt.version) doubts.delete(row.agent.id)
      else if (doubt?.endsAt === Number.POSITIVE_INFINITY) doubt.endsAt = 0
      held = held.filter(
        (each) => each.agentId !== row.agent.id || each.awaits !== 'row' || row.version <= each.seenVersion,
      )
    },
    removedAgent(agentId) {
      agents.delete(agentId)
      doubts.delete(agentId)
      held = held.filter((each) => each.agentId !== agentId || each.awaits === 'settlement')
      for (const each of held) if (each.agentId === agentId) each.seenVersion = -1
    },
    proposed({ conversationId, agentId, units }) {
      const seenVersion = agents.get(agentId)?.version ?? -1
      held.push({ conversationId, agentId, units, seenVersion, awaits: 'settlement' })
    },
    confirmed(proposal) {
      const own = heldFor(proposal)
      if (own === undefined) return
      const row = agents.get(proposal.agentId)
      if (row === undefined || row.version > own.seenVersion) held = held.filter((each) => each !== own)
      else own.awaits = 'row'
    },
    dropped(proposal) {
      const own = heldFor(proposal)
      held = held.filter((each) => each !== own)
    },
    refused(proposal, at) {
      const { agentId } = proposal
      const version = heldFor(proposal)?.seenVersion ?? -1
      const isAgain = doubts.get(agentId)?.version === version
      const endsAt = isAgain ? at + 1_000 : Number.POSITIVE_INFINITY
      if (agents.get(agentId)?.version === version) doubts.set(agentId, { version, endsAt })
      oracle.dropped(proposal)
    },
    vetoed(proposal, at) {
      vetoes.set(`${proposal.conversationId} ${proposal.agentId}`, at + 30_000)
      oracle.dropped(proposal)
    },
    isOpen: (conversationId) => heldFor({ conversationId }) !== undefined,
    openUnits: (agentId) =>
      held.reduce((sum, each) => sum + (each.agentId === agentId && each.awaits === 'settlement' ? each.units : 0), 0),
    canTake(agentId, units, at) {
      const row = agents.get(agentId)
      if (row === undefined || at < (doubts.get(agentId)?.endsAt ?? 0) || row.presence !== 'online') return false
      if (row.presenceUntil !== null && at >= row.presenceUntil) return false
      const reserved = held.reduce((sum, each) => sum + (each.agentId === agentId ? each.units : 0), 0)
      return row.units + reserved + units <= (row.agent.capacity ?? 3)
    },
    isAllowed(row, agentId, at) {
      const agent = agents.get(agentId)
      if (agent === undefined || !isGoodEnough(row, agent, at)) return false
      return !isBarred(row, agentId, at) && !isSpared(row, agent, at)
    },
    isEligible: (row, agentId, at) =>
      oracle.isAllowed(row, agentId, at) && oracle.canTake(agentId, needAt(row, at).weight, at),
    score(row, agentId, at) {
      const { skills, targetMs, priority } = needAt(row, at)
      if (queuePolicy === 'fifo') return -row.queuedAt
      if (queuePolicy === 'strictPriority') return priority
      if (queuePolicy === 'earliestDeadline') return -(row.queuedAt + targetMs)
      if (queuePolicy === 'additiveAgeing') return priority * 60_000 - row.queuedAt
      const { count, speeds } = speedsOnDuty(skills)
      if (queuePolicy === 'scarceFirst') return count / speeds.length
      const own = agents.get(agentId)
      const ratio = own === undefined ? 0 : speed(own, skills) / Math.max(...speeds)
      // In the order of the router's own sum: what is level must be level here too.
      return (at - row.queuedAt + 1_000) * ((ratio ** 4 * (count / speeds.length) ** 2) / targetMs)
    },
    classOf: (row, at) => JSON.stringify(needAt(row, at)),
    pairs(at) {
      const open = [...waiting.values()].filter((row) => !oracle.isOpen(row.conversationId))
      return open.flatMap((row) =>
        [...agents.keys()].filter((id) => oracle.isEligible(row, id, at)).map((id) => `${row.conversationId} > ${id}`),
      )
    },
    nextPairAt(at) {
      const relaxations = [...waiting.values()].flatMap((row) => relax.map(({ after }) => row.queuedAt + after))
      const helps = [...waiting.values()].map((row) => row.queuedAt + 4 * needAt(row, at).targetMs)
      const doubtsOver = [...doubts.values()].map(({ endsAt }) => endsAt).filter(Number.isFinite)
      const moments = [...relaxations, ...helps, ...vetoes.values(), ...doubtsOver]
        .filter((moment) => moment > at)
        .sort((a, b) => a - b)
      return moments.find((moment) => oracle.pairs(moment).length > 0)
    },
  }
  return oracle
}
