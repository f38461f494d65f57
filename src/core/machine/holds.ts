import type { Context, Hold } from '../snapshot.ts'

// Who holds a seat, and who is asked to take one: read off the context.

/** The agent who owns the conversation, if one does. */
export function ownerAgentId(context: Context): string | undefined {
  return context.owner.startsWith('agent:') ? context.owner.slice('agent:'.length) : undefined
}

/** The hold of the agent who owns the conversation, if one does. */
export function openHold(context: Context): Hold | undefined {
  return context.holds.find((hold) => hold.phase === 'open')
}

/** The first hold that is on offer, if one is. */
export function offeredHold(context: Context): Hold | undefined {
  return context.holds.find((hold) => hold.phase === 'offered')
}

/** The hold that is on offer to this agent. */
export function offerTo({ holds }: Context, agentId: string): Hold | undefined {
  return holds.find((hold) => hold.phase === 'offered' && hold.agentId === agentId)
}

/** How many agents are being asked. */
export function offerCount({ holds }: Context): number {
  let count = 0
  for (const { phase } of holds) if (phase === 'offered') count += 1
  return count
}

/** The customer has been silent for so long that their agent's seat weighs nothing any more. */
export function isIdle(context: Context): boolean {
  const hold = openHold(context)
  return hold !== undefined && hold.units < hold.weight
}
