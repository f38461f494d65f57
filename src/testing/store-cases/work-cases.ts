import assert from 'node:assert/strict'
import type { OutboxRow, QueueRow } from '../../core/ports.ts'
import { AT, type StoreCase, commitOf, leavesAll, same, written } from './script.ts'

/** What is to be done, when, and by whom: timers, outbox, queue, leases. */
export const workCases: readonly StoreCase[] = [
  {
    name: 'names the conversations that are due, the earliest first',
    async run(store) {
      await written(store, 'c1', { nextDueAt: AT + 300 })
      await written(store, 'c2', { nextDueAt: AT + 100 })
      await written(store, 'c3', { nextDueAt: AT + 200 })
      await written(store, 'c4')
      assert.equal(await store.nextDueAt(), AT + 100)
      same(await store.due(AT + 99, 10), [])
      same(await store.due(AT + 200, 10), [
        { id: 'c2', dueAt: AT + 100 },
        { id: 'c3', dueAt: AT + 200 },
      ])
      same(await store.due(AT + 999, 1), [{ id: 'c2', dueAt: AT + 100 }])
      assert.equal((await store.due(AT + 999, 10)).length, 3)
    },
  },
  {
    name: 'holds a conversation due until a commit says otherwise',
    async run(store) {
      await written(store, 'c1', { nextDueAt: AT })
      for (let look = 0; look < 3; look += 1) same(await store.due(AT, 10), [{ id: 'c1', dueAt: AT }])
      assert.equal(await store.nextDueAt(), AT)
    },
  },
  {
    name: 'moves a timer to its newest time, earlier or later',
    async run(store) {
      await written(store, 'c1', { nextDueAt: AT + 100 })
      await written(store, 'c1', { expect: 1, nextDueAt: AT + 200 })
      assert.equal(await store.nextDueAt(), AT + 200)
      same(await store.due(AT + 199, 10), [])
      await written(store, 'c1', { expect: 2, nextDueAt: AT + 50 })
      assert.equal(await store.nextDueAt(), AT + 50)
      same(await store.due(AT + 999, 10), [{ id: 'c1', dueAt: AT + 50 }])
    },
  },
  {
    name: 'names a conversation once, however often its timer was moved',
    async run(store) {
      for (const [expect, after] of [100, 200, 100, 200, 100].entries())
        await written(store, 'c1', { expect, nextDueAt: AT + after })
      await written(store, 'c2', { nextDueAt: AT + 150 })
      same(await store.due(AT + 999, 10), [
        { id: 'c1', dueAt: AT + 100 },
        { id: 'c2', dueAt: AT + 150 },
      ])
      same(
        (await store.due(AT + 999, 2)).map(({ id }) => id),
        ['c1', 'c2'],
      )
    },
  },
  {
    name: 'forgets a timer that is called off',
    async run(store) {
      assert.equal(await store.nextDueAt(), null)
      await written(store, 'c1', { nextDueAt: AT + 100 })
      await written(store, 'c2', { nextDueAt: AT + 200 })
      await written(store, 'c1', { expect: 1, nextDueAt: null })
      assert.equal(await store.nextDueAt(), AT + 200)
      same(await store.due(AT + 999, 10), [{ id: 'c2', dueAt: AT + 200 }])
      await written(store, 'c2', { expect: 1, nextDueAt: null })
      assert.equal(await store.nextDueAt(), null)
    },
  },
  {
    name: 'keeps a time that is more than 2^31 ms away',
    async run(store) {
      const far = AT + 2 ** 31 * 40
      await written(store, 'c1', { nextDueAt: far })
      assert.equal(await store.nextDueAt(), far)
      same(await store.due(far - 1, 10), [])
      same(await store.due(far, 10), [{ id: 'c1', dueAt: far }])
    },
  },
  {
    name: 'leases outbox rows to one taker at a time, the oldest first',
    async run(store) {
      const outbox = [1, 2, 3].map((n) => ({ id: `o${n}`, topic: 'after', conversationId: 'c1', body: { n } }))
      await written(store, 'c1', { outbox: outbox.slice(0, 2) })
      await written(store, 'c1', { expect: 1, outbox: outbox.slice(2) })
      same(await store.outboxTake(AT, 1_000, 2), outbox.slice(0, 2))
      same(await store.outboxTake(AT, 1_000, 10), outbox.slice(2))
      same(await store.outboxTake(AT + 999, 1_000, 10), [])
      same(await store.outboxTake(AT + 1_000, 1_000, 10), outbox, 'a lease that has run out frees the row')
      assert.equal((await store.health()).outboxCount, 3, 'a leased row is not done')
    },
  },
  {
    name: 'puts an outbox row off, with what is left of it, and minds none that is not there',
    async run(store) {
      const first: OutboxRow = { id: 'o1', topic: 'after', conversationId: 'c1', body: { version: 1 } }
      const second = { ...first, id: 'o2' }
      await written(store, 'c1', { outbox: [first, second] })
      await store.outboxTake(AT, 60_000, 10)
      const left = { ...first, body: { tries: 1, left: ['é', '1'] } }
      await store.outboxPutOff({ ...left, heldUntil: AT + 500 })
      await store.outboxPutOff({ ...first, id: 'never', heldUntil: AT })
      same(await store.outboxTake(AT + 499, 1_000, 10), [])
      same(await store.outboxTake(AT + 500, 1_000, 10), [left])
      await store.outboxPutOff({ ...left, heldUntil: Number.MAX_SAFE_INTEGER })
      same(await store.outboxTake(AT + 1e9, 1_000, 10), [second])
      assert.equal((await store.health()).outboxCount, 2)
    },
  },
  {
    name: 'strikes outbox rows that are done, and minds none that are not there',
    async run(store) {
      const outbox = [1, 2].map((n) => ({ id: `o${n}`, topic: 'after', conversationId: 'c1', body: null }))
      await written(store, 'c1', { outbox })
      await store.outboxTake(AT, 1_000, 1)
      await store.outboxDone(['o1', 'never'])
      await store.outboxDone([])
      assert.equal((await store.health()).outboxCount, 1)
      same(
        (await store.outboxTake(AT + 5_000, 1_000, 10)).map(({ id }) => id),
        ['o2'],
      )
      await store.outboxDone(['o2'])
      same(await store.outboxTake(AT + 99_000, 1_000, 10), [])
    },
  },
  {
    name: 'sets, keeps, replaces and clears the place in the queue',
    async run(store) {
      const queueRow: QueueRow = {
        conversationId: 'c1',
        requirements: { skills: ['billing'], preferredSkills: ['french'], target: '30s', weight: 2 },
        queuedAt: AT,
        declinedBy: [],
        reach: 'present',
        version: 1,
      }
      await written(store, 'c1', { queueRow })
      await written(store, 'c1', { expect: 1 })
      same(await store.waiting(), [queueRow])
      const moved: QueueRow = { ...queueRow, declinedBy: ['ana'], reach: 'away', version: 3 }
      await written(store, 'c1', { expect: 2, queueRow: moved })
      same(await store.waiting(), [moved])
      await written(store, 'c1', { expect: 3, queueRow: null })
      same(await store.waiting(), [])
      await written(store, 'c1', { expect: 4, queueRow: null })
    },
  },
  {
    name: 'gives a lease to one holder at a time, who can renew it',
    async run(store) {
      const first = await store.lease('timers', { holder: 'a', at: AT, ttlMs: 1_000 })
      assert.ok(first !== undefined)
      assert.equal(await store.lease('timers', { holder: 'b', at: AT + 999, ttlMs: 1_000 }), undefined)
      same(await store.lease('timers', { holder: 'a', at: AT + 900, ttlMs: 1_000 }), first)
      assert.equal(await store.lease('timers', { holder: 'b', at: AT + 1_800, ttlMs: 1_000 }), undefined)
      assert.ok(await store.lease('outbox', { holder: 'b', at: AT, ttlMs: 1_000 }), 'another name is another lease')
    },
  },
  {
    name: 'grows the epoch at each change of holder',
    async run(store) {
      const epochs: (number | undefined)[] = []
      for (const [index, holder] of ['a', 'b', 'a', 'c'].entries())
        epochs.push((await store.lease('timers', { holder, at: AT + index * 2_000, ttlMs: 1_000 }))?.epoch)
      same(
        epochs,
        [...new Set(epochs)].sort((one = 0, other = 0) => one - other),
      )
      assert.ok(!epochs.includes(undefined), 'a lease that has run out is free')
    },
  },
  {
    name: 'takes a fenced commit from the holder of the lease, and from nobody else',
    async run(store) {
      const old = await store.lease('timers', { holder: 'a', at: AT, ttlMs: 1_000 })
      const fence = { name: 'timers', epoch: old?.epoch ?? -1 }
      await written(store, 'c1', { fence })
      await leavesAll(store, commitOf('c1', { expect: 1, fence: { name: 'never', epoch: 1 } }), { status: 'fenced' })
      const next = await store.lease('timers', { holder: 'b', at: AT + 5_000, ttlMs: 1_000 })
      await leavesAll(store, commitOf('c1', { expect: 1, fence, nextDueAt: AT }), { status: 'fenced' })
      await written(store, 'c1', { expect: 1, fence: { name: 'timers', epoch: next?.epoch ?? -1 } })
    },
  },
]
