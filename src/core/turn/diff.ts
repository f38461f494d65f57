import { flat } from '../ids.ts'
import { isIdle, offerCount } from '../machine/holds.ts'
import type { State } from '../machine/step.ts'
import type { QueueRow, SlotChange } from '../ports.ts'
import type { Effect, Hold } from '../snapshot.ts'

// What a turn does to the world is the difference between the state before and after, never something an edge does: a redirect makes
// edges that nobody drew, and they must not leak a seat.

/** What the capacity ledger must do. `missedHoldId`: an agent let this offer run out, and is away from now on. */
export function diffSlots(
  before: readonly Hold[],
  after: readonly Hold[],
  about: { readonly missedHoldId: string | undefined; readonly forced: boolean },
): readonly SlotChange[] {
  if (before === after) return NONE
  const changes: SlotChange[] = []
  const forced = about.forced ? ({ force: true } as const) : {}
  for (const { holdId, agentId, phase, units } of before) {
    const now = after.find((hold) => hold.holdId === holdId)
    if (now === undefined)
      changes.push({
        op: 'release',
        agentId,
        holdId,
        ...(about.missedHoldId === holdId ? { away: true as const } : {}),
      })
    else {
      if (now.phase !== phase) changes.push({ op: 'phase', agentId, holdId, phase: now.phase })
      if (now.units !== units) changes.push({ op: 'weigh', agentId, holdId, units: now.units, ...forced })
    }
  }
  for (const { holdId, agentId, units, phase } of after) {
    if (before.some((hold) => hold.holdId === holdId)) continue
    changes.push({ op: 'take', agentId, holdId, units, phase, ...forced })
  }
  return changes
}

/** The place in the queue: a row when it has one that is new or different, `null` when it has left, `undefined` when nothing changed. */
export function diffQueue(
  before: State,
  after: State,
  { version, offerTo }: { readonly version: number; readonly offerTo: number },
): QueueRow | null | undefined {
  const had = isQueued(before, offerTo)
  if (!isQueued(after, offerTo)) return had ? null : undefined
  const { requirements, queuedAt, declinedBy } = after.context
  const same =
    had &&
    before.context.requirements === requirements &&
    before.context.queuedAt === queuedAt &&
    before.context.declinedBy === declinedBy &&
    offerCount(before.context) === offerCount(after.context) &&
    reachOf(before) === reachOf(after)
  return same ? undefined : toQueueRow(after, version)
}

/** The row of a conversation that {@link isQueued}. */
export function toQueueRow(state: State, version: number): QueueRow {
  const { id, requirements, queuedAt, openedAt, declinedBy, holds } = state.context
  const asked = holds.flatMap(({ phase, agentId }) => (phase === 'offered' ? [agentId] : []))
  return {
    conversationId: id,
    requirements: requirements ?? { skills: [] },
    queuedAt: queuedAt ?? openedAt,
    declinedBy: asked.length === 0 ? declinedBy : [...declinedBy, ...asked],
    reach: reachOf(state),
    version,
  }
}

function reachOf({ path }: State): 'present' | 'away' {
  return path.startsWith('async.') ? 'away' : 'present'
}

/** Does it wait for an agent to be offered to? `offerTo`: to how many at once. */
export function isQueued({ path, context }: State, offerTo: number): boolean {
  switch (path) {
    case 'waiting.queued':
    case 'async.parked':
      return true
    case 'waiting.offered':
      return offerTo > 1 && offerCount(context) < offerTo
    case 'live.transferring':
      return offerCount(context) === 0
    case 'live.active': // the customer is back, and their agent has given the seat away meanwhile
      return context.unansweredAt !== null && isIdle(context)
    default:
      return false
  }
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

/** Would {@link openKeyOf} say something else now? Asked at every turn, and made at few. */
export function changesOpenKey(before: State, after: State): boolean {
  const { customerId, channel } = after.context
  const isSame = before.context.customerId === customerId && before.context.channel === channel
  const wasOpen = before.path !== 'closed'
  return (wasOpen && !isSame) || wasOpen !== (after.path !== 'closed')
}

export function openKey(customerId: string, channel: string): string {
  return flat(channel, '\n', customerId)
}

const NONE: readonly never[] = []
