import { expect } from 'vitest'
import type { EngineOptions } from '../../src/assemble.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import type { TenantStore } from '../../src/core/ports.ts'
import { readStore, simulate, type SimulatedCustomer, type Simulation } from '../../src/testing/index.ts'

/** A simulation in which something is always going on, and that can be compared with itself. */
export interface BusyHouse extends AsyncDisposable {
  readonly sim: Simulation
  readonly engine: Simulation['engine']
  readonly store: TenantStore
  /** Ana owns the conversation. */
  readonly live: SimulatedCustomer
  /** Offered to Ben, who has not answered yet. */
  readonly offered: SimulatedCustomer
  /** In the queue: every seat is taken. */
  readonly waiting: SimulatedCustomer
  /** The bot has found nothing, and offers a person. */
  readonly helping: SimulatedCustomer
  readonly closed: SimulatedCustomer
  /** Everything the store holds, copied. */
  content(): Promise<object>
  /** Does something that must fail or be refused, and looks whether anything has changed. */
  changesNothing<Result>(deed: () => Promise<Result>): Promise<Result>
}

export async function openBusyHouse(options: EngineOptions = {}): Promise<BusyHouse> {
  const agents = [
    { id: 'ana', name: 'Ana', capacity: 1 },
    { id: 'ben', name: 'Ben', capacity: 1 },
  ]
  const store = memoryStore()
  const sim = simulate({ agents, ...options, store })
  const [live, offered, waiting, helping, closed] = ['live', 'offered', 'waiting', 'helping', 'closed'].map((id) =>
    sim.customer({ id, name: `Customer ${id}`, email: `${id}@example.org` }),
  ) as [SimulatedCustomer, SimulatedCustomer, SimulatedCustomer, SimulatedCustomer, SimulatedCustomer] // as many
  await live.says('a person, please')
  await sim.agent('ana').accepts(live)
  await offered.says('a person, please')
  await sim.agent('ben').isOffered(offered)
  await waiting.says('a person, please')
  await helping.says('where is my parcel?')
  await closed.says('where is my parcel?')
  await closed.leaves()
  const tenant = await store.open('')

  return {
    sim,
    engine: sim.engine,
    store: tenant,
    live,
    offered,
    waiting,
    helping,
    closed,
    content: () => contentOf(tenant),
    async changesNothing(deed) {
      const before = await contentOf(tenant)
      try {
        return await deed()
      } finally {
        await sim.advance(0)
        expect(await contentOf(tenant)).toEqual(before)
      }
    },
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
  }
}

/** Everything a store holds, copied. */
export async function contentOf(store: TenantStore): Promise<object> {
  const content = await readStore(store)
  const ids = content.conversations.map(({ id }) => id)
  return structuredClone({
    ...content,
    transcripts: await Promise.all(ids.map(async (id) => store.transcript(id, 0))),
    turns: await Promise.all(ids.map(async (id) => store.turns(id, 0))),
    due: await store.due(Number.MAX_SAFE_INTEGER, 1_000),
    health: await store.health(),
  })
}
