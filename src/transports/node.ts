import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { insideOf, type Asked } from './asked.ts'
import type { Handler } from './identity.ts'
import { noteMountPath } from './mount-path.ts'

/** A request as Node has it; `body` is there when something before has read it already, `baseUrl` (Express) is what was taken off the address. */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly baseUrl?: unknown }

/**
 * Mounts a handler where requests are Node's: `node:http`, Express, Connect.
 * @example createServer(toNode(handler)).listen(3000)
 * @example app.use('/chat', toNode(handler)) // Express
 */
export function toNode(handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  return (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy()) // the line is gone: there is nobody to tell
  }
}

async function answer(handler: Handler, incoming: NodeRequest, outgoing: ServerResponse): Promise<void> {
  const inside = insideOf(handler)
  const { status, headers, body } = !canBeRequest(incoming)
    ? { status: 405, headers: { allow: 'GET, POST' }, body: null }
    : inside === undefined
      ? await throughRequest(handler, incoming, outgoing)
      : await inside.answerer(asked(incoming, outgoing))
  if (body === null || typeof body === 'string') {
    const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) }
    outgoing.writeHead(status, { ...headers, ...length }).end(body ?? undefined)
    return
  }
  outgoing.writeHead(status, headers)
  outgoing.flushHeaders()
  const reader = body.getReader()
  whenGone(outgoing, () => void reader.cancel().catch(() => {}))
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (outgoing.write(read.value)) continue
    await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]) // the reader sets the pace
  }
  outgoing.end()
}

/** Most is looked at only once it is known who asks: a flood of requests that are refused costs no more than their headers. */
function asked(incoming: NodeRequest, outgoing: ServerResponse): Asked {
  const mountPath = typeof incoming.baseUrl === 'string' ? incoming.baseUrl : ''
  let headers: Headers | undefined
  let request: Request | undefined
  const readHeaders = (): Headers => (headers ??= headersOf(incoming))
  return {
    get request() {
      const init = { method: incoming.method ?? 'GET', headers: readHeaders() }
      return (request ??= new Request(addressOf(incoming, init.headers), init))
    },
    likeness: likenessOf(incoming, mountPath),
    mountPath,
    body: () => bodyOf(incoming, readHeaders()) ?? null,
    signal: () => signalOf(outgoing),
  }
}

/** What differs each time a customer says something, and says nothing about who they are. */
const OF_THE_BODY = new Set(['idempotency-key', 'content-length'])

function likenessOf({ method, url, rawHeaders }: NodeRequest, mountPath: string): string {
  let likeness = `${method} ${mountPath} ${url}`
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!OF_THE_BODY.has(name)) likeness += `\n${name}:${rawHeaders[index + 1]}`
  }
  return likeness
}

/** A handler that somebody has wrapped in their own takes a request as everywhere. */
async function throughRequest(handler: Handler, incoming: NodeRequest, outgoing: ServerResponse) {
  const request = noteMountPath(toRequest(incoming, signalOf(outgoing)), incoming.baseUrl)
  const { status, headers, body } = await handler(request)
  const cookies = headers.getSetCookie()
  return {
    status,
    headers: { ...Object.fromEntries(headers), ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) },
    body,
  }
}

function signalOf(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController()
  whenGone(outgoing, () => gone.abort())
  return gone.signal
}

function whenGone(outgoing: ServerResponse, tell: () => void): void {
  if (outgoing.closed) tell()
  else outgoing.once('close', tell)
}

/** A request as the handler reads it; its body is not read yet. */
export function toRequest(incoming: NodeRequest, signal: AbortSignal): Request {
  const [headers, method] = [headersOf(incoming), incoming.method ?? 'GET']
  const body = bodyOf(incoming, headers)
  return new Request(addressOf(incoming, headers), {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  })
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(':') || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  return headers
}

/** A `Request` is never one of these. */
function canBeRequest({ method }: IncomingMessage): boolean {
  return method !== 'TRACE' && method !== 'TRACK' && method !== 'CONNECT'
}

function addressOf(incoming: IncomingMessage, headers: Headers): string {
  return toAddress(headers.get('host'), incoming.url)
}

/** An address that a `Request` takes, whatever was sent: a host that is none, or a name and password in it, is as if nobody had said it. */
export function toAddress(host: string | null | undefined, path = '/'): string {
  const below = path.startsWith('/') ? path : '/'
  const named = `http://${host ?? ''}${below}`
  return host?.includes('@') !== true && URL.canParse(named) ? named : `http://localhost${below}`
}

function bodyOf(incoming: NodeRequest, headers: Headers): ReadableStream<Uint8Array> | undefined {
  if (incoming.method === 'GET' || incoming.method === 'HEAD') return undefined
  if (!headers.has('content-length') && !headers.has('transfer-encoding')) return undefined
  if (headers.get('content-length') === '0') return undefined
  if (incoming.body !== undefined && incoming.readableEnded) return new Blob([JSON.stringify(incoming.body)]).stream() // express.json() came first
  return toStream(incoming)
}

/** Not `Readable.toWeb`: cancelling that one cuts the line before the refusal has been read. */
function toStream(incoming: NodeRequest): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on('data', (chunk: Uint8Array) => {
        controller.enqueue(chunk)
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
      })
      incoming.once('end', () => controller.close())
      incoming.once('error', (error) => controller.error(error))
      incoming.pause()
    },
    pull: () => void incoming.resume(),
    cancel: () => void incoming.removeAllListeners('data').removeAllListeners('end').resume(), // what still comes is dropped
  })
}
