import type { Board } from '../observations.ts'
import type { TakenStep } from '../hooks/scene.ts'
import type { Committed } from '../turn/keep.ts'
import type { Turn } from '../turn/turn.ts'
import { agentOf, phaseOf } from '../turn/view.ts'

/** Tells observers what a commit has brought about. */
export function announce(board: Board, committed: Committed): void {
  if (!board.isHeard()) return
  const { turn, entries, vetoed } = committed
  const { id: conversationId, now: at } = turn
  if (turn.begun.row === undefined && board.isHeard('conversation.opened'))
    board.tell({ type: 'conversation.opened', at, conversationId, customer: turn.customer })
  for (const message of entries) board.tell({ type: 'message.added', at, conversationId, message })
  if (vetoed !== undefined) {
    const { transition, by, reason } = vetoed
    board.tell({ type: 'transition.vetoed', at, conversationId, transition, by, reason })
    return
  }
  for (const taken of turn.taken) tellTransition(board, committed, taken)
  tellMove(board, committed)
  for (const { plugin, name, data } of turn.asked.emits)
    board.tell({ type: 'plugin.emitted', at, plugin, name, data, conversationId })
}

function tellTransition(board: Board, { turn }: Committed, taken: TakenStep): void {
  const { id: conversationId, now: at } = turn
  switch (taken.transition) {
    case 'offer': {
      const { agentId } = taken.details() as { agentId: string } // see Transitions
      const hold = turn.state.context.holds.find((one) => one.agentId === agentId)
      return board.tell({ type: 'offer.made', at, conversationId, agentId, expiresAt: hold?.endsAt ?? at })
    }
    case 'accept': {
      const { agentId } = taken.details() as { agentId: string }
      return board.tell({ type: 'offer.accepted', at, conversationId, agentId, waitMs: waitMs(turn) })
    }
    case 'decline':
      return board.tell({
        type: 'offer.declined',
        at,
        conversationId,
        ...(taken.details() as { agentId: string; reason?: string }),
      })
    case 'expire':
      return board.tell({ type: 'offer.expired', at, conversationId, ...(taken.details() as { agentId: string }) })
    case 'rate': {
      const agentId = agentOf(turn.state.context, 'closed')
      return board.tell({
        type: 'rating.given',
        at,
        conversationId,
        ...(taken.details() as { score: number; comment?: string }),
        ...(agentId === undefined ? {} : { agentId }),
      })
    }
    default:
  }
}

/** From the first wish for a person; in a talk that goes on, from the word that nobody has answered. */
function waitMs({ now, begun, state }: Turn): number {
  const { owner, unansweredAt } = begun.state.context
  const since = owner.startsWith('agent:') ? unansweredAt : state.context.queuedAt
  return Math.max(0, now - (since ?? now))
}

function tellMove(board: Board, { turn }: Committed): void {
  const { id: conversationId, now: at, state, begun } = turn
  const from = phaseOf(begun.state.path)
  const to = phaseOf(state.path)
  const last = turn.taken[turn.taken.length - 1]
  if (from === to || last === undefined) return
  const agentId = agentOf(state.context, state.path)
  const byAgent = agentId === undefined ? {} : { agentId }
  board.tell({ type: 'conversation.moved', at, conversationId, from, to, transition: last.transition, ...byAgent })
  if (to !== 'closed') return
  const { outcome, reason, openedAt } = state.context
  board.tell({
    type: 'conversation.closed',
    at,
    conversationId,
    outcome: outcome ?? 'unresolved',
    reason: reason ?? '',
    durationMs: Math.max(0, at - openedAt),
    ...byAgent,
  })
}
