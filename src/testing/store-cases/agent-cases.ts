import assert from 'node:assert/strict'
import type { Presence } from '../../core/types.ts'
import { AT, type StoreCase, online, release, same, seated, take, written } from './script.ts'

/** Who may answer: profiles and presence. */
export const agentCases: readonly StoreCase[] = [
  {
    name: 'adds an agent who is offline and holds nothing',
    async run(store) {
      const ana = {
        id: 'ana',
        name: 'Ana',
        team: 'shop',
        skills: { billing: 4 },
        capacity: 2,
        autoAccept: true,
      } as const
      const row = await store.saveAgent(ana)
      const { version, ...rest } = row
      const fresh = {
        presence: 'offline',
        presenceUntil: null,
        presenceAt: 0,
        units: 0,
        outside: [],
        lastAssignedAt: 0,
      }
      same(rest, { agent: ana, ...fresh })
      assert.ok(version > 0, 'the version of a row counts from 1')
      same(await store.agent('ana'), row)
      same(await store.agents(), [row])
    },
  },
  {
    name: 'changes a profile and keeps presence, lease and holds',
    async run(store) {
      await store.saveAgent({ id: 'ana', name: 'Ana', skills: ['billing'] })
      await store.setPresence('ana', { presence: 'online', until: AT + 60_000, at: AT })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      const row = await store.saveAgent({ id: 'ana', skills: ['shipping'] })
      same(row.agent, { id: 'ana', skills: ['shipping'] }, 'what the new profile leaves out is gone')
      same([row.presence, row.presenceUntil, row.units, row.lastAssignedAt], ['online', AT + 60_000, 2, AT])
      assert.equal((await store.holdsOf('ana')).length, 1)
    },
  },
  {
    name: 'sets presence with and without a lease',
    async run(store) {
      await store.saveAgent({ id: 'ana' })
      const leased = await store.setPresence('ana', { presence: 'online', until: AT + 60_000, at: AT })
      same([leased?.presence, leased?.presenceUntil], ['online', AT + 60_000])
      const free = await store.setPresence('ana', { presence: 'draining', until: null, at: AT })
      same([free?.presence, free?.presenceUntil], ['draining', null])
      same(await store.agent('ana'), free)
    },
  },
  {
    name: 'remembers since when presence is what it is, however often it is repeated',
    async run(store) {
      await store.saveAgent({ id: 'ana' })
      const since: (number | undefined)[] = []
      const look = async (presence: Presence, at: number): Promise<void> => {
        since.push((await store.setPresence('ana', { presence, until: at + 45_000, at }))?.presenceAt)
      }
      await look('online', AT)
      await look('online', AT + 30_000)
      await look('offline', AT + 60_000)
      await store.saveAgent({ id: 'ana', name: 'Ana' })
      await look('offline', AT + 90_000)
      await look('online', AT + 120_000)
      same(since, [AT, AT, AT + 60_000, AT + 60_000, AT + 120_000])
      await seated(store, 'c1', [take('ana', 'h1')])
      await written(store, 'c1', { expect: 1, at: AT + 150_000, slots: [{ ...release('ana', 'h1'), away: true }] })
      const row = await store.agent('ana')
      same([row?.presence, row?.presenceAt], ['away', AT + 150_000])
    },
  },
  {
    name: 'counts every change of an agent in the version of the row',
    async run(store) {
      const versions: (number | undefined)[] = []
      const look = async (): Promise<void> => {
        versions.push((await store.agent('ana'))?.version)
      }
      await store.saveAgent({ id: 'ana' })
      await look()
      await store.setPresence('ana', { presence: 'online', until: null, at: AT })
      await look()
      await store.saveAgent({ id: 'ana', capacity: 5 })
      await look()
      await seated(store, 'c1', [take('ana', 'h1')])
      await look()
      const sorted = [...new Set(versions)].sort((one = 0, other = 0) => one - other)
      same(versions, sorted, 'later rows have greater versions')
    },
  },
  {
    name: 'knows nobody who was never added or has been removed',
    async run(store) {
      await online(store, { id: 'ana' }, { id: 'ben' })
      assert.equal(await store.agent('zoe'), undefined)
      assert.equal(await store.setPresence('zoe', { presence: 'online', until: null, at: AT }), undefined)
      same(await store.holdsOf('zoe'), [])
      await store.removeAgent('zoe')
      await store.removeAgent('ana')
      assert.equal(await store.agent('ana'), undefined)
      assert.equal(await store.setPresence('ana', { presence: 'online', until: null, at: AT }), undefined)
      same(
        (await store.agents()).map(({ agent }) => agent.id),
        ['ben'],
      )
    },
  },
  {
    name: 'counts what a removed agent still holds when they come back',
    async run(store) {
      await online(store, { id: 'ana' })
      await seated(store, 'c1', [take('ana', 'h1', 2)])
      await store.removeAgent('ana')
      const row = await store.saveAgent({ id: 'ana' })
      assert.equal(row.units, 2)
      assert.equal(row.presence, 'offline')
    },
  },
]
