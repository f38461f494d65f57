import { FAILED, callWith, isPromise, settleHandler } from '../hooks/hook-run.ts'
import { actingContext } from '../hooks/contexts.ts'
import type { Aspect } from '../hooks/hook-table.ts'
import { deepFreeze } from '../hooks/installed.ts'
import type { Entry, Turn } from './turn.ts'
import type { Message } from '../types.ts'

/**
 * Hands a value from hook to hook. A hook that fails, or returns something of another kind, is reported and left out: the value goes on as
 * it was.
 */
export function* waterfall<Value>(
  turn: Turn,
  aspect: Aspect,
  about: {
    readonly value: Value
    readonly isValid: (value: unknown) => value is Value
    /** What is wrong with a value of the right kind, seen beside the one before. */
    readonly problemOf?: (value: Value, before: Value) => Error | undefined
  },
): Generator<PromiseLike<unknown>, Value, unknown> {
  let { value } = about
  for (const handler of turn.services.hooks.aspects.get(aspect) ?? []) {
    if (turn.isBlind) yield* turn.readAhead()
    const context = actingContext(turn, handler, { asked: turn.asked })
    let result = callWith(turn, handler, { value: deepFreeze(value), context })
    if (isPromise(result))
      result = yield* settleHandler(turn, handler, { promise: result, context, deadlineAt: turn.deadlineAt })
    if (result === FAILED) continue
    if (about.isValid(result)) {
      const problem = result === value ? undefined : about.problemOf?.(result, value)
      if (problem !== undefined) {
        turn.failed(handler, 'invalid', problem)
        continue
      }
      if (result !== value && !isSame(result, value)) turn.note({ changed: aspect, by: handler.plugin.name })
      value = result
      if (value === null) break // dropped: there is nothing to hand on
    } else turn.failed(handler, 'invalid', new TypeError(`\`${aspect}\` must return what it was given, changed or not`))
  }
  return value
}

/** Node's own comparison, loaded with the first change: importing `node:util` costs every start more than all of this file. */
function isSame(one: unknown, other: unknown): boolean {
  return process.getBuiltinModule('node:util').isDeepStrictEqual(one, other)
}

/** Takes a message through `message:in` or `message:out`; `undefined` when a plugin dropped it. Only its words may change. */
export function* passMessage(
  turn: Turn,
  aspect: 'message:in' | 'message:out',
  message: Message,
): Generator<PromiseLike<unknown>, Message | undefined, unknown> {
  const passed = yield* waterfall<Message | null>(turn, aspect, { value: message, isValid: isMessageOrNull })
  if (passed === null) {
    turn.note({ dropped: message.id })
    return undefined
  }
  return passed === message
    ? message
    : { ...passed, id: message.id, seq: message.seq, at: message.at, author: message.author }
}

/** Writes what we say into the transcript, but for what a plugin drops. Work only if some plugin watches: most turns need not pay for it. */
export function write(turn: Turn, entries: readonly Entry[]): Writing | undefined {
  if (entries.length === 0) return undefined
  if (hasHandlers(turn, 'message:out')) return writeWatched(turn, entries)
  for (const entry of entries) turn.add(entry)
  return undefined
}

type Writing = Generator<PromiseLike<unknown>, void, unknown>

function* writeWatched(turn: Turn, entries: readonly Entry[]): Writing {
  for (const entry of entries) {
    const passed = yield* passMessage(turn, 'message:out', turn.draft(entry))
    if (passed === undefined) continue
    const { id: _id, seq: _seq, at: _at, ...rest } = passed
    turn.add(rest)
  }
}

export function hasHandlers({ services }: Turn, aspect: Aspect): boolean {
  return (services.hooks.aspects.get(aspect)?.length ?? 0) > 0
}

function isMessageOrNull(value: unknown): value is Message | null {
  return value === null || (typeof value === 'object' && 'text' in value && typeof value.text === 'string')
}
