import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { toMs } from '../core/duration.ts'
import { MaitredError } from '../core/errors.ts'
import type { Duration } from '../core/types.ts'
import { errorToAnswer, toResponse } from './answers.ts'
import { insideOf } from './asked.ts'
import { MAX_BODY_BYTES } from './body.ts'
import { canStandInHeader } from './headers.ts'
import type { Handler } from './identity.ts'
import { readBasePath } from './mount-path.ts'
import { toAddress } from './node.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

export interface SocketOptions {
  /** Sockets are opened at `<basePath>/socket`; as the handler's unless said. */
  readonly basePath?: string
  /** Whoever does not answer a ping until the next is let go; 15 s unless said. */
  readonly heartbeat?: Duration
}

/** What a server is given for `upgrade`. */
export interface SocketUpgrade {
  (request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Closes every socket (1001), and opens no more. It is called by itself within a second after the engine has stopped. */
  close(): void
}

/** A request in a message: what would stand in the address, the headers and the body. */
interface Asked {
  readonly id: string
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly key?: string
  readonly body?: object
  readonly lastEventId?: string
  /** Ends the stream of that id. */
  readonly cancel?: true
}

const MOST_OPEN = 64
/** How often it is looked at, while sockets are open, whether the engine still runs. */
const LOOK_MS = 1_000
const GOING_AWAY = 1001
const FAREWELL_MS = 2_000

/**
 * The same requests and streams over one WebSocket, with the same rights and limits: each message is answered by the handler itself. Needs
 * the package `ws`.
 * @throws MaitredError `CONFIG_INVALID`
 * @example server.on('upgrade', await toWebSocket(handler))
 */
export async function toWebSocket(handler: Handler, options: SocketOptions = {}): Promise<SocketUpgrade> {
  const { WebSocketServer } = await loadWs()
  const inside = insideOf(handler)
  const socketPath = `${readBasePath(options.basePath ?? inside?.basePath ?? '')}/socket`
  const basePath = inside?.basePath ?? readBasePath(options.basePath ?? '')
  const heartbeatMs = toMs(options.heartbeat ?? '15s', 'heartbeat')
  const server = new WebSocketServer({ noServer: true, maxPayload: 2 * MAX_BODY_BYTES, clientTracking: false })
  const open = new Set<WebSocket>()
  let isOver = false

  const closeAll = (): void => {
    for (const socket of open) goAway(socket)
  }
  const watch = inside === undefined ? () => {} : createWatch(() => inside.isRunning(), closeAll)

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(toAddress('localhost', request.url))
    if (pathname !== socketPath) return refuseUpgrade(socket, 404, { unlessOthersListen: true })
    const token = searchParams.get('token')
    if (token !== null && !canStandInHeader(token)) return refuseUpgrade(socket, 401)
    if (isOver) return refuseUpgrade(socket, 503)
    server.handleUpgrade(request, socket, head, (opened) => {
      open.add(opened)
      opened.once('close', () => open.delete(opened))
      keepAlive(opened, heartbeatMs)
      converse(opened, { handler, basePath, headers: headersOf(request, token) })
      watch(opened)
    })
  }

  /** Whatever a stranger sends, nothing is thrown into the server that told us. */
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    try {
      upgrade(request, socket, head)
    } catch {
      refuseUpgrade(socket, 400)
    }
  }
  return Object.assign(onUpgrade, {
    close() {
      isOver = true
      closeAll()
    },
  })
}

/** Whoever does not say goodbye in return is not waited for. */
function goAway(socket: WebSocket): void {
  if (socket.readyState !== socket.OPEN) return
  socket.close(GOING_AWAY)
  const timer = setTimeout(() => socket.terminate(), FAREWELL_MS)
  socket.once('close', () => clearTimeout(timer))
}

async function loadWs(): Promise<typeof import('ws')> {
  try {
    return await import('ws')
  } catch (cause) {
    throw new MaitredError('CONFIG_INVALID', {
      message: '`toWebSocket` needs the package `ws`, which is not installed.',
      hint: 'Run `npm install ws`.',
      cause,
    })
  }
}

/** Tells when the engine does not run. Looks only while one of the sockets it was given is open. */
function createWatch(isRunning: () => Promise<boolean>, onStopped: () => void): (socket: WebSocket) => void {
  let openCount = 0
  let timer: ReturnType<typeof setInterval> | undefined
  let isLooking = false

  async function look(): Promise<void> {
    if (isLooking) return // a store that is slow is not asked twice
    isLooking = true
    if (!(await isRunning())) onStopped()
    isLooking = false
  }

  return (socket) => {
    openCount += 1
    timer ??= setInterval(() => void look(), LOOK_MS)
    void look()
    socket.once('close', () => {
      openCount -= 1
      if (openCount > 0) return
      clearInterval(timer)
      timer = undefined
    })
  }
}

/** Browsers' sockets have cookies and an origin; a token comes in the address. */
function headersOf({ headers }: IncomingMessage, token: string | null): Readonly<Record<string, string>> {
  const { host, cookie, origin, authorization = token === null ? undefined : `Bearer ${token}` } = headers
  const given = { host, cookie, origin, authorization }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function keepAlive(socket: WebSocket, heartbeatMs: number): void {
  let isHere = true
  const timer = setInterval(() => {
    if (!isHere) return socket.terminate()
    isHere = false
    socket.ping()
  }, heartbeatMs)
  socket.on('pong', () => (isHere = true))
  socket.once('close', () => clearInterval(timer))
  socket.on('error', () => {}) // `close` follows
}

interface Behind {
  readonly handler: Handler
  readonly basePath: string
  readonly headers: Readonly<Record<string, string>>
}

function converse(socket: WebSocket, behind: Behind): void {
  const open = new Map<string, AbortController>()
  socket.once('close', () => {
    for (const one of open.values()) one.abort()
  })
  socket.on('message', (data) => {
    const asked = read(Buffer.isBuffer(data) ? data.toString() : '')
    if (asked === undefined || (open.has(asked.id) && asked.cancel !== true) || open.size >= MOST_OPEN)
      return void answerWith(socket, asked?.id ?? '', toResponse(errorToAnswer(invalid())))
    if (asked.cancel === true) return open.get(asked.id)?.abort()
    const own = new AbortController()
    open.set(asked.id, own)
    ask(socket, behind, { asked, signal: own.signal })
      .catch(() => socket.close(1011)) // the line is gone, or an answer cannot be sent
      .finally(() => open.delete(asked.id))
  })
}

async function ask(
  socket: WebSocket,
  behind: Behind,
  { asked, signal }: { readonly asked: Asked; readonly signal: AbortSignal },
): Promise<void> {
  const { id } = asked
  const response = await behind.handler(toRequest(behind, asked, signal))
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true || response.body === null)
    return answerWith(socket, id, response)
  await send(socket, { id, status: 200 })
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  signal.addEventListener('abort', () => void reader.cancel().catch(() => {}))
  const decoder = new TextDecoder()
  let rest = ''
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const blocks = (rest + decoder.decode(chunk.value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) await relay(socket, id, block) // the next is read when this one has gone
    if (socket.readyState !== socket.OPEN) return reader.cancel() // nobody is there to read the rest
  }
  await send(socket, { id, end: true })
}

/** Never given out, so it is refused as such. */
const NO_PLACE = '?'

/** The key goes into the body: it may be in any script, and a header may not. */
function toRequest({ basePath, headers }: Behind, asked: Asked, signal: AbortSignal): Request {
  const { method = 'POST', path = '/', key, body = {}, lastEventId } = asked
  const isKeyed = key !== undefined && !Array.isArray(body)
  return new Request(toAddress(headers['host'], `${basePath}${path}`), {
    method,
    signal,
    headers: {
      ...headers,
      ...(lastEventId === undefined ? {} : { 'last-event-id': canStandInHeader(lastEventId) ? lastEventId : NO_PLACE }),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify(isKeyed ? { ...body, key } : body) }),
  })
}

async function answerWith(socket: WebSocket, id: string, response: Response): Promise<void> {
  const text = await response.text()
  await send(socket, { id, status: response.status, ...(text === '' ? {} : { body: JSON.parse(text) as unknown }) })
}

async function relay(socket: WebSocket, id: string, block: string): Promise<void> {
  const [eventId, event, data] = ['id', 'event', 'data'].map(
    (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1],
  )
  if (event === undefined || data === undefined) return
  await send(socket, { id, event, data: JSON.parse(data) as unknown, ...(eventId === undefined ? {} : { eventId }) })
}

/** Resolves once it has left, so that a slow reader holds up nobody but themselves. */
function send(socket: WebSocket, message: object): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve()
  return new Promise((resolve) => socket.send(JSON.stringify(message), () => resolve()))
}

function read(text: string): Asked | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { id, method, path, key, body, lastEventId } = value as Readonly<Record<string, unknown>>
  const isText = (one: unknown): boolean => one === undefined || typeof one === 'string'
  const fits =
    typeof id === 'string' &&
    id.length <= 128 &&
    [path, key, lastEventId].every(isText) &&
    (path === undefined || (typeof path === 'string' && path.startsWith('/'))) &&
    (method === undefined || method === 'GET' || method === 'POST') &&
    (body === undefined || (typeof body === 'object' && body !== null))
  return fits ? (value as unknown as Asked) : undefined // every field was looked at
}

function invalid(): MaitredError {
  return new MaitredError('BODY_INVALID', {
    message:
      'Expected a message such as `{"id": "1", "path": "/conversations", "body": {}}`, with an id that is not in use.',
    hint: `At most ${MOST_OPEN} requests and streams may be open at a time; \`{"id": "1", "cancel": true}\` ends one.`,
  })
}
