import assert from 'node:assert/strict'
import type { CommitResult, TenantStore } from '../../core/ports.ts'
import { AT, type StoreCase, commitOf, entriesOf, keyOf, online, same, take, written } from './script.ts'

/** Many at once: each operation is atomic. */
export const raceCases: readonly StoreCase[] = [
  {
    name: 'gives 10 agents with 3 seats each exactly 30 of 50 conversations that come at once',
    async run(store) {
      const agents = Array.from({ length: 10 }, (_, index) => ({ id: `agent-${index}`, capacity: 3 }))
      await online(store, ...agents)
      const seats = await Promise.all(Array.from({ length: 50 }, (_, index) => seekSeat(store, index)))
      assert.equal(seats.filter((seat) => seat !== undefined).length, 30)
      for (const { agent, units } of await store.agents()) {
        assert.equal(units, 3, `${agent.id} holds ${units} units`)
        assert.equal((await store.holdsOf(agent.id)).length, 3)
      }
      assert.equal((await store.find({ limit: 100 })).length, 30, 'a refused conversation has left a row')
    },
  },
  {
    name: 'takes one of many commits computed from the same version',
    async run(store) {
      await written(store, 'c1')
      const commits = Array.from({ length: 20 }, (_, index) =>
        commitOf('c1', { expect: 1, entries: entriesOf('c1', 1, `from ${index}`) }),
      )
      const results = await Promise.all(commits.map(async (commit) => store.commit(commit)))
      same(countOf(results), { ok: 1, conflict: 19 })
      assert.equal((await store.load('c1')).row?.version, 2)
      assert.equal((await store.transcript('c1', 0)).length, 1)
    },
  },
  {
    name: 'takes one of many commits with the same key',
    async run(store) {
      await written(store, 'c1')
      const commit = async (): Promise<CommitResult> => {
        const expect = (await store.load('c1')).row?.version ?? 0
        return store.commit(commitOf('c1', { expect, key: keyOf('k'), entries: entriesOf('c1', 1, 'once') }))
      }
      const results = await Promise.all(Array.from({ length: 20 }, () => untilDecided(commit)))
      same(countOf(results), { ok: 1, duplicate: 19 })
      assert.equal((await store.transcript('c1', 0)).length, 1)
    },
  },
  {
    name: 'lets one of many new conversations hold an open key',
    async run(store) {
      const commits = Array.from({ length: 20 }, (_, index) => commitOf(`c${index}`, { openKey: 'web\nkim' }))
      const results = await Promise.all(commits.map(async (commit) => store.commit(commit)))
      same(countOf(results), { ok: 1, conflict: 19 })
      assert.equal((await store.find({ openKey: 'web\nkim' })).length, 1)
      assert.equal((await store.find({})).length, 1)
    },
  },
  {
    name: 'gives a lease to one of many, and an outbox row to one of many',
    async run(store) {
      const outbox = Array.from({ length: 10 }, (_, index) => ({
        id: `o${index}`,
        topic: 'after',
        conversationId: 'c1',
        body: null,
      }))
      await written(store, 'c1', { outbox })
      const holders = Array.from({ length: 10 }, (_, index) => `node-${index}`)
      const leases = await Promise.all(
        holders.map(async (holder) => store.lease('timers', { holder, at: AT, ttlMs: 1_000 })),
      )
      assert.equal(leases.filter((lease) => lease !== undefined).length, 1)
      const taken = await Promise.all(holders.map(async () => store.outboxTake(AT, 1_000, 3)))
      const ids = taken.flat().map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length, 'a row has been given to two')
      assert.equal(ids.length, 10)
    },
  },
  {
    name: 'loses no change of a record that many count up',
    async run(store) {
      const countUp = async (): Promise<{ readonly status: string }> => {
        const known = await store.record('gaps', 'refund')
        const value = ((known?.value as number | undefined) ?? 0) + 1
        const isPut = await store.putRecord({ plugin: 'gaps', key: 'refund', value, ifVersion: known?.version ?? 0 })
        return { status: isPut ? 'ok' : 'conflict' }
      }
      await Promise.all(Array.from({ length: 20 }, () => untilDecided(countUp)))
      same(await store.record('gaps', 'refund'), { value: 20, version: 20 })
    },
  },
]

/** Asks agent after agent for a seat, beginning with a different one each time; `undefined` when all are full. */
async function seekSeat(store: TenantStore, index: number): Promise<string | undefined> {
  for (let offset = 0; offset < 10; offset += 1) {
    const agentId = `agent-${(index + offset) % 10}`
    const commit = commitOf(`c${index}`, { slots: [take(agentId, `h${index}`)] })
    const result = await untilDecided(async () => store.commit(commit)) // of two that meet at an agent a database may call off one
    if (result.status === 'ok') return agentId
    same(result, { status: 'refused', code: 'NO_CAPACITY', agentId })
  }
  return undefined
}

/** Tries once more after each conflict. Of 20 that want the same thing one wins each time, so that nobody loses for ever. */
async function untilDecided<Result extends { readonly status: string }>(
  attempt: () => Promise<Result>,
  triesLeft = 100,
): Promise<Result> {
  const result = await attempt()
  return result.status === 'conflict' && triesLeft > 0 ? untilDecided(attempt, triesLeft - 1) : result
}

function countOf(results: readonly CommitResult[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
