import { type Answer, isKnown, readAnswer } from './answer.ts'
import { type Frame, readEvents } from './event-reader.ts'

/** Where the handler is, and who comes. */
export interface Link {
  /** The handler's address: `/chat`, `https://shop.example/chat`. */
  readonly url: string
  /** A signed token, or how to get one that holds; none where the product's own session (a cookie) is enough. */
  readonly token?: string | (() => string | Promise<string>)
  /** Whether the other side can be reached. */
  readonly onStatus?: (status: Status) => void
}

export type Status = 'online' | 'offline'

/** A line to the handler that comes back by itself. */
export interface Line {
  /** One after the other in each lane, and again until an answer comes: with the same key. */
  send<Body>(path: string, body?: object, lane?: string): Promise<Body>
  get<Body>(path: string): Promise<Body>
  /** For what is worth nothing later: it is tried once, and nobody hears of its failing. */
  hint(path: string, body?: object): void
  /** Events from a place on. It comes again wherever it broke, and goes on there. */
  events(path: string, place: string, signal?: AbortSignal): AsyncGenerator<Frame, void, undefined>
  disconnect(): void
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000

/** A browser's page says when it is on or off the net; elsewhere nobody does. */
const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>

export function openLine({ url, token, onStatus }: Link): Line {
  const base = url.replace(/\/$/, '')
  const closing = new AbortController()
  const lanes = new Map<string, Promise<unknown>>()
  let status: Status | undefined

  function tell(now: Status): void {
    if (now !== status && !closing.signal.aborted) onStatus?.((status = now))
  }

  async function ask(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(init.headers)
    const bearer = typeof token === 'function' ? await token() : token
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`)
    const response = await fetch(base + path, { credentials: 'include', ...init, headers, signal })
    tell('online')
    return response
  }

  /** Until an answer comes that another try would not change. */
  async function insist<Body>(path: string, init: RequestInit): Promise<Body> {
    for (let tries = 0; ; tries += 1) {
      const answer = await ask(path, init, closing.signal)
        .then(readAnswer)
        .catch(() => undefined)
      closing.signal.throwIfAborted()
      if (answer === undefined) tell('offline')
      else if (!isWorthAnother(answer)) return settle(answer)
      await pause(tries, closing.signal)
    }
  }

  function post(body: object = {}): RequestInit {
    const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    return { method: 'POST', body: JSON.stringify(body), headers }
  }

  async function* listenOnce(path: string, place: string, ended: AbortSignal): AsyncGenerator<Frame> {
    const broken = new AbortController()
    const stop = (): void => broken.abort()
    page.addEventListener?.('offline', stop)
    try {
      const headers: Record<string, string> = place === '' ? {} : { 'last-event-id': place }
      const response = await ask(path, { headers }, AbortSignal.any([ended, broken.signal]))
      if (!response.ok || response.body === null) throw (await readAnswer(response)).error ?? new Error('no stream')
      for await (const frame of readEvents(response.body, stop)) {
        if (ended.aborted) return // what was still on its way is not wanted any more
        yield frame
      }
    } finally {
      stop()
      page.removeEventListener?.('offline', stop)
    }
  }

  async function* events(path: string, from: string, own?: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    const ended = own === undefined ? closing.signal : AbortSignal.any([closing.signal, own])
    let place = from
    for (let tries = 0; !ended.aborted; tries += 1) {
      try {
        for await (const frame of listenOnce(path, place, ended)) {
          tries = 0
          place = frame.id ?? place
          yield frame
        }
      } catch (error) {
        if (ended.aborted) return
        if (isKnown(error) && error.code === 'RESUME_INVALID') place = ''
        else if (isKnown(error) && !error.retryable) throw error
        tell('offline')
      }
      await pause(tries, ended)
    }
  }

  return {
    events,
    get: (path) => insist(path, {}),
    send(path, body, lane = path) {
      const init = post(body)
      const sent = (lanes.get(lane) ?? Promise.resolve()).then(() => insist<never>(path, init))
      const done = sent.catch(() => {}).then(() => void (lanes.get(lane) === done && lanes.delete(lane)))
      lanes.set(lane, done)
      return sent
    },
    hint: (path, body) => void ask(path, post(body), closing.signal).catch(() => {}),
    disconnect: () => closing.abort(),
  }
}

/** A server that is not there now, or not well, may be later. */
function isWorthAnother({ error }: Answer): boolean {
  return error?.retryable === true
}

function settle<Body>({ error, body }: Answer): Body {
  if (error !== undefined) throw error
  return body as Body // what the server answers at this address
}

/** Longer from time to time, never quite the same; over at once when the line is there again. */
function pause(tries: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2)
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      page.removeEventListener?.('online', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
    page.addEventListener?.('online', over)
  })
}
