import { isPromise } from '../hooks/hook-run.ts'
import type { Effect } from '../snapshot.ts'
import type { TurnResult } from '../turn/run-turn.ts'
import { deliverAfter } from './after.ts'
import { type Alarms, createAlarms } from './alarms.ts'
import { announce } from './announce.ts'
import type { Core } from './core.ts'
import { runEffect } from './effects.ts'
import { createMatching, type Matching } from './matching.ts'
import { createRoster, type Roster } from './roster.ts'
import { runWork } from './run-queue.ts'

/** Everything that follows from commits, and everyone who makes turns of their own. */
export interface Settling {
  readonly alarms: Alarms
  readonly matching: Matching
  readonly roster: Roster
  /** After each turn. */
  settle(result: TurnResult): void
  /** Starts work that a conversation is owed; its result comes back as an event. */
  startEffect(conversationId: string, effect: Effect): void
}

export function createSettling(core: Core): Settling {
  const settle = (result: TurnResult): void => settleTurn(core, settling, result)
  const settling: Settling = {
    alarms: createAlarms(core, settle),
    matching: createMatching(core, settle),
    roster: createRoster(core),
    settle,
    startEffect(conversationId, effect) {
      const submit: Parameters<typeof runEffect>[2]['submit'] = (event) => core.raise(event)
      const running = runWork(runEffect(core.services, conversationId, { effect, submit }))
      if (isPromise(running))
        running.then(undefined, (error: unknown) =>
          core.options.log.error({ error, conversationId }, 'an effect failed'),
        )
    },
  }
  return settling
}

/** In this order: routing knows, observers are told, effects and hooks are enqueued. */
function settleTurn(core: Core, settling: Settling, { committed }: TurnResult): void {
  if (committed === undefined) return
  const { turn, queueRow, agents, nextDueAt, effects } = committed
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
  for (const effect of effects) core.queue.later(() => settling.startEffect(turn.id, effect))
  if (core.services.hooks.after.size > 0 && committed.vetoed === undefined)
    core.queue.later(() => deliverAfter(core, turn))
}
