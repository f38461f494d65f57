import type { OutboxRow } from '../ports.ts'
import { readAfterBody } from './afterwards.ts'
import type { Core } from './core.ts'
import { LONGEST_HOLD_MS } from './patience.ts'
import { retake } from './retake.ts'

const BATCH = 100
/** Long enough for the slowest hooks of a turn; then somebody else may try. */
const LEASE_MS = 60_000

/** `after` hooks and deliveries that are still owed: another process ended, or nobody heard that a turn was written. They get the same `effectId`, or `key`, as before. */
export function redeliver(core: Core): Promise<void> {
  return takeAll(core, core.clock.now(), LEASE_MS)
}

/** The same for whoever works alone, and begins: what was put off is done now, for nobody is there who might still be about to do it. */
export function redeliverAll(core: Core): Promise<void> {
  return takeAll(core, core.clock.now() + LONGEST_HOLD_MS, 1)
}

async function takeAll(core: Core, at: number, leaseMs: number): Promise<void> {
  for (;;) {
    const rows = await core.store().outboxTake(at, leaseMs, BATCH)
    for (const row of rows) await redeliverOne(core, row)
    if (rows.length < BATCH) return
  }
}

async function redeliverOne(core: Core, { id, topic, conversationId, body }: OutboxRow): Promise<void> {
  if (topic === 'deliver') return core.deliveries.take({ id, topic, conversationId, body })
  const owed = topic === 'after' ? readAfterBody(body) : undefined
  const turn = owed === undefined ? undefined : await retake(core, conversationId, owed.version)
  if (turn === undefined || !core.afterwards.deliver(turn, owed)) await core.store().outboxDone([id]) // or the plugin that hooked it is gone
}
