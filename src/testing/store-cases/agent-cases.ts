import assert from 'node:assert/strict'
import { AT, type StoreCase, online, same, seated, take } from './script.ts'

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
      same(rest, { agent: ana, presence: 'offline', presenceUntil: null, units: 0, lastAssignedAt: 0 })
      assert.ok(version > 0, 'the version of a row counts from 1')
      same(await store.agent('ana'), row)
      same(await store.agents(), [row])
    },
  },
  {
    name: 'changes a profile and keeps presence, lease and holds',
    async run(store) {
      await store.saveAgent({ id: 'ana', name: 'Ana', skills: ['billing'] })
      await store.setPresence('ana', 'online', AT + 60_000)
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
      const leased = await store.setPresence('ana', 'online', AT + 60_000)
      same([leased?.presence, leased?.presenceUntil], ['online', AT + 60_000])
      const free = await store.setPresence('ana', 'draining', null)
      same([free?.presence, free?.presenceUntil], ['draining', null])
      same(await store.agent('ana'), free)
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
      await store.setPresence('ana', 'online', null)
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
      assert.equal(await store.setPresence('zoe', 'online', null), undefined)
      same(await store.holdsOf('zoe'), [])
      await store.removeAgent('zoe')
      await store.removeAgent('ana')
      assert.equal(await store.agent('ana'), undefined)
      assert.equal(await store.setPresence('ana', 'online', null), undefined)
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
