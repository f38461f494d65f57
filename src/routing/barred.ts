import type { Waiting } from './line.ts'
import { isRuledOut } from './need.ts'
import type { World } from './world.ts'

/** Those who may not have a conversation, and why. */
export type Barred = ReadonlyMap<string, 'declined' | 'plugin'>

const NOBODY: Barred = new Map()

/** Nobody is barred from it by name. */
export function isOpenToAll({ vetoes }: World, { id, row: { declinedBy, requirements } }: Waiting): boolean {
  const { excludedAgentIds } = requirements
  return declinedBy.length === 0 && (excludedAgentIds === undefined || excludedAgentIds.length === 0) && !vetoes.has(id)
}

/** May this pair not be made at all, seats and presence apart? */
export function isBarred(
  world: World,
  { id, row }: Waiting,
  { agentId, at }: { readonly agentId: string; readonly at: number },
): boolean {
  return isRuledOut(row, agentId) || world.vetoes.holds(id, agentId, at)
}

export function toBarred(world: World, waiting: Waiting, at: number): Barred {
  if (isOpenToAll(world, waiting)) return NOBODY
  const { vetoes } = world
  const { id, row } = waiting
  const { declinedBy, requirements } = row
  const { excludedAgentIds } = requirements
  const barred = new Map<string, 'declined' | 'plugin'>()
  for (const agentId of vetoes.of(id, at)) barred.set(agentId, 'plugin')
  for (const agentId of declinedBy) barred.set(agentId, 'declined')
  for (const agentId of excludedAgentIds ?? []) barred.set(agentId, 'declined')
  return barred
}
