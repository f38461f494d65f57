import { fc } from '../fc.ts'
import { expect } from 'vitest'
import type { AgentRow, Proposal, QueueRow, Router, Settlement } from '../../src/core/ports.ts'
import type { Presence } from '../../src/core/types.ts'
import { createRouter } from '../../src/routing/router.ts'
import { AGENT_POLICIES, QUEUE_POLICIES } from '../../src/routing/routing.ts'
import { createOracle, type Oracle } from './oracle.ts'

/** How news of agents reach the router: before or after the settlement, or as letters that come late, twice, and in any order. */
type Telling = 'rowFirst' | 'settleFirst' | 'late'

interface Needs {
  readonly skills: readonly string[]
  readonly weight?: number
  readonly target?: number
  readonly priority?: number
  readonly preferred: readonly string[]
  readonly excluded: readonly number[]
  readonly isAway: boolean
}

/** One thing that happens. Numbers choose among those there are. */
type Happening =
  | { readonly type: 'pass'; readonly ms: number }
  | {
      readonly type: 'agent'
      readonly who: number
      readonly skills: Readonly<Record<string, number>>
      readonly capacity: number
    }
  | { readonly type: 'presence'; readonly who: number; readonly presence: Presence; readonly leaseMs: number | null }
  | { readonly type: 'remove'; readonly who: number }
  | { readonly type: 'arrive'; readonly needs: Needs }
  | { readonly type: 'change'; readonly which: number; readonly needs: Needs }
  | { readonly type: 'leave'; readonly which: number }
  | { readonly type: 'end'; readonly which: number }
  | { readonly type: 'decline'; readonly which: number }
  | { readonly type: 'reserve' }
  | { readonly type: 'settle'; readonly which: number; readonly fate: Settlement }
  | { readonly type: 'match'; readonly fates: readonly Settlement[] }
  | { readonly type: 'deliver'; readonly which: number; readonly isKept: boolean }

export interface Day {
  readonly telling: Telling
  readonly agentPolicy: (typeof AGENT_POLICIES)[number]
  readonly queuePolicy: (typeof QUEUE_POLICIES)[number]
  readonly relax: readonly { readonly after: number; readonly drop: string }[]
  readonly happenings: readonly Happening[]
}

const SKILLS = ['billing', 'german', 'returns']
const AGENTS = ['anna', 'ben', 'cleo', 'dora']

const which = fc.nat(50)
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Settlement>('confirmed') },
  { weight: 3, arbitrary: fc.constantFrom<Settlement>('conflict', 'refused', 'vetoed') },
)
const needs: fc.Arbitrary<Needs> = fc.record(
  {
    skills: fc.subarray(SKILLS, { maxLength: 2 }),
    weight: fc.constantFrom(1, 2),
    target: fc.constantFrom(10_000, 60_000),
    priority: fc.constantFrom(0, 1),
    preferred: fc.subarray(SKILLS),
    excluded: fc.subarray([0, 1, 2, 3], { maxLength: 1 }),
    isAway: fc.boolean(),
  },
  { requiredKeys: ['skills', 'preferred', 'excluded', 'isAway'] },
)
const agent = fc.record({
  type: fc.constant('agent' as const),
  who: fc.nat(3),
  skills: fc.dictionary(fc.constantFrom(...SKILLS), fc.integer({ min: 1, max: 5 }), { noNullPrototype: true }),
  capacity: fc.integer({ min: 0, max: 3 }),
})
const arrive = fc.record({ type: fc.constant('arrive' as const), needs })
const match = fc.record({ type: fc.constant('match' as const), fates: fc.array(fate, { maxLength: 4 }) })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: arrive },
  { weight: 4, arbitrary: match },
  { weight: 2, arbitrary: agent },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(1, 500, 5_000, 30_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('presence' as const),
      who: fc.nat(3),
      presence: fc.constantFrom<Presence>('online', 'online', 'away', 'draining', 'offline'),
      leaseMs: fc.constantFrom(null, 5_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove' as const), who: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('change' as const), which, needs }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('leave' as const), which }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('end' as const, 'decline' as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('reserve' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('settle' as const), which, fate }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('deliver' as const), which, isKept: fc.boolean() }) },
)

export const days: fc.Arbitrary<Day> = fc.record({
  telling: fc.constantFrom('rowFirst', 'settleFirst', 'late'),
  agentPolicy: fc.constantFrom(...AGENT_POLICIES),
  queuePolicy: fc.constantFrom(...QUEUE_POLICIES),
  relax: fc.array(
    fc.record({
      after: fc.constantFrom(0, 1_000, 20_000),
      drop: fc.constantFrom(...SKILLS, 'preferredSkills', 'proficiency'),
    }),
    { maxLength: 2 },
  ),
  happenings: fc
    .tuple(fc.array(agent, { maxLength: 3 }), fc.array(happening, { minLength: 5, maxLength: 60 }))
    .map(([agents, rest]) => [...agents, ...rest]),
})

/** Lives through a day with a store that guards its seats, checking every proposal and every pause. Returns what was proposed. */
export function live({ telling, happenings, ...rules }: Day): string[] {
  const router = createRouter(rules)
  const oracle = createOracle(rules)
  const rows = new Map<string, AgentRow>()
  const seats = new Map<string, Proposal>()
  const versions = new Map<string, number>()
  const log: string[] = []
  let open: { readonly proposal: Proposal; readonly version: number }[] = []
  let letters: AgentRow[] = []
  let [now, count] = [0, 0]

  function deliver(row: AgentRow): void {
    router.agentChanged(row)
    oracle.toldAgent(row)
  }
  function save(row: AgentRow): void {
    rows.set(row.agent.id, row)
    if (telling === 'late') letters.push(row)
    else deliver(row)
  }
  function change(agentId: string, changes: Partial<AgentRow>): void {
    const row = rows.get(agentId)
    if (row !== undefined) save({ ...row, ...changes, version: row.version + 1 })
  }
  function free(conversationId: string): void {
    const seat = seats.get(conversationId)
    if (seat === undefined) return
    seats.delete(conversationId)
    change(seat.agentId, { units: (rows.get(seat.agentId)?.units ?? 0) - seat.units })
  }
  function bump(conversationId: string): number {
    const version = (versions.get(conversationId) ?? 0) + 1
    versions.set(conversationId, version)
    return version
  }
  function enqueue(row: Omit<QueueRow, 'version'>): void {
    const told = { ...row, version: bump(row.conversationId) }
    router.queued(told)
    oracle.waiting.set(row.conversationId, told)
  }
  function dequeue(conversationId: string): void {
    bump(conversationId)
    router.left(conversationId)
    oracle.waiting.delete(conversationId)
  }
  function isOnlineInTruth(agentId: string): boolean {
    const row = rows.get(agentId)
    return row?.presence === 'online' && (row.presenceUntil === null || now < row.presenceUntil)
  }

  function reserve(): Proposal | undefined {
    const proposal = router.next(now)
    if (proposal === undefined) {
      checkPause({ router, oracle, now })
      return undefined
    }
    checkProposal({ oracle, proposal, now })
    if (telling !== 'late') {
      const row = rows.get(proposal.agentId)
      expect(isOnlineInTruth(proposal.agentId)).toBe(true)
      const units = (row?.units ?? 0) + oracle.openUnits(proposal.agentId) + proposal.units
      expect(units).toBeLessThanOrEqual(row?.agent.capacity ?? 0)
    }
    log.push(`${now} ${proposal.conversationId} > ${proposal.agentId}`)
    oracle.proposed(proposal)
    open.push({ proposal, version: versions.get(proposal.conversationId) ?? 0 })
    return proposal
  }

  /** What the store and the engine make of a proposal. */
  function settle(proposal: Proposal, wanted: Settlement): void {
    const { conversationId, agentId, units } = proposal
    const version = open.find((each) => each.proposal === proposal)?.version
    open = open.filter((each) => each.proposal !== proposal)
    const row = rows.get(agentId)
    const tellNow = telling === 'rowFirst'
    if (wanted === 'vetoed') return report('vetoed')
    if (version !== versions.get(conversationId)) return report('conflict')
    if (wanted === 'conflict') {
      bump(conversationId)
      return report('conflict')
    }
    // Somebody sends the agent away between reservation and commit, and the router does not hear of it in time.
    if (wanted === 'refused' && row !== undefined)
      rows.set(agentId, { ...row, presence: 'away', version: row.version + 1 })
    const hasRoom = row !== undefined && row.units + units <= (row.agent.capacity ?? 3)
    if (!isOnlineInTruth(agentId) || !hasRoom) return report('refused')
    bump(conversationId)
    seats.set(conversationId, proposal)
    const taken = { ...row, units: row.units + units, lastAssignedAt: now, version: row.version + 1 }
    if (tellNow) save(taken)
    report('confirmed')
    if (!tellNow) save(taken)
    return undefined

    function report(settlement: Settlement): void {
      router.settle(proposal, settlement, now)
      const wasNewest = oracle.waiting.get(conversationId)?.version === version
      if (settlement === 'confirmed') oracle.confirmed(proposal)
      else if (settlement === 'vetoed') oracle.vetoed(proposal, now)
      else if (settlement === 'refused') oracle.refused(proposal, now)
      else oracle.dropped(proposal)
      if ((settlement === 'confirmed' || settlement === 'conflict') && wasNewest) oracle.waiting.delete(conversationId)
      const again = rows.get(agentId)
      if (settlement !== 'refused' || again === undefined) return
      if (telling === 'late') letters.push(again)
      else deliver(again)
    }
  }

  function queueRow(conversationId: string, queuedAt: number, { preferred, excluded, isAway, ...needs }: Needs) {
    const excludedAgentIds = excluded.map((index) => AGENTS[index] ?? '')
    const requirements = { ...needs, preferredSkills: preferred, excludedAgentIds }
    return {
      conversationId,
      requirements,
      queuedAt,
      declinedBy: [],
      reach: isAway ? ('away' as const) : ('present' as const),
    }
  }

  function happen(event: Happening): void {
    const agentId = 'who' in event ? (AGENTS[event.who] ?? '') : ''
    const pick = <Item>(items: Iterable<Item>): Item | undefined => {
      const all = [...items]
      return 'which' in event ? all[event.which % Math.max(1, all.length)] : undefined
    }
    switch (event.type) {
      case 'pass':
        now += event.ms
        return
      case 'agent': {
        const { skills, capacity } = event
        const profile = { id: agentId, skills: skills as Record<string, 1>, capacity }
        if (rows.has(agentId)) change(agentId, { agent: profile })
        else
          save({
            agent: profile,
            presence: 'online',
            presenceUntil: null,
            presenceAt: 0,
            outside: [],
            units: 0,
            lastAssignedAt: 0,
            version: 1,
          })
        return
      }
      case 'presence':
        change(agentId, { presence: event.presence, presenceUntil: event.leaseMs && now + event.leaseMs })
        return
      case 'remove':
        if (!rows.delete(agentId)) return
        letters = letters.filter((letter) => letter.agent.id !== agentId)
        router.agentRemoved(agentId)
        oracle.removedAgent(agentId)
        for (const seat of seats.values()) if (seat.agentId === agentId) seats.delete(seat.conversationId)
        return
      case 'arrive':
        enqueue(queueRow(`c${String(count++).padStart(3, '0')}`, now, event.needs))
        return
      case 'change': {
        const row = pick(oracle.waiting.values())
        if (row !== undefined) enqueue(queueRow(row.conversationId, row.queuedAt, event.needs))
        return
      }
      case 'leave': {
        const row = pick(oracle.waiting.values())
        if (row !== undefined) dequeue(row.conversationId)
        return
      }
      case 'end': {
        const seat = pick(seats.values())
        if (seat !== undefined) free(seat.conversationId)
        return
      }
      case 'decline': {
        const seat = pick(seats.values())
        if (seat === undefined) return
        free(seat.conversationId)
        const needs = { skills: [], weight: seat.units, preferred: [], excluded: [], isAway: false }
        enqueue({ ...queueRow(seat.conversationId, Math.max(0, now - 10_000), needs), declinedBy: [seat.agentId] })
        return
      }
      case 'reserve':
        reserve()
        return
      case 'settle': {
        const chosen = pick(open)
        if (chosen !== undefined) settle(chosen.proposal, event.fate)
        return
      }
      case 'match': {
        const fates = [...event.fates]
        for (let proposal = reserve(); proposal !== undefined; proposal = reserve()) {
          settle(proposal, fates.shift() ?? 'confirmed')
        }
        return
      }
      case 'deliver': {
        const letter = pick(letters)
        if (letter === undefined) return
        deliver(letter)
        if (!event.isKept) letters = letters.filter((each) => each !== letter)
        return
      }
      default: {
        const never: never = event
        throw new Error(JSON.stringify(never))
      }
    }
  }

  for (const event of happenings) happen(event)
  // In the evening everything is settled and told, and the router's count of seats is the store's.
  for (const { proposal } of open) settle(proposal, 'confirmed')
  for (const row of rows.values()) deliver(row)
  happen({ type: 'match', fates: [] })
  for (const row of rows.values()) deliver(row)
  const online = [...rows.keys()].filter(isOnlineInTruth).flatMap((id) => rows.get(id) ?? [])
  const isFree = ({ agent: { capacity = 3 }, units }: AgentRow) => units + 1 <= capacity
  expect(router.staffing([])).toEqual({ online: online.length, free: online.filter(isFree).length })
  expect(router.waitingCount).toBe(oracle.waiting.size)
  return log
}

/** P3: nothing is left undone; and `dueAt` comes no later than the next thing that time alone makes possible. */
function checkPause({ router, oracle, now }: { router: Router; oracle: Oracle; now: number }): void {
  expect(oracle.pairs(now)).toEqual([])
  const dueAt = router.dueAt() ?? Number.POSITIVE_INFINITY
  expect(dueAt).toBeGreaterThan(now)
  expect(dueAt).toBeLessThanOrEqual(oracle.nextPairAt(now) ?? Number.POSITIVE_INFINITY)
}

/** P1, P2: the pair may be made. P4, P5: no other that waits had the better claim to this agent. */
function checkProposal({ oracle, proposal, now }: { oracle: Oracle; proposal: Proposal; now: number }): void {
  const { conversationId, agentId } = proposal
  const chosen = oracle.waiting.get(conversationId)
  if (chosen === undefined) throw new Error(`\`${conversationId}\` does not wait.`)
  expect(oracle.isOpen(conversationId)).toBe(false)
  expect(oracle.isEligible(chosen, agentId, now)).toBe(true)
  for (const other of oracle.waiting.values()) {
    if (other === chosen || oracle.isOpen(other.conversationId)) continue
    const isEarlier =
      other.queuedAt < chosen.queuedAt || (other.queuedAt === chosen.queuedAt && other.conversationId < conversationId)
    const isSameClass = oracle.classOf(other, now) === oracle.classOf(chosen, now)
    if (isSameClass && isEarlier) expect(oracle.isAllowed(other, agentId, now)).toBe(false)
    if (!oracle.isEligible(other, agentId, now)) continue
    const [theirs, own] = [oracle.score(other, agentId, now), oracle.score(chosen, agentId, now)]
    const isTie = Math.abs(theirs - own) <= 1e-9 * Math.abs(own)
    expect(isTie || theirs < own).toBe(true)
    if (theirs === own) expect(isEarlier).toBe(false)
  }
}
