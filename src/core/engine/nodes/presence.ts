import type { Presence } from '../../types.ts'
import type { Core } from '../core.ts'

type SetPresence = (id: string, presence: Presence, lease: undefined) => Promise<void>

/** Takes an agent offline whose presence has lapsed. It may have been renewed at another node: the store says. Resolves to when it lapses now. */
export async function lapse(core: Core, id: string, setPresence: SetPresence): Promise<number | null> {
  const row = await core.store().agent(id)
  if (row === undefined || row.presence === 'offline') return null
  if (row.presenceUntil === null || row.presenceUntil > core.clock.now()) return row.presenceUntil
  await setPresence(id, 'offline', undefined)
  return null
}

/** The same for all whom the node that they were at has left behind. */
export async function lapseAll(core: Core, setPresence: SetPresence): Promise<void> {
  const at = core.clock.now()
  for (const { agent, presence, presenceUntil } of [...core.agents.values()]) {
    if (presence !== 'offline' && presenceUntil !== null && presenceUntil <= at)
      await lapse(core, agent.id, setPresence)
  }
}
