import type { Core } from './core.ts'
import { isMaitredError } from '../errors.ts'
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
/** A conversation that cannot be taken up is left alone for longer each time, at most for so long. */
const MAX_PARKED_MS = 5 * 60_000

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
  /** Conversations that cannot be taken up: one that cannot be read must not keep the others waiting. */
  const parked = new Map<string, { readonly until: number; readonly waitMs: number }>()

  function note(dueAt: number | null): void {
    if (!running || dueAt === null || dueAt >= wakeAt || !core.node.does('timers')) return
    cancel()
    wakeAt = dueAt
    cancel = core.clock.at(dueAt, ring)
  }

  function ring(): void {
    wakeAt = Number.POSITIVE_INFINITY
    if (!core.node.does('timers')) return
    ringDue().then(note, (error: unknown) => {
      if (running) core.options.log.error({ error }, 'timers could not be read')
      note(core.clock.now() + RETRY_MS)
    })
  }

  /** Fires what is due; resolves to when there is more. */
  async function ringDue(): Promise<number | null> {
    const now = core.clock.now()
    const due = await core.store().due(now, BATCH + parked.size)
    forgetCured(due, now)
    const free = due.filter(({ id }) => (parked.get(id)?.until ?? now) <= now)
    await Promise.all(free.map(({ id }) => fire(id)))
    if (free.length >= BATCH) return core.clock.now()
    return parked.size === 0 ? core.store().nextDueAt() : nextBeside()
  }

  async function fire(id: string): Promise<void> {
    try {
      await core.queue.run(id, () => fireDue(core, id, turn))
      parked.delete(id)
    } catch (error) {
      if (!running) return // it is due after the next start
      const isStore = isMaitredError(error, 'STORE_UNAVAILABLE')
      const waitMs = isStore ? RETRY_MS : Math.min(2 * (parked.get(id)?.waitMs ?? RETRY_MS / 2), MAX_PARKED_MS)
      parked.set(id, { until: core.clock.now() + waitMs, waitMs })
      core.options.log.error({ error, conversationId: id, waitMs }, 'a timer could not be fired; it is tried again')
    }
  }

  /** Those that are due no more are in order again: by another node, or by hand. */
  function forgetCured(due: readonly { readonly id: string }[], now: number): void {
    if (parked.size === 0) return
    const ids = new Set(due.map(({ id }) => id))
    for (const [id, { until }] of parked) if (until <= now && !ids.has(id)) parked.delete(id)
  }

  /** The earliest timer of those that are not parked, or the end of the first pause. */
  async function nextBeside(): Promise<number | null> {
    const first = await core.store().due(Number.MAX_SAFE_INTEGER, parked.size + 1)
    const dueAt = first.find(({ id }) => !parked.has(id))?.dueAt ?? Number.POSITIVE_INFINITY
    return Math.min(dueAt, ...[...parked.values()].map(({ until }) => until))
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
