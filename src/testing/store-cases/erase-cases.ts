import assert from 'node:assert/strict'
import type { TenantStore } from '../../core/ports.ts'
import { AT, KIM, type StoreCase, commitOf, keyOf, leavesAll, rowOf, same, written } from './script.ts'

const SECRET = 'my card is 4242'

/** Erasing takes the words and the person, and leaves what can be counted. */
export const eraseCases: readonly StoreCase[] = [
  {
    name: 'erases the person and the words of a customer, and leaves ids, times and authors',
    async run(store) {
      await speak(store, 'c1')
      await speak(store, 'c2')
      const before = await store.transcript('c1', 0)
      same([...(await store.erase('kim')).conversationIds].sort(), ['c1', 'c2'])
      for (const id of ['c1', 'c2']) {
        const { row } = await store.load(id)
        same(row?.customer, { id: 'kim' })
        same(row?.pages, [])
        same([row?.entryCount, row?.snapshot.path], [2, 'closed'])
      }
      const after = await store.transcript('c1', 0)
      same(
        after.map(({ id, seq, at, author, agentId, internal }) => ({ id, seq, at, author, agentId, internal })),
        before.map(({ id, seq, at, author, agentId, internal }) => ({ id, seq, at, author, agentId, internal })),
      )
      same(
        after.map(({ text }) => text),
        ['', ''],
      )
      same(await store.find({ customerId: 'kim' }), [(await store.load('c1')).row, (await store.load('c2')).row])
    },
  },
  {
    name: 'erases the words wherever they can be read: rows, transcript, turns, kept answers',
    async run(store) {
      await speak(store, 'c1')
      await store.erase('kim')
      const read = JSON.stringify([
        await store.load('c1', 'k'),
        await store.transcript('c1', 0),
        await store.turns('c1', 0),
        await store.find({}),
      ])
      for (const word of [SECRET, 'kim@example.org', 'Kim', 'gold', '/cart', 'a.png', 'internal note'])
        assert.ok(!read.includes(word), `${word} can still be read`)
    },
  },
  {
    name: 'erases what plugins have noted, from the rows and from the turns that led to them',
    async run(store) {
      const plugins = { notes: { version: 0, state: { said: SECRET } } }
      const row = rowOf('c1', { customer: KIM })
      const turn = { version: 1, at: AT, walks: [], notes: [], plugins, depth: 0 }
      await written(store, 'c1', { row: { ...row, snapshot: { ...row.snapshot, plugins } }, turn })
      await store.erase('kim')
      same((await store.load('c1')).row?.snapshot, { ...row.snapshot, plugins: {} })
      const { plugins: _noted, ...rest } = turn
      same(await store.turns('c1', 0), [rest])
    },
  },
  {
    name: 'makes a turn begin again that was under way while the person was erased',
    async run(store) {
      await written(store, 'c1', { row: rowOf('c1', { customer: KIM }) })
      await store.erase('kim')
      await leavesAll(store, commitOf('c1', { expect: 1, row: rowOf('c1', { customer: KIM }) }), { status: 'conflict' })
      const { row } = await store.load('c1')
      same([row?.version, row?.erasedVersion, row?.customer], [2, 2, { id: 'kim' }])
      const later = rowOf('c1', { customer: { id: 'kim' }, erasedVersion: 2 })
      await written(store, 'c1', { expect: 2, row: later })
      same((await store.load('c1')).row, { ...later, version: 3 })
    },
  },
  {
    name: 'answers a used key after erasing',
    async run(store) {
      await speak(store, 'c1')
      await store.erase('kim')
      const { prior } = await store.load('c1', 'k')
      assert.equal(prior?.bodyHash, 'hash of k')
      same((prior.receipt as { readonly code?: string }).code, 'STALE_OWNER')
    },
  },
  {
    name: 'erases nobody else',
    async run(store) {
      await speak(store, 'c1')
      const lee = { id: 'lee', name: 'Lee' }
      await written(store, 'c2', {
        row: rowOf('c2', { customer: lee, entryCount: 1 }),
        entries: [{ id: 'c2.1', seq: 1, at: AT, author: 'customer', text: 'hello' }],
      })
      same((await store.erase('nobody')).conversationIds, [])
      await store.erase('kim')
      same((await store.load('c2')).row?.customer, lee)
      assert.equal((await store.transcript('c2', 0))[0]?.text, 'hello')
    },
  },
]

/** A conversation that is over, full of what must not stay. */
async function speak(store: TenantStore, id: string): Promise<void> {
  await written(store, id, {
    row: rowOf(id, { customer: KIM, path: 'closed', pages: [{ url: '/cart', at: AT }], entryCount: 2 }),
    key: keyOf('k', { ok: false, status: 'refused', code: 'STALE_OWNER', hint: 'Nothing was sent.', text: SECRET }),
    entries: [
      {
        id: `${id}.1`,
        seq: 1,
        at: AT,
        author: 'customer',
        text: SECRET,
        attachments: [{ url: 'https://example.org/a.png', name: 'a.png' }],
        metadata: { said: SECRET },
      },
      {
        id: `${id}.2`,
        seq: 2,
        at: AT + 1,
        author: 'agent',
        agentId: 'ana',
        text: 'internal note',
        internal: true,
        choices: [{ id: 'yes', label: SECRET }],
      },
    ],
  })
}
