import assert from 'node:assert/strict'
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
        await store.setPresence('ana', presence, null)
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
      await store.setPresence('ana', 'offline', null)
      await seated(store, 'c3', [{ ...take('ana', 'h3'), force: true }])
      assert.equal(await unitsOf(store, 'ana'), 3)
      await store.setPresence('ana', 'online', null)
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
      await store.setPresence('ana', 'offline', null)
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
]

function noCapacity(agentId: string) {
  return { status: 'refused', code: 'NO_CAPACITY', agentId } as const
}

function agentGone(agentId: string) {
  return { status: 'refused', code: 'AGENT_GONE', agentId } as const
}
