import assert from 'node:assert/strict'
import type { OutsideWork } from '../../core/ports.ts'
import { DEFAULT_CAPACITY } from '../../core/memory/ledger.ts'
import {
  AT,
  type StoreCase,
  commitOf,
  leavesAll,
  online,
  release,
  same,
  seated,
  take,
  unitsOf,
  weigh,
  written,
} from './script.ts'

/** The capacity ledger: one row per hold, and never one seat too many. */
export const ledgerCases: readonly StoreCase[] = [
  {
    name: 'takes a seat: the hold, the units, and when the agent was last asked',
    async run(store) {
      await online(store, { id: 'ana', capacity: 3 }, { id: 'ben' })
      const { agents } = await written(store, 'c1', { at: AT + 5, slots: [take('ana', 'h1', 2)] })
      same(await store.holdsOf('ana'), [
        { holdId: 'h1', agentId: 'ana', conversationId: 'c1', units: 2, phase: 'offered' },
      ])
      const ana = await store.agent('ana')
      assert.equal(ana?.units, 2)
      assert.equal(ana.lastAssignedAt, AT + 5)
      same(agents, [ana], 'a commit tells the agents it has changed, as they are now, and no other')
      same(await store.holdsOf('ben'), [])
    },
  },
  {
    name: 'remembers when an agent last gave a seat back, so that the longest idle is the same after a restart',
    async run(store) {
      await online(store, { id: 'ana' }, { id: 'ben' })
      await seated(store, 'c1', [take('ana', 'h1'), take('ben', 'h2')])
      assert.equal((await store.agent('ana'))?.lastFreedAt, undefined)
      const { agents } = await written(store, 'c1', { expect: 1, at: AT + 9, slots: [release('ana', 'h1')] })
      const ana = await store.agent('ana')
      assert.equal(ana?.lastFreedAt, AT + 9)
      same(agents, [ana], 'the row of the commit tells it too')
      assert.equal((await store.agents()).find(({ agent }) => agent.id === 'ana')?.lastFreedAt, AT + 9)
      const { agents: changed } = await store.changes()
      assert.equal(changed.find(({ agent }) => agent.id === 'ana')?.lastFreedAt, AT + 9)
      assert.equal((await store.agent('ben'))?.lastFreedAt, undefined)
    },
  },
  {
    name: 'gives an agent the default capacity when the profile says none',
    async run(store) {
      await online(store, { id: 'ana' })
      for (let seat = 0; seat < DEFAULT_CAPACITY; seat += 1) await seated(store, `c${seat}`, [take('ana', `h${seat}`)])
      await leavesAll(store, commitOf('c9', { slots: [take('ana', 'h9')] }), noCapacity('ana'))
    },
  },
  {
    name: 'counts the weight of a conversation, not the conversation',
    async run(store) {
      await online(store, { id: 'ana', capacity: 3 })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      await leavesAll(store, commitOf('c2', { slots: [take('ana', 'h2', 2)] }), noCapacity('ana'))
      await seated(store, 'c3', [take('ana', 'h3', 1)])
      assert.equal(await unitsOf(store, 'ana'), 3)
    },
  },
  {
    name: 'refuses a seat at an agent who is not online',
    async run(store) {
      await store.saveAgent({ id: 'ana' })
      for (const presence of ['away', 'draining', 'offline'] as const) {
        await store.setPresence('ana', { presence, until: null, at: AT })
        await leavesAll(store, commitOf('c1', { slots: [take('ana', 'h1')] }), agentGone('ana'))
      }
    },
  },
  {
    name: 'refuses a seat at an agent whom nobody knows, even by force',
    async run(store) {
      await leavesAll(store, commitOf('c1', { slots: [take('zoe', 'h1')] }), agentGone('zoe'))
      await leavesAll(store, commitOf('c1', { slots: [{ ...take('zoe', 'h1'), force: true }] }), agentGone('zoe'))
    },
  },
  {
    name: 'takes a seat by force over capacity and whatever the presence',
    async run(store) {
      await online(store, { id: 'ana', capacity: 1 })
      await seated(store, 'c1', [take('ana', 'h1')])
      await seated(store, 'c2', [{ ...take('ana', 'h2'), force: true }])
      await store.setPresence('ana', { presence: 'offline', until: null, at: AT })
      await seated(store, 'c3', [{ ...take('ana', 'h3'), force: true }])
      assert.equal(await unitsOf(store, 'ana'), 3)
      await store.setPresence('ana', { presence: 'online', until: null, at: AT })
      await leavesAll(store, commitOf('c4', { slots: [take('ana', 'h4')] }), noCapacity('ana'))
    },
  },
  {
    name: 'keeps no seat of a list of which a later one is refused',
    async run(store) {
      await online(store, { id: 'ana' }, { id: 'ben', capacity: 1 })
      await seated(store, 'c1', [take('ben', 'h1')])
      await seated(store, 'c2', [take('ana', 'h2')])
      await leavesAll(
        store,
        commitOf('c2', { expect: 1, slots: [release('ana', 'h2'), take('ana', 'h3'), take('ben', 'h4')] }),
        noCapacity('ben'),
      )
      await leavesAll(
        store,
        commitOf('c2', { expect: 1, slots: [{ ...release('ana', 'h2'), away: true }, take('zoe', 'h4')] }),
        agentGone('zoe'),
      )
    },
  },
  {
    name: 'counts two seats of one list at one agent together',
    async run(store) {
      await online(store, { id: 'ana', capacity: 1 })
      await leavesAll(store, commitOf('c1', { slots: [take('ana', 'h1'), take('ana', 'h2')] }), noCapacity('ana'))
      await leavesAll(
        store,
        commitOf('c1', { slots: [{ ...take('ana', 'h1'), force: true }, take('ana', 'h2')] }),
        noCapacity('ana'),
      )
    },
  },
  {
    name: 'takes the seat that the same list has just released',
    async run(store) {
      await online(store, { id: 'ana', capacity: 1 }, { id: 'ben', capacity: 1 })
      await seated(store, 'c1', [take('ana', 'h1')])
      await written(store, 'c1', { expect: 1, slots: [release('ana', 'h1'), take('ana', 'h2')] })
      same(
        (await store.holdsOf('ana')).map(({ holdId }) => holdId),
        ['h2'],
      )
      await written(store, 'c1', { expect: 2, slots: [release('ana', 'h2'), take('ben', 'h3')] })
      assert.equal(await unitsOf(store, 'ana'), 0)
      assert.equal(await unitsOf(store, 'ben'), 1)
    },
  },
  {
    name: 'changes the phase of a hold and leaves the seat taken',
    async run(store) {
      await online(store, { id: 'ana' })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      for (const [index, phase] of (['open', 'wrapUp'] as const).entries()) {
        await written(store, 'c1', { expect: index + 1, slots: [{ op: 'phase', agentId: 'ana', holdId: 'h1', phase }] })
        same(await store.holdsOf('ana'), [{ holdId: 'h1', agentId: 'ana', conversationId: 'c1', units: 2, phase }])
      }
      assert.equal(await unitsOf(store, 'ana'), 2)
    },
  },
  {
    name: 'gives back what a hold took',
    async run(store) {
      await online(store, { id: 'ana' })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      await seated(store, 'c2', [take('ana', 'h2')])
      const { agents } = await written(store, 'c1', { expect: 1, slots: [release('ana', 'h1')] })
      assert.equal(await unitsOf(store, 'ana'), 1)
      same(
        agents.map(({ units }) => units),
        [1],
      )
      same(
        (await store.holdsOf('ana')).map(({ holdId }) => holdId),
        ['h2'],
      )
    },
  },
  {
    name: 'sends an agent away with the offer they let pass',
    async run(store) {
      await online(store, { id: 'ana' })
      await seated(store, 'c1', [take('ana', 'h1')])
      const { agents } = await written(store, 'c1', { expect: 1, slots: [{ ...release('ana', 'h1'), away: true }] })
      assert.equal((await store.agent('ana'))?.presence, 'away')
      same(
        agents.map(({ presence, units }) => ({ presence, units })),
        [{ presence: 'away', units: 0 }],
      )
    },
  },
  {
    name: 'brings nobody back from offline by sending them away',
    async run(store) {
      await online(store, { id: 'ana' })
      await seated(store, 'c1', [take('ana', 'h1')])
      await store.setPresence('ana', { presence: 'offline', until: null, at: AT })
      await written(store, 'c1', { expect: 1, slots: [{ ...release('ana', 'h1'), away: true }] })
      assert.equal((await store.agent('ana'))?.presence, 'offline')
    },
  },
  {
    name: 'releases a seat above a capacity that has been lowered, and gives none until there is room',
    async run(store) {
      await online(store, { id: 'ana', capacity: 3 })
      for (const seat of [1, 2, 3]) await seated(store, `c${seat}`, [take('ana', `h${seat}`)])
      await store.saveAgent({ id: 'ana', capacity: 1 })
      assert.equal(await unitsOf(store, 'ana'), 3)
      for (const seat of [1, 2, 3]) {
        await leavesAll(store, commitOf('c4', { slots: [take('ana', 'h4')] }), noCapacity('ana'))
        await written(store, `c${seat}`, { expect: 1, slots: [release('ana', `h${seat}`)] })
      }
      await seated(store, 'c4', [take('ana', 'h4')])
    },
  },
  {
    name: 'releases the seat of an agent who has been removed',
    async run(store) {
      await online(store, { id: 'ana' })
      await seated(store, 'c1', [take('ana', 'h1')])
      await store.removeAgent('ana')
      await leavesAll(store, commitOf('c2', { slots: [take('ana', 'h2')] }), agentGone('ana'))
      await written(store, 'c1', { expect: 1, slots: [release('ana', 'h1')] })
      same(await store.holdsOf('ana'), [])
    },
  },
  {
    name: 'lets a hold weigh less, nothing, and as much as before again',
    async run(store) {
      await online(store, { id: 'ana', capacity: 2 })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      await leavesAll(store, commitOf('c2', { slots: [take('ana', 'h2')] }), noCapacity('ana'))
      const { agents } = await written(store, 'c1', { expect: 1, slots: [weigh('ana', 'h1', 0)] })
      same(
        agents.map(({ units }) => units),
        [0],
      )
      same(
        (await store.holdsOf('ana')).map(({ holdId, units }) => [holdId, units]),
        [['h1', 0]],
      )
      await seated(store, 'c2', [take('ana', 'h2')])
      await written(store, 'c1', { expect: 2, slots: [weigh('ana', 'h1', 1)] })
      assert.equal(await unitsOf(store, 'ana'), 2)
    },
  },
  {
    name: 'refuses more weight than there is room for, whatever the presence, unless it is forced',
    async run(store) {
      await online(store, { id: 'ana', capacity: 2 })
      await seated(store, 'c1', [take('ana', 'h1')])
      await seated(store, 'c2', [take('ana', 'h2')])
      await written(store, 'c1', { expect: 1, slots: [weigh('ana', 'h1', 0)] })
      await seated(store, 'c3', [take('ana', 'h3')])
      await leavesAll(store, commitOf('c1', { expect: 2, slots: [weigh('ana', 'h1', 1)] }), noCapacity('ana'))
      await store.setPresence('ana', { presence: 'away', until: null, at: AT })
      await leavesAll(store, commitOf('c1', { expect: 2, slots: [weigh('ana', 'h1', 1)] }), noCapacity('ana'))
      await written(store, 'c1', { expect: 2, slots: [{ ...weigh('ana', 'h1', 1), force: true }] })
      assert.equal(await unitsOf(store, 'ana'), 3)
      await store.saveAgent({ id: 'ana', capacity: 1 })
      await written(store, 'c1', { expect: 3, slots: [weigh('ana', 'h1', 0)] })
      await written(store, 'c2', { expect: 1, slots: [release('ana', 'h2')] })
      await written(store, 'c3', { expect: 1, slots: [release('ana', 'h3')] })
      await written(store, 'c1', { expect: 4, slots: [weigh('ana', 'h1', 1)] })
      assert.equal(await unitsOf(store, 'ana'), 1)
    },
  },
  {
    name: 'releases of a hold what it weighs by then',
    async run(store) {
      await online(store, { id: 'ana', capacity: 3 })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      await written(store, 'c1', { expect: 1, slots: [weigh('ana', 'h1', 0)] })
      await written(store, 'c1', { expect: 2, slots: [release('ana', 'h1')] })
      assert.equal(await unitsOf(store, 'ana'), 0)
      same(await store.holdsOf('ana'), [])
    },
  },
  {
    name: 'counts work outside as load, until it is over',
    async run(store) {
      await online(store, { id: 'ana', capacity: 3 })
      const row = await store.setOutside('ana', call(2, { untilAt: AT + 60_000 }))
      assert.ok(typeof row === 'object')
      same([row.units, row.outside], [2, [call(2, { untilAt: AT + 60_000 })]])
      same(await store.agent('ana'), row)
      await seated(store, 'c1', [take('ana', 'h1')])
      await leavesAll(store, commitOf('c2', { slots: [take('ana', 'h2')] }), noCapacity('ana'))
      await store.setOutside('ana', call(1))
      await store.setOutside('ana', call(1, { name: 'letter' }))
      const { version, ...busy } = (await store.agent('ana')) ?? assert.fail('she is there')
      same([busy.units, busy.outside], [3, [call(1), call(1, { name: 'letter' })]])
      assert.ok(version > row.version)
      await store.setPresence('ana', { presence: 'away', until: null, at: AT })
      await store.saveAgent({ id: 'ana', capacity: 3, name: 'Ana' })
      await store.setOutside('ana', call(0))
      same((await store.agent('ana'))?.outside, [call(1, { name: 'letter' })])
      assert.equal(await unitsOf(store, 'ana'), 2)
      await store.setOutside('ana', call(0))
      assert.equal(await unitsOf(store, 'ana'), 2)
    },
  },
  {
    name: 'refuses work outside above the capacity, unless it is forced, and never keeps anybody from ending it',
    async run(store) {
      await online(store, { id: 'ana', capacity: 2 })
      await seated(store, 'c1', [take('ana', 'h1')])
      const before = await store.agent('ana')
      assert.equal(await store.setOutside('ana', call(2)), 'NO_CAPACITY')
      same(await store.agent('ana'), before)
      await store.setOutside('ana', call(3, { forced: true }))
      assert.equal(await unitsOf(store, 'ana'), 4)
      const less = await store.setOutside('ana', call(2))
      assert.ok(typeof less === 'object')
      assert.equal(less.units, 3)
      await store.setOutside('ana', call(0))
      assert.equal(await unitsOf(store, 'ana'), 1)
      assert.equal(await store.setOutside('zoe', call(1)), undefined)
    },
  },
]

function call(units: number, about: Partial<OutsideWork> = {}): OutsideWork {
  return { name: 'call', units, untilAt: null, forced: false, ...about }
}

function noCapacity(agentId: string) {
  return { status: 'refused', code: 'NO_CAPACITY', agentId } as const
}

function agentGone(agentId: string) {
  return { status: 'refused', code: 'AGENT_GONE', agentId } as const
}
