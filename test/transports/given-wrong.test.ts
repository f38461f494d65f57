import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Auth, createHandler, createTokens, type Identity, toNode } from '../../src/transports/index.ts'
import { moment, openHouse } from './house.ts'

/** As JavaScript would hand it over. */
const asIdentity = (value: unknown): Identity => value as Identity

describe('what `auth` says is looked at', () => {
  test.each([
    ['a customer whose id is missing', { role: 'customer', customer: { id: undefined } }, 'customer.id'],
    ['a customer whose id is empty', { role: 'customer', customer: { id: '' } }, 'customer.id'],
    ['a customer whose id is a number', { role: 'customer', customer: { id: 7 } }, 'customer.id'],
    ['a customer whose id is `null`', { role: 'customer', customer: { id: null } }, 'customer.id'],
    ['a customer who is not there', { role: 'customer' }, 'customer'],
    ['a customer whose name is a number', { role: 'customer', customer: { id: 'kim', name: 7 } }, 'customer.name'],
    ['an agent without an id', { role: 'agent' }, 'agentId'],
    ['a supervisor with an empty id', { role: 'supervisor', agentId: '' }, 'agentId'],
    ['a role that does not exist', { role: 'admin', agentId: 'ana' }, 'role'],
    ['yes', true, 'identity'],
    ['a text', 'kim', 'identity'],
  ])('P22: %s is told to the log, and nothing to whoever asks', async (_what, identity, path) => {
    const auth: Auth = (request) =>
      request.headers.get('x-who') === 'customer:kim'
        ? { role: 'customer', customer: { id: 'kim' } }
        : asIdentity(identity)
    await using house = await openHouse({}, { auth })
    const id = await house.as('customer:kim').open()
    for (const at of ['/conversations', `/conversations/${id}`, '/desk', '/floor']) {
      const { status, body } = await house.as('').get(at)
      expect([at, status, body['code']]).toEqual([at, 500, 'INTERNAL'])
      expect(JSON.stringify(body)).not.toMatch(/kim|customer|agentId/)
    }
    expect(house.faults).toHaveLength(4)
    expect(house.faults[0]).toMatchObject({
      error: { code: 'CONFIG_INVALID', path, hint: expect.stringContaining("{ role: 'customer', customer: { id } }") },
    })
  })

  test.each([null, undefined])('P22: %s is nobody', async (nobody) => {
    await using house = await openHouse({}, { auth: () => asIdentity(nobody) })
    expect(await house.as('').get('/conversations')).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(house.faults).toEqual([])
  })
})

describe('what `createHandler` is given is looked at', () => {
  const auth: Auth = () => undefined
  test.each<readonly [string, unknown, string, RegExp]>([
    ['nothing', undefined, 'options', /Expected an object/],
    ['no `auth`', {}, 'auth', /Expected a function at `auth`.*got `undefined`.*tokens\.verify/],
    ['an `auth` that is no function', { auth: 'me' }, 'auth', /got `string`/],
    ['`origin`', { auth, origin: 'https://shop.example' }, 'origin', /Did you mean `origins`/],
    ['`limit`', { auth, limit: {} }, 'limit', /Did you mean `limits`/],
    ['`limits.perMinutes`', { auth, limits: { perMinutes: 5 } }, 'limits.perMinutes', /Did you mean `perMinute`/],
    [
      '`origins` that are no list',
      { auth, origins: 'https://shop.example' },
      'origins',
      /Expected a list.*got `string`/,
    ],
    ['`origins` of something else', { auth, origins: [7] }, 'origins', /Expected an origin/],
    ['a `log` that takes nothing', { auth, log: {} }, 'log.error', /Expected a function/],
  ])('%s', async (_what, options, path, message) => {
    await using house = await openHouse()
    const create = (): unknown => createHandler(house.engine, options as { auth: Auth })
    expect(create).toThrow(message)
    expect(create).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', path }))
  })

  test('no engine', () => {
    expect(() => createHandler(undefined as never, { auth })).toThrow(/Expected an object at `engine`/)
  })
})

describe('what is signed is looked at', () => {
  const tokens = createTokens({ secret: 'a-secret-that-is-long-enough-for-sha-256' })
  test.each([
    ['nobody', undefined],
    ['`null`', null],
    ['a role that does not exist', { role: 'admin' }],
    ['a customer without an id', { role: 'customer', customer: {} }],
    ['an agent without an id', { role: 'agent' }],
  ])('P22: %s is not signed', async (_what, identity) => {
    await expect(tokens.sign(asIdentity(identity))).rejects.toThrow(/CONFIG_INVALID.*what is signed.*role: 'customer'/)
  })
})

describe('what a request gets wrong', () => {
  test.each(['-1', '0', 'abc', '51', '999999', '1.5', ''])(
    '`?limit=%s` is refused, and not read as another',
    async (limit) => {
      await using house = await openHouse()
      const kim = house.as('customer:kim')
      await kim.open()
      expect(await kim.get(`/conversations?limit=${limit}`)).toMatchObject({ status: 400, body: { path: 'limit' } })
      expect(await kim.get('/conversations?limit=50')).toMatchObject({ status: 200 })
    },
  )

  test('what is not there is told with a hint for whoever has no engine', async () => {
    await using house = await openHouse()
    for (const [who, at] of [
      ['customer:kim', '/conversations/c9'],
      ['agent:ana', '/desk/conversations/c9'],
      ['agent:nobody', '/desk'],
    ] as const) {
      const { status, body } = await house.as(who).get(at)
      expect([at, status]).toEqual([at, 404])
      expect(JSON.stringify(body)).not.toContain('engine.')
      expect(body['hint']).toContain('GET /')
    }
  })

  test('an upload that is broken off is nobody’s fault', async () => {
    await using house = await openHouse()
    const id = await house.as('customer:kim').open()
    const server = createServer(toNode(house.handler))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const line = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const asked = once(server, 'request')
    line.write(
      `POST /conversations/${id}/say HTTP/1.1\r\nHost: x\r\nX-Who: customer:kim\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"text":`,
    )
    await asked
    await moment()
    line.destroy()
    await new Promise((resolve) => server.close(resolve))
    await moment()
    expect(house.faults).toEqual([])
  })

  test('a method and a host that no `Request` takes are answered', async () => {
    await using house = await openHouse()
    const server = createServer(toNode(house.handler))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const ask = async (text: string): Promise<string> => {
      const line = connect((server.address() as AddressInfo).port, '127.0.0.1')
      let heard = ''
      line.on('data', (chunk: Buffer) => (heard += chunk.toString()))
      line.write(text)
      await once(line, 'close')
      return heard.split('\r\n')[0] ?? ''
    }
    expect(await ask('TRACE /availability HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(' 405 ')
    const wrongHost = 'GET /openapi.json HTTP/1.1\r\nHost: user:pass@x\r\nConnection: close\r\n\r\n'
    expect(await ask(wrongHost)).toContain(' 200 ')
    server.close()
  })
})
