import assert from 'node:assert/strict'
import { CHART_VERSION } from '../../core/machine/chart.ts'
import { createContext } from '../../core/machine/context.ts'
import type { Commit, CommitResult, SlotChange, TenantStore } from '../../core/ports.ts'
import type { Context } from '../../core/snapshot.ts'
import type { Agent, Customer, Json, Message } from '../../core/types.ts'

/** One claim about a store. Whatever it needs, it writes itself. */
export interface StoreCase {
  readonly name: string
  run(store: TenantStore, openAnother: () => Promise<TenantStore>): Promise<void>
}

/** Epoch ms at which the cases begin. */
export const AT = Date.UTC(2026, 0, 5, 9)

type Row = NonNullable<Commit['row']>

/** A conversation's row, of a customer called Kim unless said. */
export function rowOf(
  id: string,
  about: Partial<Omit<Row, 'id' | 'snapshot'>> & { readonly path?: string; readonly context?: Partial<Context> } = {},
): Row {
  const { path = 'helping.listening', context, customer = { id: 'kim', name: 'Kim' }, ...rest } = about
  const fresh = createContext({ id, customerId: customer.id, channel: 'web', skills: [], at: AT })
  return {
    id,
    snapshot: { chart: CHART_VERSION, path, context: { ...fresh, ...context }, timers: {}, plugins: {}, depth: 0 },
    customer,
    pages: [],
    entryCount: 0,
    previousId: null,
    ...rest,
  }
}

/** A commit of one conversation: its first one, with nothing but the row, unless said. */
export function commitOf(id: string, about: Partial<Commit> = {}): Commit {
  return {
    id,
    expect: 0,
    at: AT,
    row: rowOf(id),
    entries: [],
    nextDueAt: null,
    slots: [],
    records: [],
    outbox: [],
    ...about,
  }
}

/** Entries of a transcript, numbered from `from` on. */
export function entriesOf(id: string, from: number, ...texts: readonly string[]): readonly Message[] {
  return texts.map((text, index) => ({
    id: `${id}.${from + index}`,
    seq: from + index,
    at: AT,
    author: 'customer',
    text,
  }))
}

/** An idempotency key with the answer to keep under it. */
export function keyOf(name: string, receipt: Json = { ok: true }): NonNullable<Commit['key']> {
  return { name, result: { bodyHash: `hash of ${name}`, receipt } }
}

export function take(agentId: string, holdId: string, units = 1): Extract<SlotChange, { op: 'take' }> {
  return { op: 'take', agentId, holdId, units, phase: 'offered' }
}

export function weigh(agentId: string, holdId: string, units: number): Extract<SlotChange, { op: 'weigh' }> {
  return { op: 'weigh', agentId, holdId, units }
}

export function release(agentId: string, holdId: string): Extract<SlotChange, { op: 'release' }> {
  return { op: 'release', agentId, holdId }
}

/** Makes a commit that must go through. */
export async function written(
  store: TenantStore,
  id: string,
  about: Partial<Commit> = {},
): Promise<Extract<CommitResult, { status: 'ok' }>> {
  const result = await store.commit(commitOf(id, about))
  assert.ok(result.status === 'ok', `the commit of ${id} came to ${JSON.stringify(result)}`)
  return result
}

/** Makes a commit that must come to `expected`, and leave everything as it was. */
export async function leavesAll(store: TenantStore, commit: Commit, expected: CommitResult): Promise<void> {
  const before = await contentOf(store)
  same(await store.commit(commit), expected)
  same(await contentOf(store), before, 'a commit that did not go through has left something behind')
}

/** Adds agents and lets them come online. */
export async function online(store: TenantStore, ...agents: readonly Agent[]): Promise<void> {
  for (const agent of agents) {
    await store.saveAgent(agent)
    await store.setPresence(agent.id, { presence: 'online', until: null, at: AT })
  }
}

/** Opens a conversation that holds a seat. */
export async function seated(store: TenantStore, id: string, slots: readonly SlotChange[]): Promise<void> {
  await written(store, id, { slots })
}

export async function unitsOf(store: TenantStore, agentId: string): Promise<number | undefined> {
  return (await store.agent(agentId))?.units
}

/** Everything a tenant holds that can be listed, in an order of its own. */
export async function contentOf(store: TenantStore): Promise<object> {
  const rows = await store.find({ limit: 1_000 })
  const agents = [...(await store.agents())].sort((one, other) => (one.agent.id < other.agent.id ? -1 : 1))
  const waiting = [...(await store.waiting())].sort((one, other) =>
    one.conversationId < other.conversationId ? -1 : 1,
  )
  const conversations: object[] = []
  for (const row of rows)
    conversations.push({ row, entries: await store.transcript(row.id, 0), turns: await store.turns(row.id, 0) })
  const holds: object[] = []
  for (const { agent } of agents)
    holds.push(...[...(await store.holdsOf(agent.id))].sort((one, other) => (one.holdId < other.holdId ? -1 : 1)))
  return plain({
    conversations,
    agents,
    holds,
    waiting,
    due: await store.due(Number.MAX_SAFE_INTEGER, 1_000),
    nextDueAt: await store.nextDueAt(),
    outboxCount: (await store.health()).outboxCount,
  }) as object
}

/** Equal as data: a database may leave out what is undefined, and give objects of its own. */
export function same(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(plain(actual), plain(expected), message)
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

export const KIM: Customer = { id: 'kim', name: 'Kim', email: 'kim@example.org', attributes: { plan: 'gold' } }
