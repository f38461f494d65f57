import assert from 'node:assert/strict'
import type { QueueRow, TenantStore } from '../../core/ports.ts'
import { AT, type StoreCase, commitOf, online, release, rowOf, same, take, written } from './script.ts'

/** What several nodes ask of one store: what has changed since they last looked. */
export const sharedCases: readonly StoreCase[] = [
  {
    name: 'tells everything to who asks for changes the first time',
    async run(store) {
      await online(store, { id: 'ana' }, { id: 'ben' })
      await store.removeAgent('ben')
      await written(store, 'c1', { queueRow: placeOf('c1', 1) })
      await written(store, 'c2', { queueRow: placeOf('c2', 1) })
      await written(store, 'c2', { expect: 1, queueRow: null })
      const { cursor: _cursor, ...all } = await store.changes()
      const agents = [await store.agent('ana')]
      same(all, { isWhole: true, agents, removedAgentIds: [], queued: [placeOf('c1', 1)], leftIds: [] })
    },
  },
  {
    name: 'tells what has changed since the last look: agents, seats, places taken and left',
    async run(store) {
      await online(store, { id: 'ana' }, { id: 'ben' })
      let { cursor } = await store.changes()
      const look = async () => {
        const changes = await store.changes(cursor)
        cursor = changes.cursor
        const { agents, removedAgentIds, queued, leftIds } = changes
        return { agents: agents.map(({ agent }) => agent.id), removedAgentIds, queued, leftIds }
      }
      await store.setPresence('ana', { presence: 'away', until: null, at: AT })
      includes((await look()).agents, 'ana')
      await store.setPresence('ana', { presence: 'online', until: null, at: AT })
      await look()
      await written(store, 'c1', { slots: [take('ana', 'h1')], queueRow: placeOf('c1', 1) })
      const taken = await look()
      includes(taken.agents, 'ana')
      same(taken.queued, [placeOf('c1', 1)])
      await written(store, 'c1', { expect: 1, slots: [release('ana', 'h1')], queueRow: placeOf('c1', 2) })
      const moved = await look()
      includes(moved.agents, 'ana')
      same(moved.queued, [placeOf('c1', 2)])
      await written(store, 'c1', { expect: 2, queueRow: null })
      await store.removeAgent('ben')
      const gone = await look()
      includes(gone.leftIds, 'c1')
      includes(gone.removedAgentIds, 'ben')
      same(gone.queued, [])
    },
  },
  {
    name: 'misses no change however many are made while somebody looks',
    async run(store) {
      await online(store, { id: 'ana', capacity: 100 })
      const seen = new Map<string, number>()
      let { cursor } = await store.changes()
      const look = async (): Promise<void> => {
        const changes = await store.changes(cursor)
        cursor = changes.cursor
        for (const { conversationId, version } of changes.queued) seen.set(conversationId, version)
        for (const id of changes.leftIds) seen.set(id, -1)
      }
      const join = async (index: number): Promise<void> => {
        const id = `c${index}`
        await written(store, id, { queueRow: placeOf(id, 1) })
        if (index % 2 === 1) await written(store, id, { expect: 1, queueRow: null })
      }
      const joined = { isDone: false }
      const looking = (async () => {
        while (!joined.isDone) await look()
      })()
      await Promise.all(Array.from({ length: 30 }, (_, index) => join(index)))
      joined.isDone = true
      await looking
      await look()
      same(
        Array.from({ length: 30 }, (_, index) => seen.get(`c${index}`)),
        Array.from({ length: 30 }, (_, index) => (index % 2 === 1 ? -1 : 1)),
      )
    },
  },
  {
    name: 'names the versions of conversations, and leaves out what is not there',
    async run(store) {
      await written(store, 'c1')
      await written(store, 'c2')
      await written(store, 'c2', { expect: 1 })
      same(Object.fromEntries(await store.versions(['c1', 'c2', 'c3'])), { c1: 1, c2: 2 })
      same([...(await store.versions([]))], [])
    },
  },
  {
    name: 'finds the conversations to whom work is owed',
    async run(store) {
      const pending = [{ type: 'question.answer', effectId: 'e1', messageId: 'm1' }] as const
      await written(store, 'c1', { row: rowOf('c1', { context: { pending } }) })
      await written(store, 'c2', { row: rowOf('c2', { context: { pending: [] } }) })
      await written(store, 'c3', { row: rowOf('c3', { context: { pending } }) })
      await written(store, 'c3', { expect: 1, row: rowOf('c3', { context: { pending: [] } }) })
      same(
        (await store.find({ pending: true })).map(({ id }) => id),
        ['c1'],
      )
    },
  },
  {
    name: 'leaves an outbox row to whoever wrote it until the time they have asked for',
    async run(store) {
      const row = { id: 'o1', topic: 'after', conversationId: 'c1', body: null }
      await written(store, 'c1', { outbox: [{ ...row, heldUntil: AT + 500 }] })
      same(await store.outboxTake(AT + 499, 1_000, 10), [])
      same(await store.outboxTake(AT + 500, 1_000, 10), [row])
    },
  },
  {
    name: 'hands a lease over as soon as its holder lets it go',
    async run(store) {
      const first = await store.lease('timers', { holder: 'a', at: AT, ttlMs: 5_000 })
      await store.lease('timers', { holder: 'a', at: AT + 10, ttlMs: 0 })
      const next = await store.lease('timers', { holder: 'b', at: AT + 10, ttlMs: 5_000 })
      assert.ok(next !== undefined && first !== undefined && next.epoch > first.epoch)
    },
  },
  {
    name: 'forgets conversations that were closed before a moment, the oldest first, with all that was kept of them',
    async run(store) {
      for (const [index, closedAt] of [AT, AT + 10, AT + 20].entries())
        await close(store, `c${index + 1}`, { closedAt })
      await written(store, 'open', { nextDueAt: AT })
      await close(store, 'waits', { closedAt: AT, nextDueAt: AT + 99 })
      same((await store.forget(AT + 20, 1)).conversationIds, ['c1'])
      same((await store.forget(AT + 20, 10)).conversationIds, ['c2'])
      same((await store.forget(AT + 20, 10)).conversationIds, [])
      for (const id of ['c1', 'c2']) {
        same(await store.load(id, 'k'), {})
        same([await store.transcript(id, 0), await store.turns(id, 0)], [[], []])
      }
      same(
        (await store.find({})).map(({ id }) => id),
        ['c3', 'open', 'waits'],
      )
      same(
        (await store.outboxTake(AT, 1_000, 10)).map(({ conversationId }) => conversationId),
        ['c3', 'waits'],
      )
      await written(store, 'c1')
    },
  },
]

function placeOf(conversationId: string, version: number): QueueRow {
  const requirements = { skills: [] }
  return { conversationId, requirements, queuedAt: AT, declinedBy: [], reach: 'present', version }
}

function includes(ids: readonly string[], id: string): void {
  assert.ok(ids.includes(id), `${id} is not told of: ${ids.join(', ') || 'nobody'}`)
}

async function close(
  store: TenantStore,
  id: string,
  { closedAt, nextDueAt = null }: { readonly closedAt: number; readonly nextDueAt?: number | null },
): Promise<void> {
  const commit = commitOf(id, {
    row: rowOf(id, { path: 'closed', context: { closedAt }, entryCount: 1 }),
    key: { name: 'k', result: { bodyHash: 'hash', receipt: null } },
    entries: [{ id: `${id}.1`, seq: 1, at: AT, author: 'customer', text: 'bye' }],
    turn: { version: 1, at: AT, walks: [], notes: [], depth: 0 },
    nextDueAt,
    outbox: [{ id: `${id}/1`, topic: 'after', conversationId: id, body: null }],
  })
  await store.commit(commit)
}
