import assert from 'node:assert/strict'
import type { ConversationFilter, TenantStore } from '../../core/ports.ts'
import { AT, KIM, type StoreCase, contentOf, entriesOf, keyOf, online, rowOf, same, take, written } from './script.ts'

/** Reading: what was written and nothing else, by id, by filter and by tenant. */
export const readCases: readonly StoreCase[] = [
  {
    name: 'finds nothing where nothing was written',
    async run(store) {
      const loaded = await store.load('c1', 'k')
      assert.equal(loaded.row, undefined)
      assert.equal(loaded.prior, undefined)
      same(await store.transcript('c1', 0), [])
      same(await store.turns('c1', 0), [])
      same(await store.find({}), [])
      same(await store.find({ openKey: 'web\nkim' }), [])
      same(await store.agents(), [])
      same(await store.waiting(), [])
      assert.equal(await store.record('gaps', 'refund'), undefined)
      same(await store.health(), { ok: true, outboxCount: 0 })
    },
  },
  {
    name: 'loads what was answered under a key only to who asks for it',
    async run(store) {
      await written(store, 'c1', { key: keyOf('k', { ok: true, transitions: ['greet'] }) })
      assert.equal((await store.load('c1')).prior, undefined)
      assert.equal((await store.load('c1', 'other')).prior, undefined)
      same((await store.load('c1', 'k')).prior, keyOf('k', { ok: true, transitions: ['greet'] }).result)
    },
  },
  {
    name: 'reads a transcript from any entry on, in order',
    async run(store) {
      await written(store, 'c1', { entries: entriesOf('c1', 1, 'one', 'two') })
      await written(store, 'c1', { expect: 1, entries: entriesOf('c1', 3, 'three', 'four') })
      const textsAfter = async (seq: number) => (await store.transcript('c1', seq)).map(({ text }) => text)
      same(await textsAfter(0), ['one', 'two', 'three', 'four'])
      same(await textsAfter(1), ['two', 'three', 'four'])
      same(await textsAfter(3), ['four'])
      same(await textsAfter(4), [])
      same(await textsAfter(99), [])
    },
  },
  {
    name: 'keeps every part of a message',
    async run(store) {
      const article = { id: 'refunds', title: 'Refunds', text: 'Within five days.', skills: ['billing'] }
      const entries = [
        {
          id: 'c1.1',
          seq: 1,
          at: AT,
          author: 'bot',
          text: 'Refunds: "within" five days? It\'s \\ so — 🙂\n\uFFFD',
          choices: [{ id: 'yes', label: 'Yes' }],
          suggestions: [{ article, confidence: 0.75, matched: ['refund'] }],
        },
        {
          id: 'c1.2',
          seq: 2,
          at: AT + 1,
          author: 'agent',
          agentId: 'ana',
          text: '',
          attachments: [{ url: 'https://example.org/a.png', name: 'a.png' }],
          metadata: { deep: { list: [1, null, true, 'x'] } },
          internal: true,
        },
      ] as const
      await written(store, 'c1', { entries })
      same(await store.transcript('c1', 0), entries)
    },
  },
  {
    name: 'reads the turns from a version on, oldest first',
    async run(store) {
      for (let expect = 0; expect < 3; expect += 1)
        await written(store, 'c1', {
          expect,
          turn: { version: expect + 1, at: AT + expect, walks: [], notes: [{ expect }], depth: 0 },
        })
      const versionsFrom = async (version: number) => (await store.turns('c1', version)).map((turn) => turn.version)
      same(await versionsFrom(0), [1, 2, 3])
      same(await versionsFrom(2), [2, 3])
      same(await versionsFrom(4), [])
    },
  },
  {
    name: 'finds conversations by customer, by agent and by phase, alone and together',
    async run(store) {
      const lee = { id: 'lee' }
      await written(store, 'c1', { row: rowOf('c1', { customer: KIM }) })
      await written(store, 'c2', { row: rowOf('c2', { customer: lee, path: 'live.active', context: owned('ana') }) })
      await written(store, 'c3', { row: rowOf('c3', { customer: KIM, path: 'closed', context: servedBy('ana') }) })
      await written(store, 'c4', { row: rowOf('c4', { customer: KIM, path: 'live.held', context: owned('ben') }) })
      same(await idsOf(store, { customerId: 'kim' }), ['c1', 'c3', 'c4'])
      same(await idsOf(store, { agentId: 'ana' }), ['c2', 'c3'])
      same(await idsOf(store, { phase: 'live' }), ['c2', 'c4'])
      same(await idsOf(store, { phase: 'closed' }), ['c3'])
      same(await idsOf(store, { customerId: 'kim', phase: 'live', agentId: 'ben' }), ['c4'])
      same(await idsOf(store, { customerId: 'nobody' }), [])
    },
  },
  {
    name: 'finds a conversation as its newest version has it',
    async run(store) {
      await written(store, 'c1', { row: rowOf('c1', { path: 'live.active', context: owned('ana') }) })
      await written(store, 'c1', { expect: 1, row: rowOf('c1', { customer: { id: 'lee' } }) })
      same(await idsOf(store, { phase: 'live' }), [])
      same(await idsOf(store, { agentId: 'ana' }), [])
      same(await idsOf(store, { customerId: 'lee', phase: 'helping' }), ['c1'])
      assert.equal((await store.find({}))[0]?.version, 2)
    },
  },
  {
    name: 'finds conversations by when they were closed, from a moment and before another',
    async run(store) {
      await written(store, 'c0')
      for (const [index, closedAt] of [AT, AT + 10, AT + 20].entries())
        await written(store, `c${index + 1}`, {
          row: rowOf(`c${index + 1}`, { path: 'closed', context: { closedAt } }),
        })
      same(await idsOf(store, { closedFromAt: AT + 10 }), ['c2', 'c3'])
      same(await idsOf(store, { closedToAt: AT + 10 }), ['c1'])
      same(await idsOf(store, { closedFromAt: AT, closedToAt: AT + 20 }), ['c1', 'c2'])
    },
  },
  {
    name: 'pages through conversations in order of their ids, and backwards',
    async run(store) {
      for (const id of ['b', 'B', 'a', 'C', 'c-2', 'c-10']) await written(store, id)
      const sorted = ['B', 'C', 'a', 'b', 'c-10', 'c-2']
      same(await idsOf(store, {}), sorted)
      same(await idsOf(store, { limit: 2 }), ['B', 'C'])
      same(await idsOf(store, { limit: 3, after: 'C' }), ['a', 'b', 'c-10'])
      same(await idsOf(store, { after: 'c-2' }), [])
      same(await idsOf(store, { newestFirst: true }), sorted.toReversed())
      same(await idsOf(store, { newestFirst: true, limit: 2, after: 'b' }), ['a', 'C'])
    },
  },
  {
    name: 'gives at most 100 conversations unless told',
    async run(store) {
      for (let n = 0; n < 101; n += 1) await written(store, `c${String(n).padStart(3, '0')}`)
      assert.equal((await store.find({})).length, 100)
      same(await idsOf(store, { after: 'c099' }), ['c100'])
      assert.equal((await store.find({ limit: 1_000 })).length, 101)
    },
  },
  {
    name: 'counts the versions of a record, and puts none over a version it is not at',
    async run(store) {
      const put = { plugin: 'gaps', key: 'refund', value: { count: 1 } }
      assert.equal(await store.putRecord({ ...put, ifVersion: 3 }), false)
      assert.equal(await store.record('gaps', 'refund'), undefined)
      assert.equal(await store.putRecord({ ...put, ifVersion: 0 }), true)
      assert.equal(await store.putRecord({ ...put, value: 'lost', ifVersion: 0 }), false)
      assert.equal(await store.putRecord({ ...put, value: [1, { two: null }], ifVersion: 1 }), true)
      same(await store.record('gaps', 'refund'), { value: [1, { two: null }], version: 2 })
      assert.equal(await store.putRecord({ ...put, value: false }), true)
      same(await store.record('gaps', 'refund'), { value: false, version: 3 })
      assert.equal(await store.record('other', 'refund'), undefined)
    },
  },
  {
    name: 'keeps tenants apart in every table',
    async run(store, openAnother) {
      const other = await openAnother()
      await fill(store, 'here')
      const [mine, theirs] = [await contentOf(store), await contentOf(other)]
      same(theirs, await contentOf(await openAnother()), 'a tenant begins empty')
      same((await other.load('c1', 'k')).row, undefined)
      same((await other.load('c1', 'k')).prior, undefined)
      assert.equal(await other.record('gaps', 'refund'), undefined)
      same(await other.outboxTake(AT, 1_000, 10), [])
      await fill(other, 'there')
      assert.ok(await other.lease('timers', { holder: 'there', at: AT, ttlMs: 1_000 }))
      await other.removeAgent('ana')
      await other.erase('kim')
      await other.outboxDone(['o1'])
      same(await contentOf(store), mine)
      same(await store.record('gaps', 'refund'), { value: 'here', version: 1 })
    },
  },
  {
    name: 'tells ids apart by every character',
    async run(store) {
      for (const [index, id] of ODD_IDS.entries()) {
        await online(store, { id })
        const row = rowOf(id, { customer: { id } })
        const holdId = `${id}/1/hold`
        await written(store, id, {
          row,
          key: keyOf(id, index),
          openKey: `web\n${id}`,
          entries: entriesOf(id, 1, `of ${index}`),
          nextDueAt: AT + index,
          slots: [take(id, holdId)],
          records: [{ plugin: 'gaps', key: id, value: index }],
          outbox: [{ id: `${id}/1/after`, topic: 'after', conversationId: id, body: index }],
        })
      }
      for (const [index, id] of ODD_IDS.entries()) {
        const loaded = await store.load(id, id)
        assert.equal(loaded.row?.id, id)
        assert.equal(loaded.prior?.receipt, index)
        same(await idsOf(store, { customerId: id }), [id])
        same(await idsOf(store, { openKey: `web\n${id}` }), [id])
        assert.equal((await store.transcript(id, 0))[0]?.text, `of ${index}`)
        assert.equal((await store.agent(id))?.agent.id, id)
        same(
          (await store.holdsOf(id)).map(({ holdId, conversationId }) => [holdId, conversationId]),
          [[`${id}/1/hold`, id]],
        )
        same(await store.record('gaps', id), { value: index, version: 1 })
      }
      same(
        (await store.due(AT + 1_000, 100)).map(({ id }) => id),
        ODD_IDS,
      )
      await store.outboxDone([`${ODD_IDS[0]}/1/after`])
      assert.equal((await store.health()).outboxCount, ODD_IDS.length - 1)
    },
  },
  {
    name: 'cannot be changed through what it has given or been given',
    async run(store) {
      const given = await fill(store, 'here')
      const before = await contentOf(store)
      const record = await store.record('gaps', 'refund')
      const prior = (await store.load('c1', 'k')).prior
      const read = [
        await store.load('c1', 'k'),
        await store.transcript('c1', 0),
        await store.turns('c1', 0),
        await store.find({}),
        await store.due(AT + 1_000, 10),
        await store.agents(),
        await store.agent('ana'),
        await store.holdsOf('ana'),
        await store.waiting(),
        record,
        given,
      ]
      const [recordBefore, priorBefore] = [structuredClone(record), structuredClone(prior)]
      for (const value of read) spoil(value, new Set())
      same(await contentOf(store), before)
      same(await store.record('gaps', 'refund'), recordBefore)
      same((await store.load('c1', 'k')).prior, priorBefore)
      assert.equal((await store.outboxTake(AT, 1_000, 10))[0]?.topic, 'after')
    },
  },
]

/** Ids that look alike to a database that folds case, accents or spaces, and some that a careless query would trip over. */
const ODD_IDS = [
  'a',
  'A',
  'a ',
  ' a',
  'é',
  'e\u0301',
  "o'brien",
  '"; drop table conversations; --',
  '%',
  '_',
  '\\',
  '$1',
  '🙂',
  '__proto__',
  'constructor',
  'null',
  '0',
  'web\u2028kim',
  'x'.repeat(128),
] as const

/** Leaves something in every table, and returns what it handed over. */
async function fill(store: TenantStore, what: string): Promise<object> {
  const agent = { id: 'ana', skills: ['billing'] }
  await online(store, agent)
  const about = {
    row: rowOf('c1', { customer: { ...KIM, name: what }, pages: [{ url: '/cart', at: AT }], entryCount: 1 }),
    key: keyOf('k', { ok: true, transitions: ['greet'] }),
    openKey: 'web\nkim',
    entries: entriesOf('c1', 1, what),
    turn: { version: 1, at: AT, walks: [], notes: [{ what }], depth: 0 },
    nextDueAt: AT,
    slots: [take('ana', 'h1')],
    queueRow: {
      conversationId: 'c1',
      requirements: { skills: ['billing'] },
      queuedAt: AT,
      declinedBy: [],
      reach: 'present',
      version: 1,
    },
    records: [{ plugin: 'gaps', key: 'refund', value: what }],
    outbox: [{ id: 'o1', topic: 'after', conversationId: 'c1', body: { what } }],
  } as const
  await written(store, 'c1', about)
  return { agent, about }
}

/** Overwrites all it can reach; what is frozen throws, and that is as good. */
function spoil(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  for (const inner of Object.values(value)) spoil(inner, seen)
  for (const name of Object.keys(value)) attempt(() => Object.assign(value, { [name]: 'spoilt' }))
  attempt(() => Object.assign(value, { added: 'spoilt' }))
  if (Array.isArray(value)) attempt(() => value.push('spoilt'))
}

function attempt(change: () => unknown): void {
  try {
    change()
  } catch (error) {
    assert.ok(error instanceof TypeError, 'what is frozen says so')
  }
}

async function idsOf(store: TenantStore, filter: ConversationFilter): Promise<readonly string[]> {
  return (await store.find(filter)).map(({ id }) => id)
}

function owned(agentId: string) {
  return { owner: `agent:${agentId}` } as const
}

function servedBy(agentId: string) {
  return { owner: 'none', formerAgentIds: ['zoe', agentId], closedAt: AT } as const
}
