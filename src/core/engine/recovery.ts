import { toQueueRow, isQueued } from '../turn/diff.ts'
import { earliest } from '../turn/timers.ts'
import type { Core } from './core.ts'
import { redeliver } from './redeliver.ts'
import type { Effect } from '../snapshot.ts'

/** What a conversation may be owed besides its place in the queue. */
export interface Owed {
  note(dueAt: number | null): void
  startEffect(conversationId: string, effect: Effect): void
}

/** How long to leave a store alone that has failed. */
const PAUSE_MS = 1_000

/**
 * After a write whose answer was lost nobody knows whether it was made: what follows from a commit may be owed. The conversation is read
 * again, and whatever its state asks for is done: nothing of it does harm when it is done twice.
 */
export function recoverSoon(core: Core, owed: Owed, id: string): void {
  core.clock.at(core.clock.now() + PAUSE_MS, () => {
    recover(core, owed, id).catch((error: unknown) => {
      if (!core.isRunning()) return
      core.options.log.warn({ error, conversationId: id }, 'the store is not back yet')
      recoverSoon(core, owed, id)
    })
  })
}

async function recover(core: Core, owed: Owed, id: string): Promise<void> {
  const { row } = await core.store().load(id)
  if (row === undefined) return
  const { path, context, timers } = row.snapshot
  const state = { path, context }
  if (isQueued(state, core.services.settings.offerTo)) core.router.queued(toQueueRow(state, row.version))
  else core.router.left(id)
  await core.node.look()
  for (const agentId of core.node.isShared ? [] : core.agents.keys()) {
    const agent = await core.store().agent(agentId)
    if (agent !== undefined) core.agentChanged(agent)
  }
  owed.note(earliest(timers))
  for (const effect of context.pending) owed.startEffect(id, effect)
  if (core.node.does('outbox')) await redeliver(core)
  core.signals.wake(id)
  core.matchSoon()
}
