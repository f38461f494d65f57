import type { Awaitable, Customer, Duration, Message, Suggestion } from './types.ts'

// What an engine meets besides its store: time, knowledge, other channels, a log.

/** Where time comes from. The simulator's moves only when it is told to. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls back once, at `at` or as soon after as possible; never early. Returns the way to call it off. */
  at(at: number, callback: () => void): () => void
  /** Lets other work go on before calling back; a virtual clock calls back at once. */
  breathe(callback: () => void): void
  /** Told of every promise of a plugin that the engine waits for, so that a simulation knows what holds it up. */
  watch?(promise: PromiseLike<unknown>, what: string): void
  /** Milliseconds of work after which the engine should breathe. */
  readonly sliceMs: number
}

/** Finds articles. A search server, a vector store, or the built-in index. */
export interface KnowledgeSource {
  search(
    query: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Awaitable<readonly Suggestion[]>
}

/**
 * Where replies go besides the web: to customers who have left, and to those whose conversation was opened on the channel of this name.
 */
export interface Channel {
  readonly name: string
  /** So much time at least between two deliveries to one conversation; none unless said. */
  readonly pause?: Duration
  /**
   * Sends one message. In order, once `sent`; asked again later, less and less often for a day, after `retry`, a rejection, or 30 s of
   * silence; `gone`: there is no way to this customer by it, so the next channel is asked. `key` is stable over all of that: a process that
   * ends in the middle asks again.
   */
  deliver(
    message: Message,
    to: { readonly conversationId: string; readonly customer: Customer; readonly key: string },
  ): Promise<'sent' | 'retry' | 'gone'>
}

/** pino's shape. */
export type Log = {
  readonly [Level in 'debug' | 'info' | 'warn' | 'error']: (data: object, text?: string) => void
}
