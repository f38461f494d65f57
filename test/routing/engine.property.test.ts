import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { live, type Shift, shifts, type Telling } from './shifts.ts'
import type { Property, Witness } from './witness.ts'

/** A thousand shifts take a while on a busy machine. */
const LONG_MS = 300_000
/** All tests look at the same thousand shifts: each is lived once, and judged by all of them. */
const RUNS = { numRuns: 1_000 } as const

interface Findings {
  readonly broken: Witness['broken']
  readonly offers: readonly string[]
  readonly tieAt: number
}

const lived = new Map<string, Findings>()

async function findings(shift: Shift): Promise<Findings> {
  const key = JSON.stringify(shift)
  const known = lived.get(key)
  if (known !== undefined) return known
  const { witness, offers, tieAt } = await live(shift)
  const found: Findings = { broken: witness.broken, offers, tieAt }
  lived.set(key, found)
  return found
}

/** A choice that depends on the shift alone. */
function choose<Item>(shift: Shift, items: readonly Item[]): Item {
  return items[JSON.stringify(shift).length % items.length] as Item // there is at least one
}

describe('whatever happens on a shift of the real engine: offers, declines, missed offers, lost lines, transfers, restarts', () => {
  const properties: readonly (readonly [Property, string])[] = [
    ['P1', 'P1 (F33): no agent holds more than their capacity, and a lower limit ends nothing that runs'],
    [
      'P2',
      'P2 (F28): whoever is asked is online, has the skills that are still asked for, and has neither declined nor been excluded',
    ],
    ['P3', 'P3 (F27): nobody waits while somebody who may take it has room'],
    ['P4', 'P4 (F22): those who ask for the same go in the order in which they came'],
    ['P5', 'P5 (F22): a seat goes to whom the queue policy ranks first for that agent'],
    ['P6', 'P6 (F22): nobody is passed from further behind than the queue policy allows'],
    ['P7', 'P7 (F26): every conversation ends, exactly once in each episode, and nobody gives up who did not go'],
    ['P8', 'P8 (F38): one agent owns it, by an offer of their own; the same word twice and a late one change nothing'],
    [
      'P9',
      'P9 (F28): declined, missed, cut off or handed on, it waits since it first did, and overflows when it was to',
    ],
    ['P11', 'P11 (F31): of agents who are alike the least loaded is asked, and of these the one longest without'],
    ['P12', 'P12 (F23): the queue and the seats add up to what the logs say, and every place told is one'],
  ]
  for (const [property, title] of properties)
    test(
      title,
      async () => {
        await fc.assert(
          fc.asyncProperty(shifts, async (shift) => {
            expect((await findings(shift)).broken[property]).toEqual([])
          }),
          RUNS,
        )
      },
      LONG_MS,
    )

  test(
    'P10 (F31): the same shift goes the same way again, also over a restart at any moment where the policy remembers nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(shifts, async (shift) => {
          const { deeds, routing } = shift
          const at = choose(shift, [...deeds.keys()])
          const restarted = [...deeds.slice(0, at), { do: 'restarts' } as const, ...deeds.slice(at)]
          const isForgetful = !['roundRobin', 'random', 'scarcityAware'].includes(routing.agentPolicy)
          const first = await findings(shift)
          const again = await live(isForgetful ? { ...shift, deeds: restarted } : shift)
          const until = isForgetful ? Math.min(first.tieAt, again.tieAt) : Number.POSITIVE_INFINITY
          expect(before(again.offers, until)).toEqual(before(first.offers, until))
        }),
        RUNS,
      )
    },
    LONG_MS,
  )

  test(
    'P13 (F31): other names, other clocks or somebody who can serve nothing change no offer',
    async () => {
      await fc.assert(
        fc.asyncProperty(shifts, async (shift) => {
          const telling = choose(shift, tellingsOf(shift))
          const { offers } = await live(shift, telling)
          expect(offers.map((offer) => toldPlainly(offer, telling))).toEqual((await findings(shift)).offers)
        }),
        RUNS,
      )
    },
    LONG_MS,
  )
})

/** Ties end in the order of ids, which is kept; a draw goes by the name itself; some orders count a second or a minute as such. */
function tellingsOf({ routing: { agentPolicy, queuePolicy } }: Shift): readonly Telling[] {
  const renamed: Telling = {
    agentId: (name) => `agent-${name}`,
    skill: (name) => (name === 'billing' ? 'returns' : 'english'),
  }
  const isTimed = queuePolicy === 'weightedAge' || queuePolicy === 'additiveAgeing'
  return [{ bystander: true }, ...(agentPolicy === 'random' ? [] : [renamed]), ...(isTimed ? [] : [{ stretch: 2 }])]
}

function before(offers: readonly string[], until: number): readonly string[] {
  return offers.filter((offer) => Number.parseInt(offer, 10) < until)
}

function toldPlainly(offer: string, { stretch = 1 }: Telling): string {
  const [at = '', rest = ''] = offer.split(': ')
  return `${Number(at) / stretch}: ${rest.replace('> agent-', '> ')}`
}
