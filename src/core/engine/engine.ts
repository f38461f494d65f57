import { toMs } from '../duration.ts'
import { MaitredError } from '../errors.ts'
import { isPromise } from '../hooks/hook-run.ts'
import { createScore } from '../hooks/scoring.ts'
import { findInstalled } from '../hooks/installed.ts'
import { DEFAULT_CAPACITY } from '../memory/ledger.ts'
import { nearest } from '../nearest.ts'
import { createBoard, OBSERVATION_NAMES } from '../observations.ts'
import type { TenantStore } from '../ports.ts'
import type { Receipt } from '../receipts.ts'
import { parseCommand } from '../schema.ts'
import type { Duration } from '../types.ts'
import { isFromOutside } from '../turn/engine-events.ts'
import { createConversation, openConversation } from './conversation-handle.ts'
import { type Core, type CoreOptions, createSignals } from './core.ts'
import { createAfterwards } from './after.ts'
import { createDeliveries } from './deliveries.ts'
import { createDesk } from './desk-handle.ts'
import type { Engine } from './engine-api.ts'
import { explain, findViews, partiesOf, toAgentView } from './queries.ts'
import { createReadMarks } from './read-marks.ts'
import { redeliver, redeliverAll } from './redeliver.ts'
import { createRunQueue, type Work } from './run-queue.ts'
import { createServices, installPlugins } from './services.ts'
import { createNode, type NodeDuties } from './nodes/node.ts'
import { ALONE, type Node } from './nodes/shared-work.ts'
import { createStoreClock } from './nodes/store-clock.ts'
import { createKeeping, type Keeping } from './retention.ts'
import { createSettling, type Settling } from './settling.ts'
import { createVisits } from './visits.ts'

/** `stopping`: no conversation is opened any more, what is under way (and what follows from it) is finished. */
interface Life {
  state: 'new' | 'running' | 'stopping' | 'stopped'
  store: TenantStore | undefined
  start: Promise<void> | undefined
}

/**
 * Puts an engine together. It opens nothing before `start()`.
 * @throws MaitredError for anything in the configuration that cannot work
 */
export function createCore(asked: CoreOptions): Engine {
  const isShared = asked.store.isShared === true && asked.nodes !== undefined
  const storeClock = createStoreClock(asked.clock)
  const options = isShared ? { ...asked, clock: storeClock } : asked
  const life: Life = { state: 'new', store: undefined, start: undefined }
  const installed = installPlugins(options, () => core)
  const services = createServices(options, installed, () => core)
  const queue = createRunQueue(options.clock, (error) =>
    options.log.error({ error }, 'what follows from a commit has failed'),
  )
  const core: Core = {
    options,
    clock: options.clock,
    board: createBoard(options.log),
    queue,
    router: options.router,
    services,
    store: () => openStore(life),
    isRunning: () => life.state === 'running',
    agents: new Map(),
    submit: (event) => {
      const begin = (): Work<Receipt> => {
        openStore(life)
        return settling.answer(event)
      }
      if (isFromOutside(event) && queue.size >= MAX_WAITING) return Promise.reject(tooMuch())
      return queue.run(event.conversationId, begin, { isConsequence: !isFromOutside(event) })
    },
    raise: (event) => {
      core.submit(event).catch((error: unknown) => {
        if (life.state !== 'running') return // it is raised again after the next start
        options.log.error(
          { error, conversationId: event.conversationId, type: event.type },
          'an event could not be taken',
        )
      })
    },
    agentChanged: (row) => {
      const known = core.agents.get(row.agent.id)
      if (known !== undefined && known.version > row.version) return
      core.agents.set(row.agent.id, row)
      settling.roster.saw(row)
      core.router.agentChanged(row)
      const { agent, presence, units } = row
      core.board.tell({
        type: 'agent.changed',
        at: core.clock.now(),
        agentId: agent.id,
        presence,
        load: units,
        capacity: agent.capacity ?? DEFAULT_CAPACITY,
      })
      core.signals.wake(`agent:${agent.id}`)
      core.matchSoon()
    },
    matchSoon: () => settling.matching.soon(),
    signals: createSignals(),
    visits: createVisits(() => core),
    deliveries: createDeliveries(() => core),
    afterwards: createAfterwards(() => core),
    readMarks: createReadMarks(() => core),
    openings: new Map(),
    get node() {
      return node
    },
  }
  const settling = createSettling(core)
  const node: Node =
    isShared && options.nodes !== undefined
      ? createNode(core, { clock: storeClock, settings: options.nodes, duties: dutiesOf(core, settling) })
      : ALONE
  const score = createScore(services.hooks.aspects.get('route:score') ?? [], ({ plugin, hook }, why, about) =>
    services.failed({ plugin: plugin.name, hook, why, ...about }),
  )
  if (score !== undefined) options.router.scoreBy(score)
  const keeping = createKeeping(core)
  return createHandle(core, { life, settling, keeping, plugin: (plugin) => findInstalled(installed, plugin).api })
}

function dutiesOf(core: Core, { alarms, matching, ...settling }: Settling): NodeDuties {
  return {
    arrived: (row) => matching.arrived(row),
    noteTimers: (dueAt) => alarms.note(dueAt),
    redeliver: () => redeliver(core),
    isUnderWay: (effectId) => settling.isUnderWay(effectId),
    startEffect: (id, effect) => settling.startEffect(id, effect),
  }
}

/** Events that wait for a store that is slow: more are not taken, so that memory does not grow with them. */
const MAX_WAITING = 10_000

function tooMuch(): MaitredError {
  return new MaitredError('STORE_UNAVAILABLE', {
    message: `${MAX_WAITING} events wait for the store already.`,
    hint: 'Nothing has changed: send it once more a little later, with the same key.',
  })
}

interface Parts {
  readonly life: Life
  readonly settling: Settling
  readonly keeping: Keeping
  plugin(plugin: Parameters<typeof findInstalled>[1]): unknown
}

function createHandle(core: Core, parts: Parts): Engine {
  const { life, settling, keeping } = parts
  const { roster } = settling
  const engine: Engine = {
    start: () => startOnce(core, parts),
    stop: (stopping) => {
      keeping.stop()
      return stop(core, { life, settling }, stopping?.within)
    },
    [Symbol.asyncDispose]: () => engine.stop(),
    openConversation: async (visit) => {
      refuseOpening(life)
      const { id } = await openConversation(core, { type: 'conversation.opened', ...visit })
      return createConversation(core, id)
    },
    conversation: (id) => createConversation(core, id),
    conversations: (filter) => findViews(core, filter),
    parties: (id) => partiesOf(core, id),
    agents: async () => (await core.store().agents()).map(toAgentView),
    waiting: async () => core.store().waiting(),
    agent: (id) => createDesk(core, id, roster),
    saveAgent: (agent) => roster.save(agent),
    removeAgent: (id) => roster.remove(id),
    assign: (conversationId, agentId, { by, force }) =>
      engine.dispatch({
        type: 'conversation.assigned',
        conversationId,
        agentId,
        by,
        ...(force === undefined ? {} : { force }),
      }),
    availability: async (visit = {}) => {
      core.store()
      return core.options.admit(visit, visit.skills ?? [], core.clock.now())
    },
    explain: (id, options) => explain(core, id, options),
    on: (name: string, observer: (fact: never) => unknown) => {
      refuseObserver(name, observer)
      return core.board.on(name, observer as (fact: unknown) => unknown) // the overloads say which fact
    },
    plugin: <Api>(of: Parameters<typeof findInstalled>[1]) => parts.plugin(of) as Api, // the factory's type says what setup returned
    health: async () => {
      const { ok, outboxCount } = await core.store().health()
      const dueAt = await core.store().nextDueAt()
      const dueLagMs = dueAt === null ? 0 : Math.max(0, core.clock.now() - dueAt)
      return { ok, store: core.options.store.name, dueLagMs, outboxCount }
    },
    erase: async (customerId) => {
      const { conversationIds } = await core.store().erase(customerId)
      for (const id of conversationIds) core.signals.wake(id) // screens show what is left
      return { conversationCount: conversationIds.length }
    },
    dispatch: async (event) => {
      const command = parseCommand(event)
      if (command.type !== 'conversation.opened') return core.submit(command)
      refuseOpening(life)
      return (await openConversation(core, command)).receipt
    },
  }
  return engine
}

/** Whoever listens to what is never told would wait for good. @throws MaitredError `EVENT_INVALID` */
function refuseObserver(name: unknown, observer: unknown): void {
  const names: readonly string[] = ['*', ...OBSERVATION_NAMES]
  if (typeof name !== 'string' || !names.includes(name)) {
    const near = typeof name === 'string' ? nearest(name, OBSERVATION_NAMES) : undefined
    throw new MaitredError('EVENT_INVALID', {
      message: `There is no observation \`${String(name)}\`.`,
      hint: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean \`${near}\`?`,
      path: 'name',
    })
  }
  if (typeof observer === 'function') return
  throw new MaitredError('EVENT_INVALID', {
    message: `Expected a function to be told \`${name}\`, got \`${observer === null ? 'null' : typeof observer}\`.`,
    hint: `Write \`engine.on('${name}', (fact) => { ... })\`.`,
    path: 'observer',
  })
}

/** However often it is called, everybody waits for the one start; one that failed can be tried again. */
async function startOnce(core: Core, { life, settling, keeping }: Parts): Promise<void> {
  if (life.state === 'stopping' || life.state === 'stopped') throw notRunning(life.state)
  life.start ??= start(core, life, settling).then(() => keeping.start())
  try {
    await life.start
  } catch (error) {
    life.start = undefined
    throw error
  }
}

async function start(core: Core, life: Life, settling: Settling): Promise<void> {
  const opened = core.options.store.open(core.options.tenant)
  life.store = isPromise(opened) ? await opened : opened // a store that opens at once makes the engine usable at once
  life.state = 'running'
  await settling.roster.load()
  if (core.node.isShared) {
    await settling.alarms.start()
    await core.node.start()
  } else {
    for (const row of await life.store.waiting()) core.router.queued(row)
    await resumeEffects(core, settling)
    await redeliverAll(core)
    await settling.alarms.start()
  }
  core.matchSoon()
}

const PAGE = 500

/** Work that was promised before this process began, searches and look-ups, is begun again. */
async function resumeEffects(core: Core, settling: Settling): Promise<void> {
  let after: string | undefined
  for (;;) {
    const rows = await core.store().find({ pending: true, limit: PAGE, ...(after === undefined ? {} : { after }) })
    for (const { id, snapshot } of rows) {
      for (const effect of snapshot.context.pending) settling.startEffect(id, effect)
    }
    after = rows.at(-1)?.id
    if (rows.length < PAGE) return
  }
}

async function stop(
  core: Core,
  { life, settling }: Pick<Parts, 'life' | 'settling'>,
  within: Duration = '10s',
): Promise<void> {
  if (life.state !== 'running') return
  const withinMs = toMs(within, 'within')
  life.state = 'stopping'
  settling.alarms.stop()
  settling.matching.stop()
  settling.roster.stop()
  core.visits.stop()
  core.deliveries.stop()
  core.afterwards.stop()
  core.node.stop()
  if (withinMs > 0 && core.queue.size > 0) await idleWithin(core, withinMs)
  life.state = 'stopped'
  core.signals.end()
  await handOver(core, life)
  await life.store?.close()
}

/** Others need not wait until the leases run out. A store that is gone by now lets them run out. */
async function handOver(core: Core, life: Life): Promise<void> {
  life.state = 'stopping'
  await core.node.release().catch((error: unknown) => core.options.log.warn({ error }, 'leases were not handed over'))
  life.state = 'stopped'
}

/** Resolves when nothing is left to do, or when the time is up. */
function idleWithin({ clock, queue }: Core, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.at(clock.now() + withinMs, resolve)
    void queue.idle().then(() => {
      cancel()
      resolve()
    })
  })
}

function openStore({ state, store }: Life): TenantStore {
  if (store !== undefined && (state === 'running' || state === 'stopping')) return store
  throw notRunning(state)
}

/** @throws MaitredError `ENGINE_NOT_STARTED` while stopping, too */
function refuseOpening({ state }: Life): void {
  if (state === 'stopping') throw notRunning(state)
}

function notRunning(state: Life['state']): MaitredError {
  return new MaitredError('ENGINE_NOT_STARTED', {
    message: state === 'new' ? 'The engine has not been started.' : 'The engine has been stopped.',
    hint: state !== 'new' ? 'Make a new one.' : 'Call `await engine.start()` first.',
  })
}
