import type { Forecast } from '../core/types.ts'
import { createHeap } from '../core/heap.ts'
import type { AgentRow, Proposal, QueueRow, Router } from '../core/ports.ts'
import { createRouter } from '../routing/router.ts'
import type { Routing } from '../routing/routing.ts'
import { type Conversation, createDesk, type Desk } from './desk.ts'
import { createSchedule } from './schedule.ts'
import type { Scenario } from './scenario.ts'
import { type StaffedAgent, toStaff } from './staff.ts'
import { createTally, type RunTally, type Tally } from './tally.ts'
import { type Arrival, createWorkload } from './workload.ts'

export interface RunOptions {
  readonly routing: Routing
  readonly seed: number
  /** How many come in all. */
  readonly conversations: number
  /** Of those, how many come before anything counts. */
  readonly warmUp: number
  /** Told of every conversation as soon as it is answered. */
  readonly onAnswered?: (conversation: Conversation, agentIndex: number) => void
  /** Told of every conversation as soon as it is in the queue, and what its customer is told of the wait. */
  readonly onArrived?: (conversation: Conversation, toWait: () => Forecast | 'unknown') => void
}

/** An agent of the house: what the router was last told, and the conversations. */
interface Seat extends StaffedAgent {
  readonly index: number
  readonly desk: Desk
  lastAssignedAt: number
  lastFreedAt: number
  /** Of the row that the router was told last. */
  version: number
}

/** A wait that comes to an end by itself. */
interface Expiry {
  readonly at: number
  readonly conversation: Conversation
  readonly isOverflow: boolean
}

/**
 * The production router on a clock of its own: everybody takes what they are offered at once, and works until it is done. The router
 * is told what an engine would tell it, in the same order.
 */
export function runRouter(scenario: Scenario, options: RunOptions): RunTally {
  const house = openHouse(scenario, options)
  const { expiries, router, seats, schedule } = house
  const arrive = createWorkload(scenario, options.seed)
  let arrivedCount = 0
  let coming = options.conversations > 0 ? arrive() : undefined
  for (;;) {
    const comesAt = coming?.at ?? Number.POSITIVE_INFINITY
    const expiresAt = firstExpiryAt(expiries)
    const routedAt = router.dueAt() ?? Number.POSITIVE_INFINITY
    const at = Math.min(comesAt, expiresAt, routedAt, schedule.firstAt())
    if (at === Number.POSITIVE_INFINITY) return house.tally.sum(house.events)
    house.events += 1
    if (coming !== undefined && coming.index >= options.warmUp) house.tally.passed(at, house.openCount)
    if (schedule.firstAt() === at) finish(house, seats[schedule.first()], at)
    else if (expiresAt === at) expire(house, expiries.pop())
    else if (coming !== undefined && comesAt === at) {
      begin(house, coming)
      arrivedCount += 1
      coming = arrivedCount < options.conversations ? arrive() : undefined
    }
    for (let proposal = router.next(at); proposal !== undefined; proposal = router.next(at)) assign(house, proposal, at)
  }
}

interface House {
  readonly scenario: Scenario
  readonly router: Router
  readonly seats: readonly Seat[]
  readonly seatOf: ReadonlyMap<string, Seat>
  /** Those who wait, by the place that their id stands for. */
  readonly waiting: (Conversation | undefined)[]
  readonly placeOf: Map<string, number>
  /** Ids that nobody has now. They are used again: to write out a new one for everybody takes as long as to route them. */
  readonly spareIds: string[]
  readonly requirements: readonly QueueRow['requirements'][]
  readonly schedule: ReturnType<typeof createSchedule>
  readonly expiries: ReturnType<typeof createHeap<Expiry>>
  readonly tally: Tally
  readonly onAnswered: RunOptions['onAnswered']
  readonly onArrived: RunOptions['onArrived']
  openCount: number
  events: number
}

/** Nobody in a simulated day does anything else. */
const NOTHING: AgentRow['outside'] = []

function openHouse(scenario: Scenario, options: RunOptions): House {
  const { routing, seed, conversations, warmUp, onAnswered, onArrived } = options
  const router = createRouter(routing, { seed })
  const staff = toStaff(scenario)
  const seats = staff.map((staffed, index): Seat => {
    const desk = createDesk(scenario.slowdown ?? 0)
    const { agent, capacity, speeds, peers } = staffed
    const seat = { agent, capacity, speeds, peers, index, desk, lastAssignedAt: 0, lastFreedAt: 0, version: 0 }
    tellRouter(router, seat)
    return seat
  })
  // Written out: V8 gives each object that is made by spreading others a shape of its own, and then looks up every field by name.
  return {
    scenario,
    router,
    seats,
    onAnswered,
    onArrived,
    seatOf: new Map(seats.map((seat) => [seat.agent.id, seat])),
    waiting: [],
    placeOf: new Map<string, number>(),
    spareIds: [],
    requirements: scenario.classes.map((each) => toRequirements(each, each.skill)),
    schedule: createSchedule(seats.length),
    expiries: createHeap<Expiry>((one, other) => one.at < other.at),
    tally: createTally({ scenario, staff, conversations, warmUp }),
    openCount: 0,
    events: 0,
  }
}

function toRequirements(
  { targetSeconds, priority }: Scenario['classes'][number],
  skill: string,
): QueueRow['requirements'] {
  return {
    skills: [skill],
    ...(targetSeconds === undefined ? {} : { target: targetSeconds * 1_000 }),
    ...(priority === undefined ? {} : { priority }),
  }
}

function begin(house: House, arrival: Arrival): void {
  const { classIndex, at, workMs, patienceMs } = arrival
  const { skill = '', overflow } = house.scenario.classes[classIndex] ?? {}
  const id = house.spareIds.pop() ?? newId(house)
  const conversation: Conversation = {
    index: arrival.index,
    classIndex,
    at,
    workMs,
    patienceMs,
    id,
    skill,
    leftMs: workMs,
    speed: 1,
    answeredAt: 0,
    state: 'waiting',
  }
  house.waiting[house.placeOf.get(id) ?? 0] = conversation
  const requirements = house.requirements[classIndex] ?? { skills: [skill] }
  house.router.queued(toQueueRow(conversation, { requirements, version: 1 }))
  house.onArrived?.(conversation, () => house.router.place(conversation.id, at)?.wait ?? 'unknown')
  if (patienceMs < Number.POSITIVE_INFINITY)
    house.expiries.push({ at: at + patienceMs, conversation, isOverflow: false })
  if (overflow !== undefined)
    house.expiries.push({ at: at + overflow.afterSeconds * 1_000, conversation, isOverflow: true })
}

function newId({ placeOf }: House): string {
  const id = `c${placeOf.size}`
  placeOf.set(id, placeOf.size)
  return id
}

function toQueueRow(
  { id, at }: Conversation,
  about: { readonly requirements: QueueRow['requirements']; readonly version: number },
): QueueRow {
  return {
    conversationId: id,
    requirements: about.requirements,
    queuedAt: at,
    declinedBy: NOBODY,
    reach: 'present',
    version: about.version,
  }
}

const NOBODY: readonly string[] = []

/** When the next wait comes to an end by itself; those that are over are thrown away. */
function firstExpiryAt(expiries: House['expiries']): number {
  for (let first = expiries.peek(); first !== undefined; first = expiries.peek()) {
    if (first.conversation.state === 'waiting') return first.at
    expiries.pop()
  }
  return Number.POSITIVE_INFINITY
}

/** A customer gives up, or asks for something else. */
function expire(house: House, expiry: Expiry | undefined): void {
  if (expiry?.conversation.state !== 'waiting') return
  const { conversation, at, isOverflow } = expiry
  const each = house.scenario.classes[conversation.classIndex]
  if (isOverflow && each?.overflow !== undefined) {
    conversation.skill = each.overflow.skill
    const requirements = toRequirements(each, conversation.skill)
    house.router.queued(toQueueRow(conversation, { requirements, version: 2 }))
    return
  }
  conversation.state = 'over'
  house.spareIds.push(conversation.id)
  house.router.left(conversation.id)
  house.tally.waited(conversation, { untilAt: at, isAnswered: false })
}

function assign(house: House, proposal: Proposal, at: number): void {
  const { router, schedule, seatOf, tally } = house
  const seat = seatOf.get(proposal.agentId)
  const conversation = house.waiting[house.placeOf.get(proposal.conversationId) ?? -1]
  if (seat === undefined || conversation === undefined) throw new Error('the router proposed what there is not')
  house.spareIds.push(conversation.id)
  conversation.state = 'open'
  conversation.answeredAt = at
  conversation.speed = seat.speeds.get(conversation.skill) ?? 1
  seat.desk.take(conversation, at)
  schedule.set(seat.index, seat.desk.nextAt())
  house.openCount += 1
  seat.lastAssignedAt = at
  tellRouter(router, seat)
  router.settle(proposal, 'confirmed', at) // takes it out of the queue
  tally.waited(conversation, { untilAt: at, isAnswered: true })
  house.onAnswered?.(conversation, seat.index)
}

function finish(house: House, seat: Seat | undefined, at: number): void {
  if (seat === undefined) return
  const conversation = seat.desk.finish(at)
  conversation.state = 'over'
  house.openCount -= 1
  house.schedule.set(seat.index, seat.desk.nextAt())
  seat.lastFreedAt = at
  tellRouter(house.router, seat)
  house.tally.finished(conversation, { agentIndex: seat.index, at })
}

/** Field by field, as above. */
function tellRouter(router: Router, seat: Seat): void {
  seat.version += 1
  router.agentChanged({
    agent: seat.agent,
    presence: 'online',
    presenceUntil: null,
    presenceAt: 0,
    units: seat.desk.openCount,
    outside: NOTHING,
    lastAssignedAt: seat.lastAssignedAt,
    lastFreedAt: seat.lastFreedAt,
    version: seat.version,
  })
}
