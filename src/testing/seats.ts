import type { Engine } from '../core/engine/engine-api.ts'
import { DEFAULT_CAPACITY } from '../core/memory/ledger.ts'
import type { TenantStore } from '../core/ports.ts'
import type { Presence } from '../core/types.ts'

/** What an agent holds now, and what they declare. */
export interface Seat {
  readonly load: number
  readonly presence: Presence
}

/** What all agents hold, as last heard of. */
export interface Seats {
  of(agentId: string): Seat
  /** As the store has it: another engine may have changed it. */
  refresh(store: TenantStore): Promise<void>
  /** Who may hold more than their limit: it was lowered under what they held, or somebody forced a conversation on them. */
  excused(store: TenantStore): Promise<ReadonlySet<string>>
}

const NOBODY: Seat = { load: 0, presence: 'offline' }

export function createSeats(engine: Engine): Seats {
  const seats = new Map<string, Seat>()
  const lowered = new Set<string>()
  engine.on('agent.changed', ({ agentId, load, capacity, presence }) => {
    const before = seats.get(agentId)
    if (load <= capacity || (before !== undefined && load > before.load)) lowered.delete(agentId)
    else lowered.add(agentId)
    seats.set(agentId, { load, presence })
  })

  return {
    of: (agentId) => seats.get(agentId) ?? NOBODY,
    async refresh(store) {
      for (const { agent, units, presence } of await store.agents()) seats.set(agent.id, { load: units, presence })
    },
    async excused(store) {
      const excused = new Set(lowered)
      for (const { agent, units, outside } of await store.agents()) {
        if (units <= (agent.capacity ?? DEFAULT_CAPACITY)) continue
        if (outside.some(({ forced }) => forced) || (await isForced(store, agent.id))) excused.add(agent.id)
      }
      return excused
    },
  }
}

async function isForced(store: TenantStore, agentId: string): Promise<boolean> {
  for (const { conversationId } of await store.holdsOf(agentId)) {
    const facts = (await store.turns(conversationId, 0)).flatMap(({ walks }) => walks.map(({ fact }) => fact))
    if (facts.some((fact) => 'forced' in fact && fact.forced && fact.agentId === agentId)) return true
  }
  return false
}
