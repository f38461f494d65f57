import type { Answer } from './answers.ts'
import type { Handler } from './identity.ts'
import { mountPathOf } from './mount-path.ts'

/** What comes in, from wherever it comes. What it costs to look at it closer is paid only for whoever may. */
export interface Asked {
  /** Address and headers: where it goes, and who sends it. */
  readonly request: Request
  /** All that `auth` could tell it by, in one text: the same for the same request sent again. Present where it costs less than the request. */
  readonly likeness?: string
  /** What was taken off the address before it came here. */
  readonly mountPath: string
  /** The body, not read yet. */
  body(): ReadableStream<Uint8Array> | null
  /** Ends with the line. */
  signal(): AbortSignal
}

export type Answerer = (asked: Asked) => Promise<Answer>

export function toAsked(request: Request): Asked {
  return { request, mountPath: mountPathOf(request), body: () => request.body, signal: () => request.signal }
}

/** What mounts may know of a handler of ours. */
export interface Inside {
  /** For mounts that have no `Request`, and need no `Response`. */
  readonly answerer: Answerer
  readonly basePath: string
  /** Has the engine been started, and not been stopped? */
  isRunning(): Promise<boolean>
}

const insides = new WeakMap<Handler, Inside>()

export function noteInside(handler: Handler, inside: Inside): Handler {
  insides.set(handler, inside)
  return handler
}

/** `undefined` for a handler that somebody has wrapped in their own. */
export function insideOf(handler: Handler): Inside | undefined {
  return insides.get(handler)
}
