import { createAttendance } from './attendance.ts'
import type { Core } from './core.ts'
import { createDoor } from './door.ts'
import type { BusyReceipt, OutsideOptions } from './engine-api.ts'
import { toMs } from '../duration.ts'
import { MaitredError } from '../errors.ts'
import { type NamesOf, refuseUnknownNames } from '../known-names.ts'
import { DEFAULT_CAPACITY } from '../memory/ledger.ts'
import type { AgentRow, OutsideWork } from '../ports.ts'
import { refused } from '../receipts.ts'
import type { Committed } from '../turn/keep.ts'
import type { Agent, Duration, Presence } from '../types.ts'

/** Who may answer: profiles and presence, and what their coming and going means for conversations. */
export interface Roster {
  load(): Promise<void>
  save(agent: Agent): Promise<void>
  remove(id: string): Promise<void>
  setPresence(id: string, presence: Presence, lease: Duration | undefined): Promise<void>
  /** What an agent is busy with besides conversations. */
  busy(id: string, units: number, about: OutsideOptions | undefined): Promise<BusyReceipt>
  /** An agent as the store has them now. */
  saw(row: AgentRow): void
  /** A commit may have sent an agent away, or closed the door. */
  committed(committed: Committed): void
  stop(): void
}

const PRESENCES: readonly Presence[] = ['online', 'away', 'draining', 'offline']

export function createRoster(core: Core): Roster {
  const door = createDoor(core)
  const attendance = createAttendance(core, (id) => setPresence(id, 'offline', undefined))

  function changed(row: AgentRow): void {
    core.agentChanged(row)
    door.look()
  }

  async function setPresence(id: string, presence: Presence, lease: Duration | undefined): Promise<void> {
    if (!PRESENCES.includes(presence)) {
      throw new MaitredError('EVENT_INVALID', {
        message: `Expected a presence of ${PRESENCES.map((name) => `\`${name}\``).join(', ')}, got \`${String(presence)}\`.`,
        hint: 'An agent who takes nothing new but finishes what is open is `draining`.',
        path: 'presence',
      })
    }
    const leaseMs = lease === undefined ? undefined : toMs(lease, 'lease')
    const at = core.clock.now()
    const until = leaseMs === undefined || presence === 'offline' ? null : at + leaseMs
    const before = core.agents.get(id)?.presence
    const row = await core.store().setPresence(id, { presence, until, at })
    if (row === undefined) throw unknownAgent(id)
    if (presence === 'online' && before === 'offline') await attendance.returned(id)
    changed(row)
    if (presence === 'offline') await takeBackOffers(id)
  }

  async function takeBackOffers(agentId: string): Promise<void> {
    for (const { conversationId, phase } of await core.store().holdsOf(agentId)) {
      if (phase === 'offered') await core.submit({ type: 'offer.lost', conversationId, agentId })
    }
  }

  return {
    setPresence,
    saw: (row) => attendance.saw(row),
    async busy(id, units, about) {
      const work = readWork(units, about, core.clock.now())
      const row = await core.store().setOutside(id, work)
      if (row === undefined) throw unknownAgent(id)
      if (row === 'NO_CAPACITY')
        return refused(
          'NO_CAPACITY',
          `\`${id}\` has no room for ${units} more: finish something first, or \`force\` it.`,
        )
      changed(row)
      return {
        ok: true,
        status: 'applied',
        agentId: id,
        load: row.units,
        capacity: row.agent.capacity ?? DEFAULT_CAPACITY,
      }
    },
    async load() {
      for (const agent of core.options.agents) await core.store().saveAgent(agent)
      for (const row of await core.store().agents()) core.agentChanged(row)
      door.watchHours()
    },
    async save(agent) {
      refuseAgent(agent, core.services.skills, 'agent')
      changed(await core.store().saveAgent(agent))
    },
    async remove(id) {
      if ((await core.store().agent(id)) === undefined) throw unknownAgent(id)
      const holds = await core.store().holdsOf(id)
      await core.store().removeAgent(id)
      core.agents.delete(id)
      core.router.agentRemoved(id)
      attendance.forget(id)
      for (const { conversationId, phase } of holds) {
        if (phase === 'offered') await core.submit({ type: 'offer.lost', conversationId, agentId: id })
        if (phase === 'open')
          await core.submit({ type: 'agent.vanished', conversationId, agentId: id, isCutOff: false })
      }
      door.look()
      core.matchSoon()
    },
    committed({ queueRow, agents }) {
      if (queueRow !== undefined || agents.length > 0) door.look()
    },
    stop() {
      attendance.stop()
      door.stop()
    },
  }
}

/** @throws MaitredError `EVENT_INVALID` */
function readWork(units: number, about: OutsideOptions = {}, at: number): OutsideWork {
  const wrong = (path: string, expected: string, got: unknown): MaitredError =>
    new MaitredError('EVENT_INVALID', {
      message: `Expected ${expected} at \`${path}\`, got \`${String(got)}\`.`,
      hint: 'Call `busy(1)` when a call begins, and `busy(0)` when it is over.',
      path,
    })
  const { with: name = 'work', for: duration, force = false } = about
  if (!(Number.isInteger(units) && units >= 0)) throw wrong('units', 'a whole number from 0', units)
  if (typeof name !== 'string' || name === '' || name.length > 128)
    throw wrong('with', 'a name of 1 to 128 characters', name)
  const untilAt = duration === undefined ? null : at + toMs(duration, 'for')
  return { name, units, untilAt, forced: force === true }
}

/** There is no agent of that id. */
export function unknownAgent(id: string): MaitredError {
  return new MaitredError('NOT_FOUND', {
    message: `There is no agent \`${id}\`.`,
    hint: 'Add them with `createEngine({ agents })` or `engine.saveAgent(agent)`.',
    path: 'agentId',
  })
}

const AGENT: NamesOf<Agent> = { id: true, name: true, team: true, skills: true, capacity: true, autoAccept: true }

/**
 * Checks a profile.
 * @throws MaitredError `CONFIG_INVALID`, `SKILL_UNKNOWN`
 */
export function refuseAgent(agent: Agent, declared: ReadonlySet<string> | undefined, path: string): void {
  const wrong = (at: string, expected: string, got: unknown): MaitredError =>
    new MaitredError('CONFIG_INVALID', {
      message: `Expected ${expected} at \`${path}.${at}\`, got \`${String(got)}\`.`,
      hint: 'Correct the profile of this agent.',
      path: `${path}.${at}`,
    })
  const id: unknown = (agent as Agent | null | undefined)?.id
  if (typeof id !== 'string' || id.length > 128 || !/^[^\p{Cc}\p{Surrogate}]+$/u.test(id))
    throw wrong('id', 'an id of 1 to 128 characters, none of them a control character', id)
  refuseUnknownNames(agent, AGENT, { path, what: 'a field of an agent' })
  if (agent.capacity !== undefined && !(Number.isInteger(agent.capacity) && agent.capacity >= 0))
    throw wrong('capacity', 'a whole number from 0', agent.capacity)
  const levels = Array.isArray(agent.skills) ? [] : Object.entries(agent.skills ?? {})
  for (const [skill, level] of levels) {
    if (![1, 2, 3, 4, 5].includes(level as number)) throw wrong(`skills.${skill}`, 'a proficiency of 1 to 5', level)
  }
  const names = Array.isArray(agent.skills) ? (agent.skills as readonly string[]) : Object.keys(agent.skills ?? {})
  const unknown = declared === undefined ? undefined : names.find((name) => !declared.has(name))
  if (unknown === undefined) return
  throw new MaitredError('SKILL_UNKNOWN', {
    message: `The agent \`${agent.id}\` has the skill \`${unknown}\`, which nobody declared.`,
    hint: `Add it to \`skills\`, or correct it. Declared are: ${[...(declared ?? [])].join(', ') || 'none'}.`,
    path: `${path}.skills`,
  })
}
