import type { Core } from './core.ts'
import type { TakenStep } from '../hooks/scene.ts'
import { afterContext } from '../hooks/contexts.ts'
import { callHandler, isPromise, pluginLoop, settleHandler } from '../hooks/hook-run.ts'
import type { Handler } from '../hooks/hook-table.ts'
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
  for (const [index, taken] of turn.taken.entries()) {
    for (const handler of core.services.hooks.after.get(taken.transition) ?? []) {
      yield* callOne(core, turn, {
        handler,
        taken,
        effectId: `${turn.effectId('after')}/${index}/${handler.plugin.name}`,
      })
    }
  }
  const struck = core.store().outboxDone([turn.effectId('after')])
  if (isPromise(struck)) yield struck
}

function* callOne(
  core: Core,
  turn: Turn,
  about: { readonly handler: Handler; readonly taken: TakenStep; readonly effectId: string },
): Work<void> {
  const { handler, taken, effectId } = about
  const say = (text: string): void => {
    if (typeof text !== 'string' || text.trim() === '') throw new TypeError('`say` expects a text that is not empty')
    if (turn.depth >= MAX_DEPTH) {
      turn.failed(handler, 'invalid', pluginLoop(handler.plugin.name, turn.depth + 1))
      return
    }
    const { ownerSeq } = turn.state.context
    const about = { conversationId: turn.id, plugin: handler.plugin.name, ownerSeq, basedOn: turn.version }
    core.raise({ type: 'plugin.spoke', text, ...about })
  }
  const context = afterContext(turn, handler, { taken, effectId, say })
  const result = callHandler(turn, handler, context)
  if (!isPromise(result)) return
  yield* settleHandler(turn, handler, { promise: result, context, deadlineAt: Number.POSITIVE_INFINITY })
}
