import { memoryStore } from 'maitred/stores'
import { findViolations, readStore, simulate, type StoreContent } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

type Conversation = StoreContent['conversations'][number]
type Forgery = (content: StoreContent) => StoreContent

/** A house in which somebody is served, somebody waits, and a seat is in wrap-up. */
async function contentOfAHouse(): Promise<StoreContent> {
  const store = memoryStore()
  await using sim = simulate({ agents: [{ id: 'ana', capacity: 2 }], routing: { wrapUp: '1h' }, store })
  const [kim, lou, max] = [sim.customer('kim'), sim.customer('lou'), sim.customer('max')]
  for (const person of [kim, lou]) {
    await person.says('a person, please')
    await sim.agent('ana').accepts(person)
  }
  await lou.leaves()
  await max.says('a person, please')
  return await readStore(await store.open(''))
}

/** The same house with one conversation changed. */
function forge(index: number, change: (row: Conversation) => Conversation): Forgery {
  return (content) => ({
    ...content,
    conversations: content.conversations.map((row, at) => (at === index ? change(row) : row)),
  })
}

const withContext = (row: Conversation, part: Partial<Conversation['snapshot']['context']>): Conversation => ({
  ...row,
  snapshot: { ...row.snapshot, context: { ...row.snapshot.context, ...part } },
})

const [KIM, LOU, MAX] = [0, 1, 2] as const

const forgeries: readonly (readonly [what: string, rule: string, found: RegExp, forgery: Forgery])[] = [
  [
    'an agent above the limit',
    'capacity',
    /2 units held, at most 1/,
    (content) => ({
      ...content,
      agents: content.agents.map((row) => ({ ...row, agent: { ...row.agent, capacity: 1 } })),
    }),
  ],
  [
    'a hold that the ledger does not know',
    'ledger',
    /is not in the ledger/,
    (content) => ({ ...content, holds: content.holds.slice(1) }),
  ],
  [
    'a hold in another phase than the ledger says',
    'ledger',
    /is offered in the ledger, open in the conversation/,
    (content) => ({
      ...content,
      holds: content.holds.map((hold) => (hold.phase === 'open' ? { ...hold, phase: 'offered' } : hold)),
    }),
  ],
  ['a seat that nobody holds', 'ledger', /has leaked/, forge(KIM, (row) => withContext(row, { holds: [] }))],
  [
    'units that were counted wrongly',
    'ledger',
    /1 units counted, 2 held/,
    (content) => ({ ...content, agents: content.agents.map((row) => ({ ...row, units: 1 })) }),
  ],
  [
    'an owner without a seat',
    'owner',
    /owned by agent:ana, open at nobody/,
    forge(KIM, (row) => withContext(row, { holds: [] })),
  ],
  [
    'a seat without an owner',
    'owner',
    /owned by bot, open at agent:ana/,
    forge(KIM, (row) => withContext(row, { owner: 'bot' })),
  ],
  [
    'two who hold it open',
    'owner',
    /both hold it open/,
    forge(KIM, (row) => {
      const { holds } = row.snapshot.context
      return withContext(row, {
        holds: [...holds, ...holds.map((hold) => ({ ...hold, holdId: 'h2', agentId: 'ben' }))],
      })
    }),
  ],
  [
    'a transcript with a gap',
    'transcript',
    /the numbers have a gap/,
    (content) => ({ ...content, entryCounts: new Map([...content.entryCounts.keys()].map((id) => [id, -1])) }),
  ],
  ['an entry that was lost', 'transcript', /entries, 99 counted/, forge(MAX, (row) => ({ ...row, entryCount: 99 }))],
  [
    'an open conversation that nothing will wake',
    'stuck',
    /has no timer/,
    forge(MAX, (row) => ({ ...row, snapshot: { ...row.snapshot, timers: {} } })),
  ],
  ['somebody who waits in no queue', 'stuck', /is in no queue/, (content) => ({ ...content, queued: new Set() })],
  [
    'somebody who is served and still in the queue',
    'stuck',
    /is still in the queue/,
    (content) => ({ ...content, queued: new Set(content.conversations.map(({ id }) => id)) }),
  ],
  [
    'a wrap-up that never ends',
    'stuck',
    /never ends/,
    forge(LOU, (row) => ({ ...row, snapshot: { ...row.snapshot, timers: {} } })),
  ],
]

describe('the invariants', () => {
  test('hold in a house where all is well', async () => {
    expect(findViolations(await contentOfAHouse())).toEqual([])
  })

  test.each(forgeries)('find %s', async (_what, rule, found, forgery) => {
    const violations = findViolations(forgery(await contentOfAHouse()))
    expect(violations.map((violation) => violation.rule)).toContain(rule)
    expect(violations.map((violation) => violation.found).join('\n')).toMatch(found)
  })

  test('let an agent be above the limit who was forced', async () => {
    const content = forgeries[0]?.[3](await contentOfAHouse())
    expect(content && findViolations(content, { forced: new Set(['ana']) })).toEqual([])
  })
})
