import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
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
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const response = await handler(noteMountPath(toRequest(incoming, gone.signal), incoming.baseUrl))
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (response.body === null) {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  const reader = response.body.getReader()
  gone.signal.addEventListener('abort', () => void reader.cancel().catch(() => {}))
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (outgoing.write(read.value)) continue
    await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]) // the reader sets the pace
  }
  outgoing.end()
}

/** A request as the handler reads it; its body is not read yet. */
export function toRequest(incoming: NodeRequest, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(':') || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  const path = incoming.url?.startsWith('/') === true ? incoming.url : '/'
  const named = `http://${headers.get('host') ?? ''}${path}`
  const url = URL.canParse(named) ? named : `http://localhost${path}`
  const method = incoming.method ?? 'GET'
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(incoming, headers)
  return new Request(url, {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  })
}

function bodyOf(incoming: NodeRequest, headers: Headers): string | ReadableStream<Uint8Array> | undefined {
  if (!headers.has('content-length') && !headers.has('transfer-encoding')) return undefined
  if (headers.get('content-length') === '0') return undefined
  if (incoming.body !== undefined && incoming.readableEnded) return JSON.stringify(incoming.body) // express.json() came first
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
