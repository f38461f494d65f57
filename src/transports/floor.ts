import type { AgentView, Engine } from '../core/engine/engine-api.ts'
import type { Clock } from '../core/ports.ts'
import type { ConversationView, Phase, QueuePlace } from '../core/types.ts'

/** The house at a glance. */
export interface Floor {
  /** Epoch ms. */
  readonly at: number
  readonly agents: readonly AgentView[]
  /** Who waits for an agent, the longest first. */
  readonly waiting: readonly WaitingRow[]
  /** What is open, with its words left out. */
  readonly open: readonly OpenRow[]
}

export interface WaitingRow {
  readonly conversationId: string
  readonly customerName: string
  readonly queuedAt: number
  readonly skills: readonly string[]
  /** `away`: a message was left. */
  readonly reach: 'present' | 'away'
  readonly place?: QueuePlace
}

export interface OpenRow {
  readonly conversationId: string
  readonly customerName: string
  readonly phase: Phase
  readonly path: string
  readonly agentId?: string
  readonly openedAt: number
  readonly messageCount: number
}

export type FloorUpdate =
  | ({ readonly type: 'floor' } & Floor)
  /** An offer was made, and why to this agent. */
  | {
      readonly type: 'offered'
      readonly conversationId: string
      readonly agentId: string
      readonly at: number
      readonly because: string
    }

const OPEN_PHASES: readonly Phase[] = ['greeting', 'helping', 'waiting', 'live', 'async', 'closing']
const MOST = 200
/** However much happens, nobody reads faster. */
const PAUSE_MS = 300
/** What other nodes did is seen by then. */
const POLL_MS = 5_000

export async function readFloor(engine: Engine, at: number): Promise<Floor> {
  const [agents, rows, ...phases] = await Promise.all([
    engine.agents(),
    engine.waiting(),
    ...OPEN_PHASES.map((phase) => engine.conversations({ phase, newestFirst: true, limit: MOST })),
  ])
  const views = phases.flat()
  const byId = new Map(views.map((view) => [view.id, view]))
  const waiting = rows.map(({ conversationId, queuedAt, requirements, reach }) => {
    const view = byId.get(conversationId)
    return {
      conversationId,
      customerName: view === undefined ? conversationId : nameIn(view),
      queuedAt,
      skills: requirements.skills,
      reach,
      ...(view?.queue === undefined ? {} : { place: view.queue }),
    }
  })
  return {
    at,
    agents,
    waiting: waiting.sort((one, other) => one.queuedAt - other.queuedAt),
    open: views.map(toOpenRow),
  }
}

/** The floor, anew whenever something has happened. */
export async function* followFloor(
  engine: Engine,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<FloorUpdate, void, undefined> {
  let offers: { readonly conversationId: string; readonly agentId: string; readonly at: number }[] = []
  let hasNews = true
  let isFirst = true
  const waiting = new Set<() => void>()
  const ring = (): void => {
    for (const wake of waiting) wake()
  }
  const unsubscribe = engine.on('*', (fact) => {
    if (fact.type === 'offer.made') offers = [...offers.slice(-MOST), fact]
    hasNews = true
    ring()
  })
  signal.addEventListener('abort', ring)

  /** Until the time is up, or (when asked) something happens; not after the end. */
  function pause(ms: number, isWoken: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        callOff()
        waiting.delete(check)
        resolve()
      }
      const check = (): void => {
        if (signal.aborted || isWoken()) over()
      }
      const callOff = clock.at(clock.now() + ms, over)
      waiting.add(check)
      check()
    })
  }

  try {
    while (!signal.aborted) {
      hasNews = false
      const made = offers
      offers = []
      for (const { conversationId, agentId, at } of made) {
        const { chosen } = await engine.explain(conversationId)
        yield { type: 'offered', conversationId, agentId, at, because: chosen?.because ?? '' }
      }
      const floor = await readFloor(engine, clock.now())
      const latest = isFirst ? await latestOffers(engine, floor) : []
      isFirst = false
      yield { type: 'floor', ...floor }
      for (const update of latest) yield update
      await pause(PAUSE_MS, () => false)
      await pause(POLL_MS, () => hasNews)
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', ring)
  }
}

const LATEST = 8

/** Why the conversations that agents have now came to them, the newest last: who comes later knows it, too. */
async function latestOffers(engine: Engine, { open }: Floor): Promise<readonly FloorUpdate[]> {
  const withAgents = open.filter(({ agentId, phase }) => agentId !== undefined || phase === 'waiting').slice(0, 50)
  const explained = await Promise.all(
    withAgents.map(async ({ conversationId }) => ({ conversationId, ...(await engine.explain(conversationId)) })),
  )
  const told = explained.flatMap(({ conversationId, chosen, at = 0 }) =>
    chosen === undefined ? [] : [{ type: 'offered' as const, conversationId, at, ...chosen }],
  )
  return told.sort((one, other) => one.at - other.at).slice(-LATEST)
}

function toOpenRow(view: ConversationView): OpenRow {
  const { id, phase, path, agentId, openedAt, transcript } = view
  return {
    conversationId: id,
    customerName: nameIn(view),
    phase,
    path,
    openedAt,
    messageCount: transcript.length,
    ...(agentId === undefined ? {} : { agentId }),
  }
}

function nameIn({ customer }: ConversationView): string {
  return customer.name ?? customer.id
}
