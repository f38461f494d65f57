import { DEFAULT_CAPACITY } from '../core/memory/ledger.ts'
import type { AgentRow, ConversationRow, HoldRow, TenantStore } from '../core/ports.ts'
import { isQueued } from '../core/turn/diff.ts'
import { holdTimer } from '../core/turn/timers.ts'

/** Something that must never be, found by reading the store. */
export interface Violation {
  readonly rule: 'capacity' | 'ledger' | 'owner' | 'transcript' | 'stuck'
  readonly about: string
  readonly found: string
}

/** What is looked at, read in one go. */
export interface StoreContent {
  readonly conversations: readonly ConversationRow[]
  readonly agents: readonly AgentRow[]
  readonly holds: readonly HoldRow[]
  readonly queued: ReadonlySet<string>
  readonly entryCounts: ReadonlyMap<string, number>
}

/** Reads everything that the rules are about. */
export async function readStore(store: TenantStore): Promise<StoreContent> {
  const conversations: ConversationRow[] = []
  for (;;) {
    const last = conversations.at(-1)?.id
    const page = await store.find({ limit: 1_000, ...(last === undefined ? {} : { after: last }) })
    conversations.push(...page)
    if (page.length < 1_000) break
  }
  const agents = await store.agents()
  const holds: HoldRow[] = []
  for (const { agent } of agents) holds.push(...(await store.holdsOf(agent.id)))
  const entryCounts = new Map<string, number>()
  for (const { id } of conversations) {
    const seqs = (await store.transcript(id, 0)).map(({ seq }) => seq)
    entryCounts.set(id, seqs.every((seq, index) => seq === index + 1) ? seqs.length : -1)
  }
  return {
    conversations,
    agents,
    holds,
    queued: new Set((await store.waiting()).map(({ conversationId }) => conversationId)),
    entryCounts,
  }
}

/**
 * Everything that must hold after every commit: no agent above capacity, the ledger equals the conversations' holds, one owner at a time,
 * the transcript without gaps, nobody stuck.
 */
export function findViolations(
  content: StoreContent,
  about: { readonly forced: ReadonlySet<string> } = { forced: new Set() },
): readonly Violation[] {
  return [
    ...capacity(content, about.forced),
    ...ledger(content),
    ...owners(content),
    ...transcripts(content),
    ...stuck(content),
  ]
}

function* capacity({ agents }: StoreContent, forced: ReadonlySet<string>): Generator<Violation> {
  for (const { agent, units } of agents) {
    const limit = agent.capacity ?? DEFAULT_CAPACITY
    if (units > limit && !forced.has(agent.id))
      yield { rule: 'capacity', about: agent.id, found: `${units} units held, at most ${limit}` }
  }
}

function* ledger({ conversations, agents, holds }: StoreContent): Generator<Violation> {
  const kept = new Map(holds.map((hold) => [hold.holdId, hold]))
  const known = new Set(agents.map(({ agent }) => agent.id))
  for (const { id, snapshot } of conversations) {
    for (const { holdId, agentId, units, phase } of snapshot.context.holds) {
      if (!known.has(agentId)) continue // removed from the roster while in wrap-up
      const row = kept.get(holdId)
      kept.delete(holdId)
      if (row === undefined)
        yield { rule: 'ledger', about: id, found: `the hold ${holdId} at ${agentId} is not in the ledger` }
      else if (row.units !== units || row.phase !== phase)
        yield {
          rule: 'ledger',
          about: id,
          found: `the hold ${holdId} is ${row.phase} in the ledger, ${phase} in the conversation`,
        }
    }
  }
  for (const hold of kept.values())
    yield { rule: 'ledger', about: hold.conversationId, found: `the seat ${hold.holdId} at ${hold.agentId} has leaked` }
  for (const { agent, units, outside } of agents) {
    const busy = outside.reduce((total, work) => total + work.units, 0)
    const sum = holds.reduce((total, hold) => (hold.agentId === agent.id ? total + hold.units : total), busy)
    if (sum !== units) yield { rule: 'ledger', about: agent.id, found: `${units} units counted, ${sum} held` }
  }
}

function* owners({ conversations }: StoreContent): Generator<Violation> {
  for (const { id, snapshot } of conversations) {
    const { owner, holds } = snapshot.context
    const open = holds.filter((hold) => hold.phase === 'open').map((hold) => `agent:${hold.agentId}`)
    if (open.length > 1) yield { rule: 'owner', about: id, found: `${open.join(' and ')} both hold it open` }
    if (owner.startsWith('agent:') !== (open.length === 1) || (open.length === 1 && open[0] !== owner)) {
      yield { rule: 'owner', about: id, found: `owned by ${owner}, open at ${open.join(', ') || 'nobody'}` }
    }
    if (snapshot.path.startsWith('live.') !== owner.startsWith('agent:'))
      yield { rule: 'owner', about: id, found: `${snapshot.path} is owned by ${owner}` }
  }
}

function* transcripts({ conversations, entryCounts }: StoreContent): Generator<Violation> {
  for (const { id, entryCount } of conversations) {
    const found = entryCounts.get(id)
    if (found !== entryCount)
      yield {
        rule: 'transcript',
        about: id,
        found: found === -1 ? 'the numbers have a gap' : `${found} entries, ${entryCount} counted`,
      }
  }
}

/** A conversation that is not closed, or a seat that is held, must have a time at which something happens. */
function* stuck({ conversations, queued }: StoreContent): Generator<Violation> {
  for (const { id, snapshot } of conversations) {
    const { path, context, timers } = snapshot
    const isOpen = path !== 'closed'
    if (isOpen && Object.keys(timers).length === 0) yield { rule: 'stuck', about: id, found: `${path} has no timer` }
    // How many agents are asked at once is a matter of configuration: an offered one may still be looking for another.
    if (isQueued(snapshot, 1) && !queued.has(id)) yield { rule: 'stuck', about: id, found: `${path} is in no queue` }
    if (!isQueued(snapshot, Number.POSITIVE_INFINITY) && queued.has(id))
      yield { rule: 'stuck', about: id, found: `${path} is still in the queue` }
    for (const hold of context.holds) {
      if (hold.phase === 'wrapUp' && timers[holdTimer(hold)] === undefined)
        yield { rule: 'stuck', about: id, found: `the wrap-up ${hold.holdId} never ends` }
    }
  }
}
