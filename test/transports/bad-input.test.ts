import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { type Identity, toNode } from '../../src/transports/index.ts'
import { moment, openHouse, ORIGIN, readEvents } from './house.ts'

const json = { 'content-type': 'application/json', 'x-who': 'customer:kim', host: 'chat.example' }

/** A body in the making: what was pushed has arrived, the rest has not. */
function slowBody(): {
  readonly body: ReadableStream<Uint8Array>
  push(text: string): void
  readonly cancelled: () => boolean
} {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: () => void (isCancelled = true),
  })
  return { body, push: (text) => controller.enqueue(new TextEncoder().encode(text)), cancelled: () => isCancelled }
}

describe('bad input', () => {
  test.each([
    ['malformed JSON', '{"text": ', 400, 'BODY_INVALID'],
    ['a list', '[]', 400, 'BODY_INVALID'],
    ['null', 'null', 400, 'BODY_INVALID'],
    ['a number', '7', 400, 'BODY_INVALID'],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 400, 'BODY_INVALID'],
    ['a field of the wrong kind', '{"text": 7}', 400, 'EVENT_INVALID'],
    ['a missing field', '{}', 400, 'EVENT_INVALID'],
  ])('%s is refused, and the conversation does not notice', async (_what, body, status, code) => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const before = (await kim.get(`/conversations/${id}`)).body
    const headers = { ...json, 'idempotency-key': 'k1' }
    const request = new Request(`${ORIGIN}/conversations/${id}/say`, { method: 'POST', body, headers })
    const response = await house.handler(request)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code, hint: expect.stringMatching(/\S/), retryable: false })
    expect((await kim.get(`/conversations/${id}`)).body).toEqual(before)
    expect(house.faults).toEqual([])
  })

  test.each(['soon', -5, '5 minutes', {}])(
    'a hold for `%j` is refused as what it is: a wrong field',
    async (backIn) => {
      await using house = await openHouse()
      const { id, ana } = await house.seat()
      const { status, body } = await ana.post(`/desk/conversations/${id}/hold`, { backIn })
      expect([status, body['code']]).toEqual([400, 'EVENT_INVALID'])
      expect((await ana.post(`/desk/conversations/${id}/hold`, { backIn: '5m' })).status).toBe(200)
      expect(house.faults).toEqual([])
    },
  )

  test('a key that would reach a prototype reaches nothing', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const body = '{"text": "hi", "__proto__": {"agentId": "ana"}, "metadata": {"__proto__": {"admin": true}, "a": 1}}'
    const headers = { ...json, 'idempotency-key': 'k1' }
    const response = await house.handler(
      new Request(`${ORIGIN}/conversations/${id}/say`, { method: 'POST', body, headers }),
    )
    expect(response.status).toBe(200)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((await kim.get(`/conversations/${id}`)).body['transcript']).toContainEqual(
      expect.objectContaining({ text: 'hi', metadata: { a: 1 } }),
    )
  })

  test('another content type is refused', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonish',
    ]) {
      const answer = await kim.post(`/conversations/${id}/say`, { text: 'hi' }, { 'content-type': type })
      expect(answer, type).toMatchObject({ status: 415, body: { code: 'BODY_TYPE_WRONG' } })
    }
    expect(
      (
        await kim.post(
          `/conversations/${id}/say`,
          { text: 'hi' },
          { 'content-type': 'application/json; charset=utf-8' },
        )
      ).status,
    ).toBe(200)
  })

  test('a huge body is refused at its announcement, or as soon as it is too much', async () => {
    await using house = await openHouse()
    const id = await house.as('customer:kim').open()
    const answer = await house.as('customer:kim').post(`/conversations/${id}/say`, { text: 'x'.repeat(200_000) })
    expect(answer).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
    const endless = slowBody()
    const init = {
      method: 'POST',
      body: endless.body,
      headers: { ...json, 'idempotency-key': 'k' },
      duplex: 'half' as const,
    }
    const pending = house.handler(new Request(`${ORIGIN}/conversations/${id}/say`, init))
    for (let n = 0; n < 70; n += 1) endless.push('x'.repeat(1_024))
    expect((await pending).status).toBe(413)
    expect(endless.cancelled()).toBe(true)
  })

  test('a body that does not come to its end is waited for no longer than ten seconds', async () => {
    await using house = await openHouse()
    const id = await house.as('customer:kim').open()
    const slow = slowBody()
    const init = {
      method: 'POST',
      body: slow.body,
      headers: { ...json, 'idempotency-key': 'k' },
      duplex: 'half' as const,
    }
    const pending = house.handler(new Request(`${ORIGIN}/conversations/${id}/say`, init))
    slow.push('{"text": "hel')
    await moment()
    await house.advance(10_000)
    const response = await pending
    expect(response.status).toBe(408)
    expect(await response.json()).toMatchObject({ code: 'BODY_TOO_SLOW', retryable: true })
    expect(slow.cancelled()).toBe(true)
  })

  test('an unknown address, and a known one with the wrong method', async () => {
    await using house = await openHouse({}, { basePath: '/chat/' })
    const kim = house.as('customer:kim')
    for (const path of [
      '/chat/nothing',
      '/chat',
      '/chatter',
      '/conversations',
      '/chat/conversations/%E0%A4%A',
      '/chat/conversations//say',
    ])
      expect(await kim.get(path), path).toMatchObject({ status: 404, body: { code: 'ROUTE_UNKNOWN' } })
    const wrong = await kim.get('/chat/desk/presence')
    expect(wrong).toMatchObject({ status: 405, body: { code: 'METHOD_WRONG' } })
    expect(wrong.headers.get('allow')).toBe('POST')
    expect((await kim.post('/chat/conversations')).status).toBe(200)
  })

  test('a command without a key is refused, and says what a key is for', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const answer = await kim.post(`/conversations/${id}/say`, { text: 'hi' }, { 'idempotency-key': '' })
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'KEY_MISSING', hint: expect.stringContaining('Idempotency-Key') },
    })
  })

  test('a command that comes again is answered as before; another one under its key is refused', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const send = (text: string) => kim.post(`/conversations/${id}/say`, { text }, { 'idempotency-key': 'once' })
    const first = await send('hello')
    expect(first.body).toMatchObject({ status: 'applied' })
    expect((await send('hello')).body).toMatchObject({ status: 'duplicate', revision: first.body['revision'] })
    expect(await send('something else')).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_MISMATCH' } })
    const { body } = await kim.get(`/conversations/${id}`)
    expect((body['transcript'] as unknown as { text: string }[]).filter(({ text }) => text === 'hello')).toHaveLength(1)
  })

  test('a place to go on from that was never given out is refused before the stream begins', async () => {
    await using house = await openHouse()
    const [kim, ana] = [house.as('customer:kim'), house.as('agent:ana')]
    const id = await kim.open()
    for (const place of ['999', '-1', '1.5', 'abc', `${'9'.repeat(30)}`]) {
      const answer = await kim.get(`/conversations/${id}/events`, { 'last-event-id': place })
      expect(answer, place).toMatchObject({ status: 400, body: { code: 'RESUME_INVALID' } })
    }
    for (const place of ['c1=x', 'nonsense', 'a=1&b=-2'])
      expect(await ana.get('/desk/events', { 'last-event-id': place }), place).toMatchObject({ status: 400 })
    const forgotten = await ana.stream('/desk/events', 'c777777=12') // one that is held no longer, or was never there
    expect(await forgotten.drain()).toMatchObject([{ event: 'desk', data: { holds: [] } }])
  })

  test('F75: a page of another origin may call only if it was named', async () => {
    await using house = await openHouse({}, { origins: ['https://shop.example'] })
    const kim = house.as('customer:kim')
    const from = (origin: string) => kim.post('/conversations', {}, { origin })
    expect(await from('https://evil.example')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    expect(await from('null')).toMatchObject({ status: 403 })
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    const named = await from('https://shop.example')
    expect(named.status).toBe(200)
    expect(named.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect((await from('https://chat.example')).status).toBe(200) // the same host, behind a proxy that ends TLS
    const preflight = (origin: string) =>
      house.handler(new Request(`${ORIGIN}/conversations`, { method: 'OPTIONS', headers: { origin } }))
    expect((await preflight('https://shop.example')).headers.get('access-control-allow-headers')).toContain(
      'idempotency-key',
    )
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })

  test('an `auth` that fails shuts the door, and leaks nothing', async () => {
    await using house = await openHouse(
      {},
      { auth: () => Promise.reject(new Error('redis://:hunter2@10.0.0.1 is down')) },
    )
    const answer = await house.as('customer:kim').post('/conversations')
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL', retryable: true } })
    expect(JSON.stringify(answer)).not.toContain('hunter2')
    expect(house.faults).toHaveLength(1)
  })
})

describe('too much', () => {
  test('P40, F47: a customer in haste is told when to go on; nobody else notices', async () => {
    await using house = await openHouse()
    const [kim, lou] = [house.as('customer:kim'), house.as('customer:lou')]
    const [id, other] = [await kim.open(), await lou.open()]
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => kim.post(`/conversations/${id}/say`, { text: `message ${n}` })),
    )
    const taken = answers.filter(({ status }) => status === 200)
    const limited = answers.filter(({ status }) => status === 429)
    expect(taken.length).toBe(19) // 20 in a row, one of them the opening
    expect(limited).toHaveLength(981)
    expect(limited[0]?.body).toMatchObject({ ok: false, status: 'refused', code: 'RATE_LIMITED', retryAfterMs: 1_000 })
    expect(limited[0]?.headers.get('retry-after')).toBe('1')
    expect((await lou.post(`/conversations/${other}/say`, { text: 'hello' })).status).toBe(200)
    await house.advance(1_000)
    expect((await kim.post(`/conversations/${id}/say`, { text: 'slower now' })).status).toBe(200)
    expect((await kim.post(`/conversations/${id}/say`, { text: 'too soon' })).status).toBe(429)
  })

  test('P40, F47: a thousand openings are one conversation, and then a wait', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => kim.post('/conversations')))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(980)
    expect(await house.engine.conversations()).toHaveLength(1)
  })

  test('P40: whoever is refused over `node:http` keeps the line, and what they sent is not read', async () => {
    await using house = await openHouse({}, { limits: { burst: 1, perMinute: 1 } })
    const server = createServer(toNode(house.handler))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]()
    const ask = async (type: string, body: string): Promise<string> => {
      const head = [
        'POST /conversations HTTP/1.1',
        'host: chat.example',
        'x-who: customer:kim',
        `content-type: ${type}`,
      ]
      socket.write([...head, `content-length: ${body.length}`, '', body].join('\r\n'))
      for (let [status, line] = ['', '']; ; ) {
        line = String((await answers.next()).value)
        status = /HTTP\/1\.1 (\d+)/.exec(line)?.[1] ?? status // the body before it ends without a line
        if (line === '') return status
      }
    }
    const statuses = [await ask('application/json', '{}')]
    for (const body of ['{}', '{ malformed', 'x'.repeat(60_000), '{}'])
      statuses.push(await ask('application/json', body))
    expect(statuses).toEqual(['200', '429', '429', '429', '429'])
    await house.advance(60_000)
    expect(await ask('text/plain', 'hello\n')).toBe('415')
    await house.advance(60_000)
    expect(await ask('application/json', '{}')).toBe('200')
    socket.destroy()
    server.close()
  })

  test('P40: over `node:http` the same request, sent again while its sender has to wait, is refused without a closer look', async () => {
    let asked = 0
    const auth = ({ headers }: Request): Identity => {
      asked += 1
      return { role: 'customer', customer: { id: headers.get('x-who') ?? '' } }
    }
    const limits = { burst: 1, perMinute: 60 }
    await using house = await openHouse({}, { auth, limits, origins: ['https://shop.example'] })
    const server = createServer(toNode(house.handler))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const open = async (who: string, key: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/conversations`, {
        method: 'POST',
        body: JSON.stringify({}),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          origin: 'https://shop.example',
          'x-who': who,
        },
      })
      const { retryAfterMs } = (await response.json()) as { readonly retryAfterMs?: number }
      return { status: response.status, retryAfterMs, origin: response.headers.get('access-control-allow-origin') }
    }
    const answers = []
    for (const key of ['a', 'b', 'c', 'd']) answers.push(await open('kim', key))
    const refused = { status: 429, retryAfterMs: 1_000, origin: 'https://shop.example' }
    expect(answers).toEqual([expect.objectContaining({ status: 200 }), refused, refused, refused])
    expect(asked).toBe(2)
    expect(await open('lou', 'a')).toMatchObject({ status: 200 })
    await house.advance(400)
    expect(await open('kim', 'e')).toMatchObject({ status: 429, retryAfterMs: 600 })
    expect(asked).toBe(3)
    await house.advance(600)
    expect(await open('kim', 'f')).toMatchObject({ status: 200 })
    expect(asked).toBe(4)
    server.closeAllConnections()
    server.close()
  })

  test('P40: a thousand streams of one customer are ten; the others get theirs', async () => {
    await using house = await openHouse()
    const [kim, lou] = [house.as('customer:kim'), house.as('customer:lou')]
    const [id, other] = [await kim.open(), await lou.open()]
    // Reading is counted, too: let time pass as they come.
    const statuses = new Map<number, number>()
    const open: Response[] = []
    for (let n = 0; n < 1_000; n += 1) {
      const response = await house.handler(new Request(`${ORIGIN}/conversations/${id}/events`, { headers: json }))
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      if (response.status === 200) open.push(response)
    }
    expect(statuses).toEqual(
      new Map([
        [200, 10],
        [429, 990],
      ]),
    )
    const events = await lou.stream(`/conversations/${other}/events`)
    expect(await events.until(({ event }) => event === 'message')).toMatchObject({ id: '1' })
    for (const { body } of open) await body?.cancel()
    await house.advance(60_000)
    await (await kim.stream(`/conversations/${id}/events`)).until(({ event }) => event === 'message')
  })

  test('a reader who has gone without a word is let go, and does not count any longer', async () => {
    await using house = await openHouse({}, { limits: { streams: 1 } })
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const half = await house.handler(new Request(`${ORIGIN}/conversations/${id}/events`, { headers: json }))
    expect(half.status).toBe(200) // and nobody reads it
    expect((await kim.get(`/conversations/${id}/events`)).status).toBe(429)
    await house.advance(6 * 15_000)
    const events = await kim.stream(`/conversations/${id}/events`)
    await events.until(({ event }) => event === 'conversation')
  })

  test('a stream shows that it lives, and ends in time so that a token is looked at again', async () => {
    await using house = await openHouse({}, { heartbeat: '10s', streamLifetime: '1m' })
    const kim = house.as('customer:kim')
    const id = await kim.open()
    const response = await house.handler(new Request(`${ORIGIN}/conversations/${id}/events`, { headers: json }))
    const events = readEvents(response.body ?? new ReadableStream())
    for (let beat = 1; beat <= 5; beat += 1) {
      await house.advance(10_000)
      await events.drain()
      expect(events.beats).toBe(beat)
    }
    expect(events.hasEnded).toBe(false)
    await house.advance(10_000)
    await events.drain()
    expect(events.hasEnded).toBe(true)
  })

  test('streams end when the engine stops', async () => {
    await using house = await openHouse()
    const kim = house.as('customer:kim')
    const events = await kim.stream(`/conversations/${await kim.open()}/events`)
    await events.drain()
    await house.engine.stop({ within: 0 })
    await events.drain()
    expect(events.hasEnded).toBe(true)
  })
})
