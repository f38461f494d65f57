import { describe, expect, test } from 'vitest'
import type { Commit, CommitResult, TenantStore } from '../../src/core/ports.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { storeCases } from '../../src/testing/index.ts'
import { wrapStore } from './wrapped-store.ts'

type Flaw = (tenant: TenantStore) => Partial<TenantStore>

const changed =
  (change: (asked: Commit) => Commit): Flaw =>
  ({ commit }) => ({ commit: (asked) => commit(change(asked)) })

/** More stores that break one promise each: those whose cases no other flaw fails. */
const FLAWS: Readonly<Record<string, { readonly flaw: Flaw; readonly noticedBy: string }>> = {
  'counts versions from 0': {
    flaw: ({ commit }) => ({
      commit: async (asked) => {
        const result = await commit(asked)
        return result.status === 'ok' ? { ...result, version: result.version - 1 } : result
      },
    }),
    noticedBy: 'counts the commits of a conversation from 1',
  },
  'keeps the entries of the last commit only': {
    flaw: (tenant) => {
      const froms = new Map<string, number>()
      return {
        commit: async (asked) => {
          if (asked.entries[0] !== undefined) froms.set(asked.id, asked.entries[0].seq)
          return tenant.commit(asked)
        },
        transcript: async (id, afterSeq) =>
          (await tenant.transcript(id, afterSeq)).filter(({ seq }) => seq >= (froms.get(id) ?? 0)),
      }
    },
    noticedBy: 'adds new entries and turns after the old ones',
  },
  'keeps an open key that was replaced': {
    flaw: (tenant) => {
      const held = new Map<string, string>()
      return {
        commit: async (asked): Promise<CommitResult> => {
          const { openKey } = asked
          const holder = openKey === undefined || openKey === null ? undefined : held.get(openKey)
          if (holder !== undefined && holder !== asked.id) return { status: 'conflict' }
          const result = await tenant.commit(asked)
          if (result.status === 'ok' && openKey !== undefined && openKey !== null) held.set(openKey, asked.id)
          if (openKey === null) for (const [key, id] of held) if (id === asked.id) held.delete(key)
          return result
        },
      }
    },
    noticedBy: 'frees the old open key when another one takes its place',
  },
  'counts the versions of records put in commits from 0': {
    flaw: ({ record }) => ({
      record: async (...asked) => {
        const found = await record(...asked)
        return found === undefined ? undefined : { ...found, version: found.version - 1 }
      },
    }),
    noticedBy: 'writes a record when its version is the expected one, and counts it up',
  },
  'takes seats before it releases any': {
    flaw: changed((asked) => ({
      ...asked,
      slots: [...asked.slots].sort((one, other) => Number(one.op === 'release') - Number(other.op === 'release')),
    })),
    noticedBy: 'takes the seat that the same list has just released',
  },
  'tells nobody whose seat was given back': {
    flaw: ({ commit }) => ({
      commit: async (asked) => {
        const result = await commit(asked)
        return result.status === 'ok' && asked.slots.some(({ op }) => op === 'release')
          ? { ...result, agents: [] }
          : result
      },
    }),
    noticedBy: 'gives back what a hold took',
  },
  'sends whoever let an offer pass away, though they had gone': {
    flaw: (tenant) => ({
      commit: async (asked) => {
        const result = await tenant.commit(asked)
        for (const slot of asked.slots)
          if (slot.op === 'release' && slot.away === true)
            await tenant.setPresence(slot.agentId, { presence: 'away', until: null, at: asked.at })
        return result
      },
    }),
    noticedBy: 'brings nobody back from offline by sending them away',
  },
  'releases of a hold what it weighed at first': {
    flaw: changed((asked) => ({
      ...asked,
      slots: asked.slots.flatMap((slot) =>
        slot.op === 'release' ? [{ op: 'weigh', agentId: slot.agentId, holdId: slot.holdId, units: 1 }] : [slot],
      ),
    })),
    noticedBy: 'releases of a hold what it weighs by then',
  },
  'lets new agents be online': {
    flaw: (tenant) => ({
      saveAgent: async (agent) => {
        const isNew = (await tenant.agent(agent.id)) === undefined
        const row = await tenant.saveAgent(agent)
        const online = isNew ? await tenant.setPresence(agent.id, { presence: 'online', until: null, at: 0 }) : row
        return online ?? row
      },
    }),
    noticedBy: 'adds an agent who is offline and holds nothing',
  },
  'moves timers to later times only': {
    flaw: (tenant) => ({
      commit: async (asked) => {
        const due = (await tenant.due(Number.MAX_SAFE_INTEGER, 1_000)).find(({ id }) => id === asked.id)
        const isEarlier = due !== undefined && asked.nextDueAt !== null && asked.nextDueAt < due.dueAt
        return tenant.commit(isEarlier ? { ...asked, nextDueAt: due.dueAt } : asked)
      },
    }),
    noticedBy: 'moves a timer to its newest time, earlier or later',
  },
  'strikes nothing from the outbox if one row is not there': {
    flaw: ({ outboxDone }) => ({ outboxDone: (ids) => (ids.includes('never') ? undefined : outboxDone(ids)) }),
    noticedBy: 'strikes outbox rows that are done, and minds none that are not there',
  },
  'finds something everywhere': {
    flaw: ({ record }) => ({ record: async (...asked) => (await record(...asked)) ?? { value: null, version: 0 } }),
    noticedBy: 'finds nothing where nothing was written',
  },
  'takes every commit computed from the same version': {
    flaw: (tenant) => ({
      commit: async (asked) => {
        const result = await tenant.commit(asked)
        if (result.status !== 'conflict' || asked.entries.length === 0) return result
        return tenant.commit({ ...asked, expect: (await tenant.load(asked.id)).row?.version ?? 0 })
      },
    }),
    noticedBy: 'takes one of many commits computed from the same version',
  },
  'names versions of what is not there': {
    flaw: ({ versions }) => ({
      versions: async (ids) => new Map([...ids.map((id) => [id, 0] as const), ...(await versions(ids))]),
    }),
    noticedBy: 'names the versions of conversations, and leaves out what is not there',
  },
  'finds those to whom nothing is owed': {
    flaw: ({ find }) => ({ find: ({ pending: _pending, ...filter }) => find(filter) }),
    noticedBy: 'finds the conversations to whom work is owed',
  },
  'leaves no outbox row to whoever wrote it': {
    flaw: changed((asked) => ({ ...asked, outbox: asked.outbox.map(({ heldUntil: _heldUntil, ...row }) => row) })),
    noticedBy: 'leaves an outbox row to whoever wrote it until the time they have asked for',
  },
}

describe('the store cases', () => {
  test.each(Object.entries(FLAWS))('notice a store that %s', async (_what, { flaw, noticedBy }) => {
    const noticing = storeCases(() => wrapStore(memoryStore(), flaw)).find(({ name }) => name === noticedBy)
    expect(noticing).toBeDefined()
    await expect(noticing?.run()).rejects.toThrow()
  })
})
