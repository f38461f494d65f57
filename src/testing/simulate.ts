import { assemble, type EngineOptions } from '../assemble.ts'
import { toMs } from '../core/duration.ts'
import type { Engine } from '../core/engine/engine-api.ts'
import { type NamesOf, refuseUnknownNames } from '../core/known-names.ts'
import { memoryStore } from '../core/memory/memory-store.ts'
import type { Plugin } from '../core/hooks/hook-context.ts'
import type { Observation } from '../core/observations.ts'
import type { Store, TenantStore } from '../core/ports.ts'
import type { Agent, Customer, Duration } from '../core/types.ts'
import { findViolations, readStore } from './invariants.ts'
import { createSimulatedAgent, type SimulatedAgent } from './simulated-agent.ts'
import { createSimulatedCustomer, type SimulatedCustomer } from './simulated-customer.ts'
import { createSeats, type Seats } from './seats.ts'
import { settle } from './settle.ts'
import type { Stage } from './stage.ts'
import { createVirtualClock } from './virtual-clock.ts'

export interface SimulationWorld {
  /** For whatever is left to chance; 1 unless said. */
  readonly seed?: number
  /** When it begins, as ISO 8601 with a time zone; a Monday morning unless said. */
  readonly startAt?: string
  /** In place of plugins of the same name: a fake CRM, a plugin with a fault. */
  readonly replace?: readonly Plugin[]
}

/** The real engine on a virtual clock, with scripted people on both sides. */
export interface Simulation extends AsyncDisposable {
  readonly engine: Engine
  /** Epoch ms of the virtual clock. */
  readonly now: number
  readonly pluginFailures: readonly Observation<'plugin.failed'>[]
  /** Opens a conversation at the first verb. */
  customer(customer: string | Customer): SimulatedCustomer
  /** One of `options.agents`, online from the beginning. */
  agent(id: string): SimulatedAgent
  /** Lets time pass, from timer to timer. Nothing else moves the clock. */
  advance(duration: Duration): Promise<void>
}

const MONDAY_MORNING = '2026-01-05T09:00:00Z'

const WORLD: NamesOf<SimulationWorld> = { seed: true, startAt: true, replace: true }

/**
 * Starts a simulation. Every verb settles, checks the invariants, and fails with the transcript; none but `advance` moves time. Works in
 * any test runner.
 * @example
 * await using sim = simulate({ agents: [{ id: 'ana' }] })
 * const kim = sim.customer('kim')
 * await kim.says('a person, please')
 * await sim.agent('ana').accepts(kim)
 */
export function simulate<Skill extends string>(options: EngineOptions<Skill>, world: SimulationWorld = {}): Simulation {
  refuseUnknownNames(world, WORLD, { path: 'world', what: 'a setting of the world' })
  const { seed = 1, startAt = MONDAY_MORNING, replace = [] } = world
  const clock = createVirtualClock(readStart(startAt))
  const store = options.store ?? memoryStore()
  const engine = assemble(
    { ...options, store, plugins: replacePlugins(options.plugins ?? [], replace) },
    { clock, seed, isAlone: true, createId: (at) => `c${at.toString(36)}-${String(nextIdOf(store)).padStart(6, '0')}` },
  ) as Engine // skills were checked against the options
  const pluginFailures: Observation<'plugin.failed'>[] = []
  engine.on('plugin.failed', (fact) => pluginFailures.push(fact))
  const seats = createSeats(engine)

  let tenantStore: TenantStore | undefined
  const ready = begin()
  ready.catch(() => {}) // told by the first verb
  async function begin(): Promise<void> {
    await engine.start()
    tenantStore = await store.open(options.tenant ?? '')
    for (const { id } of (options.agents ?? []) as readonly Agent[]) await engine.agent(id).setPresence('online')
  }

  const lookers: (() => Promise<void>)[] = []
  const stage: Stage = {
    engine,
    clock,
    get store() {
      if (tenantStore === undefined) throw new Error('the simulation has not begun: await a verb first')
      return tenantStore
    },
    seatOf: (agentId) => seats.of(agentId),
    onSettled: (look) => {
      lookers.push(look)
    },
    settle: async () => {
      await settle(clock)
      if (tenantStore !== undefined) {
        await seats.refresh(tenantStore)
        await refuseViolations(tenantStore, seats)
      }
      for (const look of lookers) await look()
    },
    async act(action) {
      await ready
      let result: { readonly value: Awaited<ReturnType<typeof action>> } | undefined
      let failure: { readonly error: unknown } | undefined
      action().then(
        (value) => (result = { value: value as Awaited<ReturnType<typeof action>> }),
        (error: unknown) => (failure = { error }),
      )
      await stage.settle()
      if (failure !== undefined) throw failure.error
      return (result as { readonly value: Awaited<ReturnType<typeof action>> } | undefined)?.value
    },
  }
  const customers = new Map<string, SimulatedCustomer>()
  const agents = new Map<string, SimulatedAgent>()

  return {
    engine,
    pluginFailures,
    get now() {
      return clock.now()
    },
    customer(customer) {
      const person = typeof customer === 'string' ? { id: customer } : customer
      const known = customers.get(person.id) ?? createSimulatedCustomer(stage, person)
      customers.set(person.id, known)
      return known
    },
    agent(id) {
      const known = agents.get(id) ?? createSimulatedAgent(stage, id)
      agents.set(id, known)
      return known
    },
    async advance(duration) {
      await stage.act(() => Promise.resolve())
      const until = clock.now() + toMs(duration, 'advance')
      while (clock.fireNext(until)) await settle(clock)
      clock.moveTo(until)
      await stage.settle()
    },
    [Symbol.asyncDispose]: () => engine.stop({ within: 0 }),
  }
}

/** Ids are counted by store: a simulation that goes on with the store of another one makes none a second time. */
const idCounts = new WeakMap<Store, number>()

function nextIdOf(store: Store): number {
  const next = (idCounts.get(store) ?? 0) + 1
  idCounts.set(store, next)
  return next
}

function readStart(startAt: string): number {
  const at = Date.parse(startAt)
  if (Number.isNaN(at))
    throw new TypeError(`\`startAt\` expects a time such as '2026-01-05T09:00Z', got \`${startAt}\``)
  return at
}

function replacePlugins(plugins: readonly Plugin[], replace: readonly Plugin[]): readonly Plugin[] {
  const unknown = replace.find(({ name }) => !plugins.some((plugin) => plugin.name === name))
  if (unknown !== undefined)
    throw new TypeError(`\`replace\` holds \`${unknown.name}\`, but the configuration has no plugin of that name`)
  return plugins.map((plugin) => replace.find(({ name }) => name === plugin.name) ?? plugin)
}

async function refuseViolations(store: TenantStore, seats: Seats): Promise<void> {
  const violations = findViolations(await readStore(store), { forced: await seats.excused(store) })
  if (violations.length === 0) return
  throw new Error(
    `an invariant does not hold: ${violations.map(({ rule, about, found }) => `${rule} of ${about}: ${found}`).join('; ')}`,
  )
}
