import { assemble, type EngineOptions } from '../../assemble.ts'
import type { Agent, Engine, Log, Observation } from '../../index.ts'
import {
  createVirtualClock,
  findViolations,
  readStore,
  type StoreContent,
  type VirtualClock,
} from '../../testing/index.ts'
import { toOffline } from '../offline.ts'
import { createRandom } from '../random.ts'
import { ReplayedAgents } from './agents.ts'
import { ReplayedCustomer } from './customer.ts'
import type { Dialogue } from './dialogues.ts'
import { passTime } from './pass-time.ts'
import { recordConversations, type RecordedConversation } from './record.ts'
import type { Stage } from './stage.ts'
import { type WatchedLedger, watchLedger } from './watch-ledger.ts'

export interface PlayOptions {
  readonly config: EngineOptions
  /** Who answers, online from the beginning to the end. */
  readonly agents: readonly Agent[]
  readonly seed: number
  /** Mean time between two arrivals. */
  readonly gapMs: number
  /** Is every conversation explained at the end? */
  readonly isRecorded: boolean
  readonly onProgress: (state: {
    readonly at: number
    readonly arrivedCount: number
    readonly closedCount: number
  }) => void
}

/** A day that has been played, as it stands in the store after the last due time. */
export interface Played {
  readonly content: StoreContent
  readonly ledger: WatchedLedger
  readonly longestQueue: number
  readonly waitsMs: readonly number[]
  /** Breaches of what must always hold. */
  readonly violations: ReturnType<typeof findViolations>
  readonly pluginFailures: readonly Observation<'plugin.failed'>[]
  /** What went wrong in the engine or here, in words. */
  readonly faults: readonly string[]
  /** The dialogue behind each customer. */
  readonly dialogueOf: ReadonlyMap<string, Dialogue>
  /** Empty unless asked for. */
  readonly recorded: readonly RecordedConversation[]
}

const MONDAY_MORNING = Date.parse('2026-01-05T09:00:00Z')
/** After the last arrival; a conversation that is open then is stuck. */
const LONGEST_MS = 30 * 86_400_000

/** Plays dialogues as one day in virtual time: customers arrive by chance and share the agents. The same options give the same day. */
export async function playDialogues(dialogues: readonly Dialogue[], options: PlayOptions): Promise<Played> {
  const clock = createVirtualClock(MONDAY_MORNING)
  const ledger = watchLedger()
  const faults: string[] = []
  const engine = openHouse(options, { clock, ledger, faults })
  const stage = createStage(engine, clock, faults)
  const day = peopleTheDay(dialogues, { stage, options })
  await engine.start()
  for (const { id } of options.agents) await engine.agent(id).setPresence('online')

  const lastAt = scheduleArrivals([...day.customers.values()], stage, options)
  let longestQueue = 0
  await passTime(clock, lastAt + LONGEST_MS, () => {
    longestQueue = Math.max(longestQueue, ledger.newWaitingCount() ?? 0)
    options.onProgress({ at: clock.now(), ...day.counts })
  })
  const content = await readStore(ledger.content)
  const ids = options.isRecorded ? content.conversations.map(({ id }) => id) : []
  const recorded = await recordConversations(ids, { engine, store: ledger.content })
  await engine.stop({ within: 0 })
  return {
    content,
    recorded,
    ledger,
    longestQueue,
    waitsMs: day.waitsMs,
    violations: findViolations(content),
    pluginFailures: day.pluginFailures,
    faults,
    dialogueOf: day.dialogueOf,
  }
}

/** The real engine on a virtual clock, with its seats watched. */
function openHouse(
  { config, agents, seed }: PlayOptions,
  about: { readonly clock: VirtualClock; readonly ledger: WatchedLedger; readonly faults: string[] },
): Engine {
  const ignore = (): void => {}
  const log: Log = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (data, text) => {
      const { error } = data as { readonly error?: unknown } // where the engine puts it
      about.faults.push(`${text ?? 'error'}: ${String(error)}`)
    },
  }
  let idCount = 0
  const world = {
    clock: about.clock,
    seed,
    createId: (at: number) => `c${at.toString(36).padStart(9, '0')}${String((idCount += 1)).padStart(6, '0')}`,
  }
  return assemble({ ...toOffline(config), agents, store: about.ledger.store, log }, world)
}

function createStage(engine: Engine, clock: VirtualClock, faults: string[]): Stage {
  return {
    engine,
    clock,
    attempt: (action) => {
      action.catch((error: unknown) => faults.push(String(error)))
    },
    later: (afterMs, action) => clock.at(clock.now() + afterMs, action),
  }
}

interface Day {
  readonly customers: ReadonlyMap<string, ReplayedCustomer>
  readonly dialogueOf: ReadonlyMap<string, Dialogue>
  readonly counts: { arrivedCount: number; closedCount: number }
  readonly waitsMs: number[]
  readonly pluginFailures: Observation<'plugin.failed'>[]
}

const ARRIVALS_DRAW = 1
const CUSTOMERS_DRAW = 2

/** Makes the people, and tells each what concerns them. */
function peopleTheDay(
  dialogues: readonly Dialogue[],
  { stage, options }: { readonly stage: Stage; readonly options: PlayOptions },
): Day {
  const customers = new Map<string, ReplayedCustomer>()
  const dialogueOf = new Map<string, Dialogue>()
  const day: Day = {
    customers,
    dialogueOf,
    counts: { arrivedCount: 0, closedCount: 0 },
    waitsMs: [],
    pluginFailures: [],
  }
  for (const [index, dialogue] of dialogues.entries()) {
    const id = `customer-${String(index + 1).padStart(4, '0')}`
    const skills = (options.config.skills ?? []).filter((skill) => skill === dialogue.skill)
    const random = createRandom(options.seed, CUSTOMERS_DRAW, index)
    customers.set(id, new ReplayedCustomer(stage, { id }, { dialogue, random, skills }))
    dialogueOf.set(id, dialogue)
  }
  const inConversation = new Map<string, ReplayedCustomer>()
  const agents = new ReplayedAgents(stage, {
    agentIds: options.agents.map(({ id }) => id),
    seed: options.seed,
    hasFinished: (conversationId) => inConversation.get(conversationId)?.hasFinished ?? true,
  })
  watch(stage.engine, { day, inConversation, agents })
  return day
}

function watch(
  engine: Engine,
  about: {
    readonly day: Day
    readonly inConversation: Map<string, ReplayedCustomer>
    readonly agents: ReplayedAgents
  },
): void {
  const { day, inConversation, agents } = about
  engine.on('conversation.opened', ({ conversationId, customer }) => {
    const known = day.customers.get(customer.id)
    if (known === undefined) return
    day.counts.arrivedCount += 1
    inConversation.set(conversationId, known)
    known.joined(conversationId)
  })
  engine.on('message.added', ({ conversationId, message }) => {
    if (message.internal === true) return
    inConversation.get(conversationId)?.hears(message)
    agents.hears(conversationId, message)
  })
  engine.on('conversation.moved', ({ conversationId, to }) => {
    inConversation.get(conversationId)?.moved(to)
    agents.moved(conversationId, to)
    if (to === 'closed') day.counts.closedCount += 1
  })
  engine.on('offer.made', ({ agentId, conversationId }) => agents.offered(agentId, conversationId))
  engine.on('offer.expired', ({ agentId }) => agents.missed(agentId))
  engine.on('offer.accepted', ({ agentId, conversationId, waitMs }) => {
    day.waitsMs.push(waitMs)
    agents.seated(agentId, conversationId)
  })
  engine.on('plugin.failed', (failure) => day.pluginFailures.push(failure))
}

/** Poisson: every gap is drawn anew. Returns when the last one comes. */
function scheduleArrivals(customers: readonly ReplayedCustomer[], stage: Stage, { seed, gapMs }: PlayOptions): number {
  const random = createRandom(seed, ARRIVALS_DRAW)
  let at = stage.clock.now()
  for (const customer of customers) {
    at += Math.round(random.exponential(gapMs))
    stage.clock.at(at, () => customer.arrive())
  }
  return at
}
