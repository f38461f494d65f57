import type { Core } from './core.ts'
import { isPromise } from '../hooks/hook-run.ts'
import type { Commit, Loaded } from '../ports.ts'
import type { EngineEvent } from '../turn/engine-events.ts'
import type { TurnResult } from '../turn/keep.ts'
import type { Work } from './run-queue.ts'
import type { Timers } from '../turn/timers.ts'

/** Rows taken from the store at once. */
const BATCH = 256
/** How long to wait before asking a store again that has failed. */
const RETRY_MS = 1_000

/** Wakes conversations whose timers are due. One alarm at the clock serves them all. */
export interface Alarms {
  /** There is a timer due then. */
  note(dueAt: number | null): void
  start(): Promise<void>
  stop(): void
}

type RunTurn = (event: EngineEvent, fence?: Commit['fence']) => Work<TurnResult>

export function createAlarms(core: Core, turn: RunTurn): Alarms {
  let wakeAt = Number.POSITIVE_INFINITY
  let cancel = (): void => {}
  let running = false

  function note(dueAt: number | null): void {
    if (!running || dueAt === null || dueAt >= wakeAt || !core.node.does('timers')) return
    cancel()
    wakeAt = dueAt
    cancel = core.clock.at(dueAt, ring)
  }

  function ring(): void {
    wakeAt = Number.POSITIVE_INFINITY
    if (!core.node.does('timers')) return
    Promise.resolve(core.store().due(core.clock.now(), BATCH))
      .then((due) => Promise.all(due.map(({ id }) => core.queue.run(id, () => fireDue(core, id, turn)))))
      .then((fired) => (fired.length === BATCH ? core.clock.now() : core.store().nextDueAt()))
      .then(note, (error: unknown) => {
        core.options.log.error({ error }, 'timers could not be read')
        note(core.clock.now() + RETRY_MS)
      })
  }

  return {
    note,
    async start() {
      running = true
      note(await core.store().nextDueAt())
    },
    stop() {
      running = false
      cancel()
    },
  }
}

/**
 * Fires the timers of one conversation that are due, the earliest first, each in a turn of its own. One that sets itself again for now
 * has to wait for the next ring: others get their turn in between.
 */
function* fireDue(core: Core, id: string, turn: RunTurn): Work<void> {
  const now = core.clock.now()
  const fired = new Set<string>()
  for (;;) {
    const stored = core.store().load(id)
    const loaded = (isPromise(stored) ? yield stored : stored) as Loaded // the promise resolves to it
    if (loaded.row === undefined) return
    const due = earliestDue(loaded.row.snapshot.timers, now)
    if (due === undefined || fired.has(due.name) || !core.node.does('timers')) return
    fired.add(due.name)
    yield* turn({ type: 'timer.fired', conversationId: id, ...due }, core.node.fence('timers'))
  }
}

function earliestDue(timers: Timers, at: number): { readonly name: string; readonly token: number } | undefined {
  let first: { name: string; token: number; dueAt: number } | undefined
  for (const [name, { dueAt, token }] of Object.entries(timers)) {
    if (dueAt > at) continue
    if (first === undefined || dueAt < first.dueAt || (dueAt === first.dueAt && name < first.name))
      first = { name, token, dueAt }
  }
  return first === undefined ? undefined : { name: first.name, token: first.token }
}
