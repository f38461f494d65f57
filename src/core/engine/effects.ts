import type { InternalEvent } from '../turn/engine-events.ts'
import { type Asked, createAsked } from '../hooks/scene.ts'
import { FAILED, TimeUp, callHandler, isPromise, withLimit } from '../hooks/hook-run.ts'
import { actingContext } from '../hooks/contexts.ts'
import type { Handler } from '../hooks/hook-table.ts'
import { deepFreeze } from '../hooks/installed.ts'
import type { Answer } from '../hooks/plugin.ts'
import type { Loaded } from '../ports.ts'
import { parseCustomer } from '../schema.ts'
import { begin } from '../turn/run-turn.ts'
import type { Work } from './run-queue.ts'
import type { Effect } from '../snapshot.ts'
import { Turn, type TurnServices } from '../turn/turn.ts'
import type { Article, Customer, Suggestion } from '../types.ts'
import { waterfall } from '../turn/waterfall.ts'

// What a conversation is owed after a commit. Each effect ends in exactly one event, which counts only while the effect is still pending.

/** Where the results go. */
export type Submit = (event: InternalEvent) => void

export function* runEffect(
  services: TurnServices,
  conversationId: string,
  about: { readonly effect: Effect; readonly submit: Submit },
): Work<void> {
  const { effect, submit } = about
  const event = { type: 'timer.fired', conversationId, name: '', token: 0 } as const // a turn that only looks
  const stored = services.store.load(conversationId)
  const loaded = (isPromise(stored) ? yield stored : stored) as Loaded // the promise resolves to it
  if (loaded.row === undefined) return
  const turn = new Turn(services, event, begin(loaded, event))
  if (services.storeWaits) yield* turn.readAhead()
  if (effect.type === 'question.answer') yield* answerQuestion(turn, effect, submit)
  else yield* enrichCustomer(turn, effect, submit)
}

/** Asks `bot:answer` handlers in order; the first answer wins. */
function* answerQuestion(
  turn: Turn,
  { effectId, messageId }: Extract<Effect, { type: 'question.answer' }>,
  submit: Submit,
): Work<void> {
  const question = turn.transcript().find((message) => message.id === messageId)?.text ?? ''
  for (const handler of turn.services.hooks.aspects.get('bot:answer') ?? []) {
    const asked = createAsked()
    const answer = yield* askOne(turn, handler, { question, asked })
    if (answer === undefined) continue
    turn.asked = asked // what `knowledge:rank` asks for goes with the answer
    submit({
      type: 'question.answered',
      conversationId: turn.id,
      effectId,
      by: handler.plugin.name,
      asked,
      answer: yield* complete(turn, handler, answer),
      basedOn: turn.version - 1,
    })
    return
  }
  submit({
    type: 'question.answered',
    conversationId: turn.id,
    effectId,
    by: '',
    asked: createAsked(),
    answer: undefined,
    basedOn: turn.version - 1,
  })
}

function* askOne(
  turn: Turn,
  handler: Handler,
  about: { readonly question: string; readonly asked: Asked },
): Work<Answer | undefined> {
  const context = actingContext(turn, handler, { asked: about.asked })
  let result = callHandler(turn, handler, about.question, context)
  if (isPromise(result))
    result = yield* waitFor(turn, handler, { promise: result, abort: (reason) => context.abort(reason) })
  if (result === FAILED || result === undefined || result === null) return undefined
  if (isAnswer(result)) return result
  turn.failed(
    handler,
    'invalid',
    new TypeError('`bot:answer` expects `{ text }`, `{ suggestions }`, `{ ask }` or nothing'),
  )
  return undefined
}

/** The answer with its stream read to the end and its articles ranked. */
function* complete(turn: Turn, handler: Handler, answer: Answer): Work<Answer> {
  const { text, suggestions, ...rest } = answer
  const words = text === undefined || typeof text === 'string' ? text : yield* readStream(turn, handler, text)
  const ranked =
    suggestions === undefined
      ? undefined
      : yield* waterfall<readonly Suggestion[]>(turn, 'knowledge:rank', { value: suggestions, isValid: isSuggestions })
  return {
    ...rest,
    ...(words === undefined ? {} : { text: words }),
    ...(ranked === undefined ? {} : { suggestions: ranked }),
  }
}

/** What came before a stream broke off is kept: half an answer is said, and the failure reported. */
function* readStream(turn: Turn, handler: Handler, stream: AsyncIterable<string>): Work<string> {
  let iterator: AsyncIterator<string> | undefined
  const next = async (): Promise<string | undefined> => {
    iterator ??= stream[Symbol.asyncIterator]()
    const result: IteratorResult<string, unknown> = await iterator.next()
    return result.done === true ? undefined : String(result.value)
  }
  const abort = async (): Promise<unknown> => iterator?.return?.()
  let words = ''
  for (;;) {
    const part = yield* waitFor(turn, handler, { promise: next(), abort: () => void abort().catch(() => {}) })
    if (typeof part !== 'string') return words
    words += part
  }
}

/** Each plugin is asked who the customer is; one that takes too long is passed over, and what it says later still counts. */
function* enrichCustomer(
  turn: Turn,
  { effectId }: Extract<Effect, { type: 'customer.enrich' }>,
  submit: Submit,
): Work<void> {
  let { customer } = turn
  const { asked } = turn
  const about = { type: 'customer.enriched', conversationId: turn.id, effectId, basedOn: turn.version - 1 } as const
  for (const handler of turn.services.hooks.aspects.get('customer:context') ?? []) {
    const context = actingContext(turn, handler, { asked })
    let result = callHandler(turn, handler, deepFreeze(customer), context)
    if (isPromise(result)) {
      const late = (value: unknown): void => {
        const known = readKnown(turn, handler, value)
        if (known !== undefined) submit({ ...about, customer: known })
      }
      result = yield* waitFor(turn, handler, { promise: result, abort: (reason) => context.abort(reason), late })
    }
    if (result !== FAILED && result !== customer) customer = readKnown(turn, handler, result) ?? customer
  }
  submit({ ...about, customer, asked })
}

/** The customer as a plugin knows them; `undefined`, and reported, when it is nobody or somebody else. */
function readKnown(turn: Turn, handler: Handler, value: unknown): Customer | undefined {
  try {
    const known = parseCustomer(value)
    if (known.id === turn.customer.id) return known
    throw new TypeError('`customer:context` must return the customer it was given, with more known of them')
  } catch (error) {
    turn.failed(handler, 'invalid', error)
    return undefined
  }
}

function* waitFor(
  turn: Turn,
  handler: Handler,
  about: {
    readonly promise: PromiseLike<unknown>
    readonly abort: (reason: unknown) => void
    readonly late?: (value: unknown) => void
  },
): Work<unknown> {
  try {
    return yield withLimit(about.promise, turn.clock, {
      limitMs: handler.timeoutMs,
      what: `${handler.plugin.name} in ${handler.hook}`,
    })
  } catch (error) {
    const timedOut = error instanceof TimeUp
    turn.failed(handler, timedOut ? 'timedOut' : 'threw', error)
    about.abort(error)
    if (timedOut) {
      about.promise.then(about.late, () => {}) // it has been reported as too late already
    }
    return FAILED
  }
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null) return false
  const { text, suggestions, ask } = value as { [Key in keyof Answer]: unknown }
  const isText =
    text === undefined ||
    typeof text === 'string' ||
    (typeof text === 'object' && text !== null && Symbol.asyncIterator in text)
  return (
    isText &&
    (suggestions === undefined || isSuggestions(suggestions)) &&
    (ask === undefined || typeof ask === 'string')
  )
}

function isSuggestions(value: unknown): value is readonly Suggestion[] {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => typeof item === 'object' && item !== null && isSuggestion(item))
  )
}

function isSuggestion({ article, confidence }: { readonly article?: unknown; readonly confidence?: unknown }): boolean {
  if (typeof article !== 'object' || article === null || typeof confidence !== 'number') return false
  const { id, title, text } = article as { [Key in keyof Article]: unknown }
  return typeof id === 'string' && typeof title === 'string' && typeof text === 'string'
}
