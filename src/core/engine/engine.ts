import { createAlarms } from './alarms.ts'
import { announce } from './announce.ts'
import { deliverAfter } from './after.ts'
import { closingSteps } from '../hooks/closing-steps.ts'
import { type Core, type CoreOptions, createSignals } from './core.ts'
import { toMs } from '../duration.ts'
import { runEffect } from './effects.ts'
import type { Engine } from './engine-api.ts'
import type { EngineEvent } from '../turn/engine-events.ts'
import { MaitredError } from '../errors.ts'
import { compileHooks } from '../hooks/hook-table.ts'
import { createConversation, openConversation } from './conversation-handle.ts'
import { createDesk } from './desk-handle.ts'
import { isPromise } from '../hooks/hook-run.ts'
import { type Installed, findInstalled, install, readPlugins } from '../hooks/installed.ts'
import { createMatching } from './matching.ts'
import { createBoard } from '../observations.ts'
import { createUnderstanding } from '../phrases.ts'
import type { AgentRow, TenantStore } from '../ports.ts'
import { explain, findViews } from './queries.ts'
import type { Receipt } from '../receipts.ts'
import { createRoster } from './roster.ts'
import { createRunQueue, runWork } from './run-queue.ts'
import { runTurn, type TurnResult } from '../turn/run-turn.ts'
import { parseCommand } from '../schema.ts'
import type { Effect } from '../snapshot.ts'
import { compileSteps } from '../hooks/step-table.ts'
import { createSay } from '../texts.ts'
import type { TurnServices } from '../turn/turn.ts'

/**
 * Puts an engine together. It opens nothing before `start()`.
 * @throws MaitredError for anything in the configuration that cannot work
 */
export function createCore(options: CoreOptions): Engine {
  const { log, clock, router } = options
  const queue = createRunQueue(clock)
  const board = createBoard(log)
  let tenantStore: TenantStore | undefined
  let state: 'new' | 'running' | 'stopped' = 'new'

  const installed = new Map<string, Installed>()
  for (const parts of readPlugins(options.plugins)) {
    const plugin = install(parts, {
      log,
      now: () => clock.now(),
      storedState: async (id, name) => (await core.store().load(id)).row?.snapshot.plugins[name],
      record: async (name, key) => core.store().record(name, key),
      putRecord: (name, key, put) => putRecord(core.store(), { plugin: name, key, ...put }),
    })
    installed.set(plugin.name, plugin)
  }
  const plugins = [...installed.values()]
  const say = createSay(options.texts)
  const understanding = createUnderstanding(options.phrases)

  const services: TurnServices = {
    get store() {
      return core.store()
    },
    clock,
    storeWaits: options.store.name !== 'memory',
    plugins: installed,
    hooks: compileHooks(plugins),
    steps: compileSteps(closingSteps(say, understanding), plugins),
    settings: options.settings,
    say,
    understanding,
    skills: options.skills === undefined ? undefined : new Set(options.skills),
    canReach: (customer) => options.channels.length > 0 && customer.email !== undefined,
    agent: (id) => core.agents.get(id)?.agent,
    place: (id, at) => router.place(id, at),
    closedFor: (visit, { skills }, at) => {
      const availability = options.admit(visit, skills, at)
      return availability.open ? null : availability.reason
    },
    failed: (failure) => {
      log.warn({ ...failure }, `the plugin ${failure.plugin} failed in ${failure.hook}`)
      board.tell('plugin.failed', clock.now(), failure)
    },
  }

  const core: Core = {
    options,
    clock,
    board,
    queue,
    router,
    services,
    store: () => {
      if (tenantStore !== undefined && state === 'running') return tenantStore
      throw new MaitredError('ENGINE_NOT_STARTED', {
        message: state === 'stopped' ? 'The engine has been stopped.' : 'The engine has not been started.',
        hint: state === 'stopped' ? 'Make a new one.' : 'Call `await engine.start()` first.',
      })
    },
    agents: new Map<string, AgentRow>(),
    submit: (event, depth = 0) =>
      queue.run(event.conversationId, function* () {
        core.store()
        const result = yield* runTurn(services, event)
        settle(result, depth)
        return result.receipt ?? lost(event)
      }),
    raise: (event, depth) => {
      core.submit(event, depth).catch((error: unknown) => {
        if (state === 'running')
          log.error({ error, conversationId: event.conversationId, type: event.type }, 'an event could not be taken')
      })
    },
    agentChanged: (row) => {
      const known = core.agents.get(row.agent.id)
      if (known !== undefined && known.version > row.version) return
      core.agents.set(row.agent.id, row)
      router.agentChanged(row)
      const { agent, presence, units } = row
      board.tell('agent.changed', clock.now(), {
        agentId: agent.id,
        presence,
        load: units,
        capacity: agent.capacity ?? 3,
      })
      core.signals.wake(`agent:${agent.id}`)
      core.matchSoon()
    },
    matchSoon: () => matching.soon(),
    signals: createSignals(),
    openings: new Map(),
  }
  const settle = (result: TurnResult, depth = 0): void => settleTurn(result, depth)
  const matching = createMatching(core, settle)
  const alarms = createAlarms(core, settle)
  const roster = createRoster(core)

  /** What follows from a commit, in this order: routing knows, observers are told, effects and hooks are enqueued. */
  function settleTurn({ committed }: TurnResult, depth: number): void {
    if (committed === undefined) return
    const { turn, queueRow, agents, nextDueAt, effects } = committed
    if (queueRow === null) router.left(turn.id)
    else if (queueRow !== undefined) {
      router.queued(queueRow)
      matching.arrived(queueRow)
    }
    for (const row of agents) core.agentChanged(row)
    if (queueRow !== undefined) core.matchSoon()
    announce(board, committed)
    roster.committed(committed)
    core.signals.wake(turn.id)
    alarms.note(nextDueAt)
    for (const effect of effects) queue.later(() => startEffect(turn.id, effect, depth))
    if (services.hooks.after.size > 0 && committed.vetoed === undefined)
      queue.later(() => deliverAfter(core, turn, depth))
  }

  function startEffect(conversationId: string, effect: Effect, depth: number): void {
    const running = runWork(
      runEffect(services, conversationId, { effect, submit: (event) => core.raise(event, depth) }),
    )
    if (running instanceof Promise)
      running.catch((error: unknown) => log.error({ error, conversationId }, 'an effect failed'))
  }

  async function start(): Promise<void> {
    if (state !== 'new') return
    const opened = options.store.open(options.tenant)
    tenantStore = isPromise(opened) ? await opened : opened // a store that opens at once makes the engine usable at once
    state = 'running'
    await roster.load()
    for (const row of await tenantStore.waiting()) router.queued(row)
    await resumeEffects()
    await alarms.start()
    core.matchSoon()
  }

  /** Work that was promised before this process began: searches and look-ups are started again. */
  async function resumeEffects(): Promise<void> {
    let after: string | undefined
    for (;;) {
      const rows = await core.store().find({ limit: 500, ...(after === undefined ? {} : { after }) })
      for (const { id, snapshot } of rows) for (const effect of snapshot.context.pending) startEffect(id, effect, 0)
      after = rows.at(-1)?.id
      if (rows.length < 500) return
    }
  }

  async function stop({ within = '10s' }: { readonly within?: Parameters<typeof toMs>[0] } = {}): Promise<void> {
    if (state !== 'running') return
    const withinMs = toMs(within, 'within')
    alarms.stop()
    matching.stop()
    roster.stop()
    if (withinMs > 0 && queue.size > 0) {
      await Promise.race([queue.idle(), new Promise<void>((resolve) => clock.at(clock.now() + withinMs, resolve))])
    }
    state = 'stopped'
    core.signals.end()
    await tenantStore?.close()
  }

  const engine: Engine = {
    start,
    stop,
    [Symbol.asyncDispose]: () => stop(),
    openConversation: (visit) =>
      openConversation(core, { type: 'conversation.opened', ...visit }).then(({ id }) => createConversation(core, id)),
    conversation: (id) => createConversation(core, id),
    conversations: (filter = {}) => findViews(core, filter),
    agent: (id) => createDesk(core, id, (presence, lease) => roster.setPresence(id, presence, lease)),
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
      return options.admit(visit, visit.skills ?? [], clock.now())
    },
    explain: (id) => explain(core, id),
    on: (name: string, observer: (fact: never) => unknown) => board.on(name, observer as (fact: unknown) => unknown), // the overloads say which fact
    plugin: <Api>(plugin: Parameters<typeof findInstalled>[1]) => findInstalled(installed, plugin).api as Api, // the factory says what setup returned
    health: async () => {
      const { ok, outboxCount } = await core.store().health()
      const dueAt = await core.store().nextDueAt()
      return {
        ok,
        store: options.store.name,
        dueLagMs: dueAt === null ? 0 : Math.max(0, clock.now() - dueAt),
        outboxCount,
      }
    },
    erase: async (customerId) => ({ conversationCount: (await core.store().erase(customerId)).conversationIds.length }),
    dispatch: async (event) => {
      const command = parseCommand(event)
      if (command.type === 'conversation.opened') return (await openConversation(core, command)).receipt
      return core.submit(command)
    },
  }
  return engine
}

function lost(event: EngineEvent): Receipt {
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: `\`${event.type}\` came to nothing: another node was first.`,
    hint: 'Send it once more.',
  })
}

async function putRecord(
  store: TenantStore,
  put: {
    readonly plugin: string
    readonly key: string
    readonly value: Parameters<TenantStore['putRecord']>[0]['value']
    readonly ifVersion: number | undefined
  },
): Promise<void> {
  const { ifVersion, ...rest } = put
  const isPut = await store.putRecord({ ...rest, ...(ifVersion === undefined ? {} : { ifVersion }) })
  if (isPut) return
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: `The record \`${put.key}\` of \`${put.plugin}\` is not at version ${String(ifVersion)} any more.`,
    hint: 'Get it again, and put it with its new version.',
  })
}
