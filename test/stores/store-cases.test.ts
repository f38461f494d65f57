import { describe, expect, test } from 'vitest'
import type { Commit, Store, TenantStore } from '../../src/core/ports.ts'
import { memoryStore } from '../../src/stores/index.ts'
import { storeCases } from '../../src/testing/index.ts'
import { wrapStore } from './wrapped-store.ts'

type Flaw = (tenant: TenantStore) => Partial<TenantStore>

/** Stores that break one promise each, and a case that must notice. */
const FLAWS: Readonly<Record<string, { readonly flaw: Flaw; readonly noticedBy: string }>> = {
  'has no guard on capacity': {
    flaw: withCommit((commit) => ({
      ...commit,
      slots: commit.slots.map((slot) => (slot.op === 'take' ? { ...slot, force: true } : slot)),
    })),
    noticedBy: 'gives 10 agents with 3 seats each exactly 30 of 50 conversations that come at once',
  },
  'looks at the capacity of each seat of a list for itself': {
    flaw: ({ commit }) => ({
      commit: async (asked) => {
        const result = await commit(asked)
        if (result.status !== 'refused' || asked.slots.length < 2) return result
        return commit({ ...asked, slots: asked.slots.map((slot) => ({ ...slot, force: true })) })
      },
    }),
    noticedBy: 'counts two seats of one list at one agent together',
  },
  'does not check the version': {
    flaw: (tenant) => ({
      commit: async (asked) => tenant.commit({ ...asked, expect: (await tenant.load(asked.id)).row?.version ?? 0 }),
    }),
    noticedBy: 'refuses a commit computed from an older version, and keeps nothing of it',
  },
  'checks the version before the key': {
    flaw: (tenant) => ({
      commit: async (asked) => {
        const version = (await tenant.load(asked.id)).row?.version ?? 0
        return version === asked.expect ? tenant.commit(asked) : { status: 'conflict' }
      },
    }),
    noticedBy: 'looks at the key before the version, the seats and the records',
  },
  'does not keep keys': {
    flaw: withCommit(({ key: _key, ...asked }) => asked),
    noticedBy: 'answers a used key with the first result, and keeps nothing of the second commit',
  },
  'keeps one house of keys for all conversations': {
    flaw: (tenant) => {
      const results = new Map<string, NonNullable<Commit['key']>['result']>()
      return {
        commit: async (asked) => {
          const result = asked.key === undefined ? undefined : results.get(asked.key.name)
          if (result !== undefined) return { status: 'duplicate', result }
          const made = await tenant.commit(asked)
          if (made.status === 'ok' && asked.key !== undefined) results.set(asked.key.name, asked.key.result)
          return made
        },
      }
    },
    noticedBy: 'keeps the keys of each conversation apart',
  },
  'writes a refused commit without its seats': {
    flaw: ({ commit }) => ({
      commit: async (asked) => {
        const result = await commit(asked)
        if (result.status === 'refused') await commit({ ...asked, slots: [] })
        return result
      },
    }),
    noticedBy: 'keeps nothing of a commit whose seat is refused',
  },
  'makes the changes of a list that come before a refused one': {
    flaw: ({ commit }) => ({
      commit: async (asked) => {
        const result = await commit(asked)
        if (result.status === 'refused') await commit({ ...asked, slots: asked.slots.slice(0, -1) })
        return result
      },
    }),
    noticedBy: 'keeps no seat of a list of which a later one is refused',
  },
  'puts the records of a commit that meets a conflict': {
    flaw: (tenant) => ({
      commit: async (asked) => {
        const result = await tenant.commit(asked)
        if (result.status === 'conflict') for (const put of asked.records) await tenant.putRecord(put)
        return result
      },
    }),
    noticedBy: 'refuses the whole commit when one record is not at the expected version',
  },
  'does not check the version of records': {
    flaw: ({ putRecord }) => ({ putRecord: ({ ifVersion: _ifVersion, ...put }) => putRecord(put) }),
    noticedBy: 'loses no change of a record that many count up',
  },
  'has no fence': {
    flaw: withCommit(({ fence: _fence, ...asked }) => asked),
    noticedBy: 'takes a fenced commit from the holder of the lease, and from nobody else',
  },
  'never grows an epoch': {
    flaw: ({ lease }) => ({
      lease: async (...asked) => ((await lease(...asked)) === undefined ? undefined : { epoch: 1 }),
    }),
    noticedBy: 'grows the epoch at each change of holder',
  },
  'gives a lease to everybody': {
    flaw: ({ lease }) => ({
      lease: (name, { holder: _holder, ...about }) => lease(name, { holder: 'anybody', ...about }),
    }),
    noticedBy: 'gives a lease to one holder at a time, who can renew it',
  },
  'does not keep open keys to one conversation': {
    flaw: withCommit((asked) => ({ ...asked, openKey: `${asked.openKey} of ${asked.id}` })),
    noticedBy: 'lets one of many new conversations hold an open key',
  },
  'never frees an open key': {
    flaw: withCommit((asked) => {
      const { openKey, ...rest } = asked
      return openKey === null ? rest : asked
    }),
    noticedBy: 'frees an open key when it is given up, and only then',
  },
  'counts no weight': {
    flaw: withCommit((asked) => ({
      ...asked,
      slots: asked.slots.map((slot) => (slot.op === 'take' ? { ...slot, units: 1 } : slot)),
    })),
    noticedBy: 'counts the weight of a conversation, not the conversation',
  },
  'sends nobody away': {
    flaw: withCommit((asked) => ({
      ...asked,
      slots: asked.slots.map((slot) => {
        if (slot.op !== 'release') return slot
        const { away: _away, ...rest } = slot
        return rest
      }),
    })),
    noticedBy: 'sends an agent away with the offer they let pass',
  },
  'frees a seat when its phase changes': {
    flaw: withCommit((asked) => ({
      ...asked,
      slots: asked.slots.map((slot) =>
        slot.op === 'phase' ? { op: 'release', agentId: slot.agentId, holdId: slot.holdId } : slot,
      ),
    })),
    noticedBy: 'changes the phase of a hold and leaves the seat taken',
  },
  'takes agents with a new profile offline': {
    flaw: ({ saveAgent, setPresence }) => ({
      saveAgent: async (agent) => {
        const row = await saveAgent(agent)
        return (await setPresence(agent.id, { presence: 'offline', until: null, at: 0 })) ?? row
      },
    }),
    noticedBy: 'changes a profile and keeps presence, lease and holds',
  },
  'forgets leases of presence': {
    flaw: ({ setPresence }) => ({ setPresence: (id, declared) => setPresence(id, { ...declared, until: null }) }),
    noticedBy: 'sets presence with and without a lease',
  },
  'counts presence from when it was last repeated': {
    flaw: ({ setPresence }) => ({
      setPresence: async (id, declared) => {
        await setPresence(id, { ...declared, presence: declared.presence === 'online' ? 'away' : 'online' })
        return setPresence(id, declared)
      },
    }),
    noticedBy: 'remembers since when presence is what it is, however often it is repeated',
  },
  'lets a hold grow without a guard': {
    flaw: withCommit((asked) => ({
      ...asked,
      slots: asked.slots.map((slot) => (slot.op === 'weigh' ? { ...slot, force: true } : slot)),
    })),
    noticedBy: 'refuses more weight than there is room for, whatever the presence, unless it is forced',
  },
  'never changes what a hold weighs': {
    flaw: withCommit((asked) => ({ ...asked, slots: asked.slots.filter(({ op }) => op !== 'weigh') })),
    noticedBy: 'lets a hold weigh less, nothing, and as much as before again',
  },
  'takes any work outside': {
    flaw: ({ setOutside }) => ({ setOutside: (id, work) => setOutside(id, { ...work, forced: true }) }),
    noticedBy: 'refuses work outside above the capacity, unless it is forced, and never keeps anybody from ending it',
  },
  'knows one piece of work outside': {
    flaw: ({ setOutside }) => ({ setOutside: (id, work) => setOutside(id, { ...work, name: 'work' }) }),
    noticedBy: 'counts work outside as load, until it is over',
  },
  'invents an agent to set the presence of': {
    flaw: ({ agent, saveAgent, setPresence }) => ({
      setPresence: async (id, declared) => {
        if ((await agent(id)) === undefined) await saveAgent({ id })
        return setPresence(id, declared)
      },
    }),
    noticedBy: 'knows nobody who was never added or has been removed',
  },
  'names what is due in any order': {
    flaw: ({ due }) => ({ due: async (...asked) => (await due(...asked)).toReversed() }),
    noticedBy: 'names the conversations that are due, the earliest first',
  },
  'names what is due only once': {
    flaw: ({ due }) => {
      const told = new Set<string>()
      return {
        due: async (at, limit) => {
          const found = (await due(at, limit)).filter(({ id, dueAt }) => !told.has(`${id} ${dueAt}`))
          for (const { id, dueAt } of found) told.add(`${id} ${dueAt}`)
          return found
        },
      }
    },
    noticedBy: 'holds a conversation due until a commit says otherwise',
  },
  'never calls a timer off': {
    flaw: (tenant) => ({
      commit: async (asked) => {
        if (asked.nextDueAt !== null || asked.expect === 0) return tenant.commit(asked)
        const known = (await tenant.due(Number.MAX_SAFE_INTEGER, 100)).find(({ id }) => id === asked.id)
        return tenant.commit({ ...asked, nextDueAt: known?.dueAt ?? null })
      },
    }),
    noticedBy: 'forgets a timer that is called off',
  },
  'cuts times to 31 bits': {
    flaw: withCommit((asked) => ({
      ...asked,
      nextDueAt: asked.nextDueAt === null ? null : Math.min(asked.nextDueAt, asked.at + 2 ** 31 - 1),
    })),
    noticedBy: 'keeps a time that is more than 2^31 ms away',
  },
  'gives outbox rows to everybody': {
    flaw: ({ outboxTake }) => ({ outboxTake: (at, _leaseMs, limit) => outboxTake(at, 0, limit) }),
    noticedBy: 'gives a lease to one of many, and an outbox row to one of many',
  },
  'loses an outbox row when it is taken': {
    flaw: ({ outboxTake, outboxDone }) => ({
      outboxTake: async (...asked) => {
        const rows = await outboxTake(...asked)
        await outboxDone(rows.map(({ id }) => id))
        return rows
      },
    }),
    noticedBy: 'leases outbox rows to one taker at a time, the oldest first',
  },
  'keeps a place in the queue for ever': {
    flaw: withCommit((asked) => {
      const { queueRow, ...rest } = asked
      return queueRow === null ? rest : asked
    }),
    noticedBy: 'sets, keeps, replaces and clears the place in the queue',
  },
  'reads the transcript from the entry itself': {
    flaw: ({ transcript }) => ({ transcript: (id, afterSeq) => transcript(id, Math.max(0, afterSeq - 1)) }),
    noticedBy: 'reads a transcript from any entry on, in order',
  },
  'keeps of a message what fits its table': {
    flaw: withCommit((asked) => ({
      ...asked,
      entries: asked.entries.map(({ metadata: _metadata, choices: _choices, ...entry }) => entry),
    })),
    noticedBy: 'keeps every part of a message',
  },
  'gives all turns': {
    flaw: ({ turns }) => ({ turns: (id) => turns(id, 0) }),
    noticedBy: 'reads the turns from a version on, oldest first',
  },
  'finds by customer alone': {
    flaw: ({ find }) => ({ find: ({ agentId: _agentId, phase: _phase, ...filter }) => find(filter) }),
    noticedBy: 'finds conversations by customer, by agent and by phase, alone and together',
  },
  'counts the last moment in': {
    flaw: ({ find }) => ({
      find: (filter) =>
        find(filter.closedToAt === undefined ? filter : { ...filter, closedToAt: filter.closedToAt + 1 }),
    }),
    noticedBy: 'finds conversations by when they were closed, from a moment and before another',
  },
  'sorts ids without regard to case': {
    flaw: ({ find }) => ({
      find: async ({ after, limit = 100, newestFirst = false, ...filter }) => {
        const rows = [...(await find({ ...filter, limit: 1_000 }))]
        rows.sort((one, other) => one.id.localeCompare(other.id))
        if (newestFirst) rows.reverse()
        const from = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1
        return rows.slice(from, from + limit)
      },
    }),
    noticedBy: 'pages through conversations in order of their ids, and backwards',
  },
  'gives everything it has': {
    flaw: ({ find }) => ({ find: (filter) => find({ limit: 1_000, ...filter }) }),
    noticedBy: 'gives at most 100 conversations unless told',
  },
  'folds the case of ids': {
    flaw: (tenant) => ({
      load: (id, key) => tenant.load(id.toLowerCase(), key),
      commit: (asked) => tenant.commit({ ...asked, id: asked.id.toLowerCase() }),
    }),
    noticedBy: 'tells ids apart by every character',
  },
  'hands out what it holds': {
    flaw: (tenant) => {
      const held = new Map<string, Awaited<ReturnType<TenantStore['transcript']>>>()
      return {
        transcript: async (id, afterSeq) => {
          const entries = held.get(id) ?? structuredClone(await tenant.transcript(id, 0))
          held.set(id, entries)
          return afterSeq === 0 ? entries : tenant.transcript(id, afterSeq)
        },
      }
    },
    noticedBy: 'cannot be changed through what it has given or been given',
  },
  'erases the person and leaves the words': {
    flaw: (tenant) => {
      const said = new Map<string, Awaited<ReturnType<TenantStore['transcript']>>>()
      return {
        erase: async (customerId) => {
          for (const { id } of await tenant.find({ customerId })) said.set(id, await tenant.transcript(id, 0))
          return tenant.erase(customerId)
        },
        transcript: async (id, afterSeq) => said.get(id) ?? tenant.transcript(id, afterSeq),
      }
    },
    noticedBy: 'erases the words wherever they can be read: rows, transcript, turns, kept answers',
  },
  'erases all but what plugins have noted in the turns': {
    flaw: (tenant) => {
      const noted = new Map<string, Awaited<ReturnType<TenantStore['turns']>>>()
      return {
        erase: async (customerId) => {
          for (const { id } of await tenant.find({ customerId })) noted.set(id, await tenant.turns(id, 0))
          return tenant.erase(customerId)
        },
        turns: async (id, fromVersion) => noted.get(id) ?? tenant.turns(id, fromVersion),
      }
    },
    noticedBy: 'erases what plugins have noted, from the rows and from the turns that led to them',
  },
  'lets a turn under way write an erased person back': {
    flaw: (tenant) => ({
      commit: async (commit) => {
        const { row } = await tenant.load(commit.id)
        const isLate = row?.erasedVersion !== undefined && row.erasedVersion === commit.expect + 1
        return tenant.commit(isLate ? { ...commit, expect: row.version } : commit)
      },
    }),
    noticedBy: 'makes a turn begin again that was under way while the person was erased',
  },
  'erases everybody': {
    flaw: (tenant) => ({
      erase: async (customerId) => {
        for (const { customer } of await tenant.find({ limit: 1_000 })) await tenant.erase(customer.id)
        return tenant.erase(customerId)
      },
    }),
    noticedBy: 'erases nobody else',
  },
}

describe('the store cases', () => {
  for (const [what, { flaw, noticedBy }] of Object.entries(FLAWS)) {
    test(`notice a store that ${what}`, async () => {
      expect(await failedBy(() => wrapStore(memoryStore(), flaw))).toContain(noticedBy)
    })
  }

  test('notice a store that has one house for all tenants', async () => {
    const open = (): Store => {
      const store = memoryStore()
      return { ...store, open: () => store.open('all') }
    }
    expect(await failedBy(open)).toContain('keeps tenants apart in every table')
  })

  test('find nothing wrong with a wrapped store that has no flaw', async () => {
    expect(await failedBy(() => wrapStore(memoryStore(), () => ({})))).toEqual([])
  })

  test('have names that tell them apart', () => {
    const names = storeCases(memoryStore).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

/** The names of the cases that fail. */
async function failedBy(open: () => Store): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { name, run } of storeCases(open)) {
    await run().catch(() => failed.push(name))
  }
  return failed
}

function withCommit(change: (asked: Commit) => Commit): Flaw {
  return ({ commit }) => ({ commit: (asked) => commit(change(asked)) })
}
