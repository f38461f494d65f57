import {
  type Conversation,
  createEngine,
  definePlugin,
  type Engine,
  type Store,
  type TenantStore,
} from '../src/index.ts'
import { memoryStore } from '../src/stores/index.ts'
import { AGENT, readFacts, settled, startActor } from './conversations.ts'
import { collectGarbage } from './paired.ts'
import { goalOf, type Row, type Section } from './section.ts'

const OPEN = 10_000
const CLOSED = 10_000
/** Before the heap is looked at: until here an engine makes what it makes once (compiled code, its book of the last decisions). */
const WARM = 2_000

/** What of a commit is kept: what is left out is what it costs. */
type Part = 'all' | 'state and transcript' | 'state'

/** What a conversation holds of the heap, and what it leaves behind. */
export const heap: Section = {
  name: 'heap',
  title: 'Heap per conversation',
  async run() {
    const actor = await measureActors()
    const [all, withoutLog, state] = [
      await measureOpen('all'),
      await measureOpen('state and transcript'),
      await measureOpen('state'),
    ]
    const closed = [
      await measureClosed('all'),
      await measureClosed('state and transcript'),
      await measureClosed('state'),
    ] as const
    const forgotten = await measureClosed('all', 100)
    const row = (what: string, bytes: number, goal?: string): Row => ({
      what,
      figure: `${Math.round(bytes).toLocaleString('en')} B`,
      ratio: (bytes / actor).toFixed(2),
      ...(goal === undefined ? {} : { goal }),
    })
    return {
      base: 'a live actor of the same chart, told the same facts, no delays, no subscribers',
      rows: [
        row('live actor', actor),
        row(
          'open conversation: state',
          state,
          `${goalOf(state, '<=', 1_000, ' B')}; ${goalOf(state / actor, '<=', 0.25)}`,
        ),
        row('open conversation: transcript, on top', withoutLog - state),
        row('open conversation: event log, on top', all - withoutLog),
        row('closed conversation: state', closed[2]),
        row('closed conversation: transcript, on top', closed[1] - closed[2]),
        row('closed conversation: event log, on top', closed[0] - closed[1]),
        row('closed conversation, with `keepClosed: 100`', forgotten, goalOf(forgotten, '<=', 1_000, ' B')),
      ],
      notes: [
        `Open: ${OPEN.toLocaleString('en')} conversations in \`live\`, each of a customer of its own, with two timers (silence, and one of a plugin), on top of ${WARM.toLocaleString('en')} that were there before; engine, routing and ledger included. The memory store packs all but the 128 in which something has happened last. \
Transcript and event log are what the heap is less when the store is not given them. Closed: ${CLOSED.toLocaleString('en')} conversations opened, seated, closed and wrapped up.`,
      ],
    }
  },
}

/** The heap after everything that nobody holds has gone. */
async function heapUsed(): Promise<number> {
  for (let time = 0; time < 3; time += 1) {
    await settled()
    collectGarbage()
  }
  return process.memoryUsage().heapUsed
}

const reminder = definePlugin({
  name: 'reminder',
  version: '1.0.0',
  timers: { remind: () => {} },
  hooks: { 'before:accept': (ctx) => ctx.schedule('remind', '1h') },
})

interface Kitchen {
  readonly engine: Engine
  readonly store: Store
  serve(index: number): Promise<Conversation>
}

async function openKitchen(store: Store, plugins = [reminder()]): Promise<Kitchen> {
  const engine = createEngine({
    store,
    plugins,
    routing: { wrapUp: 1 },
    agents: [{ id: AGENT, name: 'Ana', capacity: 1_000_000, autoAccept: true }],
  })
  await engine.start()
  await engine.agent(AGENT).setPresence('online')
  return {
    engine,
    store,
    async serve(index) {
      const conversation = await engine.openConversation({ customer: { id: `customer-${index}`, name: 'Kim' } })
      await conversation.requestAgent()
      await settled()
      await conversation.say('I have a question')
      return conversation
    },
  }
}

async function measureOpen(part: Part): Promise<number> {
  const { engine, serve } = await openKitchen(keeping(part, memoryStore()))
  for (let index = 0; index < WARM; index += 1) await serve(index)
  const before = await heapUsed()
  for (let index = 0; index < OPEN; index += 1) await serve(WARM + index)
  const bytes = ((await heapUsed()) - before) / OPEN
  const [last] = await engine.conversations({ phase: 'live', limit: 1 })
  if (last === undefined) throw new Error('expected conversations in `live`, got none')
  await engine.stop()
  return bytes
}

async function measureClosed(part: Part, keepClosed?: number): Promise<number> {
  const store = memoryStore(keepClosed === undefined ? {} : { keepClosed })
  const { engine, serve } = await openKitchen(keeping(part, store), []) // a plugin's timer would hold what is closed
  const desk = engine.agent(AGENT)
  const through = async (index: number): Promise<void> => {
    const conversation = await serve(index)
    await desk.close(conversation.id)
    await conversation.say('yes')
    await conversation.rate(5)
  }
  for (let index = 0; index < WARM; index += 1) await through(index)
  await wrappedUp(store)
  const before = await heapUsed()
  for (let index = 0; index < CLOSED; index += 1) await through(WARM + index)
  await wrappedUp(store)
  const bytes = ((await heapUsed()) - before) / CLOSED
  await engine.stop()
  return bytes
}

/** Wrap-up ends by a timer of the real clock. */
async function wrappedUp(store: Store): Promise<void> {
  const tenant = await store.open('')
  for (let tries = 0; tries < 1_000; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    if ((await tenant.holdsOf(AGENT)).length === 0) return
  }
  throw new Error('expected every conversation to be closed and wrapped up within 10 s')
}

/** The store, given only a part of each commit. */
function keeping(part: Part, store: Store): Store {
  if (part === 'all') return store
  const wrap = (tenant: TenantStore): TenantStore => ({
    ...tenant,
    commit({ turn: _turn, ...commit }) {
      return tenant.commit(part === 'state' ? { ...commit, entries: [] } : commit)
    },
  })
  return {
    ...store,
    open(name) {
      const opened = store.open(name)
      return 'then' in opened ? opened.then(wrap) : wrap(opened)
    },
  }
}

async function measureActors(): Promise<number> {
  const { engine, store, serve } = await openKitchen(memoryStore())
  const { id } = await serve(0)
  const told = await readFacts(store, id)
  await engine.stop()
  const begin = (index: number) => {
    const customerId = `customer-${index}`
    const actor = startActor({ ...told, opening: { ...told.opening, id: `conversation-${index}`, customerId } })
    for (const fact of told.facts) actor.send({ ...fact })
    return actor
  }
  const warm = Array.from({ length: WARM }, (_, index) => begin(index))
  const before = await heapUsed()
  const actors = Array.from({ length: OPEN }, (_, index) => begin(WARM + index))
  const bytes = ((await heapUsed()) - before) / OPEN
  if (warm.length + actors.length !== OPEN + WARM) throw new Error('the actors are held until here')
  return bytes
}
