import type { Core } from './core.ts'
import { isMaitredError } from '../errors.ts'
import type { Commit, Proposal, QueueRow, Settlement } from '../ports.ts'
import { isQueued } from '../turn/diff.ts'
import type { EngineEvent } from '../turn/engine-events.ts'
import type { TurnResult } from '../turn/keep.ts'
import type { Work } from './run-queue.ts'

/** Brings the router's proposals into the conversations, and tells the router what became of them. */
export interface Matching {
  soon(): void
  /** A conversation has joined the queue: if nobody is free, it is told so. */
  arrived(row: QueueRow): void
  stop(): void
}

export function createMatching(
  core: Core,
  turn: (event: EngineEvent, fence?: Commit['fence']) => Work<TurnResult>,
): Matching {
  const { router, queue, clock } = core
  /** Conversations that have not been told yet that they wait. */
  const untold = new Set<string>()
  let isPlanned = false
  let cancel = (): void => {}

  function match(): void {
    isPlanned = false
    if (!core.node.does('matching')) {
      untold.clear()
      return
    }
    const at = clock.now()
    for (let proposal = router.next(at); proposal !== undefined; proposal = router.next(at)) {
      const made = proposal
      untold.delete(made.conversationId)
      void queue.run(made.conversationId, () => makeOffer(made), { isConsequence: true })
    }
    for (const conversationId of untold) tellToWait(conversationId, at)
    untold.clear()
    wakeAt(router.dueAt())
  }

  function* makeOffer(proposal: Proposal): Work<void> {
    const { conversationId, agentId, units } = proposal
    const autoAccept = core.agents.get(agentId)?.agent.autoAccept === true
    let settlement: Settlement = 'conflict'
    try {
      const event = { type: 'offer.made', conversationId, agentId, units, autoAccept } as const
      const result = yield* turn(event, core.node.fence('matching'))
      settlement = toSettlement(result, agentId, core.services.settings.offerTo)
    } catch (error) {
      core.options.log.error({ error, conversationId, agentId }, 'an offer could not be made')
      // A store that has failed is asked again soon, and the conversation joins the queue anew. Else that pair waits a while.
      settlement = isMaitredError(error, 'STORE_UNAVAILABLE') ? 'conflict' : 'vetoed'
    }
    router.settle(proposal, settlement, clock.now())
    if (settlement !== 'confirmed') untold.add(conversationId)
    if (settlement === 'refused') yield* readAgain(agentId)
    soon()
  }

  /** The ledger knew better than the router: the agent as the store has them now. */
  function* readAgain(agentId: string): Work<void> {
    const row = (yield Promise.resolve(core.store().agent(agentId))) as Awaited<
      ReturnType<ReturnType<Core['store']>['agent']>
    > // it resolves to it
    if (row === undefined) router.agentRemoved(agentId)
    else core.agentChanged({ ...row })
  }

  function tellToWait(conversationId: string, at: number): void {
    const position = router.place(conversationId, at)?.position
    if (position === undefined) return
    core.raise({
      type: 'wait.noticed',
      conversationId,
      position: typeof position === 'number' ? position : position[1],
    })
  }

  function wakeAt(dueAt: number | undefined): void {
    cancel()
    cancel = dueAt === undefined ? () => {} : clock.at(dueAt, soon)
  }

  function soon(): void {
    if (isPlanned) return
    isPlanned = true
    queue.later(match)
  }

  return {
    soon,
    arrived: ({ conversationId, reach }) => {
      if (reach === 'present') untold.add(conversationId)
    },
    stop: () => cancel(),
  }
}

/** What the turn made of the proposal. A plugin that sent the conversation back to the queue has said no to this pair, or it would be proposed at once again. */
function toSettlement({ receipt, committed }: TurnResult, agentId: string, offerTo: number): Settlement {
  if (committed?.turn.state.context.holds.some((hold) => hold.agentId === agentId && hold.phase !== 'wrapUp'))
    return 'confirmed'
  if (committed !== undefined) return isQueued(committed.turn.state, offerTo) ? 'vetoed' : 'conflict'
  const isRefused = !receipt.ok && receipt.status === 'refused'
  return isRefused && (receipt.code === 'NO_CAPACITY' || receipt.code === 'AGENT_GONE') ? 'refused' : 'conflict'
}
