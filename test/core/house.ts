import { fc } from '../fc.ts'
import { assemble, type EngineOptions } from '../../src/assemble.ts'
import { memoryStore } from '../../src/core/memory/memory-store.ts'
import type { Engine } from '../../src/core/engine/engine-api.ts'
import type { Commit, CommitResult, Store, TenantStore } from '../../src/core/ports.ts'
import type { Receipt } from '../../src/core/receipts.ts'
import type { Presence } from '../../src/core/types.ts'
import { createVirtualClock, findViolations, type readStore, type VirtualClock } from '../../src/testing/index.ts'

/** An engine on a virtual clock whose every commit is checked against the invariants. */
export interface House {
  readonly engine: Engine
  readonly clock: VirtualClock
  readonly store: TenantStore
  /** What was found wrong, with the commit that did it. */
  readonly violations: readonly string[]
  readonly receipts: readonly (Receipt | string)[]
  act(deed: Deed): Promise<void>
  advance(ms: number): Promise<void>
}

export type Deed =
  | { readonly do: 'says'; readonly who: string; readonly text: string }
  | { readonly do: 'chooses'; readonly who: string; readonly choice: string }
  | { readonly do: 'leaves' | 'returns' | 'rates' | 'connects' | 'disconnects'; readonly who: string }
  | {
      readonly do: ByAgent
      readonly agent: string
      readonly who: string
    }
  | {
      readonly do: 'transfers'
      readonly agent: string
      readonly who: string
      readonly to: 'bot' | 'queue' | 'ana' | 'ben'
      readonly warm: boolean
    }
  | { readonly do: 'goes'; readonly agent: string; readonly presence: Presence; readonly leased: boolean }
  | { readonly do: 'isBusy'; readonly agent: string; readonly units: number }
  | { readonly do: 'waits'; readonly ms: number }

type ByAgent =
  | 'accepts'
  | 'declines'
  | 'answers'
  | 'holds'
  | 'closes'
  | 'warns'
  | 'joins'
  | 'parts'
  | 'whispers'
  | 'takesOver'

const CUSTOMERS = ['kim', 'lou', 'max', 'nia', 'oli']
const AGENTS = ['ana', 'ben']
const who = fc.constantFrom(...CUSTOMERS)
const agent = fc.constantFrom(...AGENTS)
const weighted = (weight: number, arbitrary: fc.Arbitrary<Deed>) => ({ weight, arbitrary })

/** What people may do, those deeds that lead on more often. */
export const deeds: fc.Arbitrary<Deed> = fc.oneof(
  weighted(
    8,
    fc.record({
      do: fc.constant('says' as const),
      who,
      text: fc.constantFrom('a person, please', 'where is my refund', 'hello', 'yes', 'no', '5', 'skip'),
    }),
  ),
  weighted(
    3,
    fc.record({
      do: fc.constant('chooses' as const),
      who,
      choice: fc.constantFrom('yes', 'no', 'person', 'message', '4'),
    }),
  ),
  weighted(
    3,
    fc.record({
      do: fc.constantFrom(
        'leaves' as const,
        'returns' as const,
        'rates' as const,
        'connects' as const,
        'disconnects' as const,
      ),
      who,
    }),
  ),
  weighted(1, fc.record({ do: fc.constant('isBusy' as const), agent, units: fc.constantFrom(0, 1, 2) })),
  weighted(
    2,
    fc.record({
      do: fc.constantFrom('joins' as const, 'parts' as const, 'whispers' as const, 'takesOver' as const),
      agent,
      who,
    }),
  ),
  weighted(
    12,
    fc.record({
      do: fc.constantFrom(
        'accepts' as const,
        'accepts' as const,
        'declines' as const,
        'answers' as const,
        'holds' as const,
        'closes' as const,
        'warns' as const,
      ),
      agent,
      who,
    }),
  ),
  weighted(
    2,
    fc.record({
      do: fc.constant('transfers' as const),
      agent,
      who,
      to: fc.constantFrom('bot' as const, 'queue' as const, 'ana' as const, 'ben' as const),
      warm: fc.boolean(),
    }),
  ),
  weighted(
    3,
    fc.record({
      do: fc.constant('goes' as const),
      agent,
      presence: fc.constantFrom<Presence>('online', 'online', 'online', 'away', 'draining', 'offline'),
      leased: fc.boolean(),
    }),
  ),
  weighted(
    4,
    fc.record({ do: fc.constant('waits' as const), ms: fc.constantFrom(1_000, 20_000, 60_000, 200_000, 700_000) }),
  ),
)

export async function createHouse(options: EngineOptions = {}): Promise<House> {
  const clock = createVirtualClock(Date.parse('2026-01-05T09:00:00Z'))
  const violations: string[] = []
  const receipts: (Receipt | string)[] = []
  const ids = new Map<string, string>()
  const base = memoryStore()
  const store = await base.open('')
  let idCount = 0
  const checked: Store = { ...base, open: () => checkEach(store, violations) }
  const engine = assemble(
    {
      agents: AGENTS.map((id) => ({ id, capacity: 2 })),
      routing: { offerTimeout: '20s', wrapUp: '30s' },
      silence: { idleAfter: '2m' },
      ...options,
      store: checked,
    },
    { clock, seed: 1, createId: () => `c${String((idCount += 1)).padStart(4, '0')}` },
  )
  await engine.start()
  for (const id of AGENTS) await engine.agent(id).setPresence('online')

  const idOf = async (customer: string): Promise<string> => {
    const known = ids.get(customer)
    if (known !== undefined) return known
    const { id } = await engine.openConversation({ customer: { id: customer } })
    ids.set(customer, id)
    return id
  }

  async function perform(deed: Deed): Promise<Receipt | string> {
    switch (deed.do) {
      case 'says':
        return engine.conversation(await idOf(deed.who)).say(deed.text)
      case 'chooses':
        return engine.conversation(await idOf(deed.who)).choose(deed.choice)
      case 'leaves':
        return engine.conversation(await idOf(deed.who)).leave()
      case 'rates':
        return engine.conversation(await idOf(deed.who)).rate(4)
      case 'returns':
        ids.delete(deed.who)
        return idOf(deed.who)
      case 'goes':
        await engine.agent(deed.agent).setPresence(deed.presence, deed.leased ? { lease: '5m' } : {})
        return deed.presence
      case 'connects':
      case 'disconnects':
        await engine.conversation(await idOf(deed.who)).present({ lease: deed.do === 'connects' ? '45s' : 0 })
        return deed.do
      case 'isBusy': {
        const busy = await engine.agent(deed.agent).busy(deed.units, { for: '10m' })
        return busy.ok ? 'busy' : busy.code
      }
      case 'waits':
        await advance(deed.ms)
        return String(deed.ms)
      case 'transfers': {
        const to = deed.to === 'bot' ? 'bot' : deed.to === 'queue' ? { skills: [] } : { agentId: deed.to }
        return engine.agent(deed.agent).transfer(await idOf(deed.who), to, { warm: deed.warm })
      }
      default:
        return byAgent(deed)
    }
  }

  async function byAgent({
    do: verb,
    agent: agentId,
    who: customer,
  }: Extract<Deed, { do: ByAgent }>): Promise<Receipt> {
    const [desk, id] = [engine.agent(agentId), await idOf(customer)]
    switch (verb) {
      case 'accepts':
        return desk.accept(id)
      case 'declines':
        return desk.decline(id)
      case 'answers':
        return desk.say(id, 'Let me look.')
      case 'holds':
        return desk.hold(id, { backIn: '5m' })
      case 'closes':
        return desk.close(id)
      case 'joins':
      case 'takesOver':
        return desk.join(id, { takeOver: verb === 'takesOver' })
      case 'parts':
        return desk.leave(id)
      case 'whispers':
        return desk.whisper(id, 'Be kind.')
      case 'warns':
        return desk.warn(id)
    }
  }

  async function advance(ms: number): Promise<void> {
    const until = clock.now() + ms
    await quiet()
    while (clock.fireNext(until)) await quiet()
    clock.moveTo(until)
  }

  return {
    engine,
    clock,
    store,
    violations,
    receipts,
    advance,
    async act(deed) {
      const came = await perform(deed).catch((error: Error) => error.message)
      receipts.push(came)
      await quiet()
    },
  }
}

/** Everything that needs no time has happened: with the memory store and synchronous hooks that is a few microtasks. */
async function quiet(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

/** The same store, with a look at everything after each commit. */
function checkEach(store: TenantStore, violations: string[]): TenantStore {
  return {
    ...store,
    commit(commit: Commit): CommitResult {
      const result = store.commit(commit) as CommitResult // the memory store answers at once
      if (result.status === 'ok') check(store, commit, violations)
      return result
    },
  }
}

function check(store: TenantStore, commit: Commit, violations: string[]): void {
  for (const { rule, about, found } of findViolations(readAtOnce(store))) {
    violations.push(`${rule} of ${about}: ${found} (after ${JSON.stringify(commit.turn?.walks)})`)
  }
}

/** What `readStore` reads, from a store that answers at once. */
function readAtOnce(store: TenantStore): Awaited<ReturnType<typeof readStore>> {
  const conversations = store.find({ limit: 1_000 }) as Awaited<ReturnType<TenantStore['find']>>
  const agents = store.agents() as Awaited<ReturnType<TenantStore['agents']>>
  return {
    conversations,
    agents,
    holds: agents.flatMap((row) => store.holdsOf(row.agent.id) as Awaited<ReturnType<TenantStore['holdsOf']>>),
    queued: new Set(
      (store.waiting() as Awaited<ReturnType<TenantStore['waiting']>>).map(({ conversationId }) => conversationId),
    ),
    entryCounts: new Map(conversations.map(({ id }) => [id, (store.transcript(id, 0) as readonly unknown[]).length])),
  }
}
