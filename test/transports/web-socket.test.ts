import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect as dial, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createHandler, type Handler, toNode, toWebSocket } from '../../src/transports/index.ts'
import { ROUTES } from '../../src/transports/routes.ts'
import { auth, type House, moment, openHouse } from './house.ts'

interface Told {
  readonly id: string
  readonly status?: number
  readonly event?: string
  readonly eventId?: string
  readonly end?: true
  readonly body?: Readonly<Record<string, unknown>>
  readonly data?: unknown
}

let house: House
let server: Server
let base: string

beforeEach(async () => {
  house = await openHouse()
  server = createServer(toNode(house.handler))
  server.on('upgrade', await toWebSocket(house.handler, { heartbeat: '5s' }))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await house.engine.stop({ within: 0 })
})

async function connect(who: string, headers: Readonly<Record<string, string>> = {}, at = base) {
  const socket = new WebSocket(`${at}?token=${who}`, { headers })
  const told: Told[] = []
  let check = (): void => {}
  socket.on('message', (data) => {
    told.push(JSON.parse(Buffer.isBuffer(data) ? data.toString() : '') as Told)
    check()
  })
  await once(socket, 'open')
  const until = (isIt: (one: Told) => boolean): Promise<Told> =>
    new Promise((resolve) => {
      check = () => {
        const found = told.find(isIt)
        if (found !== undefined) resolve(found)
      }
      check()
    })
  const ask = (message: { readonly id: string; readonly [field: string]: unknown }): Promise<Told> => {
    socket.send(JSON.stringify(message))
    return until(({ id, status }) => id === message.id && status !== undefined)
  }
  return { socket, told, until, ask }
}

const texts = (told: readonly Told[]): readonly string[] =>
  told.flatMap(({ event, data }) => (event === 'message' ? [(data as { message: { text: string } }).message.text] : []))

describe('F74: over one WebSocket', () => {
  test('the same commands and streams, which go on where they were left', async () => {
    const first = await connect('customer:kim')
    const opened = await first.ask({ id: 'open', path: '/conversations', body: { page: '/shop' } })
    expect(opened).toMatchObject({ status: 200, body: { phase: 'helping', customer: { id: 'kim' } } })
    const id = String(opened.body?.['id'])
    await first.ask({ id: 'follow', method: 'GET', path: `/conversations/${id}/events` })
    await first.ask({ id: 'say', path: `/conversations/${id}/say`, key: 'k1', body: { text: 'one' } })
    await first.until(({ data }) => JSON.stringify(data ?? '').includes('"one"'))
    const place = first.told.findLast(({ eventId }) => eventId !== undefined)?.eventId ?? ''
    first.socket.terminate()
    const second = await connect('customer:kim')
    const again = await second.ask({ id: 'say', path: `/conversations/${id}/say`, key: 'k1', body: { text: 'one' } })
    expect(again.body).toMatchObject({ status: 'duplicate' })
    await second.ask({ id: 'say2', path: `/conversations/${id}/say`, key: 'k2', body: { text: 'two' } })
    await second.ask({ id: 'follow', method: 'GET', path: `/conversations/${id}/events`, lastEventId: place })
    await second.until(({ data }) => JSON.stringify(data ?? '').includes('"two"'))
    const { transcript } = await house.engine.conversation(id).view()
    expect([...texts(first.told), ...texts(second.told)]).toEqual(transcript.map(({ text }) => text))
    second.socket.send(JSON.stringify({ id: 'follow', cancel: true }))
    await second.until(({ end }) => end === true)
    second.socket.close()
  })

  test('F74, F76: read marks and typing go both ways, and whoever comes later is shown what was read', async () => {
    const [kim, ana] = [await connect('customer:kim'), await connect('agent:ana')]
    await ana.ask({ id: 'online', path: '/desk/presence', body: { presence: 'online' } })
    const id = String((await kim.ask({ id: 'open', path: '/conversations' })).body?.['id'])
    await kim.ask({ id: 'person', path: `/conversations/${id}/requestAgent`, key: 'k1' })
    await ana.ask({ id: 'accept', path: `/desk/conversations/${id}/accept`, key: 'k2' })
    await kim.ask({ id: 'talk', method: 'GET', path: `/conversations/${id}/events` })
    await ana.ask({ id: 'desk', method: 'GET', path: '/desk/events' })
    expect(await kim.ask({ id: 'r', path: `/conversations/${id}/read`, body: { seq: 2 } })).toEqual({
      id: 'r',
      status: 204,
    })
    expect(await ana.until(({ event }) => event === 'read')).toEqual({
      id: 'desk',
      event: 'read',
      data: { type: 'read', conversationId: id, author: 'customer', seq: 2 },
    })
    await ana.ask({ id: 'r', path: `/desk/conversations/${id}/read`, body: { seq: 3 } })
    expect(await kim.until(({ event }) => event === 'read')).toMatchObject({ data: { author: 'agent', seq: 3 } })
    await kim.ask({ id: 't', path: `/conversations/${id}/typing` })
    expect(await ana.until(({ event }) => event === 'typing')).toMatchObject({ data: { author: 'customer' } })
    await ana.ask({ id: 't', path: `/desk/conversations/${id}/typing` })
    expect(await kim.until(({ event }) => event === 'typing')).toMatchObject({ data: { author: 'agent' } })
    kim.socket.terminate()
    const later = await connect('customer:kim')
    await later.ask({ id: 'talk', method: 'GET', path: `/conversations/${id}/events` })
    expect(await later.until(({ event }) => event === 'read')).toMatchObject({ data: { author: 'agent', seq: 3 } })
    for (const { socket } of [ana, later]) socket.close()
  })

  test('F74: every address of the handler answers as it does over HTTP', async () => {
    const id = await house.as('customer:kim').open()
    for (const [index, route] of ROUTES.entries()) {
      const who = route.side === 'customer' ? 'customer:kim' : route.side === 'agent' ? 'agent:ana' : 'supervisor:ana'
      const path = route.path.replace('{id}', route.side === 'customer' ? id : 'c999999')
      const line = await connect(who)
      const key = `same ${index}`
      const over = await line.ask({ id: '1', method: route.method, path, key, body: {} })
      if (route.answer.startsWith('event stream') && over.status === 200)
        line.socket.send('{"id": "1", "cancel": true}')
      else {
        const person = house.as(who)
        const { status, body } = await (route.method === 'GET'
          ? person.get(path)
          : person.post(path, {}, { 'idempotency-key': key }))
        expect(over.status, route.name).toBe(status)
        expect(Object.keys(over.body ?? {}).toSorted(), route.name).toEqual(Object.keys(body).toSorted())
      }
      expect(String(over.body?.['code']), route.name).not.toMatch(/ROUTE|METHOD|UNAUTHENTICATED|KEY/)
      line.socket.close()
    }
  })

  test('the same limits: a customer in haste is told when to go on, and others are not', async () => {
    const [kim, lou] = [await connect('customer:kim'), await connect('customer:lou')]
    const id = String((await kim.ask({ id: 'open', path: '/conversations' })).body?.['id'])
    for (let n = 0; n < 30; n += 1)
      kim.socket.send(
        JSON.stringify({ id: `${n}`, path: `/conversations/${id}/say`, key: `${n}`, body: { text: 'now' } }),
      )
    await kim.until(() => kim.told.length > 30)
    const refused = kim.told.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(11) // twenty in a row, the opening among them
    for (const { body } of refused) expect(body).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000 })
    expect(await lou.ask({ id: 'open', path: '/conversations' })).toMatchObject({ status: 200 })
    for (const { socket } of [kim, lou]) socket.close()
  })

  test('the same rights', async () => {
    const kim = await connect('customer:kim')
    const id = String((await kim.ask({ id: '1', path: '/conversations' })).body?.['id'])
    const lou = await connect('customer:lou')
    expect(
      await lou.ask({ id: '1', path: `/conversations/${id}/say`, key: 'k', body: { text: 'mine?' } }),
    ).toMatchObject({ status: 404 })
    expect(await lou.ask({ id: '2', method: 'GET', path: '/desk' })).toMatchObject({ status: 403 })
    const nobody = await connect('')
    expect(await nobody.ask({ id: '1', path: '/conversations' })).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    })
    const foreign = await connect('customer:kim', { origin: 'https://evil.example' })
    expect(await foreign.ask({ id: '1', path: '/conversations' })).toMatchObject({ status: 403 })
    for (const { socket } of [kim, lou, nobody, foreign]) socket.close()
  })

  test('bad messages are answered, and the socket goes on', async () => {
    const kim = await connect('customer:kim')
    const bad = [
      'no json',
      '[]',
      'null',
      '{}',
      '{"id": 7}',
      '{"id": "x", "path": "//evil"}',
      '{"id": "y", "path": 7}',
      '{"id": "z", "method": "TRACE"}',
    ]
    for (const message of bad) kim.socket.send(message)
    await kim.until(() => kim.told.length >= bad.length)
    expect(
      kim.told.map(({ status }) => status).every((status) => status !== undefined && status >= 400 && status < 500),
    ).toBe(true)
    expect(await kim.ask({ id: 'fine', path: '/conversations' })).toMatchObject({ status: 200 })
    kim.socket.send('x'.repeat(200_000))
    const [code] = (await once(kim.socket, 'close')) as [number]
    expect(code).toBe(1009) // too big
  })

  test('whoever does not answer a ping is let go, and their streams end', async () => {
    const own = createServer()
    own.on('upgrade', await toWebSocket(house.handler, { heartbeat: 30 }))
    await once(own.listen(0, '127.0.0.1'), 'listening')
    const dead = new WebSocket(`ws://127.0.0.1:${(own.address() as AddressInfo).port}/socket?token=customer:kim`, {
      autoPong: false,
    })
    const [code] = (await once(dead, 'close')) as [number]
    expect(code).toBe(1006)
    own.close()
  })

  test('other upgrades are left to others', async () => {
    const taken: string[] = []
    server.on('upgrade', ({ url }, socket) => {
      if (url === '/other') taken.push(url)
      if (url === '/other') socket.destroy()
    })
    const other = new WebSocket(base.replace('/socket', '/other'))
    other.on('error', () => {})
    await new Promise<void>((resolve) => other.once('close', () => resolve()))
    expect(taken).toEqual(['/other'])
  })

  test('a reader who stops reading is not written to, holds up nobody, is let go, and misses nothing afterwards', async () => {
    const messageCount = 2_500
    const words = 'x'.repeat(8_000) // 20 MB in all: far more than the sockets of two systems hold
    const kim = house.as('customer:kim')
    await house.engine.agent('ana').setPresence('online')
    const id = await kim.open()
    await kim.post(`/conversations/${id}/requestAgent`)
    await house.engine.agent('ana').accept(id)

    // Counted: what is taken out of the stream of whoever has stopped, and when they are let go.
    let taken = 0
    let letGo = (): void => {}
    const gone = new Promise<void>((resolve) => (letGo = resolve))
    const counted: Handler = async (request) => {
      const response = await house.handler(request)
      if (!request.url.endsWith(`/${id}/events`) || response.body === null) return response
      const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const { done, value } = await reader.read()
            if (done) return controller.close()
            taken += value.length
            controller.enqueue(value)
          },
          async cancel() {
            letGo()
            await reader.cancel()
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, { status: response.status, headers: response.headers })
    }
    const own = createServer()
    own.on('upgrade', await toWebSocket(counted, { heartbeat: '3s' }))
    await once(own.listen(0, '127.0.0.1'), 'listening')
    const at = `ws://127.0.0.1:${(own.address() as AddressInfo).port}/socket`

    const stopped = await connect('customer:kim', {}, at)
    await stopped.ask({ id: 'follow', method: 'GET', path: `/conversations/${id}/events` })
    await stopped.until(({ data }) => JSON.stringify(data ?? '').includes('Ana has joined'))
    stopped.socket.pause()
    for (let n = 0; n < messageCount; n += 1) await house.engine.agent('ana').say(id, `${n} ${words}`)
    const lou = await connect('customer:lou', {}, at)
    const opened = await lou.ask({ id: 'open', path: '/conversations' })
    await lou.ask({ id: 'follow', method: 'GET', path: `/conversations/${String(opened.body?.['id'])}/events` })
    await lou.ask({
      id: 'say',
      path: `/conversations/${String(opened.body?.['id'])}/say`,
      key: 'k',
      body: { text: 'I am not held up' },
    })
    await lou.until(({ data }) => JSON.stringify(data ?? '').includes('I am not held up'))
    await gone // no pong, no reader
    expect(taken).toBeLessThan((messageCount * words.length) / 2)
    expect(lou.socket.readyState).toBe(WebSocket.OPEN)

    const place = stopped.told.findLast(({ eventId }) => eventId !== undefined)?.eventId ?? ''
    const again = await connect('customer:kim', {}, at)
    await again.ask({ id: 'follow', method: 'GET', path: `/conversations/${id}/events`, lastEventId: place })
    const { transcript } = await house.engine.conversation(id).view()
    await again.until(({ eventId }) => eventId === String(transcript.length))
    expect([...texts(stopped.told), ...texts(again.told)]).toEqual(transcript.map(({ text }) => text))
    stopped.socket.terminate()
    for (const { socket } of [lou, again]) socket.close()
    own.close()
  }, 60_000)
})

describe('lines that strangers open', () => {
  const request = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`

  /** The first line of the answer, once the server has let go. */
  async function knock(at: Server, path: string): Promise<string> {
    const line = dial((at.address() as AddressInfo).port, '127.0.0.1')
    let heard = ''
    line.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    line.write(request(path))
    await once(line, 'close')
    return heard.split('\r\n')[0] ?? ''
  }

  test.each([
    ['//', 404],
    ['//::::', 404],
    ['http://[', 404],
    ['/%', 404],
    ['/socket/', 404],
    ['/socket?token=a%0Ab', 401],
    ['/socket?token=%D0%BA', 401],
  ])('P40: an upgrade to `%s` is answered %i, let go, and the server goes on', async (path, status) => {
    expect(await knock(server, path)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const kim = await connect('customer:kim')
    expect(await kim.ask({ id: '1', path: '/conversations' })).toMatchObject({ status: 200 })
    kim.socket.close()
  })

  test('a host that is none does not close the line', async () => {
    for (const host of ['[', 'a b', 'user:pass@x']) {
      const kim = await connect('customer:kim', { host })
      expect(await kim.ask({ id: '1', path: '/conversations' }), host).toMatchObject({ status: 200 })
      kim.socket.close()
    }
  })

  test('a key in any script works as it does in process, and a place that cannot be one is refused', async () => {
    const kim = await connect('customer:kim')
    const id = String((await kim.ask({ id: 'open', path: '/conversations', key: 'ключ' })).body?.['id'])
    const words = { path: `/conversations/${id}/say`, key: 'ключ', body: { text: 'once' } }
    expect(await kim.ask({ id: '1', ...words })).toMatchObject({ status: 200, body: { status: 'applied' } })
    expect(await kim.ask({ id: '2', ...words })).toMatchObject({ status: 200, body: { status: 'duplicate' } })
    const place = { id: '3', method: 'GET', path: `/conversations/${id}/events`, lastEventId: 'а\n' }
    expect(await kim.ask(place)).toMatchObject({ status: 400 })
    expect(kim.socket.readyState).toBe(WebSocket.OPEN)
    kim.socket.close()
  })

  test('a token that no header can carry is nobody’s', async () => {
    const kim = await connect('customer:kim')
    const id = String((await kim.ask({ id: 'open', path: '/conversations' })).body?.['id'])
    for (const [n, token] of ['junk\r\nx: y', '\u0000', 'ключ'].entries()) {
      const identify = { path: `/conversations/${id}/identify`, key: `k${n}`, body: { token } }
      expect(await kim.ask({ id: `${n}`, ...identify })).toMatchObject({ status: 401, body: { path: 'token' } })
    }
    expect(house.faults).toEqual([])
    kim.socket.close()
  })

  test('sockets are opened below the base path of the handler, without saying it again', async () => {
    const own = createServer()
    const behind = createHandler(house.engine, { auth, clock: house.clock, basePath: '/chat/' })
    own.on('upgrade', await toWebSocket(behind))
    await once(own.listen(0, '127.0.0.1'), 'listening')
    expect(await knock(own, '/socket')).toMatch(/ 404 /)
    const at = `ws://127.0.0.1:${(own.address() as AddressInfo).port}/chat/socket`
    const kim = await connect('customer:kim', {}, at)
    expect(await kim.ask({ id: '1', path: '/conversations' })).toMatchObject({ status: 200 })
    kim.socket.close()
    own.close()
  })
})

describe('the end of the engine', () => {
  const closing = async (socket: WebSocket): Promise<number> => ((await once(socket, 'close')) as [number])[0]

  test('closes sockets that do nothing, and nothing is logged', async () => {
    const [idle, reading] = [await connect('customer:lou'), await connect('customer:kim')]
    const id = String((await reading.ask({ id: 'open', path: '/conversations' })).body?.['id'])
    await reading.ask({ id: 'follow', method: 'GET', path: `/conversations/${id}/events` })
    const closed = Promise.all([idle, reading].map(({ socket }) => closing(socket)))
    await house.engine.stop({ within: 0 })
    expect(await closed).toEqual([1001, 1001])
    const late = await connect('customer:lou')
    expect(await closing(late.socket)).toBe(1001)
    await new Promise((resolve) => server.close(resolve)) // no line keeps it open
    expect(house.faults).toEqual([])
  })

  test('a stream over HTTP that ends with it logs nothing', async () => {
    const kim = house.as('customer:kim')
    const events = await kim.stream(`/conversations/${await kim.open()}/events`)
    await events.until(({ event }) => event === 'conversation')
    await house.engine.stop({ within: 0 })
    await events.drain()
    await moment()
    expect(events.hasEnded).toBe(true)
    expect(house.faults).toEqual([])
  })

  test('`close()` does not wait for it, nor for whoever does not say goodbye', async () => {
    const own = createServer()
    const upgrade = await toWebSocket(house.handler)
    own.on('upgrade', upgrade)
    await once(own.listen(0, '127.0.0.1'), 'listening')
    const at = `ws://127.0.0.1:${(own.address() as AddressInfo).port}/socket`
    const [kim, deaf] = [await connect('customer:kim', {}, at), await connect('customer:lou', {}, at)]
    deaf.socket.pause()
    const closed = closing(kim.socket)
    upgrade.close()
    expect(await closed).toBe(1001)
    const refused = new WebSocket(`${at}?token=customer:kim`)
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toContain('503')
    await new Promise((resolve) => own.close(resolve))
    deaf.socket.terminate()
  })
})
