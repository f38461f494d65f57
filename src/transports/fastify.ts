import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from './identity.ts'
import { toRequest } from './node.ts'

/** As much of a Fastify instance as is used. Fastify itself is not loaded. */
export interface FastifyScope {
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown
  all(path: string, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): unknown
}

interface FastifyRequest {
  readonly raw: IncomingMessage
}

interface FastifyReply {
  readonly raw: ServerResponse
  send(payload: unknown): unknown
}

/**
 * A Fastify plugin in a scope of its own: it takes the raw body and streams, and the rest of the app stays as it is.
 * @example await app.register(toFastify(createHandler(engine, { auth, basePath: '/chat' })), { prefix: '/chat' })
 */
export function toFastify(handler: Handler): (app: FastifyScope) => Promise<void> {
  return (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.all('/*', async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      return reply.send(await handler(toRequest(request.raw, gone.signal)))
    })
    return Promise.resolve()
  }
}
