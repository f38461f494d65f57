import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import type { EngineOptions } from '../../src/assemble.ts'
import { definePlugin } from '../../src/core/hooks/define-plugin.ts'
import type { Plugin } from '../../src/core/hooks/hook-context.ts'
import type { BeforeContext } from '../../src/core/hooks/hook-context.ts'
import { REDIRECT_TARGETS, TRANSITION_NAMES, type TransitionName } from '../../src/core/transitions.ts'
import { knowledgeBase } from '../../src/plugins/index.ts'
import { createHouse, type Deed, deeds, type House } from './house.ts'
import { logOf, replayed } from './replayed.ts'

const RUNS = { numRuns: 1_000 } as const
/** A thousand stories take a while on a busy machine. */
const LONG_MS = 120_000
const articles = [
  { id: 'refund', title: 'Where is my refund?', text: 'It takes five days.', skills: ['billing'] },
  { id: 'late', title: 'My refund is late', text: 'Ask us after a week.' },
]

async function live(
  told: readonly Deed[],
  plugins: readonly Plugin[] = [],
  options: Pick<EngineOptions, 'routing'> = {},
): Promise<House> {
  const house = await createHouse({ ...options, plugins: [knowledgeBase({ articles }), ...plugins] })
  for (const deed of told) await house.act(deed)
  return house
}

const story = fc.array(deeds, { minLength: 5, maxLength: 40 })

/** Houses that ask one agent or two at once, forgive those who declined or not, and let a queue overflow wherever it may. */
const houses = fc.record({
  offerTimeout: fc.constant('20s' as const),
  wrapUp: fc.constantFrom('30s' as const, 0),
  offerTo: fc.constantFrom(1, 2),
  maxTransfers: fc.constantFrom(1, 5),
  noticeEvery: fc.constantFrom('1m' as const, '10m' as const),
  askAgainAfter: fc.constantFrom('1m' as const, '1d' as const),
  overflow: fc.record({
    after: fc.constantFrom('2m' as const, '15m' as const),
    to: fc.constantFrom('async' as const, 'callback' as const, 'close' as const, { skills: ['none'] }),
  }),
})

/** A plugin that decides by the count of what it is asked: every n-th time it vetoes or redirects. */
function meddler(everyNth: number, what: 'veto' | (typeof REDIRECT_TARGETS)[number], only?: TransitionName): Plugin {
  let count = 0
  const plugin = definePlugin({
    name: 'meddler',
    version: '1.0.0',
    hooks: {
      'before:*': (ctx: BeforeContext<{ config: unknown; state: unknown; api: unknown }, '*'>) => {
        if (only !== undefined && ctx.transition !== only) return
        count += 1
        if (count % everyNth !== 0) return
        if (what === 'veto') ctx.veto('on principle')
        else ctx.redirect(what, { reason: 'on principle' })
      },
    },
  })
  return plugin()
}

describe('whatever people do', () => {
  test(
    'the ledger equals the holds after every commit, no agent is over capacity, one owner speaks, what is stored comes back as it was and from its log, and time alone closes everything',
    async () => {
      await fc.assert(
        fc.asyncProperty(story, houses, async (told, routing) => {
          const house = await live(told, [], { routing })
          const rows = await house.store.find({ limit: 1_000 })
          expect(JSON.parse(JSON.stringify(rows))).toEqual(rows)
          for (const { id, snapshot } of rows) expect(replayed(await house.store.turns(id, 0))).toEqual(snapshot)
          await house.advance(10 * 86_400_000)
          const paths = (await house.store.find({ limit: 1_000 })).map(({ snapshot }) => snapshot.path)
          expect(paths).toEqual(paths.map(() => 'closed'))
          expect((await house.store.agents()).map(({ units }) => units)).toEqual([0, 0])
          expect(await house.store.waiting()).toEqual([])
          expect(house.violations).toEqual([])
        }),
        RUNS,
      )
    },
    LONG_MS,
  )

  test(
    'a redirect never leaks a seat, whatever it redirects and wherever to',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          story,
          fc.constantFrom(...REDIRECT_TARGETS),
          fc.integer({ min: 1, max: 5 }),
          fc.option(fc.constantFrom(...TRANSITION_NAMES)),
          async (told, to, nth, only) => {
            const house = await live(told, [meddler(nth, to, only ?? undefined)])
            for (const { id, snapshot } of await house.store.find({ limit: 1_000 }))
              expect(replayed(await house.store.turns(id, 0))).toEqual(snapshot)
            expect(house.violations).toEqual([])
          },
        ),
        RUNS,
      )
    },
    LONG_MS,
  )

  test(
    'a veto changes nothing but the transcript entries that record the message and the verdict',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          story,
          fc.integer({ min: 1, max: 3 }),
          fc.constantFrom(...TRANSITION_NAMES),
          async (told, nth, only) => {
            const house = await createHouse({ plugins: [knowledgeBase({ articles }), meddler(nth, 'veto', only)] })
            for (const deed of told) {
              const before = new Map((await house.store.find({ limit: 1_000 })).map((row) => [row.id, row]))
              let vetoCount = 0
              const unsubscribe = house.engine.on('transition.vetoed', () => (vetoCount += 1))
              await house.act(deed)
              unsubscribe()
              const receipt = house.receipts.at(-1)
              if (typeof receipt !== 'object' || receipt.status !== 'vetoed' || !('who' in deed) || vetoCount !== 1)
                continue
              const [row] = await house.store.find({ customerId: deed.who, newestFirst: true, limit: 1 })
              const old = before.get(row?.id ?? '')
              if (row === undefined || old === undefined || row.version !== old.version + 1) continue
              expect({ ...row, version: 0, entryCount: 0 }).toEqual({ ...old, version: 0, entryCount: 0 })
              const added = (await house.store.transcript(row.id, old.entryCount)).map(({ author, internal }) =>
                internal === true ? 'verdict' : author,
              )
              expect([['verdict'], ['customer', 'verdict']]).toContainEqual(added)
            }
            expect(house.violations).toEqual([])
          },
        ),
        RUNS,
      )
    },
    LONG_MS,
  )

  test(
    'the same events and seed give the same log',
    async () => {
      await fc.assert(
        fc.asyncProperty(story, async (told) => {
          expect(await logOf(await live(told))).toEqual(await logOf(await live(told)))
        }),
        RUNS,
      )
    },
    LONG_MS,
  )
})
