import type { Core } from './core.ts'

/** Conversations that are removed in one write: the others need not wait long for it. */
const BATCH = 100
/** Nothing is kept longer than this over its time. */
const EVERY_MS = 3_600_000
/** Between two batches, and after a failure of the store. */
const PAUSE_MS = 100
const RETRY_MS = 60_000

/** Removes what has been kept long enough, by the node that does what time brings about. */
export interface Keeping {
  start(): void
  stop(): void
}

export function createKeeping(core: Core): Keeping {
  const { closedMs } = core.options.retention
  let cancel = (): void => {}
  let isRunning = false

  function lookIn(waitMs: number): void {
    if (isRunning) cancel = core.clock.at(core.clock.now() + waitMs, look)
  }

  function look(): void {
    if (closedMs === undefined) return
    forget(core.clock.now() - closedMs).then(lookIn, (error: unknown) => {
      if (isRunning) core.options.log.warn({ error }, 'what was kept long enough could not be removed')
      lookIn(RETRY_MS)
    })
  }

  /** One batch; resolves to when to look again. */
  async function forget(closedBefore: number): Promise<number> {
    if (!core.node.does('timers')) return EVERY_MS
    const { conversationIds } = await core.store().forget(closedBefore, BATCH)
    for (const id of conversationIds) core.signals.wake(id)
    if (conversationIds.length > 0)
      core.options.log.info({ count: conversationIds.length, closedBefore }, 'conversations were kept long enough')
    return conversationIds.length === BATCH ? PAUSE_MS : EVERY_MS
  }

  return {
    start() {
      isRunning = true
      if (closedMs !== undefined) look()
    },
    stop() {
      isRunning = false
      cancel()
    },
  }
}
