import type { Engine } from '../../src/core/engine/engine-api.ts'
import type {
  AgentRow,
  Commit,
  CommitResult,
  ConversationRow,
  HoldRow,
  QueueRow,
  TenantStore,
} from '../../src/core/ports.ts'
import type { Receipt } from '../../src/core/receipts.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { applyRecord } from '../../src/core/turn/record.ts'
import { isQueued } from '../../src/core/turn/diff.ts'
import type { ConversationView } from '../../src/core/types.ts'
import { createOracle, type Oracle } from './oracle.ts'
import type { Rules } from './shifts.ts'

/** What is judged of every shift, by the numbers under which routing is specified. */
export const PROPERTIES = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P11', 'P12'] as const
export type Property = (typeof PROPERTIES)[number]

interface Offer {
  readonly at: number
  readonly who: string
  readonly agentId: string
}

/**
 * Watches an engine by what it writes down, and judges each commit by the rules of routing. It asks the store and nobody else: neither
 * the router nor the engine has a say in it.
 */
export interface Witness {
  /** The store as the engine is to have it. */
  readonly store: TenantStore
  readonly broken: Readonly<Record<Property, readonly string[]>>
  readonly offers: readonly Offer[]
  follow(engine: Engine): void
  holderOf(conversationId: string, phase: HoldRow['phase']): string | undefined
  /** The conversations for which somebody holds a seat. */
  heldIn(phase: HoldRow['phase']): readonly string[]
  versions(): ReadonlyMap<string, number>
  sawReceipt(receipt: Receipt, before: ReadonlyMap<string, number>): void
  sawTwice(first: Receipt, second: Receipt): void
  sawGoing(conversationId: string | undefined): void
  sawPlace(view: ConversationView): void
  /** Nothing more happens until somebody does something, or time passes. */
  pause(): void
  /** All have gone home. */
  end(): void
}

/** The memory store answers at once. */
type AtOnce<Value> = Exclude<Value, Promise<unknown>>
const atOnce = <Value>(value: Value): AtOnce<Value> => value as AtOnce<Value>

export function createWitness(
  base: TenantStore,
  { rules, now }: { readonly rules: Rules; readonly now: () => number },
): Witness {
  const broken = Object.fromEntries(PROPERTIES.map((name) => [name, [] as string[]])) as Record<Property, string[]>
  const offers: Offer[] = []
  const endings = new Map<string, number>()
  const opened = new Set<string>()
  const gone = new Set<string>()
  /** Offered since the last pause. One that is to be offered to several was not to be had while its offer was being made. */
  const justOffered = new Set<string>()
  /** Conversation-ms in the queue and unit-ms held, as they were at every moment. */
  const sums = { queued: 0, held: 0, at: now() }

  const agents = (): readonly AgentRow[] => atOnce(base.agents())
  const waiting = (): readonly QueueRow[] => atOnce(base.waiting())
  const find = (): readonly ConversationRow[] => atOnce(base.find({ limit: 1_000 }))
  const load = (id: string): ConversationRow | undefined => atOnce(base.load(id)).row
  const holdsOf = (agentId: string): readonly HoldRow[] => atOnce(base.holdsOf(agentId))
  const blame = (property: Property, what: string): void => void broken[property].push(`${what} (at ${now()})`)
  const expectSame = (property: Property, what: string, [got, wanted]: readonly [unknown, unknown]): void => {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      blame(property, `${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`)
  }

  function look(): Oracle {
    const oracle = createOracle(rules)
    for (const row of agents()) oracle.agents.set(row.agent.id, row)
    for (const row of waiting()) oracle.waiting.set(row.conversationId, row)
    return oracle
  }

  function count(): void {
    const passed = now() - sums.at
    sums.at = now()
    if (passed === 0) return
    sums.queued += passed * waiting().length
    for (const { units, outside } of agents())
      sums.held += passed * (units - outside.reduce((sum, work) => sum + work.units, 0))
  }

  function commit(made: Commit): CommitResult {
    count()
    const before = load(made.id)?.snapshot
    const oracle = look()
    const result = atOnce(base.commit(made))
    if (result.status !== 'ok') return result
    const { row: after } = atOnce(base.load(made.id))
    if (before === undefined) opened.add(made.id)
    if (after !== undefined) judgeSeats(made, oracle, { before, after: after.snapshot })
    const fact = made.turn?.walks[0]?.fact
    if (fact?.type !== 'offer.made' || made.slots.every(({ op }) => op !== 'take')) return result
    const row = oracle.waiting.get(made.id)
    offers.push({ at: now(), who: after?.snapshot.context.customerId ?? '', agentId: fact.agentId })
    // Whoever comes back gets their own again before anybody is asked.
    const isBack = before?.context.handover?.isCutOff === true && row?.requirements.preferredAgentId === fact.agentId
    if (row !== undefined && !isBack) judgeOffer(oracle, row, fact.agentId)
    justOffered.add(made.id)
    return result
  }

  /** P1, P2 of whatever takes a seat; P8, P9 of whatever happens. */
  function judgeSeats(
    made: Commit,
    oracle: Oracle,
    { before, after }: { readonly before: Snapshot | undefined; readonly after: Snapshot },
  ): void {
    for (const slot of made.slots) {
      if (slot.op !== 'take' || slot.force === true) continue
      const row = oracle.agents.get(slot.agentId)
      const held = holdsOf(slot.agentId).reduce((sum, hold) => sum + hold.units, 0)
      const outside = row?.outside.reduce((sum, work) => sum + work.units, 0) ?? 0
      if (held + outside > (row?.agent.capacity ?? 3))
        blame('P1', `${slot.agentId} holds ${held} and ${outside} outside`)
      if (row?.presence !== 'online') blame('P2', `${slot.agentId} is ${String(row?.presence)} and got ${made.id}`)
      if (row?.presenceUntil !== null && now() >= (row?.presenceUntil ?? 0)) blame('P2', `${slot.agentId} has lapsed`)
    }
    const { holds, owner } = after.context
    const own = holds.filter(({ phase }) => phase === 'open').map(({ agentId }) => `agent:${agentId}`)
    if (own.length > 1 || (own.length === 1 && own[0] !== owner))
      blame('P8', `${made.id} is open at ${own.join()} and owned by ${owner}`)
    if (owner.startsWith('agent:') && own.length === 0) blame('P8', `${owner} owns ${made.id} without a seat`)
    const asked = holds.filter(({ phase }) => phase === 'offered').map(({ agentId }) => agentId)
    if (new Set(asked).size < asked.length || asked.length > rules.offerTo)
      blame('P8', `${made.id} is offered to ${asked.join()}`)
    for (const { fact, kept } of made.turn?.walks ?? []) {
      if (fact.type !== 'offer.accepted' || kept === 0) continue
      const had = before?.context.holds.some((hold) => hold.phase === 'offered' && hold.agentId === fact.agentId)
      if (had !== true) blame('P8', `${fact.agentId} accepted ${made.id} without an offer`)
    }
    const [then, since] = [before?.context.queuedAt ?? null, after.context.queuedAt]
    if (then !== null && since !== null && then !== since) blame('P9', `${made.id} waits since ${since}, not ${then}`)
    // Due while an offer is out, it waits for what becomes of the offer.
    for (const [name, { dueAt }] of Object.entries(after.timers)) {
      const known = before?.timers[name]?.dueAt
      if (
        name.startsWith('overflow:') &&
        known !== undefined &&
        known > now() &&
        known !== dueAt &&
        before?.path.startsWith('waiting.')
      )
        blame('P9', `${made.id} overflows at ${dueAt}, not ${known}`)
    }
  }

  /** P2, P4, P5, P6, P11 of what the router has brought together. */
  function judgeOffer(oracle: Oracle, row: QueueRow, agentId: string): void {
    const at = now()
    const id = row.conversationId
    if (!oracle.isEligible(row, agentId, at)) blame('P2', `${agentId} cannot take ${id}`)
    for (const other of oracle.waiting.values()) {
      if (other === row || justOffered.has(other.conversationId)) continue
      const isEarlier = other.queuedAt < row.queuedAt || (other.queuedAt === row.queuedAt && other.conversationId < id)
      const isAllowed = oracle.isAllowed(other, agentId, at)
      if (isEarlier && isAllowed && oracle.classOf(other, at) === oracle.classOf(row, at))
        blame('P4', `${id} was before ${other.conversationId}, who came earlier and asks for the same`)
      if (!oracle.isEligible(other, agentId, at)) continue
      const [theirs, own] = [oracle.score(other, agentId, at), oracle.score(row, agentId, at)]
      const isTie = Math.abs(theirs - own) <= 1e-9 * Math.abs(own)
      if (!isTie && theirs > own)
        blame('P5', `${other.conversationId} scored ${theirs} at ${agentId}, ${id} only ${own}`)
      if (theirs === own && isEarlier) blame('P5', `${other.conversationId} was level with ${id}, and earlier`)
      if (isEarlier && !mayPass(oracle, { row, other, agentId }))
        blame('P6', `${id} passed ${other.conversationId} from too far behind`)
    }
    judgeFairness(oracle, row, agentId)
  }

  /** How far behind the other it may have come and still go first: a bound of its own, out of what the two have asked for. */
  function mayPass(
    oracle: Oracle,
    { row, other, agentId }: { readonly row: QueueRow; readonly other: QueueRow; readonly agentId: string },
  ): boolean {
    const targetOf = ({ requirements }: QueueRow): number => Number(requirements.target)
    const priorityOf = ({ requirements }: QueueRow): number => requirements.priority ?? 0
    const behindMs = row.queuedAt - other.queuedAt
    switch (rules.queuePolicy) {
      case 'fifo':
        return false
      case 'strictPriority':
        return priorityOf(row) > priorityOf(other)
      case 'earliestDeadline':
        return behindMs <= targetOf(other) - targetOf(row)
      case 'additiveAgeing':
        return behindMs <= 60_000 * (priorityOf(row) - priorityOf(other))
      case 'scarceFirst':
        return factorOf(oracle, row, undefined) <= factorOf(oracle, other, undefined)
      case 'weightedAge': {
        const [own, theirs] = [row, other].map((each) => factorOf(oracle, each, agentId) / targetOf(each)) as [
          number,
          number,
        ]
        const waitedMs = now() - other.queuedAt + 1_000
        return behindMs <= (1 - theirs / own) * waitedMs + 1e-6 * waitedMs
      }
    }
  }

  /** Speed and scarcity at an agent; without one, how many on duty could take it. */
  function factorOf(oracle: Oracle, { requirements, queuedAt }: QueueRow, agentId: string | undefined): number {
    const dropped = rules.relax.filter(({ after }) => now() - queuedAt >= after).map(({ drop }) => drop)
    const skills = requirements.skills.filter((skill) => !dropped.includes(skill))
    const speedOf = ({ agent }: AgentRow): number =>
      Math.min(5, ...skills.map((skill) => (agent.skills as Record<string, number>)[skill] ?? 0))
    const onDuty = [...oracle.agents.values()].filter(
      ({ presence, agent }) => presence === 'online' && agent.capacity !== 0,
    )
    const able = onDuty.map(speedOf).filter((speed) => speed > 0)
    if (agentId === undefined) return able.length
    const own = oracle.agents.get(agentId)
    return ((own === undefined ? 0 : speedOf(own)) / Math.max(...able)) ** 4 * (onDuty.length / able.length) ** 2
  }

  /** Nobody alike was less loaded, or as loaded and longer without. */
  function judgeFairness(oracle: Oracle, row: QueueRow, agentId: string): void {
    if (!['default', 'leastLoaded', 'mostSpecialised', 'mostProficient'].includes(rules.agentPolicy)) return
    const chosen = oracle.agents.get(agentId)
    if (chosen === undefined || row.requirements.preferredAgentId !== undefined) return
    const likeness = ({ agent: { skills, capacity } }: AgentRow): string =>
      JSON.stringify([Object.entries(skills ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)), capacity])
    for (const peer of oracle.agents.values()) {
      if (peer === chosen || likeness(peer) !== likeness(chosen) || !oracle.isEligible(row, peer.agent.id, now()))
        continue
      if (peer.units < chosen.units)
        blame('P11', `${agentId} holds ${chosen.units}, ${peer.agent.id} only ${peer.units}`)
      if (peer.units === chosen.units && peer.lastAssignedAt < chosen.lastAssignedAt)
        blame('P11', `${peer.agent.id} has been longer without than ${agentId}`)
    }
  }

  /** What the logs say of who waited and who held what for how long. */
  function recount(): { readonly queued: number; readonly held: number } {
    let [queued, held] = [0, 0]
    for (const { id } of find()) {
      let snapshot: Snapshot | undefined
      let since = 0
      for (const turn of atOnce(base.turns(id, 0))) {
        if (snapshot !== undefined) {
          const passed = turn.at - since
          if (isQueued(snapshot, rules.offerTo)) queued += passed
          held += passed * snapshot.context.holds.reduce((sum, { units }) => sum + units, 0)
        }
        snapshot = applyRecord(snapshot, turn)
        since = turn.at
      }
    }
    return { queued, held }
  }

  return {
    broken,
    offers,
    store: {
      ...base,
      commit,
      saveAgent(agent) {
        count()
        const before = holdsOf(agent.id)
        const row = base.saveAgent(agent)
        expectSame('P1', `a limit of ${agent.capacity} ended what ${agent.id} had`, [holdsOf(agent.id), before])
        return row
      },
      setOutside(id, work) {
        count()
        return base.setOutside(id, work)
      },
    },
    follow(engine) {
      engine.on('conversation.closed', ({ conversationId }) =>
        endings.set(conversationId, (endings.get(conversationId) ?? 0) + 1),
      )
    },
    holderOf: (conversationId, phase) =>
      load(conversationId)?.snapshot.context.holds.find((hold) => hold.phase === phase)?.agentId,
    heldIn: (phase) =>
      find().flatMap(({ id, snapshot }) => (snapshot.context.holds.some((hold) => hold.phase === phase) ? [id] : [])),
    versions: () => new Map(find().map(({ id, version }) => [id, version])),
    sawReceipt(receipt, before) {
      if (receipt.ok || receipt.status !== 'refused') return
      const { conversationId } = receipt as { readonly conversationId?: string }
      if (conversationId === undefined) return
      const version = load(conversationId)?.version
      if (version !== before.get(conversationId))
        blame('P8', `what was refused (${receipt.code}) changed ${conversationId}`)
    },
    sawTwice(first, second) {
      if (!first.ok) return
      if (second.status !== 'duplicate') blame('P8', `the same word came twice: ${first.status}, then ${second.status}`)
    },
    sawGoing: (conversationId) => void (conversationId !== undefined && gone.add(conversationId)),
    sawPlace({ queue }) {
      if (queue === undefined) return
      const { position, wait } = queue
      const [best, worst] = typeof position === 'number' ? [position, position] : position
      if (!(best >= 1 && best <= worst && worst <= waiting().length))
        blame('P12', `a place of ${best} to ${worst} among ${waiting().length}`)
      if (wait !== 'unknown' && !(wait.p50Ms >= 0 && wait.p50Ms <= wait.p90Ms && Number.isFinite(wait.p90Ms)))
        blame('P12', `a wait of ${wait.p50Ms} to ${wait.p90Ms}`)
    },
    pause() {
      justOffered.clear()
      for (const pair of look().pairs(now())) blame('P3', `${pair} was not made`)
      for (const { id, snapshot } of find()) {
        if (snapshot.path !== 'waiting.queued') continue
        const due = Object.entries(snapshot.timers).find(([name]) => name.startsWith('overflow:'))?.[1].dueAt
        if (due === undefined || due < now()) blame('P9', `${id} waits, and never overflows`)
      }
    },
    end() {
      count()
      for (const { id, snapshot } of find()) {
        const { context, path } = snapshot
        if (path !== 'closed') blame('P7', `${id} has not ended: ${path}`)
        const episodes = atOnce(base.turns(id, 0)).flatMap(({ walks }) =>
          walks.filter(({ fact, kept }) => fact.type === 'conversation.reopened' && kept > 0),
        )
        if (endings.get(id) !== 1 + episodes.length)
          blame('P7', `${id} ended ${endings.get(id)} times in ${1 + episodes.length} episodes`)
        const mayGiveUp = gone.has(id) || rules.overflow.to === 'close'
        if (context.outcome === 'abandoned' && !mayGiveUp)
          blame('P7', `${id} was given up by nobody: ${String(context.reason)}`)
      }
      expectSame('P7', 'opened and ended', [
        find()
          .map(({ id }) => id)
          .sort(),
        [...opened].sort(),
      ])
      expectSame('P7', 'those still waiting', [waiting(), []])
      expectSame('P1', 'units held in the end', [agents().map(({ units }) => units), agents().map(() => 0)])
      const logged = recount()
      if (Math.abs(logged.queued - sums.queued) > 1e-6 * sums.queued)
        blame('P12', `${sums.queued} ms in the queue, ${logged.queued} by the logs`)
      if (Math.abs(logged.held - sums.held) > 1e-6 * sums.held)
        blame('P12', `${sums.held} unit-ms held, ${logged.held} by the logs`)
    },
  }
}
