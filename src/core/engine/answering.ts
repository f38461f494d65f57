import { createAsked, type Asked } from '../hooks/scene.ts'
import { FAILED, callWith, isPromise } from '../hooks/hook-run.ts'
import { actingContext } from '../hooks/contexts.ts'
import type { Handler } from '../hooks/hook-table.ts'
import type { Answer } from '../hooks/plugin.ts'
import { MAX_TEXT_BYTES } from '../schema.ts'
import type { Effect } from '../snapshot.ts'
import type { InternalEvent } from '../turn/engine-events.ts'
import type { Turn } from '../turn/turn.ts'
import type { Article, Suggestion } from '../types.ts'
import { hasHandlers, waterfall } from '../turn/waterfall.ts'
import type { Work } from './run-queue.ts'
import { type Submit, type Watch, waitFor } from './waiting.ts'

/** Asks `bot:answer` handlers in order; the first answer wins. */
export function* answerQuestion(
  turn: Turn,
  { effectId, messageId }: Extract<Effect, { type: 'question.answer' }>,
  { submit, watch }: { readonly submit: Submit; readonly watch: Watch },
): Work<void> {
  const found = (by: string, asked: Asked, answer: Answer | undefined): InternalEvent => ({
    type: 'question.answered',
    conversationId: turn.id,
    effectId,
    basedOn: turn.version - 1,
    by,
    asked,
    answer,
  })
  const question = turn.transcript().find((message) => message.id === messageId)?.text ?? ''
  for (const handler of turn.services.hooks.aspects.get('bot:answer') ?? []) {
    const asked = createAsked()
    const answer = yield* askOne(turn, handler, { question, asked, watch })
    if (watch.isOver) return
    if (answer === undefined) continue
    turn.asked = asked // what `knowledge:rank` asks for goes with the answer
    const complete = yield* completed(turn, handler, { answer, watch })
    if (!watch.isOver) submit(found(handler.plugin.name, asked, complete))
    return
  }
  submit(found('', createAsked(), undefined))
}

function* askOne(
  turn: Turn,
  handler: Handler,
  about: { readonly question: string; readonly asked: Asked; readonly watch: Watch },
): Work<Answer | undefined> {
  const { watch } = about
  const context = actingContext(turn, handler, { asked: about.asked })
  let result = callWith(turn, handler, { value: about.question, context })
  if (isPromise(result)) {
    watch.tell({ type: 'typing' })
    result = yield* waitFor(turn, handler, { promise: result, watch, abort: (reason) => context.abort(reason) })
  }
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
function* completed(
  turn: Turn,
  handler: Handler,
  { answer, watch }: { readonly answer: Answer; readonly watch: Watch },
): Work<Answer> {
  const { text, suggestions, ...rest } = answer
  const words =
    text === undefined || typeof text === 'string' ? text : yield* readStream(turn, handler, { stream: text, watch })
  const ranked =
    suggestions === undefined
      ? undefined
      : yield* waterfall<readonly Suggestion[]>(turn, 'knowledge:rank', { value: suggestions, isValid: isSuggestions })
  const { ask } = rest
  if (words === undefined && ask === undefined && ranked !== undefined) return { suggestions: ranked }
  return {
    ...rest,
    ...(words === undefined ? {} : { text: words }),
    ...(ranked === undefined ? {} : { suggestions: ranked }),
  }
}

/** A stream that brings nothing, or no end, is cut here. */
const MAX_PARTS = 10_000

/**
 * Followers see the answer grow, unless a `message:out` hook must see it whole before anybody else does. What came before a stream broke
 * off is kept: half an answer is said, and the failure reported.
 */
function* readStream(
  turn: Turn,
  handler: Handler,
  { stream, watch }: { readonly stream: AsyncIterable<string>; readonly watch: Watch },
): Work<string> {
  const isWatched = hasHandlers(turn, 'message:out')
  let iterator: AsyncIterator<string> | undefined
  const next = async (): Promise<string | undefined> => {
    iterator ??= stream[Symbol.asyncIterator]()
    const result: IteratorResult<string, unknown> = await iterator.next()
    return result.done === true ? undefined : String(result.value)
  }
  const close = async (): Promise<unknown> => iterator?.return?.()
  const abort = (): void => void close().catch(() => {})
  let words = ''
  watch.tell({ type: 'typing' })
  for (let count = 0; count < MAX_PARTS && words.length <= MAX_TEXT_BYTES; count += 1) {
    const part = yield* waitFor(turn, handler, { promise: next(), watch, abort })
    if (typeof part !== 'string') return words
    words += part
    if (!isWatched) watch.tell({ type: 'partial', text: words })
  }
  abort()
  const error = new RangeError(`a streamed answer ends within ${MAX_PARTS} parts and ${MAX_TEXT_BYTES} characters`)
  turn.failed(handler, 'invalid', error)
  return words.slice(0, MAX_TEXT_BYTES)
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null) return false
  const { text, suggestions, ask } = value as { [Key in keyof Answer]: unknown }
  const isText =
    text === undefined ||
    typeof text === 'string' ||
    (typeof text === 'object' && text !== null && Symbol.asyncIterator in text)
  const isEmpty = text === undefined && suggestions === undefined && ask === undefined // or its one name is misspelt
  return (
    isText &&
    !isEmpty &&
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
