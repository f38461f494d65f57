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

/** How our own handlers are asked by mounts that have no `Request`, and need no `Response`. */
const answerers = new WeakMap<Handler, Answerer>()

export function noteAnswerer(handler: Handler, answerer: Answerer): Handler {
  answerers.set(handler, answerer)
  return handler
}

/** `undefined` for a handler that somebody has wrapped in their own. */
export function answererOf(handler: Handler): Answerer | undefined {
  return answerers.get(handler)
}
