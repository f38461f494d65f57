import { assemble, type EngineOptions } from '../../src/assemble.ts'
import type { Engine } from '../../src/index.ts'
import { createVirtualClock, type VirtualClock } from '../../src/testing/index.ts'
import { type Auth, createHandler, type Handler, type HandlerOptions } from '../../src/transports/index.ts'

export const ORIGIN = 'http://chat.example'
export const START_AT = Date.parse('2026-01-05T09:00:00Z')

/** A started engine on a virtual clock, behind a handler. */
export interface House extends AsyncDisposable {
  readonly engine: Engine
  readonly clock: VirtualClock
  readonly handler: Handler
  /** What was logged as ours. */
  readonly faults: readonly object[]
  as(who: string): Person
  /** Kim has asked for a person, and Ana has accepted: an open talk, and both of them. */
  seat(): Promise<Seated>
  /** Fires every timer due by then. */
  advance(ms: number): Promise<void>
}

export interface Seated {
  readonly id: string
  readonly kim: Person
  readonly ana: Person
}

/** What a customer says who wants somebody. */
export const PERSON = 'a person, please'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint: a test reads what it expects
  readonly body: Record<string, never> & { readonly [name: string]: unknown }
}

/** Somebody with a session, who sends requests. */
export interface Person {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** With a new key, unless one is given. */
  post(path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>
  open(page?: string): Promise<string>
  stream(path: string, lastEventId?: string): Promise<Events>
}

/** `customer:kim`, `agent:ana`, `supervisor:sue`: as a product's own session would say it. */
export const auth: Auth = (request) => {
  const who = request.headers.get('x-who') ?? /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
  const [role, id] = (who ?? '').split(':')
  if (id === undefined || id === '') return undefined
  if (role === 'customer') return { role, customer: { id, name: id, email: `${id}@mail.example` } }
  return role === 'agent' || role === 'supervisor' ? { role, agentId: id } : undefined
}

export const AGENTS = [
  { id: 'ana', name: 'Ana', capacity: 3 },
  { id: 'ben', name: 'Ben', capacity: 3 },
]

export async function openHouse(options: EngineOptions = {}, handling: Partial<HandlerOptions> = {}): Promise<House> {
  const clock = createVirtualClock(START_AT)
  let idCount = 0
  const createId = (): string => `c${String((idCount += 1)).padStart(6, '0')}`
  const engine = assemble({ agents: AGENTS, ...options }, { clock, seed: 1, createId })
  await engine.start()
  const faults: object[] = []
  const handler = createHandler(engine, { auth, clock, log: { error: (fault) => faults.push(fault) }, ...handling })
  return {
    engine,
    clock,
    handler,
    faults,
    as: (who) => person(handler, who),
    async seat() {
      const [kim, ana] = [person(handler, 'customer:kim'), person(handler, 'agent:ana')]
      await ana.post('/desk/presence', { presence: 'online' })
      const id = await kim.open()
      await kim.post(`/conversations/${id}/say`, { text: PERSON })
      await ana.post(`/desk/conversations/${id}/accept`)
      return { id, kim, ana }
    },
    async advance(ms) {
      const until = clock.now() + ms
      while (clock.fireNext(until)) await moment()
      clock.moveTo(until)
      await moment()
    },
    [Symbol.asyncDispose]: () => engine.stop({ within: 0 }),
  }
}

/** Until everything that can happen without time passing has happened. */
export async function moment(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

function person(handler: Handler, who: string): Person {
  const send = (
    path: string,
    init: { method?: string; body?: string; headers: Readonly<Record<string, string>> },
  ): Promise<Response> =>
    handler(
      new Request(`${ORIGIN}${path}`, { ...init, headers: { 'x-who': who, host: 'chat.example', ...init.headers } }),
    )
  const self: Person = {
    get: async (path, headers = {}) => read(await send(path, { headers })),
    post: async (path, body = {}, headers = {}) =>
      read(
        await send(path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...headers },
        }),
      ),
    async open(page = '/shop') {
      const { body } = await self.post('/conversations', { page })
      return String(body['id'])
    },
    async stream(path, lastEventId) {
      const response = await send(path, { headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId } })
      if (response.body === null || !response.ok) throw new Error(`${response.status} ${await response.text()}`)
      return readEvents(response.body)
    },
  }
  return self
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
  }
}

/** One event as a client reads it. */
export interface Event {
  readonly id?: string
  readonly event: string
  // biome-ignore lint: a test reads what it expects
  readonly data: Record<string, never> & { readonly [name: string]: unknown }
}

export interface Events {
  /** All that has come so far. */
  readonly seen: readonly Event[]
  /** Signs of life so far. */
  readonly beats: number
  readonly hasEnded: boolean
  /** Reads on to the first event of which this is true. */
  until(isIt: (event: Event) => boolean): Promise<Event>
  /** Reads what is there, and waits for nothing. */
  drain(): Promise<readonly Event[]>
  close(): Promise<void>
}

export function readEvents(stream: ReadableStream<Uint8Array>): Events {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  const seen: Event[] = []
  let [rest, beats, chunks, hasEnded] = ['', 0, 0, false]
  let pending: Promise<void> | undefined
  const take = (text: string): void => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block === ':') beats += 1
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      )
      const [event, data, id] = [fields.get('event'), fields.get('data'), fields.get('id')]
      if (event === undefined || data === undefined) continue
      seen.push({ event, data: JSON.parse(data) as Event['data'], ...(id === undefined ? {} : { id }) })
    }
  }
  const readOn = (): Promise<void> =>
    (pending ??= reader.read().then(({ done, value }) => {
      pending = undefined
      chunks += 1
      if (done) hasEnded = true
      else take(decoder.decode(value, { stream: true }))
    }))
  const isOver = (): boolean => hasEnded
  return {
    seen,
    get beats() {
      return beats
    },
    get hasEnded() {
      return hasEnded
    },
    async until(isIt) {
      for (let from = 0; ; ) {
        const found = seen.slice(from).find(isIt)
        if (found !== undefined) return found
        if (hasEnded) throw new Error(`the stream has ended after ${JSON.stringify(seen, undefined, 1)}`)
        from = seen.length
        await readOn()
      }
    },
    async drain() {
      let count: number
      do {
        count = chunks
        await Promise.race([readOn(), moment()])
        await moment()
      } while (count !== chunks && !isOver())
      return seen
    },
    close: () => reader.cancel(),
  }
}

/** The texts of the messages among events. */
export function textsOf(events: readonly Event[]): readonly string[] {
  return events.flatMap(({ event, data }) =>
    event === 'message' ? [String((data['message'] as unknown as { text: string }).text)] : [],
  )
}
