import type { Awaitable, Customer, Message, Suggestion } from './types.ts'

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

/** Where replies go besides the web. `key` is stable over retries. */
export interface Channel {
  readonly name: string
  deliver(
    message: Message,
    to: { readonly conversationId: string; readonly customer: Customer; readonly key: string },
  ): Promise<'sent' | 'retry' | 'gone'>
}

/** pino's shape. */
export type Log = {
  readonly [Level in 'debug' | 'info' | 'warn' | 'error']: (data: object, text?: string) => void
}
