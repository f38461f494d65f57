import { type Answer, haste, isKnown, readAnswer } from './answer.ts'
import { type Frame, readEvents } from './event-reader.ts'
import { page, pause, wait } from './pause.ts'
import { readBase } from './read-base.ts'
import { createTeller, type Teller } from './tell.ts'

/** Where the handler is, and who comes. */
export interface Link {
  /** The handler's address: `/chat`, `https://shop.example/chat`. */
  readonly url: string
  /**
   * A signed token, or how to get one that holds; none where the product's own session (a cookie) is enough. A function that fails ends the attempt to
   * connect with its error; later on it is asked again, as after a break of the line.
   */
  readonly token?: string | (() => string | Promise<string>)
  /** Whether the other side can be reached. */
  readonly onStatus?: (status: Status) => void
  /**
   * What nobody else is told: that one of the functions given here has thrown (everything goes on), or that the stream has ended for good.
   * `reportError` of the page unless said; where there is none, what they throw is thrown on its own.
   */
  readonly onError?: (error: unknown) => void
  /** Calls the attempt to connect off, and disconnects afterwards. Without it a server that cannot be reached is waited for. */
  readonly signal?: AbortSignal
}

export type Status = 'online' | 'offline'

/** A line to the handler that comes back by itself. */
export interface Line extends Teller {
  /** One after the other in each lane, and again until an answer comes: with the same key. */
  send<Body>(path: string, body?: object, lane?: string): Promise<Body>
  /** The same for what is not answered with a receipt: whoever is told to wait waits. */
  insist<Body>(path: string, body?: object, lane?: string): Promise<Body>
  get<Body>(path: string): Promise<Body>
  /** For what is worth nothing later: it is tried once, and nobody hears of its failing. */
  hint(path: string, body?: object): void
  /** Events from a place on. It comes again wherever it broke, and goes on there. */
  events(path: string, place: string, signal?: AbortSignal): AsyncGenerator<Frame, void, undefined>
  disconnect(): void
}

interface Manner {
  readonly lane?: string | undefined
  /** Whoever is told to wait waits. */
  readonly isPatient?: boolean
}

export function openLine(link: Link): Line {
  const base = readBase(link)
  const { token, onStatus } = link
  const teller = createTeller(link.onError)
  const { closing, disconnect } = createClosing(link.signal)
  const lanes = new Map<string, Promise<unknown>>()
  let status: Status | undefined
  let wasAnswered = false
  let unmendable: { readonly error: unknown } | undefined

  function tellStatus(now: Status): void {
    if (now !== status && !closing.signal.aborted) teller.tell(onStatus, (status = now))
  }

  async function ask(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = await authorized(init.headers, token).catch((error: unknown) => {
      if (!wasAnswered) unmendable = { error } // what fails before anything was ever answered is not the line
      throw error
    })
    const response = await fetch(base + path, { credentials: 'include', ...init, headers, signal })
    wasAnswered = true
    tellStatus('online')
    return response
  }

  /** Until an answer comes that another try would not change. */
  async function untilAnswered<Body>(path: string, init: RequestInit, isPatient: boolean): Promise<Body> {
    for (let tries = 0; ; tries += 1) {
      const answer = await ask(path, init, closing.signal)
        .then(readAnswer)
        .catch(() => undefined)
      closing.signal.throwIfAborted()
      if (unmendable !== undefined) throw unmendable.error
      const waitMs = isPatient && answer !== undefined ? haste(answer) : undefined
      if (answer === undefined) tellStatus('offline')
      else if (waitMs === undefined && !isWorthAnother(answer)) return settle(answer)
      await (waitMs === undefined ? pause(tries, closing.signal) : wait(waitMs, closing.signal))
    }
  }

  function inLane<Body>(path: string, init: RequestInit, { lane = path, isPatient = false }: Manner): Promise<Body> {
    const sent = (lanes.get(lane) ?? Promise.resolve()).then(() => untilAnswered<never>(path, init, isPatient))
    const done = sent.catch(() => {}).then(() => void (lanes.get(lane) === done && lanes.delete(lane)))
    lanes.set(lane, done)
    return sent
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
        tellStatus('offline')
      }
      await pause(tries, ended)
    }
  }

  return {
    events,
    get: (path) => untilAnswered(path, {}, true),
    send: (path, body, lane) => inLane(path, post(body), { lane }),
    insist: (path, body, lane) => inLane(path, post(body), { lane, isPatient: true }),
    hint: (path, body) => void ask(path, post(body), closing.signal).catch(() => {}),
    ...teller,
    disconnect,
  }
}

/** Ends with `disconnect`, or when the caller calls it off. */
function createClosing(off: AbortSignal | undefined) {
  const closing = new AbortController()
  const disconnect = (): void => {
    off?.removeEventListener('abort', disconnect)
    closing.abort(off?.reason)
  }
  if (off?.aborted === true) disconnect()
  else off?.addEventListener('abort', disconnect)
  return { closing, disconnect }
}

async function authorized(given: RequestInit['headers'], token: Link['token']): Promise<Headers> {
  const headers = new Headers(given)
  const bearer = typeof token === 'function' ? await token() : token
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`)
  return headers
}

function post(body: object = {}): RequestInit {
  const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
  return { method: 'POST', body: JSON.stringify(body), headers }
}

/** A server that is not there now, or not well, may be later. */
function isWorthAnother({ error }: Answer): boolean {
  return error?.retryable === true
}

function settle<Body>({ error, body }: Answer): Body {
  if (error !== undefined) throw error
  return body as Body // what the server answers at this address
}
