import type { Core } from './core.ts'
import type { AgentRow, HoldRow } from '../ports.ts'
import { createWakeUps } from './wake-ups.ts'

/** What time does to agents: leases lapse, those who are gone lose their conversations, and work outside comes to its end. */
export interface Attendance {
  /** An agent as the store has them now. */
  saw(row: AgentRow): void
  forget(agentId: string): void
  /** Whoever was cut off gets back what nobody else has taken. Called before the router knows that they are here. */
  returned(agentId: string): Promise<void>
  stop(): void
}

/** How long to leave a store alone that has failed. */
const RETRY_MS = 1_000

export function createAttendance(core: Core, goOffline: (agentId: string) => Promise<void>): Attendance {
  const { clock } = core
  const wakeUps = createWakeUps(clock, (error, name) => {
    const [kind, agentId = ''] = name.split('\n')
    core.options.log.error({ error, agentId }, `the ${kind} of an agent could not be ended`)
    const row = core.agents.get(agentId)
    clock.at(clock.now() + RETRY_MS, () => {
      if (core.isRunning() && row !== undefined) saw(core.agents.get(agentId) ?? row)
    })
  })

  function saw(row: AgentRow): void {
    const { id } = row.agent
    const isGone = row.presence === 'offline'
    wakeUps.set(`lease\n${id}`, isGone ? null : row.presenceUntil, () => lapse(id))
    const graceEndsAt = row.presenceAt + core.services.settings.agentGraceMs
    wakeUps.set(`absence\n${id}`, isGone && row.presenceAt > 0 ? graceEndsAt : null, () => giveBack(id))
    const ends = row.outside.flatMap(({ untilAt }) => untilAt ?? [])
    wakeUps.set(`work\n${id}`, ends.length === 0 ? null : Math.min(...ends), () => endWork(id))
  }

  /** Another node may have renewed it. */
  async function lapse(id: string): Promise<void> {
    const row = await core.store().agent(id)
    if (row === undefined || row.presenceUntil === null || row.presence === 'offline') return
    if (row.presenceUntil > clock.now()) core.agentChanged(row)
    else await goOffline(id)
  }

  async function giveBack(id: string): Promise<void> {
    const row = await core.store().agent(id)
    if (row === undefined) return
    if (row.presence !== 'offline' || row.presenceAt + core.services.settings.agentGraceMs > clock.now()) {
      core.agentChanged(row)
      return
    }
    const held = await core.store().holdsOf(id)
    await Promise.all(held.filter(isOpen).map(({ conversationId }) => takeFrom(conversationId, id)))
  }

  async function takeFrom(conversationId: string, agentId: string): Promise<void> {
    await core.submit({ type: 'agent.vanished', conversationId, agentId, isCutOff: true })
  }

  async function endWork(id: string): Promise<void> {
    const row = await core.store().agent(id)
    for (const work of row?.outside ?? []) {
      if (work.untilAt === null || work.untilAt > clock.now()) continue
      const after = await core.store().setOutside(id, { ...work, units: 0 })
      if (typeof after === 'object') core.agentChanged(after)
    }
  }

  return {
    saw,
    forget(agentId) {
      for (const kind of ['lease', 'absence', 'work']) wakeUps.set(`${kind}\n${agentId}`, null, () => Promise.resolve())
    },
    async returned(agentId) {
      const waiting = await core.store().waiting()
      const theirs = waiting.filter(({ requirements }) => requirements.preferredAgentId === agentId)
      if (theirs.length === 0) return
      theirs.sort((one, other) => one.queuedAt - other.queuedAt || (one.conversationId < other.conversationId ? -1 : 1))
      const back = { type: 'offer.made', agentId, autoAccept: true, isBack: true } as const
      core.queue.later(() => {
        for (const { conversationId, requirements } of theirs)
          core.raise({ ...back, conversationId, units: requirements.weight ?? 1 })
      })
    },
    stop: () => wakeUps.stop(),
  }
}

function isOpen({ phase }: HoldRow): boolean {
  return phase === 'open'
}
