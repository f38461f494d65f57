import { isPromise } from '../hooks/hook-run.ts'
import type { Commit } from '../ports.ts'
import type { Effect } from '../snapshot.ts'
import { isMaitredError } from '../errors.ts'
import type { Receipt, RefusedReceipt } from '../receipts.ts'
import { type EngineEvent, isFromOutside } from '../turn/engine-events.ts'
import type { Committed, TurnResult } from '../turn/keep.ts'
import { runTurn } from '../turn/run-turn.ts'
import { type Alarms, createAlarms } from './alarms.ts'
import { announce } from './announce.ts'
import type { Core } from './core.ts'
import { runEffect } from './effects.ts'
import type { Submit } from './waiting.ts'
import { createWatches } from './watches.ts'
import { createMatching, type Matching } from './matching.ts'
import { createRoster, type Roster } from './roster.ts'
import { recoverSoon } from './recovery.ts'
import { runWork, type Work } from './run-queue.ts'

/** Everything that follows from commits, and everyone who makes turns of their own. */
export interface Settling {
  readonly alarms: Alarms
  readonly matching: Matching
  readonly roster: Roster
  /** Runs a turn, and does what follows from it. If the store fails, what may be owed is found out later. */
  turn(event: EngineEvent, fence?: Commit['fence']): Work<TurnResult>
  /** The same for somebody who waits for the receipt only. */
  answer(event: EngineEvent): Work<Receipt>
  /** Starts work that a conversation is owed; its result comes back as an event. */
  startEffect(conversationId: string, effect: Effect): void
  isUnderWay(effectId: string): boolean
}

export function createSettling(core: Core): Settling {
  function settle({ committed }: TurnResult): void {
    if (committed === undefined) return
    watches.committed(committed)
    settleTurn(core, settling, committed)
  }
  function fail(event: EngineEvent, error: unknown): never {
    if (isMaitredError(error, 'STORE_UNAVAILABLE'))
      recoverSoon(core, { ...settling, note: settling.alarms.note }, event.conversationId)
    throw error
  }
  function* turn(event: EngineEvent, fence?: Commit['fence']): Work<TurnResult> {
    try {
      const result = yield* runTurn(core.services, event, fence)
      settle(result)
      return result
    } catch (error) {
      return fail(event, error)
    }
  }
  function* answer(event: EngineEvent): Work<Receipt> {
    try {
      const result = yield* runTurn(core.services, event)
      settle(result)
      if (!result.receipt.ok && result.receipt.status === 'refused') tellRefused(core, event, result.receipt)
      return result.receipt
    } catch (error) {
      return fail(event, error)
    }
  }
  const watches = createWatches(core)
  const settling: Settling = {
    alarms: createAlarms(core, turn),
    matching: createMatching(core, turn),
    roster: createRoster(core),
    turn,
    answer,
    isUnderWay: watches.isUnderWay,
    startEffect(conversationId, effect) {
      const submit: Submit = (event) => core.raise(event)
      const watch = watches.begin(conversationId, effect)
      const running = runWork(runEffect(core.services, conversationId, { effect, submit, watch }))
      if (!isPromise(running)) {
        watches.end(effect)
        return
      }
      running
        .then(undefined, (error: unknown) => core.options.log.error({ error, conversationId }, 'an effect failed'))
        .finally(() => watches.end(effect))
    },
  }
  return settling
}

function tellRefused({ board, clock }: Core, event: EngineEvent, { code }: RefusedReceipt): void {
  if (!isFromOutside(event)) return
  const { type: command, conversationId } = event
  const byAgent = 'agentId' in event ? { agentId: event.agentId } : {}
  board.tell({ type: 'command.refused', at: clock.now(), conversationId, command, code, ...byAgent })
}

/** In this order: routing knows, observers are told, effects and hooks are enqueued. */
function settleTurn(core: Core, settling: Settling, committed: Committed): void {
  const { turn, snapshot, entries, queueRow, agents, nextDueAt, effects, outbox } = committed
  if (turn.begun.row !== undefined)
    core.services.transcripts.wrote(turn.begun.row, snapshot.path === 'closed' ? undefined : entries)
  if (queueRow === null) core.router.left(turn.id)
  else if (queueRow !== undefined) {
    core.router.queued(queueRow)
    settling.matching.arrived(queueRow)
  }
  for (const row of agents) core.agentChanged(row)
  if (queueRow !== undefined) core.matchSoon()
  announce(core.board, committed)
  settling.roster.committed(committed)
  core.signals.wake(turn.id)
  settling.alarms.note(nextDueAt)
  for (const row of outbox) if (row.topic === 'deliver') core.queue.later(() => core.deliveries.take(row))
  for (const effect of effects) core.queue.later(() => settling.startEffect(turn.id, effect))
  if (core.services.hooks.after.size > 0 && committed.vetoed === undefined)
    core.queue.later(() => core.afterwards.deliver(turn))
}
