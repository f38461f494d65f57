import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/core/types.ts'
import { type AgentPolicyName, QUEUE_POLICIES } from '../../src/routing/routing.ts'
import { type House, openHouse } from './house.ts'
import { createOracle } from './oracle.ts'

interface Colleague {
  readonly skills: Readonly<Record<string, number>>
  readonly capacity: number
  readonly units: number
  readonly lastAssignedAt: number
}

const SKILLS = ['billing', 'german', 'returns']
const colleague: fc.Arbitrary<Colleague> = fc.record({
  skills: fc.dictionary(fc.constantFrom(...SKILLS), fc.integer({ min: 1, max: 5 }), { noNullPrototype: true }),
  capacity: fc.integer({ min: 1, max: 4 }),
  units: fc.integer({ min: 0, max: 3 }),
  lastAssignedAt: fc.integer({ min: 0, max: 2 }),
})
const colleagues = fc.array(colleague, { minLength: 1, maxLength: 8 })
const nameOf = (index: number) => `agent-${index}`

function employ(house: House, staff: readonly Colleague[]): void {
  for (const [index, { skills, capacity, ...row }] of staff.entries()) {
    house.agent({ id: nameOf(index), skills, capacity } as Agent, row)
  }
}

const speed = ({ skills }: Colleague, wanted: readonly string[]) =>
  Math.min(5, ...wanted.map((skill) => skills[skill] ?? 0))

/** The keys of each policy, to be compared one after another, the smallest first. */
const keys: Readonly<
  Record<
    Exclude<AgentPolicyName, 'random' | 'sticky' | 'scarcityAware'>,
    (one: Colleague, wanted: readonly string[], best: number) => number[]
  >
> = {
  default: (one, wanted, best) => [
    -Math.round((4 * speed(one, wanted)) / best),
    one.units / one.capacity,
    Object.keys(one.skills).length,
    one.lastAssignedAt,
  ],
  longestIdle: (one) => [one.lastAssignedAt],
  leastLoaded: (one) => [one.units / one.capacity, one.lastAssignedAt],
  roundRobin: () => [],
  mostSpecialised: (one) => [Object.keys(one.skills).length, one.units / one.capacity, one.lastAssignedAt],
  mostProficient: (one, wanted) => [-speed(one, wanted), one.units / one.capacity, one.lastAssignedAt],
}

function isSmaller(some: readonly number[], others: readonly number[]): boolean {
  const index = some.findIndex((value, at) => value !== others[at])
  return index >= 0 && (some[index] ?? 0) < (others[index] ?? 0)
}

describe('a conversation that comes alone', () => {
  test.each(Object.keys(keys) as (keyof typeof keys)[])('goes to the best agent by `%s`', (agentPolicy) => {
    const wishes = fc.tuple(fc.subarray(SKILLS, { maxLength: 2 }), fc.subarray(SKILLS), fc.option(fc.nat(7)))
    fc.assert(
      fc.property(colleagues, wishes, (staff, [skills, preferredSkills, preferred]) => {
        const house = openHouse({ agentPolicy })
        employ(house, staff)
        house.match()
        const preferredAgentId = preferred === null ? undefined : nameOf(preferred)
        const requirements = {
          skills,
          preferredSkills,
          ...(preferredAgentId === undefined ? {} : { preferredAgentId }),
        }
        house.arrives('c1', requirements)
        const oracle = createOracle({ agentPolicy, queuePolicy: 'weightedAge', relax: [] })
        for (const row of house.rows.values()) oracle.toldAgent(row)
        const row = {
          conversationId: 'c1',
          requirements,
          queuedAt: 0,
          declinedBy: [],
          reach: 'present',
          version: 1,
        } as const
        oracle.waiting.set('c1', row)
        const best = Math.max(...staff.map((one) => speed(one, skills)))
        const ranked = staff
          .map((one, index) => ({ one, index }))
          .filter(({ index }) => oracle.isEligible(row, nameOf(index), 0))
          .map(({ one, index }) => {
            const liked = preferredSkills.filter((skill) => one.skills[skill] !== undefined).length
            return { index, key: [index === preferred ? 0 : 1, -liked, ...keys[agentPolicy](one, skills, best), index] }
          })
        const winner = ranked.find(({ key }) => !ranked.some((other) => isSmaller(other.key, key)))
        expect(house.match()).toEqual(winner === undefined ? [] : [`c1 > ${nameOf(winner.index)}`])
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the place in the queue of a house where nobody comes any more', () => {
  test('is kept: never served later by its agents than the worst place, and never earlier than the best', () => {
    const wish = fc.record({
      skills: fc.subarray(SKILLS, { maxLength: 2 }),
      weight: fc.constantFrom(1, 2),
      target: fc.constantFrom(10_000, 60_000),
      priority: fc.constantFrom(0, 1),
      age: fc.integer({ min: 0, max: 50_000 }),
      declinedBy: fc.subarray([0, 1, 2], { maxLength: 1 }),
    })
    const turns = fc.array(fc.tuple(fc.nat(10), fc.integer({ min: 0, max: 20_000 })), { minLength: 30, maxLength: 30 })
    const staff = fc.array(colleague, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.constantFrom(...QUEUE_POLICIES),
        staff,
        fc.array(wish, { maxLength: 8 }),
        turns,
        (queuePolicy, all, wishes, ends) => {
          const house = openHouse({ queuePolicy })
          // Everybody is busy at first: one foreign unit each, given back in the order of `ends`.
          const busy = all.map((one) => ({ ...one, units: one.capacity }))
          employ(house, busy)
          const waiting = wishes.map(({ age, declinedBy, ...needs }, index) => {
            const id = `c${index}`
            house.arrives(id, { ...needs, queuedAt: 50_000 - age, declinedBy: declinedBy.map(nameOf) })
            const mine = all.flatMap((one, at) =>
              speed(one, needs.skills) > 0 && !declinedBy.includes(at) ? [nameOf(at)] : [],
            )
            return { id, mine }
          })
          expect(house.match(50_000)).toEqual([])
          const places = waiting.map(({ id }) => house.router.place(id, 50_000)?.position ?? 0)
          const served: { id: string; agentId: string }[] = []
          let now = 50_000
          for (const [who, passed] of ends) {
            now += passed
            const row = house.rows.get(nameOf(who % all.length))
            if (row === undefined || row.units === 0) continue
            const freed = { ...row, units: row.units - 1, version: row.version + 1 }
            house.rows.set(row.agent.id, freed)
            house.router.agentChanged(freed)
            for (const made of house.match(now)) served.push({ id: made.slice(0, 2), agentId: made.slice(5) })
          }
          for (const [index, { id, mine }] of waiting.entries()) {
            const position = places[index] ?? 0
            const [best, worst] = typeof position === 'number' ? [position, position] : position
            expect(best).toBeLessThanOrEqual(worst)
            const rank = served.findIndex((one) => one.id === id)
            if (rank < 0) continue
            const before = served.slice(0, rank)
            expect(before.length + 1).toBeGreaterThanOrEqual(best)
            expect(before.filter(({ agentId }) => mine.includes(agentId)).length + 1).toBeLessThanOrEqual(worst)
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })
})
