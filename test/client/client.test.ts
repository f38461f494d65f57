import { build } from 'esbuild'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectAgent, connectCustomer, type Status } from '../../src/client/index.ts'
import { systemClock } from '../../src/core/clock.ts'
import { type DeskUpdate, isMaitredError, type Message, type Update } from '../../src/index.ts'
import { type House, moment, openHouse, ORIGIN } from '../transports/house.ts'

/** The net between a browser and the handler: it can be cut, and lose answers on their way. */
interface Net {
  readonly requests: readonly { readonly path: string; readonly key: string | null }[]
  cut(): void
  mend(): void
  /** The next request to this address arrives, and its answer does not. */
  loseAnswerTo(path: string): void
}

let house: House
let net: Net
let page: EventTarget

beforeEach(async () => {
  house = await openHouse({}, { limits: { burst: 1_000, perMinute: 10_000 } })
  page = new EventTarget()
  net = layNet()
  for (const name of ['addEventListener', 'removeEventListener'] as const) vi.stubGlobal(name, page[name].bind(page))
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await house.engine.stop({ within: 0 })
})

function layNet(): Net {
  let isCut = false
  let lost: string | undefined
  const requests: { path: string; key: string | null }[] = []
  const open = new Set<AbortController>()
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const broken = new AbortController()
    const { signal = null, ...rest } = init
    if (isCut) throw new TypeError('fetch failed')
    const request = new Request(url, {
      ...rest,
      signal: AbortSignal.any([broken.signal, ...(signal === null ? [] : [signal])]),
    })
    const { pathname } = new URL(url)
    requests.push({ path: pathname, key: request.headers.get('idempotency-key') })
    const response = await house.handler(request)
    if (lost !== undefined && pathname.endsWith(lost)) {
      lost = undefined
      throw new TypeError('fetch failed')
    }
    if (response.body === null || !pathname.endsWith('/events')) return response
    open.add(broken)
    return new Response(breakable(response.body, request.signal), response)
  })
  return {
    requests,
    cut() {
      isCut = true
      for (const broken of open) broken.abort()
      open.clear()
    },
    mend() {
      isCut = false
      page.dispatchEvent(new globalThis.Event('online'))
    },
    loseAnswerTo: (ending) => void (lost = ending),
  }
}

/** A stream that fails in the reader's hands when the line is cut, as it does in a browser. */
function breakable(body: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const broken = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => {
      reader.cancel().catch(() => {})
      reject(new TypeError('terminated'))
    }),
  )
  broken.catch(() => {})
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await Promise.race([reader.read(), broken])
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => reader.cancel(),
  })
}

const customer = (about: Partial<Parameters<typeof connectCustomer>[0]> = {}) =>
  connectCustomer({ url: ORIGIN, token: 'customer:kim', page: '/shop', ...about })
const agent = () => connectAgent({ url: `${ORIGIN}/`, token: () => Promise.resolve('agent:ana') })

/** Resolves when a text has been told. */
function listener(): {
  readonly seen: Message[]
  onMessage(message: Message): void
  hears(text: string): Promise<void>
} {
  const seen: Message[] = []
  let check = (): void => {}
  return {
    seen,
    onMessage(message) {
      seen.push(message)
      check()
    },
    hears: (text) =>
      new Promise((resolve) => {
        check = () => {
          if (seen.some((message) => message.text === text)) resolve()
        }
        check()
      }),
  }
}

describe('a customer in the browser', () => {
  test('F76: talks to the bot and to an agent, and hears every word once', async () => {
    const heard = listener()
    const [kim, ana] = [await customer(heard), await agent()]
    await ana.setPresence('online')
    const offered = firstOf(ana.follow(), (update) => update.type === 'offer')
    expect(await kim.say('a person, please')).toMatchObject({ ok: true, phase: 'waiting' })
    const { conversation } = await offered
    expect(conversation.id).toBe(kim.id)
    expect(await ana.accept(kim.id)).toMatchObject({ ok: true, phase: 'live' })
    await ana.say(kim.id, 'Hello, Ana here.')
    await heard.hears('Hello, Ana here.')
    const view = await kim.view()
    expect(heard.seen.map(({ seq }) => seq)).toEqual(view.transcript.map(({ seq }) => seq))
    expect(view.pages).toMatchObject([{ url: '/shop' }])
    expect((await ana.view(kim.id)).customer).toMatchObject({ id: 'kim' })
    expect((await ana.colleagues()).map(({ agent: { id } }) => id)).toEqual(['ana', 'ben'])
    expect(await ana.history(kim.id)).toEqual([])
    expect((await ana.explain(kim.id)).chosen).toMatchObject({ agentId: 'ana' })
    expect((await kim.earlier()).map(({ id }) => id)).toEqual([kim.id])
    kim.disconnect()
    ana.disconnect()
  })

  test('F76: what is said while the line is down is sent when it is there again, in order and once', async () => {
    const [heard, statuses] = [listener(), [] as Status[]]
    const kim = await customer({ ...heard, onStatus: (status) => statuses.push(status) })
    await kim.say('before')
    net.cut()
    const said = ['one', 'two', 'three'].map((text) => kim.say(text))
    await vi.waitFor(() => expect(statuses.at(-1)).toBe('offline'))
    expect((await house.engine.conversation(kim.id).view()).transcript.map(({ text }) => text)).not.toContain('one')
    net.mend()
    expect((await Promise.all(said)).map(({ status }) => status)).toEqual(['applied', 'applied', 'applied'])
    await heard.hears('three')
    const mine = heard.seen.filter(({ author }) => author === 'customer')
    expect(mine.map(({ text }) => text)).toEqual(['before', 'one', 'two', 'three'])
    expect(mine.map(({ metadata }) => metadata?.['clientSeq'])).toEqual([1, 2, 3, 4])
    expect(statuses).toEqual(['online', 'offline', 'online'])
    kim.disconnect()
  })

  test('a message whose answer was lost is sent again under its key, and stands once', async () => {
    const kim = await customer()
    net.loseAnswerTo('/say')
    const said = kim.say('only once')
    await vi.waitFor(() => expect(net.requests.filter(({ path: to }) => to.endsWith('/say'))).toHaveLength(1))
    net.mend()
    expect(await said).toMatchObject({ ok: true, status: 'duplicate' })
    const keys = net.requests.filter(({ path: to }) => to.endsWith('/say')).map(({ key }) => key)
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    expect((await kim.view()).transcript.filter(({ text }) => text === 'only once')).toHaveLength(1)
    kim.disconnect()
  })

  test('P27: what is said in haste arrives in the order in which it was said', async () => {
    const kim = await customer()
    const texts = Array.from({ length: 20 }, (_, n) => `part ${n + 1}`)
    await Promise.all(texts.map((text) => kim.say(text)))
    const { transcript } = await kim.view()
    expect(transcript.filter(({ author }) => author === 'customer').map(({ text }) => text)).toEqual(texts)
    kim.disconnect()
  })

  test('a stream that breaks in mid-talk loses nothing and repeats nothing', async () => {
    const heard = listener()
    const kim = await customer(heard)
    for (let round = 0; round < 5; round += 1) {
      await house.engine.conversation(kim.id).say(`heard ${round}`)
      await heard.hears(`heard ${round}`)
      net.cut()
      await house.engine.conversation(kim.id).say(`missed ${round}`)
      await vi.waitFor(() => net.mend())
      await vi.waitFor(async () => {
        net.mend()
        await Promise.race([heard.hears(`missed ${round}`), Promise.reject(new Error('not yet'))])
      })
    }
    const seqs = heard.seen.map(({ seq }) => seq)
    expect(seqs).toEqual((await kim.view()).transcript.map(({ seq }) => seq))
    kim.disconnect()
  })

  test('what cannot be mended by trying again is told as an error that `isMaitredError` knows', async () => {
    const kim = await customer()
    const error: unknown = await kim.say('   ').catch((thrown: unknown) => thrown)
    expect(isMaitredError(error, 'MESSAGE_EMPTY')).toBe(true)
    expect(error).toMatchObject({ path: 'text', retryable: false, hint: expect.stringMatching(/\S/) })
    await expect(connectCustomer({ url: ORIGIN })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await kim.choose('nonsense').catch((thrown: unknown) => thrown)).toMatchObject({ code: 'NOT_FOUND' })
    kim.disconnect()
  })

  test('shows typing, leaves, and is quiet after `disconnect`', async () => {
    const updates: Update[] = []
    const [kim, ana] = [await customer({ onUpdate: (update) => updates.push(update) }), await agent()]
    await ana.setPresence('online')
    await kim.requestAgent()
    await ana.accept(kim.id)
    await vi.waitFor(() => expect(updates.at(-1)).toMatchObject({ conversation: { agentName: 'Ana' } }))
    ana.typing(kim.id)
    await vi.waitFor(() => expect(updates.at(-1)).toMatchObject({ type: 'typing', author: 'agent' }))
    expect(await kim.rate(5, { comment: 'so far' })).toHaveProperty('status')
    kim.disconnect()
    await ana.say(kim.id, 'Still there?')
    await moment()
    expect(JSON.stringify(updates)).not.toContain('Still there?')
    await expect(kim.say('hello?')).rejects.toThrow()
    ana.disconnect()
  })
})

describe('a caller who makes mistakes', () => {
  test('what `onMessage` and `onUpdate` throw is reported, and the next message is told all the same', async () => {
    const [seen, reported] = [[] as string[], [] as unknown[]]
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const kim = await customer({
      onUpdate: () => {
        throw new Error('of onUpdate')
      },
      onMessage({ text }) {
        seen.push(text)
        if (text === 'one') throw new Error('of onMessage')
      },
      onStatus: () => {
        throw new Error('of onStatus')
      },
    })
    for (const text of ['one', 'two']) await kim.say(text)
    await vi.waitFor(() => expect(seen).toContain('two'))
    expect(new Set(reported.map(String))).toEqual(
      new Set(['Error: of onStatus', 'Error: of onUpdate', 'Error: of onMessage']),
    )
    kim.disconnect()
  })

  test('`onError` is told instead, also when the stream has ended for good', async () => {
    const [told, statuses] = [[] as unknown[], [] as Status[]]
    let who = 'customer:kim'
    const listening = { onMessage: () => {}, onError: (error: unknown) => told.push(error) }
    const kim = await customer({ ...listening, token: () => who, onStatus: (status) => statuses.push(status) })
    await vi.waitFor(() => expect(net.requests.some(({ path: to }) => to.endsWith('/events'))).toBe(true))
    who = 'nobody'
    await vi.waitFor(() => {
      net.cut()
      net.mend()
      expect(told).toHaveLength(1)
    })
    expect(isMaitredError(told[0], 'UNAUTHENTICATED')).toBe(true)
    expect(statuses.at(-1)).toBe('offline')
    kim.disconnect()
  })

  test('a `token` that cannot be had ends the attempt with its error, and is asked for again later on', async () => {
    const broken = new Error('no session')
    let isBroken = true
    const token = (): string => {
      if (isBroken) throw broken
      return 'customer:kim'
    }
    await expect(customer({ token })).rejects.toBe(broken)
    await expect(connectAgent({ url: ORIGIN, token: () => Promise.reject(broken) })).rejects.toBe(broken)
    await expect(customer({ token: 'ключ' })).rejects.toThrow(TypeError)
    isBroken = false
    const kim = await customer({ token })
    isBroken = true
    const said = kim.say('still me')
    await moment()
    isBroken = false
    net.mend()
    expect(await said).toMatchObject({ ok: true })
    kim.disconnect()
  })

  test.each([
    ['nothing', undefined],
    ['no address', {}],
    ['an address that is no text', { url: 7 }],
    ['an address without an origin, where there is no page', { url: '/chat' }],
    ['an address without a scheme', { url: 'localhost:3000/chat' }],
  ])('%s is said at once', async (_what, link) => {
    const wrong = expect.objectContaining({ code: 'CONFIG_INVALID', path: 'url', retryable: false })
    await expect(connectCustomer(link as { url: string })).rejects.toEqual(wrong)
    await expect(connectAgent(link as { url: string })).rejects.toEqual(wrong)
    expect(net.requests).toEqual([])
  })

  test('a server that cannot be reached is waited for, until it is called off', async () => {
    net.cut()
    const [off, statuses] = [new AbortController(), [] as Status[]]
    const connecting = customer({ signal: off.signal, onStatus: (status) => statuses.push(status) })
    await vi.waitFor(() => expect(statuses).toEqual(['offline']))
    off.abort(new Error('the customer went elsewhere'))
    await expect(connecting).rejects.toThrow('the customer went elsewhere')
    await expect(customer({ signal: off.signal })).rejects.toThrow('the customer went elsewhere')
    net.mend()
    await expect(customer({ signal: AbortSignal.timeout(5_000) }).then(({ id }) => id)).resolves.toMatch(/./)
  })

  test('words that were refused are handed back in the receipt; an opening and a look wait their time', async () => {
    const strict = await openHouse({}, { clock: systemClock, limits: { burst: 2, perMinute: 1_200 } })
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => strict.handler(new Request(url, init)))
    const kim = await customer()
    const receipts = await Promise.all(['one', 'two', 'three', 'four'].map((text) => kim.say(text)))
    const refused = receipts.filter(({ ok }) => !ok)
    expect(refused.length).toBeGreaterThan(0)
    for (const receipt of refused)
      expect(receipt).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) })
    const again = await customer()
    expect(again.id).toBe(kim.id)
    for (const one of [kim, again]) one.disconnect()
    await strict.engine.stop({ within: 0 })
  })
})

describe('an agent in the browser', () => {
  test('presence comes with a lease that is renewed, and keeps what the house has decided', async () => {
    const ana = await agent()
    await ana.setPresence('online', { lease: '60ms' })
    await house.engine.agent('ana').setPresence('away') // as if an offer had been missed
    const renewals = (): number => net.requests.filter(({ path: to }) => to === '/desk/presence').length
    await vi.waitFor(() => expect(renewals()).toBeGreaterThan(2))
    expect((await ana.colleagues())[0]).toMatchObject({ presence: 'away' })
    ana.disconnect()
    await house.advance(1_000)
    expect((await house.engine.agents())[0]).toMatchObject({ presence: 'offline' })
  })

  test('a desk that breaks goes on in every conversation', async () => {
    const seen: DeskUpdate[] = []
    const [kim, ana] = [await customer(), await agent()]
    await ana.setPresence('online')
    await kim.requestAgent()
    await ana.accept(kim.id)
    const reading = (async () => {
      for await (const update of ana.follow()) seen.push(update)
    })()
    const texts = (): readonly string[] =>
      seen.flatMap((update) => (update.type === 'message' ? [update.message.text] : []))
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(2))
    net.cut()
    await house.engine.conversation(kim.id).say('while it was dark')
    await vi.waitFor(() => {
      net.mend()
      expect(texts()).toContain('while it was dark')
    })
    expect(texts()).toEqual((await ana.view(kim.id)).transcript.map(({ text }) => text))
    ana.disconnect()
    await reading
    kim.disconnect()
  })
})

async function firstOf<Of extends DeskUpdate>(
  updates: AsyncIterable<DeskUpdate>,
  isIt: (update: DeskUpdate) => boolean,
) {
  for await (const update of updates) if (isIt(update)) return update as Extract<Of, { type: 'offer' }>
  throw new Error('the desk has ended')
}

test('F76: the client is under 6 kB gzipped, and depends on nothing', async () => {
  const entry = path.resolve(import.meta.dirname, '../../src/client/index.ts')
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: [entry], bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022' },
    ...{ write: false, metafile: true, logLevel: 'error' },
  })
  const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThan(6_000)
  expect(Object.keys(metafile.inputs).filter((file) => !file.includes('src/client/'))).toEqual([])
})
