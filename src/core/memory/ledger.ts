import { deepFreeze } from '../hooks/installed.ts'
import type { AgentRow, CommitResult, HoldRow, SlotChange } from '../ports.ts'
import type { Agent, Presence } from '../types.ts'

/** Units an agent can hold unless the profile says. */
export const DEFAULT_CAPACITY = 3

/** The capacity ledger: agents, and who holds a seat of theirs. */
export interface Ledger {
  /** The first change that there is no room for; later changes see what earlier ones did. */
  refused(slots: readonly SlotChange[]): Extract<CommitResult, { status: 'refused' }> | undefined
  /** Makes the changes, and says whom they touched. */
  apply(
    slots: readonly SlotChange[],
    about: { readonly conversationId: string; readonly at: number },
  ): readonly AgentRow[]
  agents(): readonly AgentRow[]
  agent(id: string): AgentRow | undefined
  save(agent: Agent): AgentRow
  remove(id: string): void
  setPresence(id: string, presence: Presence, until: number | null): AgentRow | undefined
  holdsOf(agentId: string): readonly HoldRow[]
}

const NOBODY: readonly AgentRow[] = []

/** `changed` hears of every agent who is not as before. */
export function createLedger(changed: (agentId: string) => void = () => {}): Ledger {
  const agents = new Map<string, AgentRow>()
  const holds = new Map<string, HoldRow>()

  function set(row: AgentRow): AgentRow {
    const next = Object.freeze({ ...row, version: row.version + 1 })
    agents.set(row.agent.id, next)
    changed(row.agent.id)
    return next
  }

  function take(slot: Extract<SlotChange, { op: 'take' }>, conversationId: string, at: number): void {
    const { agentId, holdId, units, phase } = slot
    holds.set(holdId, Object.freeze({ holdId, agentId, conversationId, units, phase }))
    const agent = agents.get(agentId)
    if (agent !== undefined) set({ ...agent, units: agent.units + units, lastAssignedAt: at })
  }

  function change(slot: Exclude<SlotChange, { op: 'take' }>): void {
    const hold = holds.get(slot.holdId)
    if (hold === undefined) return
    if (slot.op === 'phase') {
      holds.set(slot.holdId, Object.freeze({ ...hold, phase: slot.phase }))
      return
    }
    holds.delete(slot.holdId)
    const agent = agents.get(slot.agentId)
    if (agent === undefined) return
    const presence: Presence = slot.away === true && agent.presence === 'online' ? 'away' : agent.presence
    set({ ...agent, units: agent.units - hold.units, presence })
  }

  return {
    refused(slots) {
      if (slots.length === 0) return undefined
      const added = new Map<string, number>()
      const add = (agentId: string, units: number): number => {
        const sum = (added.get(agentId) ?? 0) + units
        added.set(agentId, sum)
        return sum
      }
      for (const slot of slots) {
        if (slot.op === 'release') add(slot.agentId, -(holds.get(slot.holdId)?.units ?? 0))
        if (slot.op !== 'take') continue
        const { agentId } = slot
        const agent = agents.get(agentId)
        const isForced = slot.force === true
        if (agent === undefined || (agent.presence !== 'online' && !isForced))
          return { status: 'refused', code: 'AGENT_GONE', agentId }
        const isFull = agent.units + add(agentId, slot.units) > (agent.agent.capacity ?? DEFAULT_CAPACITY)
        if (isFull && !isForced) return { status: 'refused', code: 'NO_CAPACITY', agentId }
      }
      return undefined
    },
    apply(slots, { conversationId, at }) {
      if (slots.length === 0) return NOBODY
      for (const slot of slots) {
        if (slot.op === 'take') take(slot, conversationId, at)
        else change(slot)
      }
      return [...new Set(slots.map(({ agentId }) => agentId))].flatMap((id) => agents.get(id) ?? [])
    },
    agents: () => [...agents.values()],
    agent: (id) => agents.get(id),
    save(profile) {
      const agent = deepFreeze(structuredClone(profile))
      const known = agents.get(agent.id)
      if (known !== undefined) return set({ ...known, agent })
      const units = [...holds.values()].reduce((sum, hold) => (hold.agentId === agent.id ? sum + hold.units : sum), 0)
      return set({ agent, presence: 'offline', presenceUntil: null, units, lastAssignedAt: 0, version: 0 })
    },
    remove: (id) => {
      if (agents.delete(id)) changed(id)
    },
    setPresence(id, presence, until) {
      const known = agents.get(id)
      return known === undefined ? undefined : set({ ...known, presence, presenceUntil: until })
    },
    holdsOf: (agentId) => [...holds.values()].filter((hold) => hold.agentId === agentId),
  }
}
