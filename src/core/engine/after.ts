import type { Core } from './core.ts'
import { type Happened, afterContext } from '../hooks/contexts.ts'
import { callHandler, isPromise, pluginLoop, settleHandler } from '../hooks/hook-run.ts'
import { runWork, type Work } from './run-queue.ts'
import { MAX_DEPTH, type Turn } from '../turn/turn.ts'

/** Calls the `after` hooks of a turn that has been committed, then strikes its row from the outbox. `false`: there are none. */
export function deliverAfter(core: Core, turn: Turn): boolean {
  const { after } = core.services.hooks
  if (!turn.taken.some(({ transition }) => after.has(transition))) return false
  const done = runWork(callAll(core, turn))
  if (done instanceof Promise)
    done.catch((error: unknown) =>
      core.options.log.error({ error, conversationId: turn.id }, 'after hooks could not be delivered'),
    )
  return true
}

function* callAll(core: Core, turn: Turn): Work<void> {
  const outboxId = turn.effectId('after')
  for (const [index, taken] of turn.taken.entries()) {
    const handlers = core.services.hooks.after.get(taken.transition)
    if (handlers === undefined) continue
    const happened: Happened = {
      taken,
      effectId: `${outboxId}/${index}`,
      say: (handler, text) => speak(core, turn, { handler, text }),
    }
    for (const handler of handlers) {
      const context = afterContext(turn, handler, happened)
      const result = callHandler(turn, handler, context)
      if (isPromise(result))
        yield* settleHandler(turn, handler, { promise: result, context, deadlineAt: Number.POSITIVE_INFINITY })
    }
  }
  const struck = core.store().outboxDone([outboxId])
  if (isPromise(struck)) yield struck
}

function speak(
  core: Core,
  turn: Turn,
  { handler, text }: { readonly handler: Parameters<Happened['say']>[0]; readonly text: string },
): void {
  if (typeof text !== 'string' || text.trim() === '') throw new TypeError('`say` expects a text that is not empty')
  if (turn.depth >= MAX_DEPTH) {
    turn.failed(handler, 'invalid', pluginLoop(handler.plugin.name, turn.depth + 1))
    return
  }
  const { ownerSeq } = turn.state.context
  core.raise({ type: 'plugin.spoke', conversationId: turn.id, plugin: handler.plugin.name, text, ownerSeq })
}
