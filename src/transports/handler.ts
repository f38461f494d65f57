import { systemClock } from '../core/clock.ts'
import { toMs } from '../core/duration.ts'
import type { Engine } from '../core/engine/engine-api.ts'
import { isMaitredError, MaitredError } from '../core/errors.ts'
import type { Clock, Log } from '../core/ports.ts'
import type { Duration } from '../core/types.ts'
import { ACTIONS, type Call, type Reader, runCommand } from './actions.ts'
import { type Answer, errorToAnswer, isOurs, rateLimited, receiptToAnswer, toResponse } from './answers.ts'
import { type Answerer, type Asked, noteInside, toAsked } from './asked.ts'
import { MAX_BODY_BYTES, readBody } from './body.ts'
import { type Frame, STREAM_HEADERS, toEventStream } from './event-stream.ts'
import { type Auth, checkIdentity, type Handler, type Identity, nameOf } from './identity.ts'
import { createHastes, type Hastes } from './haste.ts'
import { createBuckets, type Limits, type LimitSettings, resolveLimits } from './limits.ts'
import { readBasePath } from './mount-path.ts'
import { checkOptions, type Kind } from './check-options.ts'
import { createOrigins } from './origins.ts'
import { createVisitors } from './visitors.ts'
import { findRoute, type Found } from './find-route.ts'
import type { Route } from './routes.ts'

export interface HandlerOptions {
  /** Who sends a request; asked for every one, but for one that is sent again while its sender is told to wait. */
  readonly auth: Auth
  /** Where the handler is mounted, when what mounts it leaves that in the address: `/chat`. */
  readonly basePath?: string
  /** Pages of other origins that may call, such as `https://shop.example`. Those of the same host always may. */
  readonly origins?: readonly string[]
  /** How much one customer may do. */
  readonly limits?: Limits
  /** A sign of life on every stream; 15 s unless said. */
  readonly heartbeat?: Duration
  /** A stream ends by then, and the client comes again with a token that still holds; 30 m unless said. */
  readonly streamLifetime?: Duration
  /** What goes wrong inside is told here, and to nobody else: give one, such as `console`. */
  readonly log?: Pick<Log, 'error'>
  /** Where time comes from: the machine's own unless said. */
  readonly clock?: Clock
}

/** A customer whose stream has shown no life for so many beats is gone. */
const BEATS_BELIEVED = 3
const BODY_WITHIN_MS = 10_000
const NO_SNIFF = { 'x-content-type-options': 'nosniff' }
/** Agents and their tools work on many conversations at once. */
const AGENT_FACTOR = 10
/** Reading, typing and moving weigh less than commands. */
const LIGHT_FACTOR = 10

/**
 * The whole of maitred over HTTP: JSON commands and event streams, for customers, agents and supervisors. A function from `Request` to
 * `Response`, so it runs wherever those do; `toNode` and `toFastify` mount it elsewhere.
 * @throws MaitredError `CONFIG_INVALID`
 * @example app.all('/chat/*', (c) => handler(c.req.raw)) // Hono
 */
export function createHandler(engine: Engine, options: HandlerOptions): Handler {
  checkHandling(engine, options)
  const house = prepare(engine, options)
  const answerer: Answerer = async (asked) => {
    const known = house.hastes.find(asked.likeness, house.clock.now())
    if (known !== undefined) {
      const again = receiptToAnswer(rateLimited(known.until - house.clock.now(), 'requests'))
      return { ...again, headers: { ...again.headers, ...known.headers, ...NO_SNIFF } }
    }
    const { request } = asked
    const { status, headers, body } = await answer(house, asked).catch((error: unknown) => {
      if (isOurs(error)) options.log?.error({ error, path: new URL(request.url).pathname }, 'a request has failed')
      return errorToAnswer(error)
    })
    return { status, headers: { ...headers, ...house.origins.headersFor(request), ...NO_SNIFF }, body }
  }
  return noteInside(async (request) => toResponse(await answerer(toAsked(request))), {
    answerer,
    basePath: house.basePath,
    isRunning: () => isRunning(engine),
  })
}

/** The engine tells nobody that it has stopped; whoever asks it anything is told. */
async function isRunning(engine: Engine): Promise<boolean> {
  try {
    await engine.parties('')
    return true
  } catch (error) {
    return !isMaitredError(error, 'ENGINE_NOT_STARTED')
  }
}

/** @throws MaitredError `CONFIG_INVALID` */
function checkHandling(engine: Engine, options: HandlerOptions): void {
  const of = 'createHandler(engine, options)'
  checkOptions({ engine }, { engine: 'object' }, { of, required: ['engine'] })
  checkOptions(options, OPTIONS, { of, required: ['auth'] })
  const { limits, log, clock } = options
  if (limits !== undefined) checkOptions(limits, LIMITS, { of, within: 'limits' })
  if (log !== undefined)
    checkOptions({ error: log.error }, { error: 'function' }, { of, within: 'log', required: ['error'] })
  if (clock !== undefined)
    checkOptions({ now: clock.now, at: clock.at }, CLOCK, { of, within: 'clock', required: ['now', 'at'] })
}

const OPTIONS: Readonly<Record<keyof HandlerOptions, Kind>> = {
  auth: 'function',
  basePath: 'text',
  origins: 'list',
  limits: 'object',
  heartbeat: 'duration',
  streamLifetime: 'duration',
  log: 'object',
  clock: 'object',
}
const LIMITS: Readonly<Record<keyof Limits, Kind>> = { burst: 'number', perMinute: 'number', streams: 'number' }
const CLOCK: Readonly<Record<string, Kind>> = { now: 'function', at: 'function' }

interface House {
  readonly engine: Engine
  /** As the product says it, and looked at. */
  readonly auth: Auth
  readonly clock: Clock
  readonly basePath: string
  readonly origins: ReturnType<typeof createOrigins>
  readonly limits: LimitSettings
  readonly hastes: Hastes
  readonly heartbeatMs: number
  readonly lifetimeMs: number
  /** By what is counted, and by role. */
  readonly buckets: Readonly<
    Record<'command' | 'light', Readonly<Record<'customer' | 'agent', ReturnType<typeof createBuckets>>>>
  >
  /** Streams that are open, by who reads them. */
  readonly streams: Map<string, number>
  readonly names: ReturnType<typeof createNames>
  readonly visits: (conversationId: string) => Reader
}

function prepare(engine: Engine, options: HandlerOptions): House {
  const limits = resolveLimits(options.limits)
  const bucketsOf = (factor: number) => ({
    customer: createBuckets(limits, factor),
    agent: createBuckets(limits, factor * AGENT_FACTOR),
  })
  const heartbeatMs = toMs(options.heartbeat ?? '15s', 'heartbeat')
  return {
    engine,
    auth: async (request) => checkIdentity(await options.auth(request), '`auth`'),
    clock: options.clock ?? systemClock,
    basePath: readBasePath(options.basePath ?? ''),
    origins: createOrigins(options.origins),
    limits,
    hastes: createHastes(),
    heartbeatMs,
    lifetimeMs: toMs(options.streamLifetime ?? '30m', 'streamLifetime'),
    buckets: { command: bucketsOf(1), light: bucketsOf(LIGHT_FACTOR) },
    streams: new Map(),
    names: createNames(engine),
    visits: createVisitors(engine, heartbeatMs * BEATS_BELIEVED, options.log),
  }
}

/** Who may not, or not now, is told so before anything of what they sent is read. */
async function answer(house: House, asked: Asked): Promise<Answer> {
  const { origins, basePath } = house
  const { request, mountPath } = asked
  const url = new URL(request.url)
  if (request.method === 'OPTIONS') return { status: 204, headers: {}, body: null } // the headers say what is allowed
  origins.check(request)
  const found = findRoute(request.method, url.pathname, { basePath, mountPath })
  const { route } = found
  const identity = route.side === 'anybody' ? undefined : await identify(house.auth, request, route)
  const refused = identity === undefined ? undefined : refuseHaste(house, identity, route)
  const { clock, hastes } = house
  if (refused !== undefined) {
    const until = clock.now() + (refused.retryAfterMs ?? 0)
    hastes.note(asked.likeness, { until, headers: origins.headersFor(request) })
    return receiptToAnswer(refused)
  }
  const body =
    route.method === 'GET' ? {} : await readBody(asked, { clock, maxBytes: MAX_BODY_BYTES, withinMs: BODY_WITHIN_MS })
  await house.names.ready()
  const call = toCall(house, asked, { found, url, identity, body })
  const act = ACTIONS[route.name] ?? runCommand
  return act(call)
}

type Read = Pick<Call, 'url' | 'identity' | 'body'> & { readonly found: Found }

function toCall(house: House, asked: Asked, { found, ...read }: Read): Call {
  const { engine, clock, names, auth } = house
  return {
    ...read,
    ...found,
    engine,
    clock,
    auth,
    request: asked.request,
    basePath: asked.mountPath + house.basePath,
    nameOf: names.of,
    stream: (frames, reader) => openStream(house, asked.signal(), { identity: read.identity, frames, reader }),
    visit: house.visits,
  }
}

/** @throws MaitredError `UNAUTHENTICATED`, `FORBIDDEN` */
async function identify(auth: Auth, request: Request, { side }: Route): Promise<Identity> {
  const identity = await auth(request)
  if (identity === undefined) {
    throw new MaitredError('UNAUTHENTICATED', {
      message: 'Nobody is known by this request.',
      hint: 'Come with a session or a token that holds.',
    })
  }
  if (identity.role === side || (identity.role === 'supervisor' && side === 'agent')) return identity
  throw new MaitredError('FORBIDDEN', {
    message: `This is for the ${side}, not for the ${identity.role}.`,
    hint: 'Come with the session or the token of somebody who may.',
  })
}

function refuseHaste({ buckets, clock }: House, identity: Identity, { command, name, method }: Route) {
  const isCommand = method === 'POST' && (command !== undefined || name === 'identify') && command !== 'page.visited'
  const role = identity.role === 'customer' ? 'customer' : 'agent'
  const waitMs = buckets[isCommand ? 'command' : 'light'][role].take(nameOf(identity), clock.now())
  return waitMs === undefined ? undefined : rateLimited(waitMs, 'requests')
}

interface Streaming extends Pick<Call, 'identity'> {
  readonly reader: Reader | undefined
  frames(signal: AbortSignal): AsyncIterable<Frame>
}

/** The first frame is waited for, so that what is wrong has a status of its own. */
async function openStream(house: House, gone: AbortSignal, { identity, frames, reader }: Streaming): Promise<Answer> {
  const { clock, heartbeatMs, lifetimeMs, limits, streams } = house
  const name = identity === undefined ? '' : nameOf(identity)
  const most = limits.streams * (identity?.role === 'customer' ? 1 : AGENT_FACTOR)
  const openCount = streams.get(name) ?? 0
  if (openCount >= most) return receiptToAnswer(rateLimited(heartbeatMs, 'streams'))
  streams.set(name, openCount + 1)
  const onEnd = (): void => {
    const left = (streams.get(name) ?? 1) - 1
    if (left === 0) streams.delete(name)
    else streams.set(name, left)
    reader?.hasGone()
  }
  const abort = new AbortController()
  const iterator = frames(abort.signal)[Symbol.asyncIterator]()
  const first = await iterator.next().catch((error: unknown) => {
    onEnd()
    throw error
  })
  const body = toEventStream(startingWith(first, iterator), () => abort.abort(), {
    clock,
    heartbeatMs,
    lifetimeMs,
    onBeat: () => reader?.isHere(),
    onEnd,
  })
  if (gone.aborted) abort.abort()
  gone.addEventListener('abort', () => abort.abort())
  return { status: 200, headers: STREAM_HEADERS, body }
}

function startingWith(first: IteratorResult<Frame>, rest: AsyncIterator<Frame>): AsyncIterator<Frame> {
  let isFirst = true
  return {
    next() {
      if (!isFirst) return rest.next()
      isFirst = false
      return Promise.resolve(first)
    },
    return: (value) => rest.return?.(value) ?? Promise.resolve({ done: true, value: undefined }),
  }
}

/** What agents are called, for customers: as the roster says, which is read once and then followed. */
function createNames(engine: Engine) {
  const names = new Map<string, string>()
  let isAsked = false
  const readAll = async (): Promise<void> => {
    for (const { agent } of await engine.agents()) if (agent.name !== undefined) names.set(agent.id, agent.name)
  }
  engine.on('agent.changed', ({ agentId }) => {
    if (!names.has(agentId)) isAsked = false
  })
  return {
    of: (agentId: string): string | undefined => names.get(agentId),
    async ready(): Promise<void> {
      if (isAsked) return
      isAsked = true
      await readAll()
    },
  }
}
