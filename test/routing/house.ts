import type { AgentRow, Proposal, QueueRow, Router, Settlement } from '../../src/core/ports.ts'
import type { Agent, Presence, Requirements } from '../../src/core/types.ts'
import { createRouter, type RouterAbout } from '../../src/routing/router.ts'
import type { Routing } from '../../src/routing/routing.ts'

interface Arrival extends Partial<Requirements> {
  readonly queuedAt?: number
  readonly declinedBy?: readonly string[]
  readonly reach?: 'present' | 'away'
}

/** A router with a store of one process beside it: rows are told at once, versions count up, the ledger guards its seats. */
export interface House {
  readonly router: Router
  readonly rows: Map<string, AgentRow>
  agent(
    agent: Agent,
    about?: { presence?: Presence; presenceUntil?: number; units?: number; lastAssignedAt?: number },
  ): void
  presence(agentId: string, presence: Presence): void
  /** A conversation begins to wait, or waits again with its first `queuedAt`. */
  arrives(conversationId: string, arrival?: Arrival): void
  leaves(conversationId: string): void
  /** Takes proposals until there is none; every offer is made. Returns them as 'conversation > agent'. */
  match(at?: number): string[]
  /** Settles one proposal as the store and the engine would. */
  settle(proposal: Proposal, settlement?: Settlement, at?: number): void
  /** An agent is done with a conversation. */
  ends(conversationId: string): void
}

export function openHouse(options: Routing = {}, about: RouterAbout = {}): House {
  const router = createRouter(options, about)
  const rows = new Map<string, AgentRow>()
  const seats = new Map<string, Proposal>()
  const versions = new Map<string, number>()
  const queuedAts = new Map<string, number>()

  function put(row: AgentRow): void {
    rows.set(row.agent.id, row)
    router.agentChanged(row)
  }

  function change(agentId: string, changes: Partial<AgentRow>): void {
    const row = rows.get(agentId)
    if (row !== undefined) put({ ...row, ...changes, version: row.version + 1 })
  }

  const house: House = {
    router,
    rows,
    agent(agent, { presence = 'online', presenceUntil, units = 0, lastAssignedAt = 0 } = {}) {
      const version = (rows.get(agent.id)?.version ?? 0) + 1
      put({
        agent,
        presence,
        presenceUntil: presenceUntil ?? null,
        presenceAt: 0,
        outside: [],
        units,
        lastAssignedAt,
        version,
      })
    },
    presence: (agentId, presence) => change(agentId, { presence }),
    arrives(conversationId, { queuedAt, declinedBy = [], reach = 'present', ...requirements } = {}) {
      const version = (versions.get(conversationId) ?? 0) + 1
      versions.set(conversationId, version)
      queuedAts.set(conversationId, queuedAt ?? queuedAts.get(conversationId) ?? 0)
      const row: QueueRow = {
        conversationId,
        requirements: { skills: [], ...requirements },
        queuedAt: queuedAts.get(conversationId) ?? 0,
        declinedBy,
        reach,
        version,
      }
      router.queued(row)
    },
    leaves: (conversationId) => router.left(conversationId),
    match(at = 0) {
      const made: string[] = []
      for (let proposal = router.next(at); proposal !== undefined; proposal = router.next(at)) {
        made.push(`${proposal.conversationId} > ${proposal.agentId}`)
        house.settle(proposal, 'confirmed', at)
      }
      return made
    },
    settle(proposal, settlement = 'confirmed', at = 0) {
      if (settlement === 'confirmed') {
        seats.set(proposal.conversationId, proposal)
        versions.set(proposal.conversationId, (versions.get(proposal.conversationId) ?? 0) + 1)
        router.left(proposal.conversationId)
        const units = (rows.get(proposal.agentId)?.units ?? 0) + proposal.units
        change(proposal.agentId, { units, lastAssignedAt: at })
      }
      router.settle(proposal, settlement, at)
      const row = rows.get(proposal.agentId)
      if (settlement === 'refused' && row !== undefined) router.agentChanged(row)
    },
    ends(conversationId) {
      const seat = seats.get(conversationId)
      if (seat === undefined) return
      seats.delete(conversationId)
      change(seat.agentId, { units: (rows.get(seat.agentId)?.units ?? 0) - seat.units })
    },
  }
  return house
}
