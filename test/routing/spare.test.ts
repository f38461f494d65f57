import { describe, expect, test } from 'vitest'
import type { Routing } from '../../src/routing/routing.ts'
import { type House, openHouse } from './house.ts'

/** Ten seats of five who are fast at billing; three who are slow at it, and do returns well. Whoever is `busy` has no room. */
function openSlow({ busy = [], ...routing }: Routing & { readonly busy?: readonly string[] } = {}): House {
  const house = openHouse(routing)
  for (const id of ['ann', 'ben', 'cleo', 'dora', 'eve'])
    house.agent({ id, skills: { billing: 5 }, capacity: 2 }, { units: 2 })
  for (const id of ['xan', 'yul', 'zoe'])
    house.agent(
      { id, skills: { billing: 3, returns: 5 }, capacity: 1 },
      { units: busy.includes(id) ? 1 : 0, lastAssignedAt: 1 },
    )
  return house
}

const TWO_BUSY = { busy: ['xan', 'yul'] }

/** Ten seats, 5 / 3 - 1 faster: 0.6 of that is 4. So many wait, and each who has room counts squared. */
describe('an agent who is slow at it, and does something else well', () => {
  test('helps at once while enough colleagues have room for what they do well', () => {
    const house = openSlow({ busy: ['xan'] })
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual(['c1 > yul'])
  })

  test('is spared when they are the last one with room, until enough wait', () => {
    const house = openSlow(TWO_BUSY)
    for (const id of ['c1', 'c2', 'c3']) house.arrives(id, { skills: ['billing'] })
    expect(house.match()).toEqual([])
    house.arrives('c4', { skills: ['billing'] })
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test('counts all who ask for the same skills, by their weight', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'], target: '5s' })
    house.arrives('c2', { skills: ['billing'], weight: 2 })
    house.arrives('c3', { skills: ['returns', 'billing'], excludedAgentIds: ['zoe'] })
    expect(house.match()).toEqual([])
    house.arrives('c4', { skills: ['billing'] })
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test('does not count what is proposed to somebody already', () => {
    const house = openSlow(TWO_BUSY)
    for (const id of ['c1', 'c2', 'c3', 'c4']) house.arrives(id, { skills: ['billing'] })
    const proposal = house.router.next(0)
    expect(proposal).toMatchObject({ conversationId: 'c1', agentId: 'zoe' })
    house.agent({ id: 'una', skills: { billing: 3, returns: 5 }, capacity: 1 })
    expect(house.router.next(0)).toBeUndefined()
    house.arrives('c5', { skills: ['billing'] })
    expect(house.router.next(0)).toMatchObject({ conversationId: 'c2', agentId: 'una' })
  })

  test('helps whoever prefers a skill of theirs, as soon as nobody who is faster has it', () => {
    const house = openSlow(TWO_BUSY)
    house.agent({ id: 'ann', skills: { billing: 5, german: 5 }, capacity: 2 }, { units: 2 })
    house.agent({ id: 'zoe', skills: { billing: 3, returns: 5, german: 3 }, capacity: 1 })
    house.arrives('c1', { skills: ['billing'] })
    house.arrives('c2', { skills: ['billing'], preferredSkills: ['german'], queuedAt: 1 })
    expect(house.match(1)).toEqual([])
    house.presence('ann', 'away')
    expect(house.match(1)).toEqual(['c2 > zoe'])
  })

  test('helps as soon as a colleague has room again', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual([])
    house.agent({ id: 'yul', skills: { returns: 5 }, capacity: 1 })
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test('helps as soon as enough who are faster have gone', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'] })
    for (const id of ['ann', 'ben', 'cleo']) house.presence(id, 'away')
    expect(house.match()).toEqual([])
    house.presence('dora', 'draining')
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test('is not slow any more once all who were faster have gone', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual([])
    for (const id of ['ann', 'ben', 'cleo', 'dora', 'eve']) house.presence(id, 'away')
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test('helps whoever has waited for four times the target, and says when that will be', () => {
    const house = openSlow({ ...TWO_BUSY, target: '30s' })
    house.arrives('c1', { skills: ['billing'], queuedAt: 1_000 })
    house.arrives('c2', { skills: ['billing'], queuedAt: 2_000 })
    expect(house.match(5_000)).toEqual([])
    expect(house.router.dueAt()).toBe(121_000)
    expect(house.match(120_999)).toEqual([])
    expect(house.match(121_000)).toEqual(['c1 > zoe'])
  })

  test('takes what they do well meanwhile', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'] })
    house.arrives('c2', { skills: ['returns'], queuedAt: 1 })
    expect(house.match(1)).toEqual(['c2 > zoe'])
  })

  test('takes whoever asks for them, and whoever none of the faster may have', () => {
    const house = openSlow({ busy: ['xan'] })
    house.agent({ id: 'yul', skills: { billing: 3, returns: 5, german: 5 }, capacity: 1 }, { units: 1 })
    house.arrives('c1', { skills: ['billing'] })
    house.arrives('c2', { skills: ['billing'], preferredAgentId: 'zoe' })
    expect(house.match()).toEqual(['c2 > zoe'])
    house.ends('c2')
    house.arrives('c3', { skills: ['billing'], declinedBy: ['ann', 'ben', 'cleo', 'dora'], excludedAgentIds: ['eve'] })
    expect(house.match()).toEqual(['c3 > zoe'])
  })

  test('is not spared where they do nothing better, nor where nobody is faster', () => {
    const house = openHouse()
    for (const id of ['ann', 'ben', 'cleo', 'dora', 'eve']) house.agent({ id, skills: ['billing'] }, { units: 3 })
    house.agent({ id: 'xan', skills: { billing: 3 } })
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual(['c1 > xan'])
    house.agent({ id: 'zoe', skills: { german: 3, returns: 5 } })
    house.arrives('c2', { skills: ['german'] })
    expect(house.match()).toEqual(['c2 > zoe'])
  })

  test('is not spared for the sake of faster ones who have not seats enough', () => {
    const house = openHouse()
    for (const id of ['ann', 'ben', 'cleo', 'dora', 'eve'])
      house.agent({ id, skills: ['billing'], capacity: 1 }, { units: 1 })
    house.agent({ id: 'zoe', skills: { billing: 3, returns: 5 }, capacity: 2 })
    house.arrives('c1', { skills: ['billing'], weight: 2 })
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test.each<Routing>([
    { relax: [{ after: 0, drop: 'proficiency' }] },
    { agentPolicy: 'leastLoaded' },
    { agentPolicy: (candidates) => candidates[0]?.agent.id },
  ])('is not spared where the rules say otherwise: %j', (routing) => {
    const house = openSlow({ ...TWO_BUSY, ...routing })
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual(['c1 > zoe'])
  })

  test('is spared under a score of plugins too', () => {
    const house = openSlow(TWO_BUSY)
    house.router.scoreBy(() => 1)
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual([])
  })

  test('is why somebody waits, and the explanation says so', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'] })
    house.match()
    const explanation = house.router.explain('c1', 0, { full: true })
    expect(explanation).toMatchObject({
      waitingFor:
        'a free seat at one of 7 agents with billing; 1 slower one has room and is spared for what they do better, until more wait or it has waited too long',
      rejected: { skill: 1, capacity: 7 },
    })
    expect(explanation.agents?.at(-1)).toEqual({ agentId: 'zoe', rejected: 'skill' })
  })

  test('makes the place of those behind a range only where somebody may pass', () => {
    const house = openSlow(TWO_BUSY)
    house.arrives('c1', { skills: ['billing'] })
    house.arrives('c2', { skills: ['billing'], queuedAt: 1 })
    house.match(2)
    expect(house.router.place('c1', 2)?.position).toBe(1)
    expect(house.router.place('c2', 2)?.position).toBe(2)
    house.arrives('c3', { skills: ['billing'], queuedAt: 2, preferredAgentId: 'yul' })
    expect(house.match(3)).toEqual([])
    expect(house.router.place('c1', 3)?.position).toEqual([1, 2])
    expect(house.router.place('c3', 3)?.position).toEqual([1, 3])
  })
})
