import { serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHandler, toNode } from '../../src/transports/index.ts'
import { app as expressApp } from '../../docs/examples/mount-express.ts'
import { app as fastifyApp } from '../../docs/examples/mount-fastify.ts'
import { app as honoApp } from '../../docs/examples/mount-hono.ts'
import { GET, POST } from '../../docs/examples/mount-next.ts'
import { server as nodeServer } from '../../docs/examples/mount-node.ts'
import { auth, engine } from '../../docs/examples/product.ts'
import { type Events, readEvents } from './house.ts'

// What else the product serves must stay as it is.
expressApp.use(express.json())
expressApp.post('/orders', (request, response) => void response.json({ got: request.body as unknown }))
fastifyApp.post('/orders', (request) => ({ got: request.body }))
honoApp.post('/orders', async (c) => c.json({ got: await c.req.json<unknown>() }))

beforeAll(() => engine.start())
afterAll(() => engine.stop({ within: 0 }))

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function listen(server: Server): Promise<string> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const mounts: [string, () => Promise<string>][] = [
  ['node:http', () => listen(nodeServer)],
  ['Express', () => listen(createServer(expressApp))],
  [
    'Fastify',
    async () => {
      await fastifyApp.ready()
      return listen(fastifyApp.server)
    },
  ],
  ['Hono', () => listen(serve({ fetch: honoApp.fetch, port: 0, hostname: '127.0.0.1' }) as Server)],
  ['Next', () => listen(createServer(toNode((request) => (request.method === 'GET' ? GET(request) : POST(request)))))],
]

const post = (url: string, who: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: `session=${who}`, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify(body),
  })

async function eventsOf(url: string, who: string): Promise<Events> {
  const response = await fetch(url, { headers: { cookie: `session=${who}` } })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  if (response.body === null) throw new Error('no stream')
  const events = readEvents(response.body)
  closers.unshift(() => events.close())
  return events
}

describe.each(mounts)('F74: mounted in %s', (name, start) => {
  const who = name.toLowerCase().replace(/\W/g, '')

  test('takes commands and streams, and answers with the status of the table', async () => {
    const chat = `${await start()}/chat`
    const { id } = (await (await post(`${chat}/conversations`, who, { page: '/' })).json()) as { id: string }
    const events = await eventsOf(`${chat}/conversations/${id}/events`, who)
    await events.until(({ event }) => event === 'message')
    const said = await post(`${chat}/conversations/${id}/say`, who, { text: `hello from ${name}` })
    expect(said.status).toBe(200)
    await events.until(({ data }) => JSON.stringify(data).includes(`hello from ${name}`))
    expect((await post(`${chat}/conversations/${id}/say`, 'somebodyElse', { text: 'hi' })).status).toBe(404)
    expect((await post(`${chat}/conversations/${id}/say`, who, { text: 'x'.repeat(100_000) })).status).toBe(413)
    expect((await fetch(`${chat}/desk`)).status).toBe(401)
    expect((await fetch(`${chat}/openapi.json`)).status).toBe(200)
    const unknown = (await (await fetch(`${chat}/nowhere`)).json()) as { code: string; hint: string }
    expect(unknown.code).toBe('ROUTE_UNKNOWN')
    // Hono takes the path off, and tells nobody.
    expect(unknown.hint).toContain(
      name === 'Hono' ? '/openapi.json, below where this is mounted' : ' /chat/openapi.json.',
    )
  })

  test.skipIf(name === 'node:http' || name === 'Next')('leaves the rest of the app as it is', async () => {
    const base = await start()
    const answer = await post(`${base}/orders`, who, { item: 'tea' })
    expect(await answer.json()).toEqual({ got: { item: 'tea' } })
  })
})

test('a stream that its reader leaves is over on the server, too', async () => {
  const streams: AbortSignal[] = []
  const handler = createHandler(engine, { auth, limits: { streams: 1 } })
  const base = await listen(
    createServer(
      toNode((request) => {
        streams.push(request.signal)
        return handler(request)
      }),
    ),
  )
  const { id } = (await (await post(`${base}/conversations`, 'leaver', {})).json()) as { id: string }
  const events = await eventsOf(`${base}/conversations/${id}/events`, 'leaver')
  await events.until(({ event }) => event === 'message')
  const [, stream] = streams
  await events.close()
  if (stream?.aborted === false) await once(stream, 'abort')
  const again = await eventsOf(`${base}/conversations/${id}/events`, 'leaver')
  await again.until(({ event }) => event === 'message')
})

test('a body that express.json() has read already is taken as it was read', async () => {
  const app = express()
  app.use(express.json())
  app.use('/chat', toNode(createHandler(engine, { auth })))
  const base = await listen(createServer(app))
  const { id } = (await (await post(`${base}/chat/conversations`, 'early', { page: '/read-before' })).json()) as {
    id: string
  }
  expect((await engine.conversation(id).view()).pages).toMatchObject([{ url: '/read-before' }])
})

test('a huge upload gets its 413 although it is still coming, and half a request holds nobody up', async () => {
  const base = await listen(createServer(toNode(createHandler(engine, { auth }))))
  const { port } = new URL(base)
  const half = connect(Number(port), '127.0.0.1')
  half.write(
    'POST /conversations HTTP/1.1\r\nhost: x\r\ncookie: session=half\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"pa',
  )
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', cookie: 'session=huge', 'content-length': 50_000_000 }
    const upload = httpRequest(`${base}/conversations`, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode)
      upload.destroy()
    })
    upload.on('error', reject)
    upload.write('x'.repeat(100_000))
  })
  expect(status).toBe(413)
  expect((await post(`${base}/conversations`, 'others', {})).status).toBe(200)
  half.destroy()
})

test('an address that cannot be read is refused like any other', async () => {
  const base = await listen(createServer(toNode(createHandler(engine, { auth }))))
  const socket = connect(Number(new URL(base).port), '127.0.0.1')
  socket.write('GET //%zz HTTP/1.1\r\nhost: a b:c\r\nconnection: close\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 404 /)
})

test('Fastify: hooks of the app are run for the chat, too', async () => {
  const app = Fastify()
  const seen: string[] = []
  app.addHook('onRequest', (request, _reply, done) => {
    seen.push(request.url)
    done()
  })
  const { toFastify } = await import('../../src/transports/index.ts')
  await app.register(toFastify(createHandler(engine, { auth, basePath: '/chat' })), { prefix: '/chat' })
  const response = await app.inject({ method: 'GET', url: '/chat/openapi.json' })
  expect(response.statusCode).toBe(200)
  expect(seen).toEqual(['/chat/openapi.json'])
})
