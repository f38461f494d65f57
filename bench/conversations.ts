import { type Actor, createActor } from 'xstate'
import { toChart } from '../src/core/machine/chart.ts'
import type { Fact } from '../src/core/events.ts'
import type { Opening, TurnRecord } from '../src/core/ports.ts'
import { type Conversation, createEngine, definePlugin, type Engine, type Store } from '../src/index.ts'
import { memoryStore } from '../src/stores/index.ts'

/** An engine with nothing in its way: one agent with room for all, no articles. */
export interface House {
  readonly engine: Engine
  readonly store: Store
  /** Opens a conversation and seats it with the agent. */
  seat(): Promise<Conversation>
}

export const AGENT = 'ana'

export async function openHouse(
  pluginCount: number,
  { wrapUp = '1s' }: { readonly wrapUp?: '0s' | '1s' } = {},
): Promise<House> {
  const store = memoryStore()
  const engine = createEngine({
    store,
    plugins: plugins(pluginCount),
    routing: { wrapUp },
    agents: [{ id: AGENT, name: 'Ana', capacity: 1_000_000, autoAccept: true }],
  })
  await engine.start()
  await engine.agent(AGENT).setPresence('online')
  let count = 0
  return {
    engine,
    store,
    async seat() {
      count += 1
      const conversation = await engine.openConversation({ customer: { id: `customer-${count}`, name: 'Kim' } })
      await conversation.requestAgent()
      await settled()
      return conversation
    },
  }
}

/** Matching and what follows from it come in moments of their own. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What the plugins have seen, so that they are not found to do nothing. */
export let greetedCount = 0

/** Plugins that look at every transition, before and after. */
function plugins(count: number) {
  return Array.from({ length: count }, (_, index) =>
    definePlugin({
      name: `watcher-${index}`,
      version: '1.0.0',
      hooks: {
        'before:*': (ctx) => {
          if (ctx.transition === 'greet') greetedCount += 1
        },
        'after:*': (ctx) => {
          if (ctx.transition === 'greet') greetedCount += 1
        },
      },
    })(),
  )
}

/** What one conversation's chart was told, from its event log. */
export interface Told {
  readonly opening: Opening
  readonly facts: readonly Fact[]
}

export async function readFacts(store: Store, conversationId: string): Promise<Told> {
  const tenant = await store.open('')
  const turns: readonly TurnRecord[] = await tenant.turns(conversationId, 0)
  const opening = turns[0]?.opening
  if (opening === undefined)
    throw new Error(`expected the event log of \`${conversationId}\`, got ${turns.length} turns`)
  return { opening, facts: turns.flatMap(({ walks }) => walks.map(({ fact }) => fact)) }
}

/** A live actor of the same chart: no delays, no subscribers. */
export function startActor({ opening }: Told): Actor<ReturnType<typeof toChart>> {
  return createActor(toChart(), { input: opening }).start()
}
