import type { QueueRow } from '../../ports.ts'
import type { Core } from '../core.ts'

/** What other nodes have written: agents, places in the queue, and whatever is followed here. Asking again and again is the truth. */
export interface Feed {
  look(): Promise<void>
}

export function createFeed(core: Core, arrived: (row: QueueRow) => void): Feed {
  /** Places as last heard of. */
  const places = new Map<string, number>()
  /** Versions of the conversations that are followed here. */
  let followed = new Map<string, number>()
  let cursor: string | undefined

  function queued(row: QueueRow): void {
    const { conversationId, version } = row
    if ((places.get(conversationId) ?? 0) >= version) return
    const isNew = core.router.place(conversationId, core.clock.now()) === undefined
    places.set(conversationId, version)
    core.router.queued(row)
    if (isNew) arrived(row)
    core.matchSoon()
  }

  function left(conversationId: string): void {
    if (!places.delete(conversationId) && core.router.place(conversationId, core.clock.now()) === undefined) return
    core.router.left(conversationId)
  }

  function removed(agentId: string): void {
    if (!core.agents.delete(agentId)) return
    core.router.agentRemoved(agentId)
    core.signals.wake(`agent:${agentId}`)
  }

  async function lookAtRouting(): Promise<void> {
    const changes = await core.store().changes(cursor)
    cursor = changes.cursor
    for (const row of changes.agents) {
      const known = core.agents.get(row.agent.id)
      if (known === undefined || known.version < row.version) core.agentChanged(row)
    }
    for (const row of changes.queued) queued(row)
    for (const id of changes.removedAgentIds) removed(id)
    for (const id of changes.leftIds) left(id)
    if (!changes.isWhole) return
    const agentIds = new Set(changes.agents.map(({ agent }) => agent.id))
    for (const id of [...core.agents.keys()]) if (!agentIds.has(id)) removed(id)
    const waiting = new Set(changes.queued.map(({ conversationId }) => conversationId))
    for (const id of [...places.keys()]) if (!waiting.has(id)) left(id)
  }

  async function lookAtFollowed(): Promise<void> {
    const ids = core.signals.topics().filter((topic) => !topic.startsWith('agent:'))
    const versions = ids.length === 0 ? new Map<string, number>() : await core.store().versions(ids)
    const before = followed
    followed = new Map(versions)
    for (const [id, version] of versions) if (before.get(id) !== version) core.signals.wake(id)
  }

  return {
    async look() {
      await lookAtRouting()
      await lookAtFollowed()
    },
  }
}
