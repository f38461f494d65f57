import { MaitredError } from '../errors.ts'
import { isPromise } from '../is-promise.ts'
import type { Clock } from '../ports.ts'
import type { Handler } from './hook-table.ts'
import type { Abortable, Scene } from './scene.ts'

export { isPromise }

export const FAILED: unique symbol = Symbol('failed')

/** Calls one handler that is given a context and nothing else. Of a throw and of a promise see {@link callWith}. */
export function callHandler(scene: Scene, handler: Handler, context: Abortable): unknown {
  try {
    const result = handler.run(context)
    return result === undefined ? undefined : settledWithin(result)
  } catch (error) {
    return failed(scene, handler, { context, error })
  }
}

/** Calls one handler with a value and its context. A throw is reported and answered with `FAILED`; a promise is handed back, see {@link settleHandler}. */
export function callWith(
  scene: Scene,
  handler: Handler,
  { value, context }: { readonly value: unknown; readonly context: Abortable },
): unknown {
  try {
    return settledWithin(handler.run(value, context))
  } catch (error) {
    return failed(scene, handler, { context, error })
  }
}

/** A promise may be one by its looks only: whatever it can do, it does in here. */
export function settledWithin(result: unknown): unknown {
  return isPromise(result) ? Promise.resolve(result) : result
}

/** What a handler has thrown is reported, and what it asked for taken back. */
export function failed(
  scene: Scene,
  handler: Handler,
  { context, error }: { readonly context: Abortable; readonly error: unknown },
): typeof FAILED {
  context.abort(error)
  scene.failed(handler, 'threw', error)
  return FAILED
}

/** Waits for what a handler has promised, within its limit. A rejection and a time-out are reported and answered with `FAILED`. */
export function* settleHandler(
  scene: Scene,
  handler: Handler,
  call: { readonly promise: PromiseLike<unknown>; readonly context: Abortable; readonly deadlineAt: number },
): Generator<PromiseLike<unknown>, unknown, unknown> {
  const limitMs = Math.max(0, Math.min(handler.timeoutMs, call.deadlineAt - scene.clock.now()))
  try {
    return yield withLimit(call.promise, scene.clock, { limitMs, what: `${handler.plugin.name} in ${handler.hook}` })
  } catch (error) {
    call.context.abort(error)
    scene.failed(handler, error instanceof TimeUp ? 'timedOut' : 'threw', error)
    return FAILED
  }
}

/** The time limit of a hook has passed. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'
}

/** Settles as the promise does, or rejects with {@link TimeUp} when the time is up first. */
export function withLimit<Value>(
  promise: PromiseLike<Value>,
  clock: Clock,
  limit: { readonly limitMs: number; readonly what: string },
): Promise<Value> {
  const { limitMs, what } = limit
  return new Promise((resolve, reject) => {
    clock.watch?.(promise, what)
    const done = (settle: () => void): void => {
      cancel()
      settle()
    }
    const cancel = clock.at(clock.now() + limitMs, () =>
      done(() => reject(new TimeUp(`no answer within ${limitMs} ms`))),
    )
    promise.then(
      (value) => done(() => resolve(value)),
      (error: unknown) =>
        done(() =>
          reject(
            error instanceof Error
              ? error
              : new Error('the promise was rejected with something that is no error', { cause: error }),
          ),
        ),
    )
  })
}

/** Plugins that set one another off without end. */
export function pluginLoop(plugin: string, depth: number): MaitredError {
  return new MaitredError('PLUGIN_LOOP', {
    message: `The plugin \`${plugin}\` was about to act for the ${depth}th time in answer to itself.`,
    hint: 'Let the hook act only when something has changed that it has not answered yet.',
  })
}
