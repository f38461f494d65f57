import type { Core } from './core.ts'
import { type Happened, afterContext } from '../hooks/contexts.ts'
import { callHandler, isPromise, pluginLoop, settleHandler } from '../hooks/hook-run.ts'
import type { Handler } from '../hooks/hook-table.ts'
import { runWork } from './run-queue.ts'
import { MAX_DEPTH, type Turn } from '../turn/turn.ts'

/** Calls the `after` hooks of a turn that has been committed, then strikes its row from the outbox. `false`: there are none. */
export function deliverAfter(core: Core, turn: Turn): boolean {
  const { after } = core.services.hooks
  const outboxId = turn.effectId('after')
  const calls: Call[] = []
  for (const [index, taken] of turn.taken.entries()) {
    const handlers = after.get(taken.transition)
    if (handlers === undefined) continue
    const happened: Happened = {
      taken,
      effectId: `${outboxId}/${index}`,
      say: (handler, text) => speak(core, turn, { handler, text }),
    }
    for (const handler of handlers) calls.push({ handler, happened })
  }
  if (calls.length === 0) return false
  const from = { calls, outboxId, from: 0 }
  const done = turn.isBlind
    ? Promise.resolve(runWork(turn.readAhead())).then(() => callFrom(core, turn, from))
    : callFrom(core, turn, from)
  done?.then(undefined, (error: unknown) =>
    core.options.log.error({ error, conversationId: turn.id }, 'after hooks could not be delivered'),
  )
  return true
}

interface Call {
  readonly handler: Handler
  readonly happened: Happened
}

/** One after the other; at once as long as nobody has to be waited for. */
function callFrom(
  core: Core,
  turn: Turn,
  { calls, outboxId, from }: { readonly calls: readonly Call[]; readonly outboxId: string; readonly from: number },
): PromiseLike<unknown> | undefined {
  for (let index = from; index < calls.length; index += 1) {
    const { handler, happened } = calls[index] as Call // within its length
    const context = afterContext(turn, handler, happened)
    const result = callHandler(turn, handler, context)
    if (!isPromise(result)) continue
    const settling = settleHandler(turn, handler, { promise: result, context, deadlineAt: Number.POSITIVE_INFINITY })
    return Promise.resolve(runWork(settling)).then(() => callFrom(core, turn, { calls, outboxId, from: index + 1 }))
  }
  const struck = core.store().outboxDone([outboxId])
  return isPromise(struck) ? struck : undefined
}

function speak(core: Core, turn: Turn, { handler, text }: { readonly handler: Handler; readonly text: string }): void {
  if (typeof text !== 'string' || text.trim() === '') throw new TypeError('`say` expects a text that is not empty')
  if (turn.depth >= MAX_DEPTH) {
    turn.failed(handler, 'invalid', pluginLoop(handler.plugin.name, turn.depth + 1))
    return
  }
  const { ownerSeq } = turn.state.context
  const about = { conversationId: turn.id, plugin: handler.plugin.name, ownerSeq, basedOn: turn.version }
  core.raise({ type: 'plugin.spoke', text, ...about })
}
