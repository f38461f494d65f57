import { assemble, type EngineOptions } from '../assemble.ts'
import type { Engine } from '../core/engine/engine-api.ts'
import { isMaitredError, MaitredError } from '../core/errors.ts'
import type { Agent, Duration, Phase } from '../core/types.ts'
import { type Conversation, createDesk, type Desk } from '../simulation/desk.ts'
import type { RunOptions } from '../simulation/router-level.ts'
import type { Scenario } from '../simulation/scenario.ts'
import { type StaffedAgent, toStaff } from '../simulation/staff.ts'
import { createTally, type RunTally, type Tally } from '../simulation/tally.ts'
import { type Arrival, createWorkload } from '../simulation/workload.ts'
import { settle } from './settle.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

export interface EngineRunOptions extends RunOptions {
  /** Plugins, texts, silence: everything but agents, skills and the store, which are the scenario's. */
  readonly config: EngineOptions
  /** What customers say first, in turns. */
  readonly questions: readonly string[]
  readonly onProgress?: (arrivedCount: number) => void
}

const MONDAY_MORNING = Date.parse('2026-01-05T09:00:00Z')
/** So many timers at one moment, and as many again for each customer of that moment, are too many. */
const MOST_AT_ONCE = 10_000
const NEVER: Duration = '3650d'

interface Seat extends StaffedAgent {
  readonly index: number
  readonly desk: Desk
  /** Calls off the end that was planned. */
  callOff: () => void
}

interface House {
  readonly engine: Engine
  readonly clock: VirtualClock
  readonly scenario: Scenario
  readonly tally: Tally
  readonly warmUp: number
  readonly questions: readonly string[]
  readonly seats: ReadonlyMap<string, Seat>
  readonly byCustomer: Map<string, Conversation>
  readonly byId: Map<string, Conversation>
  readonly idOf: Map<Conversation, string>
  readonly faults: (string | MaitredError)[]
  openCount: number
  doneCount: number
}

/**
 * The same day at a real engine: customers open conversations, ask the bot, ask for a person, and are closed and seen out; agents take
 * what they are offered and work until it is done. Nobody falls silent on the way, unless the configuration says when.
 * @throws MaitredError `PLUGIN_LOOP` when time stands still
 */
export async function runEngine(scenario: Scenario, options: EngineRunOptions): Promise<RunTally> {
  const house = openHouse(scenario, options)
  const { clock, engine, tally } = house
  await engine.start()
  for (const id of house.seats.keys()) await engine.agent(id).setPresence('online')
  scheduleArrivals(house, options)
  let events = 0
  let [since, sinceCount] = [clock.now(), 0]
  while (house.doneCount < options.conversations && clock.fireNext(Number.MAX_SAFE_INTEGER)) {
    await settle(clock)
    events += 1
    if (clock.now() !== since) [since, sinceCount] = [clock.now(), events]
    else if (events - sinceCount > MOST_AT_ONCE + options.conversations) throw standstill(events - sinceCount)
    const [fault] = house.faults
    if (fault !== undefined) throw isMaitredError(fault) ? fault : new Error(`the engine failed: ${fault}`)
  }
  await engine.stop({ within: 0 })
  return tally.sum(events)
}

function standstill(count: number): MaitredError {
  return new MaitredError('PLUGIN_LOOP', {
    message: `Expected time to go on, but ${count} timers fired at one moment.`,
    hint: 'Look for a plugin whose timer sets itself again for now.',
  })
}

function openHouse(scenario: Scenario, options: EngineRunOptions): House {
  const { config, conversations, routing, seed, warmUp, questions } = options
  const clock = createVirtualClock(MONDAY_MORNING)
  const staff = toStaff(scenario)
  const faults: House['faults'] = []
  const skills = [...new Set([...scenario.classes, ...overflowsOf(scenario)].map(({ skill }) => skill))]
  const { store: _store, agents: _agents, ...rest } = config
  let idCount = 0
  const engine: Engine = assemble<string>(
    {
      ...rest,
      skills: [...new Set([...skills, ...staff.flatMap(({ speeds }) => [...speeds.keys()])])],
      agents: staff.map(({ agent }): Agent => ({ ...agent, autoAccept: true })),
      silence: rest.silence ?? { remindAfter: NEVER, closeAfter: NEVER, agentAfter: NEVER, idleAfter: NEVER },
      routing: { ...routing, overflow: routing.overflow ?? { after: NEVER, to: 'async' } },
      channels: [],
      log: { ...SILENT, error: (data, text) => void faults.push(`${text ?? 'error'} ${JSON.stringify(data)}`) },
    },
    { clock, seed, createId: (at) => `c${at.toString(36).padStart(9, '0')}${String((idCount += 1)).padStart(7, '0')}` },
  )
  const seats = staff.map((staffed, index): [string, Seat] => {
    const desk = createDesk(scenario.slowdown ?? 0)
    return [staffed.agent.id, { ...staffed, index, desk, callOff: () => {} }]
  })
  const house: House = {
    ...{ engine, clock, scenario, warmUp, questions, faults },
    tally: createTally({ scenario, staff, conversations, warmUp }),
    seats: new Map(seats),
    byCustomer: new Map(),
    byId: new Map(),
    idOf: new Map(),
    openCount: 0,
    doneCount: 0,
  }
  watch(house)
  return house
}

const ignore = (): void => {}
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore }

function overflowsOf({ classes }: Scenario): readonly { readonly skill: string }[] {
  return classes.flatMap(({ overflow }) => (overflow === undefined ? [] : [overflow]))
}

/** One timer stands for the next arrival, and sets that of the one after. */
function scheduleArrivals(house: House, { conversations, seed, onProgress }: EngineRunOptions): void {
  const arrive = createWorkload(house.scenario, seed)
  let count = 0
  const plan = (): void => {
    const arrival = count < conversations ? arrive() : undefined
    if (arrival === undefined) {
      house.doneCount += conversations - count // nobody else comes
      return
    }
    house.clock.at(MONDAY_MORNING + Math.round(arrival.at), () => {
      count += 1
      if (arrival.index >= house.warmUp) house.tally.passed(house.clock.now(), house.openCount)
      attempt(house, come(house, arrival))
      onProgress?.(count)
      plan()
    })
  }
  plan()
}

/** Greets, asks the bot, and wants a person all the same. */
async function come(house: House, arrival: Arrival): Promise<void> {
  const { clock, engine, questions } = house
  const at = clock.now()
  const skill = house.scenario.classes[arrival.classIndex]?.skill ?? ''
  const id = `customer-${arrival.index}`
  const person: Conversation = {
    ...arrival,
    at,
    id,
    skill,
    leftMs: arrival.workMs,
    speed: 1,
    answeredAt: 0,
    state: 'waiting',
  }
  house.byCustomer.set(id, person)
  const conversation = await engine.openConversation({ customer: { id }, skills: [skill] })
  const question = questions[arrival.index % Math.max(1, questions.length)]
  if (question !== undefined) await conversation.say(question)
  await conversation.requestAgent({ skills: [skill] })
  if (arrival.patienceMs === Number.POSITIVE_INFINITY) return
  clock.at(at + Math.round(arrival.patienceMs), () => {
    if (person.state === 'waiting') attempt(house, conversation.leave())
  })
}

function watch(house: House): void {
  const { engine } = house
  engine.on('conversation.opened', ({ conversationId, customer }) => {
    const person = house.byCustomer.get(customer.id)
    house.byCustomer.delete(customer.id)
    if (person === undefined) return
    house.byId.set(conversationId, person)
    house.idOf.set(person, conversationId)
  })
  engine.on('plugin.failed', ({ error }) => {
    if (isMaitredError(error, 'PLUGIN_LOOP')) house.faults.push(error)
  })
  engine.on('offer.accepted', ({ conversationId, agentId }) => seat(house, { conversationId, agentId }))
  engine.on('conversation.moved', ({ conversationId, to }) => gone(house, conversationId, to))
}

function seat(house: House, about: { readonly conversationId: string; readonly agentId: string }): void {
  const [own, person] = [house.seats.get(about.agentId), house.byId.get(about.conversationId)]
  if (own === undefined || person === undefined) return
  const at = house.clock.now()
  person.state = 'open'
  person.answeredAt = at
  person.speed = own.speeds.get(person.skill) ?? 1
  house.tally.waited(person, { untilAt: at, isAnswered: true })
  house.openCount += 1
  own.desk.take(person, at)
  planEnd(house, own)
}

/** When the first of an agent's conversations is done, it is closed and its customer goes. */
function planEnd(house: House, own: Seat): void {
  own.callOff()
  own.callOff = ignore
  const at = own.desk.nextAt()
  if (at === Number.POSITIVE_INFINITY) return
  own.callOff = house.clock.at(at, () => {
    const person = own.desk.finish(house.clock.now())
    person.state = 'over'
    house.openCount -= 1
    house.tally.finished(person, { agentIndex: own.index, at: house.clock.now() })
    planEnd(house, own)
    attempt(house, seeOut(house, own, person))
  })
}

async function seeOut({ engine, idOf }: House, own: Seat, person: Conversation): Promise<void> {
  const conversationId = idOf.get(person)
  if (conversationId === undefined) return
  idOf.delete(person)
  await engine.agent(own.agent.id).close(conversationId)
  await engine.conversation(conversationId).leave()
}

/** Over; or answered some other way than by an agent, which counts as giving up. */
function gone(house: House, conversationId: string, to: Phase): void {
  const person = house.byId.get(conversationId)
  if (person === undefined || (to !== 'closed' && to !== 'async')) return
  house.byId.delete(conversationId)
  house.doneCount += 1
  if (person.state !== 'waiting') return
  person.state = 'over'
  house.tally.waited(person, { untilAt: house.clock.now(), isAnswered: false })
}

function attempt(house: House, action: Promise<unknown>): void {
  action.catch((error: unknown) => void house.faults.push(String(error)))
}
