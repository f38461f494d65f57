import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { talk } from '../../docs/examples/bare-fetch.ts'
import { openWidget, sitDown } from '../../docs/examples/browser.ts'
import { listen } from '../../docs/examples/event-source.ts'
import { server } from '../../docs/examples/mount-node.ts'
import { engine } from '../../docs/examples/product.ts'
import { chat, tokenFor, tokens } from '../../docs/examples/tokens.ts'
import { bodyOf } from '../../src/transports/openapi.ts'
import { ROUTES } from '../../src/transports/routes.ts'
import { toNode, toOpenApi } from '../../src/transports/index.ts'

// Whoever has read nothing but the documentation: its own examples hold whole conversations, over a real line.

const servers: Server[] = []

async function serve(server: Server): Promise<string> {
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(() => engine.start())
afterAll(async () => {
  await engine.stop({ within: 0 })
  for (const open of servers) {
    open.closeAllConnections()
    open.close()
  }
})

describe('strangers hold a conversation from the documentation alone', () => {
  test('F74: with bare `fetch`, an agent with our client on the other side', async () => {
    const base = await serve(server)
    const ana = await sitDown(
      await serve(createServer(toNode(chat))),
      await tokens.sign({ role: 'agent', agentId: 'ana' }),
    )
    const heard = await talk(`${base}/chat`, { cookie: 'session=fern' })
    expect(heard[0]).toMatch(/^bot: Hello/)
    expect(heard).toContain('customer: a person, please')
    expect(heard.at(-1)).toBe('agent: Hello, how can I help?')
    await ana.setPresence('offline')
    ana.disconnect()
  })

  test('F74: with the npm package `eventsource`, which comes back by itself', async () => {
    const http = createServer(toNode(chat))
    const base = await serve(http)
    const token = await tokens.sign({ role: 'customer', customer: { id: 'gale' } })
    const widget = await openWidget(base, token, () => {})
    const heard: string[] = []
    let check = (): void => {}
    const source = listen(base, widget.id, token, ({ author, text }) => {
      heard.push(`${author}: ${text}`)
      check()
    })
    const hears = (line: string): Promise<void> =>
      new Promise((resolve) => {
        check = () => (heard.includes(line) ? resolve() : undefined)
        check()
      })
    await hears('customer: a person, please')
    http.closeAllConnections() // the line breaks
    await widget.say('Are you still there?')
    await hears('customer: Are you still there?')
    const { transcript } = await engine.conversation(widget.id).view()
    expect(heard).toEqual(transcript.map(({ author, text }) => `${author}: ${text}`))
    source.close()
    widget.disconnect()
  })
})

test('F74: a WebSocket at the server of the examples', async () => {
  await import('../../docs/examples/socket.ts')
  if (!server.listening) await serve(server)
  const token = await tokens.sign({ role: 'customer', customer: { id: 'hope' } })
  const { port } = server.address() as AddressInfo
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket?token=${token}`)
  await once(socket, 'open')
  socket.send('{"id": "1", "path": "/conversations"}')
  const [data] = (await once(socket, 'message')) as [Buffer]
  expect(JSON.parse(data.toString())).toMatchObject({ id: '1', status: 200, body: { customer: { id: 'hope' } } })
  socket.close()
})

describe('the OpenAPI description', () => {
  const { paths } = toOpenApi('/chat') as {
    paths: Record<string, Record<string, { operationId: string; requestBody?: object; parameters: { name: string }[] }>>
  }
  const operations = Object.values(paths).flatMap((at) => Object.values(at))

  test('names every address once, as the schemas read it', () => {
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(
      ROUTES.map(({ name }) => name).toSorted(),
    )
    const say = paths['/conversations/{id}/say']?.['post']
    expect(say?.parameters.map(({ name }) => name)).toEqual(['id', 'Idempotency-Key'])
    expect(say?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: { required: ['text'], properties: { text: { type: 'string' }, attachments: { type: 'array' } } },
        },
      },
    })
  })

  test('lets nobody say in a body who they are', () => {
    for (const route of ROUTES) {
      const fields = Object.keys(bodyOf(route)?.['properties'] ?? {})
      for (const own of ['type', 'conversationId', 'customer', 'by', 'channel', 'key'])
        expect(fields, route.name).not.toContain(own)
      if (route.name !== 'assign') expect(fields, route.name).not.toContain('agentId')
    }
  })
})

describe('on the way out, as it is shown', () => {
  test('P40: streams and sockets end, and nothing keeps the server', async () => {
    const { shutDown } = await import('../../docs/examples/shut-down.ts')
    if (!server.listening) await serve(server)
    const { port } = server.address() as AddressInfo
    const token = await tokenFor({ id: 'iris', name: 'Iris' })
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket?token=${token}`)
    await once(socket, 'open')
    const events = await (async () => {
      const session = { cookie: 'session=iris' }
      const opened = await fetch(`http://127.0.0.1:${port}/chat/conversations`, {
        method: 'POST',
        headers: { ...session, 'idempotency-key': 'k', 'content-type': 'application/json' },
        body: '{}',
      })
      const { id } = (await opened.json()) as { readonly id: string }
      return fetch(`http://127.0.0.1:${port}/chat/conversations/${id}/events`, { headers: session })
    })()
    const closed = once(socket, 'close')
    await shutDown()
    expect((await closed)[0]).toBe(1001)
    expect(await events.text()).toContain('event: message')
    expect(server.listening).toBe(false)
  })
})
