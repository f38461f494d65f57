import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { toNode, toWebSocket } from '../../src/transports/index.ts'
import { type House, openHouse } from './house.ts'

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

async function connect(who: string, headers: Readonly<Record<string, string>> = {}) {
  const socket = new WebSocket(`${base}?token=${who}`, { headers })
  const told: Told[] = []
  let check = (): void => {}
  socket.on('message', (data) => {
    told.push(JSON.parse(String(data)) as Told)
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
})
