import { type Happened, afterContext } from '../hooks/contexts.ts'
import { FAILED, callHandler, isPromise, pluginLoop, settleHandler } from '../hooks/hook-run.ts'
import type { Handler } from '../hooks/hook-table.ts'
import type { OutboxRow } from '../ports.ts'
import type { Json } from '../types.ts'
import { MAX_DEPTH, type Turn } from '../turn/turn.ts'
import type { AfterBody, Afterwards } from './afterwards.ts'
import type { Core } from './core.ts'
import { MAX_TRIES, heldFrom, pauseAfter } from './patience.ts'
import { retake } from './retake.ts'
import { runWork } from './run-queue.ts'

interface Call {
  /** The transition's place in its turn. */
  readonly index: number
  readonly handler: Handler
  readonly happened: Happened
}

/** The calls of one attempt, and what came of them so far. */
interface Attempt {
  readonly turn: Turn
  readonly calls: readonly Call[]
  readonly tries: number
  failed: readonly Call[]
}

/** What is to be tried again. */
interface Debt {
  readonly conversationId: string
  readonly owed: AfterBody
  /** The turn, as it was when it was committed. */
  readonly kept: Turn | undefined
}

/** Turns that are kept for their next attempt; of more than so many the next attempt reads the log. */
const MAX_KEPT = 1_000
/** A row that nobody takes any more. */
const NEVER = Number.MAX_SAFE_INTEGER

/** The `after` hooks of turns that have been committed. One that fails is called again, less and less often, and parked at last. */
export function createAfterwards(core: () => Core): Afterwards {
  const pauses = new Map<string, () => void>()

  function deliver(turn: Turn, owed?: AfterBody): boolean {
    const calls = callsOf(core(), turn, owed?.left)
    if (calls.length === 0) return false
    const attempt: Attempt = { turn, calls, tries: (owed?.tries ?? 0) + 1, failed: NONE }
    const done = turn.isBlind
      ? Promise.resolve(runWork(turn.readAhead())).then(() => callFrom(attempt, 0))
      : callFrom(attempt, 0)
    done?.then(undefined, (error: unknown) =>
      core().options.log.error({ error, conversationId: turn.id }, 'after hooks could not be delivered'),
    )
    return true
  }

  /** One after the other; at once as long as nobody has to be waited for. */
  function callFrom(attempt: Attempt, from: number): PromiseLike<unknown> | undefined {
    const { turn, calls } = attempt
    for (let index = from; index < calls.length; index += 1) {
      const call = calls[index] as Call // within its length
      const context = afterContext(turn, call.handler, call.happened)
      const result = callHandler(turn, call.handler, context)
      if (result === FAILED) attempt.failed = [...attempt.failed, call]
      if (!isPromise(result)) continue
      const about = { promise: result, context, deadlineAt: Number.POSITIVE_INFINITY }
      return Promise.resolve(runWork(settleHandler(turn, call.handler, about))).then((answer) => {
        if (answer === FAILED) attempt.failed = [...attempt.failed, call]
        return callFrom(attempt, index + 1)
      })
    }
    if (attempt.failed.length > 0) return putOff(attempt)
    const struck = core()
      .store()
      .outboxDone([outboxIdOf(turn)])
    return isPromise(struck) ? struck : undefined
  }

  /** What has failed is left in the outbox, for us if we live, and for whoever delivers what is owed if not. */
  function putOff(attempt: Attempt): PromiseLike<unknown> | undefined {
    const { turn, failed, tries } = attempt
    const { clock, isRunning } = core()
    const owed: AfterBody = { version: turn.version, tries, left: failed.map(nameOf) }
    const isOver = tries >= MAX_TRIES
    const at = clock.now() + pauseAfter(tries, outboxIdOf(turn))
    if (isOver) for (const call of failed) park(core(), attempt, call)
    else if (isRunning()) {
      const kept = pauses.size < MAX_KEPT ? turn : undefined
      tryAgainAt(at, outboxIdOf(turn), { conversationId: turn.id, owed, kept })
    }
    const put = core()
      .store()
      .outboxPutOff(toRow(turn, owed, isOver ? NEVER : heldFrom(at)))
    return isPromise(put) ? put : undefined
  }

  function tryAgainAt(at: number, id: string, debt: Debt): void {
    pauses.get(id)?.()
    const cancel = core().clock.at(at, () => {
      pauses.delete(id)
      const { clock, options, isRunning } = core()
      const trying = tryAgain(id, debt)
      clock.watch?.(trying, 'after hooks that are owed')
      trying.catch((error: unknown) => {
        if (!isRunning()) return
        options.log.warn({ error, conversationId: debt.conversationId }, 'after hooks are still owed')
        tryAgainAt(clock.now() + pauseAfter(debt.owed.tries ?? 1, id), id, debt)
      })
    })
    pauses.set(id, cancel)
  }

  /** With the turn as it was, unless what was said in it has been erased meanwhile. */
  async function tryAgain(id: string, { conversationId, owed, kept }: Debt): Promise<void> {
    const { row } = await core().store().load(conversationId)
    const isErased = row?.erasedVersion !== kept?.begun.row?.erasedVersion
    const turn = row === undefined || isErased || kept === undefined ? undefined : kept
    const told = turn ?? (await retake(core(), conversationId, owed.version))
    if (told === undefined || !deliver(told, owed)) await core().store().outboxDone([id])
  }

  return {
    deliver,
    stop() {
      for (const cancel of pauses.values()) cancel()
      pauses.clear()
    },
  }
}

function park(
  core: Core,
  { turn, tries: attemptCount }: Attempt,
  { handler, happened }: Pick<Call, 'handler' | 'happened'>,
): void {
  const { plugin, hook } = handler
  const effectId = `${happened.effectId}/${plugin.name}`
  const about = { conversationId: turn.id, plugin: plugin.name, hook, effectId, attemptCount }
  core.options.log.error(about, 'an after hook has failed too often; it is called no more')
  core.board.tell({ type: 'effect.parked', at: core.clock.now(), ...about })
}

function callsOf(house: Core, turn: Turn, left: readonly string[] | undefined): readonly Call[] {
  const { after } = house.services.hooks
  const calls: Call[] = []
  for (const [index, taken] of turn.taken.entries()) {
    const handlers = after.get(taken.transition)
    if (handlers === undefined) continue
    const happened: Happened = {
      taken,
      effectId: `${outboxIdOf(turn)}/${index}`,
      say: (handler, text) => speak(house, turn, { handler, text }),
    }
    for (const handler of handlers) {
      const call = { index, handler, happened }
      if (left === undefined || left.includes(nameOf(call))) calls.push(call)
    }
  }
  return calls
}

const NONE: readonly never[] = []

function nameOf({ index, handler }: Call): string {
  return `${index}/${handler.plugin.name}/${handler.hook}`
}

function outboxIdOf(turn: Turn): string {
  return turn.effectId('after')
}

function toRow(turn: Turn, owed: AfterBody, heldUntil: number): OutboxRow {
  const body = owed as unknown as Json // plain data
  return { id: outboxIdOf(turn), topic: 'after', conversationId: turn.id, body, heldUntil }
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
