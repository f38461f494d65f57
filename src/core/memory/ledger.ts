import { deepFreeze } from '../hooks/installed.ts'
import type { AgentRow, CommitResult, DeclaredPresence, HoldRow, OutsideWork, SlotChange } from '../ports.ts'
import type { Agent } from '../types.ts'

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
  setPresence(id: string, declared: DeclaredPresence): AgentRow | undefined
  setOutside(id: string, work: OutsideWork): AgentRow | 'NO_CAPACITY' | undefined
  holdsOf(agentId: string): readonly HoldRow[]
}

const NOBODY: readonly AgentRow[] = []
const NOTHING: readonly OutsideWork[] = Object.freeze([])

function capacityOf({ agent }: AgentRow): number {
  return agent.capacity ?? DEFAULT_CAPACITY
}

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

  function change(slot: Exclude<SlotChange, { op: 'take' }>, at: number): void {
    const hold = holds.get(slot.holdId)
    if (hold === undefined) return
    if (slot.op === 'phase') {
      holds.set(slot.holdId, Object.freeze({ ...hold, phase: slot.phase }))
      return
    }
    const agent = agents.get(slot.agentId)
    if (slot.op === 'weigh') {
      holds.set(slot.holdId, Object.freeze({ ...hold, units: slot.units }))
      if (agent !== undefined) set({ ...agent, units: agent.units + slot.units - hold.units })
      return
    }
    holds.delete(slot.holdId)
    if (agent === undefined) return
    const leaves = slot.away === true && agent.presence === 'online'
    const presence = leaves ? ({ presence: 'away', presenceAt: at } as const) : {}
    set({ ...agent, units: agent.units - hold.units, lastFreedAt: at, ...presence })
  }

  function unitsHeld(agentId: string): number {
    return [...holds.values()].reduce((sum, hold) => (hold.agentId === agentId ? sum + hold.units : sum), 0)
  }

  return {
    refused: (slots) => refusedSlot(slots, { agents, holds }),
    apply(slots, { conversationId, at }) {
      if (slots.length === 0) return NOBODY
      for (const slot of slots) {
        if (slot.op === 'take') take(slot, conversationId, at)
        else change(slot, at)
      }
      return [...new Set(slots.map(({ agentId }) => agentId))].flatMap((id) => agents.get(id) ?? [])
    },
    agents: () => [...agents.values()],
    agent: (id) => agents.get(id),
    save(profile) {
      const agent = deepFreeze(structuredClone(profile))
      const known = agents.get(agent.id)
      if (known !== undefined) return set({ ...known, agent })
      const ledger = { units: unitsHeld(agent.id), outside: NOTHING, lastAssignedAt: 0, version: 0 }
      return set({ agent, presence: 'offline', presenceUntil: null, presenceAt: 0, ...ledger })
    },
    remove: (id) => {
      if (agents.delete(id)) changed(id)
    },
    setPresence(id, { presence, until, at }) {
      const known = agents.get(id)
      if (known === undefined) return undefined
      const presenceAt = known.presence === presence ? known.presenceAt : at
      return set({ ...known, presence, presenceUntil: until, presenceAt })
    },
    setOutside(id, work) {
      const known = agents.get(id)
      if (known === undefined) return undefined
      const busy = busyWith(known, work)
      return busy === 'NO_CAPACITY' ? busy : set({ ...known, units: busy.units, outside: deepFreeze(busy.outside) })
    },
    holdsOf: (agentId) => [...holds.values()].filter((hold) => hold.agentId === agentId),
  }
}

/** What an agent is busy with once a piece of work outside is as said. */
export function busyWith(row: AgentRow, work: OutsideWork): Pick<AgentRow, 'units' | 'outside'> | 'NO_CAPACITY' {
  const before = row.outside.find(({ name }) => name === work.name)?.units ?? 0
  const units = row.units + work.units - before
  if (work.units > before && units > capacityOf(row) && !work.forced) return 'NO_CAPACITY'
  const others = row.outside.filter(({ name }) => name !== work.name)
  return { units, outside: work.units > 0 ? [...others, { ...work }] : others }
}

/** Nothing is written here: what the changes before one of them would have done is counted beside the rows. */
function refusedSlot(
  slots: readonly SlotChange[],
  { agents, holds }: { readonly agents: ReadonlyMap<string, AgentRow>; readonly holds: ReadonlyMap<string, HoldRow> },
): Extract<CommitResult, { status: 'refused' }> | undefined {
  if (slots.length === 0) return undefined
  const added = new Map<string, number>()
  const add = (agentId: string, units: number): number => {
    const sum = (added.get(agentId) ?? 0) + units
    added.set(agentId, sum)
    return sum
  }
  for (const slot of slots) {
    if (slot.op === 'phase') continue
    const { agentId } = slot
    const agent = agents.get(agentId)
    const held = slot.op === 'take' ? 0 : (holds.get(slot.holdId)?.units ?? 0)
    if (slot.op === 'release') add(agentId, -held)
    if (slot.op === 'release' || (slot.op === 'weigh' && (!holds.has(slot.holdId) || agent === undefined))) continue
    const isForced = slot.force === true
    if (agent === undefined || (slot.op === 'take' && agent.presence !== 'online' && !isForced))
      return { status: 'refused', code: 'AGENT_GONE', agentId }
    const isFull = agent.units + add(agentId, slot.units - held) > capacityOf(agent)
    if (isFull && slot.units > held && !isForced) return { status: 'refused', code: 'NO_CAPACITY', agentId }
  }
  return undefined
}
