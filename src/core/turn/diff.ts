import { flat } from '../ids.ts'
import type { State } from '../machine/step.ts'
import type { QueueRow, SlotChange } from '../ports.ts'
import type { Effect, Hold } from '../snapshot.ts'

// What a turn does to the world is the difference between the state before and after, never something an edge does: a redirect makes
// edges that nobody drew, and they must not leak a seat.

/** What the capacity ledger must do. `missed`: the agent let the offer run out, and is away from now on. */
export function diffSlots(
  before: readonly Hold[],
  after: readonly Hold[],
  about: { readonly missed: boolean; readonly forced: boolean },
): readonly SlotChange[] {
  if (before === after) return NONE
  const changes: SlotChange[] = []
  for (const { holdId, agentId, phase } of before) {
    const now = after.find((hold) => hold.holdId === holdId)
    if (now === undefined)
      changes.push({
        op: 'release',
        agentId,
        holdId,
        ...(about.missed && phase === 'offered' ? { away: true as const } : {}),
      })
    else if (now.phase !== phase) changes.push({ op: 'phase', agentId, holdId, phase: now.phase })
  }
  for (const { holdId, agentId, units, phase } of after) {
    if (before.some((hold) => hold.holdId === holdId)) continue
    changes.push({ op: 'take', agentId, holdId, units, phase, ...(about.forced ? { force: true as const } : {}) })
  }
  return changes
}

/** The place in the queue: a row when it has one that is new or different, `null` when it has left, `undefined` when nothing changed. */
export function diffQueue(before: State, after: State, version: number): QueueRow | null | undefined {
  const had = isQueued(before)
  if (!isQueued(after)) return had ? null : undefined
  const { requirements, queuedAt, declinedBy } = after.context
  const same =
    had &&
    before.context.requirements === requirements &&
    before.context.queuedAt === queuedAt &&
    before.context.declinedBy === declinedBy &&
    reachOf(before) === reachOf(after)
  return same ? undefined : toQueueRow(after, version)
}

/** The row of a conversation that {@link isQueued}. */
export function toQueueRow(state: State, version: number): QueueRow {
  const { id, requirements, queuedAt, openedAt, declinedBy } = state.context
  return {
    conversationId: id,
    requirements: requirements ?? { skills: [] },
    queuedAt: queuedAt ?? openedAt,
    declinedBy,
    reach: reachOf(state),
    version,
  }
}

function reachOf({ path }: State): 'present' | 'away' {
  return path.startsWith('async.') ? 'away' : 'present'
}

/** Does it wait for an agent to be offered to? */
export function isQueued({ path, context }: State): boolean {
  if (path === 'waiting.queued' || path === 'async.parked') return true
  return path === 'live.transferring' && !context.holds.some((hold) => hold.phase === 'offered')
}

/** Work that the turn has newly promised. */
export function diffEffects(before: readonly Effect[], after: readonly Effect[]): readonly Effect[] {
  if (before === after || after.length === 0) return NONE
  return after.filter((effect) => !before.some((known) => known.effectId === effect.effectId))
}

/** While open, one conversation per customer and channel. */
export function openKeyOf(state: State): string | null {
  return state.path === 'closed' ? null : openKey(state.context.customerId, state.context.channel)
}

export function openKey(customerId: string, channel: string): string {
  return flat(channel, '\n', customerId)
}

const NONE: readonly never[] = []
