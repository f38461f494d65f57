import assert from 'node:assert/strict'
import type { TurnRecord } from '../../core/ports.ts'
import {
  AT,
  KIM,
  type StoreCase,
  commitOf,
  contentOf,
  entriesOf,
  keyOf,
  leavesAll,
  online,
  rowOf,
  same,
  take,
  unitsOf,
  written,
} from './script.ts'

/** The only write of conversation state: all of it, or nothing. */
export const commitCases: readonly StoreCase[] = [
  {
    name: 'writes every part of a commit',
    async run(store) {
      await online(store, { id: 'ana' })
      const turn: TurnRecord = { version: 1, at: AT, walks: [], notes: [{ fact: 'opened' }], depth: 0 }
      const row = rowOf('c1', { customer: KIM, pages: [{ url: '/cart', at: AT }], entryCount: 2, previousId: 'c0' })
      const queueRow = {
        conversationId: 'c1',
        requirements: { skills: ['billing'], target: 30_000 },
        queuedAt: AT,
        declinedBy: ['ben'],
        reach: 'present',
        version: 1,
      } as const
      const outboxRow = { id: 'c1/1/after', topic: 'after', conversationId: 'c1', body: { version: 1 } }
      const result = await written(store, 'c1', {
        row,
        key: keyOf('k'),
        openKey: 'web\nkim',
        entries: entriesOf('c1', 1, 'hello', 'is anybody there?'),
        turn,
        nextDueAt: AT + 1_000,
        slots: [take('ana', 'h1')],
        queueRow,
        records: [{ plugin: 'gaps', key: 'refund', value: { count: 1 } }],
        outbox: [outboxRow],
      })
      assert.equal(result.version, 1)
      same((await store.load('c1')).row, { ...row, version: 1 })
      same((await store.load('c1', 'k')).prior, keyOf('k').result)
      same(await store.transcript('c1', 0), entriesOf('c1', 1, 'hello', 'is anybody there?'))
      same(await store.turns('c1', 0), [turn])
      same(await store.due(AT + 1_000, 10), [{ id: 'c1', dueAt: AT + 1_000 }])
      same(await store.waiting(), [queueRow])
      same(await store.record('gaps', 'refund'), { value: { count: 1 }, version: 1 })
      same(await store.outboxTake(AT, 1_000, 10), [outboxRow])
      same(await store.holdsOf('ana'), [
        { holdId: 'h1', agentId: 'ana', conversationId: 'c1', units: 1, phase: 'offered' },
      ])
    },
  },
  {
    name: 'counts the commits of a conversation from 1',
    async run(store) {
      for (let expect = 0; expect < 3; expect += 1)
        assert.equal((await written(store, 'c1', { expect })).version, expect + 1)
      assert.equal((await store.load('c1')).row?.version, 3)
    },
  },
  {
    name: 'adds new entries and turns after the old ones',
    async run(store) {
      const turns = [1, 2].map((version) => ({ version, at: AT, walks: [], notes: [version], depth: 0 }))
      await written(store, 'c1', { entries: entriesOf('c1', 1, 'one', 'two'), turn: turns[0] as TurnRecord })
      await written(store, 'c1', { expect: 1, entries: entriesOf('c1', 3, 'three'), turn: turns[1] as TurnRecord })
      same(await store.transcript('c1', 0), entriesOf('c1', 1, 'one', 'two', 'three'))
      same(await store.turns('c1', 0), turns)
    },
  },
  {
    name: 'refuses a commit computed from an older version, and keeps nothing of it',
    async run(store) {
      await written(store, 'c1')
      await written(store, 'c1', { expect: 1 })
      await leavesAll(store, full('c1', 1), { status: 'conflict' })
      same(await store.record('gaps', 'refund'), undefined)
      same((await store.load('c1', 'k')).prior, undefined)
    },
  },
  {
    name: 'refuses a commit computed from a version that is not there yet',
    async run(store) {
      await written(store, 'c1')
      await leavesAll(store, full('c1', 2), { status: 'conflict' })
      await leavesAll(store, full('c2', 1), { status: 'conflict' })
    },
  },
  {
    name: 'refuses to open a conversation whose id is taken',
    async run(store) {
      await written(store, 'c1', { entries: entriesOf('c1', 1, 'first') })
      await leavesAll(store, full('c1', 0), { status: 'conflict' })
    },
  },
  {
    name: 'answers a used key with the first result, and keeps nothing of the second commit',
    async run(store) {
      await written(store, 'c1', { key: keyOf('k', { ok: true, revision: 1 }) })
      const again = { ...full('c1', 1), key: keyOf('k', { ok: false }) }
      await leavesAll(store, again, { status: 'duplicate', result: keyOf('k', { ok: true, revision: 1 }).result })
    },
  },
  {
    name: 'looks at the key before the version, the seats and the records',
    async run(store) {
      await online(store, { id: 'ana', capacity: 0 })
      await written(store, 'c1', { key: keyOf('k') })
      const duplicate = { status: 'duplicate', result: keyOf('k').result } as const
      await leavesAll(store, { ...full('c1', 0), key: keyOf('k') }, duplicate)
      await leavesAll(store, { ...full('c1', 7), key: keyOf('k') }, duplicate)
      await leavesAll(store, { ...full('c1', 1), key: keyOf('k'), slots: [take('ana', 'h1')] }, duplicate)
      const stale = { plugin: 'gaps', key: 'refund', value: 1, ifVersion: 5 }
      await leavesAll(store, { ...full('c1', 1), key: keyOf('k'), records: [stale] }, duplicate)
      await leavesAll(store, { ...full('c1', 1), key: keyOf('k'), fence: { name: 'timers', epoch: 9 } }, duplicate)
    },
  },
  {
    name: 'keeps a refusal under its key without touching the conversation',
    async run(store) {
      await written(store, 'c1', { entries: entriesOf('c1', 1, 'hello'), nextDueAt: AT })
      const { row: _row, ...bare } = commitOf('c1', { expect: 1, nextDueAt: AT, key: keyOf('k', { code: 'CLOSED' }) })
      const before = await contentOf(store)
      assert.equal((await store.commit(bare)).status, 'ok')
      same(await contentOf(store), before)
      same((await store.load('c1', 'k')).prior, keyOf('k', { code: 'CLOSED' }).result)
      await leavesAll(store, bare, { status: 'duplicate', result: keyOf('k', { code: 'CLOSED' }).result })
      await written(store, 'c1', { expect: 1 })
    },
  },
  {
    name: 'keeps no refusal that was decided on an older version',
    async run(store) {
      await written(store, 'c1')
      await written(store, 'c1', { expect: 1 })
      const { row: _row, ...bare } = commitOf('c1', { expect: 1, key: keyOf('k', { code: 'CLOSED' }) })
      await leavesAll(store, bare, { status: 'conflict' })
      same((await store.load('c1', 'k')).prior, undefined)
    },
  },
  {
    name: 'keeps the keys of each conversation apart',
    async run(store) {
      await written(store, 'c1', { key: keyOf('k', 'first') })
      await written(store, 'c2', { key: keyOf('k', 'second') })
      same((await store.load('c1', 'k')).prior?.receipt, 'first')
      same((await store.load('c2', 'k')).prior?.receipt, 'second')
    },
  },
  {
    name: 'lets one conversation at a time hold an open key',
    async run(store) {
      await written(store, 'c1', { openKey: 'web\nkim' })
      await leavesAll(store, { ...full('c2', 0), openKey: 'web\nkim' }, { status: 'conflict' })
      same((await store.find({ openKey: 'web\nkim' })).map(idOf), ['c1'])
      same((await store.load('c2')).row, undefined)
      await written(store, 'c1', { expect: 1, openKey: 'web\nkim' })
    },
  },
  {
    name: 'frees an open key when it is given up, and only then',
    async run(store) {
      await written(store, 'c1', { openKey: 'web\nkim' })
      await written(store, 'c1', { expect: 1 })
      same((await store.find({ openKey: 'web\nkim' })).map(idOf), ['c1'])
      await written(store, 'c1', { expect: 2, openKey: null })
      same(await store.find({ openKey: 'web\nkim' }), [])
      await written(store, 'c2', { openKey: 'web\nkim' })
      same((await store.find({ openKey: 'web\nkim' })).map(idOf), ['c2'])
    },
  },
  {
    name: 'frees the old open key when another one takes its place',
    async run(store) {
      await written(store, 'c1', { openKey: 'web\nvisitor' })
      await written(store, 'c1', { expect: 1, openKey: 'web\nkim' })
      same(await store.find({ openKey: 'web\nvisitor' }), [])
      await written(store, 'c2', { openKey: 'web\nvisitor' })
    },
  },
  {
    name: 'writes a record when its version is the expected one, and counts it up',
    async run(store) {
      const put = (value: number, ifVersion?: number) => ({
        plugin: 'gaps',
        key: 'refund',
        value,
        ...(ifVersion === undefined ? {} : { ifVersion }),
      })
      await written(store, 'c1', { records: [put(1, 0)] })
      await written(store, 'c1', { expect: 1, records: [put(2, 1)] })
      await written(store, 'c1', { expect: 2, records: [put(3)] })
      same(await store.record('gaps', 'refund'), { value: 3, version: 3 })
    },
  },
  {
    name: 'refuses the whole commit when one record is not at the expected version',
    async run(store) {
      await written(store, 'c1', { records: [{ plugin: 'gaps', key: 'refund', value: 1 }] })
      for (const ifVersion of [0, 2]) {
        const records = [
          { plugin: 'gaps', key: 'other', value: 1 },
          { plugin: 'gaps', key: 'refund', value: 2, ifVersion },
        ]
        await leavesAll(store, { ...full('c1', 1), records }, { status: 'conflict' })
      }
      same(await store.record('gaps', 'refund'), { value: 1, version: 1 })
      same(await store.record('gaps', 'other'), undefined)
    },
  },
  {
    name: 'keeps nothing of a commit whose seat is refused',
    async run(store) {
      await online(store, { id: 'ana', capacity: 1 })
      await written(store, 'c1', { slots: [take('ana', 'h1')] })
      await leavesAll(
        store,
        { ...full('c2', 0), openKey: 'web\nlee', slots: [take('ana', 'h2')] },
        { status: 'refused', code: 'NO_CAPACITY', agentId: 'ana' },
      )
      same((await store.load('c2', 'k')).prior, undefined)
      same(await store.record('gaps', 'refund'), undefined)
      same(await store.find({ openKey: 'web\nlee' }), [])
      assert.equal(await unitsOf(store, 'ana'), 1)
    },
  },
]

/** A commit that would leave its mark in every table. */
function full(id: string, expect: number): ReturnType<typeof commitOf> {
  return commitOf(id, {
    expect,
    row: rowOf(id, { path: 'closed', entryCount: 9 }),
    key: keyOf('k'),
    entries: entriesOf(id, 9, 'never said'),
    turn: { version: expect + 1, at: AT, walks: [], notes: ['never decided'], depth: 0 },
    nextDueAt: AT + 99,
    queueRow: {
      conversationId: id,
      requirements: { skills: [] },
      queuedAt: AT,
      declinedBy: [],
      reach: 'away',
      version: expect + 1,
    },
    records: [{ plugin: 'gaps', key: 'refund', value: 'never put' }],
    outbox: [{ id: `${id}/never`, topic: 'after', conversationId: id, body: null }],
  })
}

function idOf({ id }: { readonly id: string }): string {
  return id
}
