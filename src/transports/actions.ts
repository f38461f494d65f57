import type { DeskUpdate, Engine, Parties, Update } from '../core/engine/engine-api.ts'
import { MaitredError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { ConversationView, Duration } from '../core/types.ts'
import { notFound } from '../core/turn/run-turn.ts'
import { type Answer, receiptToAnswer, toJson, toNothing } from './answers.ts'
import { readAs } from './bodies.ts'
import { readKey } from './body.ts'
import { toCustomerUpdate, toCustomerView } from './customer-view.ts'
import type { Frame } from './event-stream.ts'
import { followFloor, readFloor } from './floor.ts'
import { canStandInHeader } from './headers.ts'
import type { Auth, Identity } from './identity.ts'
import { toOpenApi } from './openapi.ts'
import { NOT_IN_BODY, type Route } from './routes.ts'

/** A request that has passed the doors: the route exists, the role may, nothing is over its limit. */
export interface Call {
  readonly engine: Engine
  readonly clock: Clock
  readonly auth: Auth
  readonly route: Route
  readonly request: Request
  readonly url: URL
  readonly basePath: string
  readonly identity: Identity | undefined
  /** The conversation in the address. */
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
  /** The name of an agent, for those who may not see more. */
  nameOf(agentId: string): string | undefined
  /** Answers with an event stream that ends with the request. */
  stream(frames: (signal: AbortSignal) => AsyncIterable<Frame>, reader?: Reader): Promise<Answer>
  /** The customer is here for as long as somebody reads their stream. */
  visit(conversationId: string): Reader
}

/** Whoever is at the other end of a stream. */
export interface Reader {
  isHere(): void
  hasGone(): void
}

/** What a route does that is not simply a command. */
export const ACTIONS: Readonly<Record<string, (call: Call) => Answer | Promise<Answer>>> = {
  async availability({ engine, url, ...call }) {
    const [page, moment] = [url.searchParams.get('page'), url.searchParams.get('moment')]
    return toJson(
      await engine.availability({
        customer: customerOf(call.identity),
        ...(page === null ? {} : { page }),
        ...(moment === null ? {} : { moment }),
      }),
    )
  },
  async open(call) {
    const customer = customerOf(call.identity)
    const receipt = await call.engine.dispatch({ ...fieldsOf(call.body), type: 'conversation.opened', customer })
    return receipt.ok ? toJson(await viewFor(call, receipt.conversationId)) : receiptToAnswer(receipt)
  },
  async list({ engine, identity, url, nameOf }) {
    const views = await engine.conversations({ ...page(url), customerId: customerOf(identity).id, newestFirst: true })
    return toJson({ conversations: views.map((view) => toCustomerView(view, nameIfAny(view, nameOf))) })
  },
  async view(call) {
    await ownedBy(call)
    return toJson(await viewFor(call, call.id))
  },
  async follow(call) {
    const { lastSeq } = await ownedBy(call)
    const after = readSeq(call, lastSeq)
    const conversation = call.engine.conversation(call.id)
    return call.stream(
      (signal) => toFrames(customerUpdates(conversation.follow({ after, signal }), call.nameOf)),
      call.visit(call.id),
    )
  },
  async identify(call) {
    await ownedBy(call)
    const { engine, auth, request, body, id } = call
    const { token } = readAs('identify', body)
    if (!canStandInHeader(token)) throw nobody()
    const proof = new Request(request.url, { headers: { authorization: `Bearer ${token}` } })
    const proven = await auth(proof)
    if (proven?.role !== 'customer') throw unproven()
    return receiptToAnswer(await engine.conversation(id).identify(proven.customer))
  },
  async present(call) {
    await ownedBy(call)
    const { lease } = readAs('present', call.body)
    await call.engine.conversation(call.id).present({ lease: lease as Duration }) // the pattern is that of a duration
    return toNothing()
  },
  async typing(call) {
    await ownedBy(call)
    call.engine.conversation(call.id).typing()
    return toNothing()
  },
  async read(call) {
    await ownedBy(call)
    await call.engine.conversation(call.id).read(readAs('read', call.body).seq)
    return toNothing()
  },
  async desk({ engine, identity }) {
    const agents = await engine.agents()
    const agentId = agentIdOf(identity)
    const agent = agents.find((one) => one.agent.id === agentId)
    if (agent === undefined) throw unknownAgent()
    return toJson({ agent, agents })
  },
  followDesk(call) {
    const after = readPlaces(call)
    const desk = call.engine.agent(agentIdOf(call.identity))
    return call.stream((signal) => deskFrames(desk.follow({ after, signal }), after))
  },
  async presence({ engine, identity, body }) {
    const { presence, lease } = readAs('presence', body)
    const agentId = agentIdOf(identity)
    const now = presence ?? (await engine.agents()).find(({ agent }) => agent.id === agentId)?.presence ?? 'offline'
    // Whoever is offline has nothing to renew: the pause was too long, or somebody said so.
    if (presence === undefined && now === 'offline') return toNothing()
    await engine.agent(agentId).setPresence(now, lease === undefined ? {} : { lease: lease as Duration }) // the pattern is that of a duration
    return toNothing()
  },
  async busy({ engine, identity, body }) {
    const { units, for: span, ...options } = readAs('busy', body)
    const lasting = span === undefined ? {} : { for: span as Duration } // the pattern is that of a duration
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    const receipt = await engine.agent(agentIdOf(identity)).busy(units, { ...given, ...lasting })
    return receipt.ok ? toJson(receipt) : receiptToAnswer(receipt)
  },
  async watch(call) {
    const { lastSeq } = await seenBy(call)
    const desk = call.engine.agent(agentIdOf(call.identity))
    const after = readSeq(call, lastSeq)
    return call.stream((signal) => toFrames(desk.watch(call.id, { after, signal })))
  },
  async deskView(call) {
    await seenBy(call)
    return toJson(await call.engine.conversation(call.id).view())
  },
  async deskHistory(call) {
    const { customerId } = await seenBy(call)
    const views = await call.engine.conversations({ ...page(call.url), customerId, newestFirst: true })
    return toJson({ conversations: views.filter(({ id }) => id !== call.id) })
  },
  async deskExplain(call) {
    await seenBy(call)
    return toJson(await call.engine.explain(call.id))
  },
  async deskTyping(call) {
    await seenBy(call)
    call.engine.agent(agentIdOf(call.identity)).typing(call.id)
    return toNothing()
  },
  async deskRead(call) {
    await seenBy(call)
    await call.engine.agent(agentIdOf(call.identity)).read(call.id, readAs('read', call.body).seq)
    return toNothing()
  },
  async deskAdvise(call) {
    await seenBy(call)
    const { draft } = readAs('advise', call.body)
    return toJson(await call.engine.agent(agentIdOf(call.identity)).advise(call.id, draft))
  },
  async floor({ engine, clock }) {
    return toJson(await readFloor(engine, clock.now()))
  },
  followFloor({ engine, clock, stream }) {
    return stream(async function* (signal) {
      for await (const update of followFloor(engine, clock, signal)) yield { event: update.type, data: update }
    })
  },
  async assign({ engine, identity, request, body, id }) {
    const by = agentIdOf(identity)
    const event = { ...fieldsOf(body), type: 'conversation.assigned', agentId: body['agentId'], conversationId: id, by }
    return receiptToAnswer(await engine.dispatch({ ...event, key: readKey(request, body) }))
  },
  openApi: ({ basePath }) => toJson(toOpenApi(basePath)),
}

/** A command through the one door, on behalf of whoever asks. */
export async function runCommand(call: Call): Promise<Answer> {
  const { engine, identity, route, request, body, id } = call
  const key = readKey(request, body)
  if (identity?.role === 'customer') await ownedBy(call)
  const on = identity?.role === 'customer' ? {} : { agentId: agentIdOf(identity) }
  const event = { ...fieldsOf(body), ...on, type: route.command, conversationId: id, key }
  return receiptToAnswer(await engine.dispatch(event))
}

/** What may stand in the body; who, where and which come from elsewhere. */
function fieldsOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !NOT_IN_BODY.includes(name)))
}

// ── Whose ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Without an id they would be everybody, so that is looked at here again. */
function customerOf(identity: Identity | undefined): Extract<Identity, { role: 'customer' }>['customer'] {
  if (identity?.role === 'customer' && typeof identity.customer.id === 'string' && identity.customer.id !== '')
    return identity.customer
  throw unproven()
}

function agentIdOf(identity: Identity | undefined): string {
  if (identity !== undefined && identity.role !== 'customer') return identity.agentId
  throw unproven()
}

/** The customer's own. Somebody else's is as if it were not there. @throws MaitredError `NOT_FOUND` */
async function ownedBy({ engine, id, identity }: Call): Promise<Parties> {
  const parties = await engine.parties(id)
  if (parties.customerId !== customerOf(identity).id) throw notFound(id)
  return parties
}

/** One the agent has, had, or may look at as a supervisor. @throws MaitredError `NOT_FOUND` */
async function seenBy({ engine, id, identity }: Call): Promise<Parties> {
  const agentId = agentIdOf(identity)
  const parties = await engine.parties(id)
  const isTheirs = parties.holderIds.includes(agentId) || parties.formerAgentIds.includes(agentId)
  if (!isTheirs && identity?.role !== 'supervisor') throw notFound(id)
  return parties
}

function unproven(): MaitredError {
  return new MaitredError('FORBIDDEN', {
    message: 'This is for somebody else to do.',
    hint: 'Come with the session or the token of the one whose it is.',
  })
}

function nobody(): MaitredError {
  return new MaitredError('UNAUTHENTICATED', {
    message: 'Nobody is known by this token.',
    hint: 'Send one that was given out, as it was given out.',
    path: 'token',
  })
}

function unknownAgent(): MaitredError {
  return new MaitredError('NOT_FOUND', {
    message: 'There is no such agent.',
    hint: 'Add them with `engine.saveAgent(agent)`.',
    path: 'agentId',
  })
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function viewFor({ engine, nameOf }: Call, id: string): Promise<object> {
  const view = await engine.conversation(id).view()
  return toCustomerView(view, nameIfAny(view, nameOf))
}

function nameIfAny({ agentId }: ConversationView, nameOf: Call['nameOf']): string | undefined {
  return agentId === undefined ? undefined : nameOf(agentId)
}

const PAGE = 20
const MOST = 50

/** @throws MaitredError `EVENT_INVALID` */
function page({ searchParams }: URL): { readonly limit: number; readonly after?: string } {
  const [after, asked] = [searchParams.get('after'), searchParams.get('limit') ?? String(PAGE)]
  const limit = /^\d{1,3}$/.test(asked) ? Number(asked) : 0
  if (limit >= 1 && limit <= MOST) return { limit, ...(after === null ? {} : { after }) }
  throw new MaitredError('EVENT_INVALID', {
    message: `Expected a whole number from 1 to ${MOST} at \`limit\`, got \`${asked.slice(0, 40)}\`.`,
    hint: `Leave it out for ${PAGE}; what comes after the page is read with \`after\`.`,
    path: 'limit',
  })
}

// ── Going on where it was left ───────────────────────────────────────────────────────────────────────────────────────

/** Browsers send the header by themselves; `?after=` is for the first time, and for those who cannot. */
function placeIn({ request, url }: Call): string {
  return request.headers.get('last-event-id') ?? url.searchParams.get('after') ?? ''
}

/** @throws MaitredError `RESUME_INVALID` */
function readSeq(call: Call, lastSeq: number): number {
  const place = placeIn(call)
  if (place === '') return 0
  if (/^\d{1,15}$/.test(place) && Number(place) <= lastSeq) return Number(place)
  throw new MaitredError('RESUME_INVALID', {
    message: `Expected the \`seq\` of a message of this conversation, got \`${place.slice(0, 40)}\`.`,
    hint: 'Begin without `Last-Event-ID`: the stream then starts with the first message.',
    path: 'last-event-id',
  })
}

const MOST_PLACES = 500

/** A desk's place: how far each conversation was read, as `id=seq` joined by `&`. */
function readPlaces(call: Call): Record<string, number> {
  const place = placeIn(call)
  const pairs = [...new URLSearchParams(place)]
  if (pairs.length <= MOST_PLACES && pairs.every(([, seq]) => /^\d{1,15}$/.test(seq)))
    return Object.fromEntries(pairs.map(([id, seq]) => [id, Number(seq)]))
  throw new MaitredError('RESUME_INVALID', {
    message: 'Expected the id of the last event of this stream.',
    hint: 'Begin without `Last-Event-ID`: the stream then starts with everything that is held.',
    path: 'last-event-id',
  })
}

async function* customerUpdates(updates: AsyncIterable<Update>, nameOf: Call['nameOf']): AsyncGenerator<Update> {
  for await (const update of updates) yield toCustomerUpdate(update, nameOf)
}

async function* toFrames(updates: AsyncIterable<Update>): AsyncGenerator<Frame> {
  for await (const data of updates) {
    if (data.type === 'message') yield { id: String(data.message.seq), event: 'message', data }
    else yield { event: data.type, data }
  }
}

async function* deskFrames(
  updates: AsyncIterable<DeskUpdate>,
  after: Readonly<Record<string, number>>,
): AsyncGenerator<Frame> {
  const places = new Map(Object.entries(after))
  for await (const data of updates) {
    if (data.type === 'desk') forgetOthers(places, data.holds)
    if (data.type === 'message') yield { id: toPlace(places, data), event: 'message', data }
    else yield { event: data.type, data }
  }
}

function forgetOthers(places: Map<string, number>, holds: readonly { readonly conversationId: string }[]): void {
  const held = new Set(holds.map(({ conversationId }) => conversationId))
  for (const id of places.keys()) if (!held.has(id)) places.delete(id)
}

function toPlace(places: Map<string, number>, { conversationId, message }: DeskUpdate & { type: 'message' }): string {
  places.set(conversationId, message.seq)
  const place = new URLSearchParams()
  for (const [id, seq] of places) place.set(id, String(seq))
  return place.toString()
}
