import { describe, expect, test } from 'vitest'
import type { Proposal } from '../../src/core/ports.ts'
import type { AgentPolicyName, QueuePolicyName } from '../../src/routing/routing.ts'
import { type House, openHouse } from './house.ts'

/** Reserves the next pair, which there must be. */
function propose(house: House, at = 0): Proposal {
  const proposal = house.router.next(at)
  if (proposal === undefined) throw new Error('There is no proposal.')
  return proposal
}

describe('a conversation that arrives', () => {
  test('goes to an agent who has all its skills', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: ['billing'] })
    house.agent({ id: 'ben', skills: ['billing', 'german'] })
    house.arrives('c1', { skills: ['billing', 'german'] })
    expect(house.match()).toEqual(['c1 > ben'])
  })

  test('goes to anybody when it asks for no skill', () => {
    const house = openHouse()
    house.agent({ id: 'anna' })
    house.arrives('c1')
    expect(house.match()).toEqual(['c1 > anna'])
  })

  test('goes to the fastest tier, then the least loaded, the most specialised, the longest idle, the first id', () => {
    const house = openHouse()
    house.agent({ id: 'a-slow', skills: { billing: 3 } })
    house.agent({ id: 'b-busy', skills: { billing: 5 } }, { units: 2 })
    house.agent({ id: 'c-generalist', skills: ['billing', 'german'] }, { units: 1 })
    house.agent({ id: 'd-recent', skills: ['billing'] }, { units: 1, lastAssignedAt: 9 })
    house.agent({ id: 'f-idle', skills: ['billing'] }, { units: 1, lastAssignedAt: 1 })
    house.agent({ id: 'e-idle', skills: ['billing'] }, { units: 1, lastAssignedAt: 1 })
    for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) {
      house.arrives(id, { skills: ['billing'], queuedAt: 10 })
    }
    expect(house.match(10)).toEqual(['c1 > e-idle', 'c2 > f-idle', 'c3 > d-recent', 'c4 > c-generalist', 'c5 > b-busy'])
  })

  test('looks at the load within a tier of speed: quarters of the best on duty', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: { billing: 3 } }, { units: 1 })
    house.agent({ id: 'ben', skills: { billing: 2 } })
    house.agent({ id: 'expert', skills: { billing: 5 } }, { units: 3 })
    house.arrives('c1', { skills: ['billing'] })
    expect(house.match()).toEqual(['c1 > ben'])
    house.ends('c1')
    house.presence('expert', 'away')
    house.arrives('c2', { skills: ['billing'] })
    expect(house.match()).toEqual(['c2 > anna'])
  })

  test('compares load with capacity', () => {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 2 }, { units: 1 })
    house.agent({ id: 'ben', capacity: 5 }, { units: 2 })
    house.arrives('c1')
    expect(house.match()).toEqual(['c1 > ben'])
  })

  test('goes to the preferred agent first, and to others when that agent is full', () => {
    const house = openHouse()
    house.agent({ id: 'anna' })
    house.agent({ id: 'ben', capacity: 1 })
    house.arrives('c1', { preferredAgentId: 'ben' })
    house.arrives('c2', { preferredAgentId: 'ben' })
    expect(house.match()).toEqual(['c1 > ben', 'c2 > anna'])
  })

  test('goes to the agent with the most preferred skills, though slower, and to anybody rather than nobody', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: { billing: 5 } })
    house.agent({ id: 'ben', skills: { billing: 2, german: 1 }, capacity: 1 })
    house.arrives('c1', { skills: ['billing'], preferredSkills: ['german', 'french'] })
    house.arrives('c2', { skills: ['billing'], preferredSkills: ['german', 'french'] })
    expect(house.match()).toEqual(['c1 > ben', 'c2 > anna'])
  })

  test('never goes to an agent who is excluded or has declined', () => {
    const house = openHouse()
    house.agent({ id: 'anna' })
    house.agent({ id: 'ben' })
    house.arrives('c1', { excludedAgentIds: ['anna'] })
    house.arrives('c2', { declinedBy: ['ben'] })
    house.arrives('c3', { declinedBy: ['ben'], excludedAgentIds: ['anna'] })
    expect(house.match().sort()).toEqual(['c1 > ben', 'c2 > anna'])
    expect(house.router.waitingCount).toBe(1)
  })

  test('waits for a seat that is big enough, and lets smaller ones pass', () => {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 3 }, { units: 2 })
    house.arrives('big', { weight: 2, queuedAt: 0 })
    house.arrives('small', { queuedAt: 1 })
    expect(house.match(2)).toEqual(['small > anna'])
    house.agent({ id: 'anna', capacity: 3 }, { units: 1 })
    expect(house.match(2)).toEqual(['big > anna'])
  })
})

describe('a seat that becomes free', () => {
  function fullHouse(queuePolicy?: QueuePolicyName): House {
    const house = openHouse(queuePolicy === undefined ? {} : { queuePolicy })
    house.agent({ id: 'anna', skills: { billing: 5, german: 2 }, capacity: 1 }, { units: 1 })
    house.agent({ id: 'ben', skills: { german: 4 }, capacity: 1 }, { units: 1 })
    return house
  }
  const free = (house: House) => house.agent({ id: 'anna', skills: { billing: 5, german: 2 }, capacity: 1 })

  test('goes to the longest waiting of a class, with ids deciding between equals', () => {
    const house = fullHouse()
    house.arrives('c3', { skills: ['billing'], queuedAt: 5 })
    house.arrives('c2', { skills: ['billing'], queuedAt: 4 })
    house.arrives('c1', { skills: ['billing'], queuedAt: 4 })
    free(house)
    expect(house.match(10)).toEqual(['c1 > anna'])
  })

  test('goes where waiting time / target is greatest', () => {
    const house = fullHouse()
    house.arrives('old', { skills: ['billing'], queuedAt: 0 })
    house.arrives('vip', { skills: ['billing'], queuedAt: 60_000, target: '20s' })
    free(house)
    expect(house.match(100_000)).toEqual(['vip > anna'])
  })

  test('goes to work the agent is fast at, until the other has waited long enough', () => {
    const house = fullHouse()
    house.arrives('slow', { skills: ['german'], queuedAt: 0 })
    house.arrives('fast', { skills: ['billing'], queuedAt: 90_000 })
    free(house)
    // (2 / 4)^4 against 1, and billing is twice as scarce: german has to wait 32 times as long.
    expect(house.match(100_000)).toEqual(['fast > anna'])
    house.ends('fast')
    house.arrives('faster', { skills: ['billing'], queuedAt: 399_000 })
    expect(house.match(400_000)).toEqual(['slow > anna'])
  })

  test('gives a conversation whose customer is away four hours, unless it says otherwise', () => {
    const house = fullHouse()
    house.arrives('async', { skills: ['billing'], queuedAt: 0, reach: 'away' })
    house.arrives('present', { skills: ['billing'], queuedAt: 90_000 })
    free(house)
    expect(house.match(100_000)).toEqual(['present > anna'])
  })

  test.each<[QueuePolicyName, string]>([
    ['weightedAge', 'urgent'],
    ['fifo', 'first'],
    ['strictPriority', 'important'],
    ['earliestDeadline', 'urgent'],
  ])('goes by `%s` to the %s one', (queuePolicy, expected) => {
    const house = fullHouse(queuePolicy)
    house.arrives('first', { skills: ['billing'], queuedAt: 0, target: '10m' })
    house.arrives('important', { skills: ['billing'], queuedAt: 50_000, target: '10m', priority: 1 })
    house.arrives('urgent', { skills: ['billing'], queuedAt: 40_000, target: '10s' })
    free(house)
    expect(house.match(60_000)).toEqual([`${expected} > anna`])
  })

  test('passes over a head that this agent has declined', () => {
    const house = fullHouse()
    house.arrives('c1', { skills: ['billing'], queuedAt: 0, declinedBy: ['anna'] })
    house.arrives('c2', { skills: ['billing'], queuedAt: 1 })
    free(house)
    expect(house.match(10)).toEqual(['c2 > anna'])
  })
})

describe('the agent policies', () => {
  /** Who gets the first three conversations. */
  function firstThree(agentPolicy: AgentPolicyName, seed = 0): string[] {
    const house = openHouse({ agentPolicy }, { seed })
    house.agent({ id: 'anna', skills: { billing: 5, german: 5 }, capacity: 4 }, { units: 1, lastAssignedAt: 30 })
    house.agent({ id: 'ben', skills: { billing: 4 }, capacity: 4 }, { units: 2, lastAssignedAt: 20 })
    house.agent({ id: 'cleo', skills: { billing: 2, german: 2, french: 2 }, capacity: 4 }, { lastAssignedAt: 40 })
    for (const id of ['c1', 'c2', 'c3']) house.arrives(id, { skills: ['billing'], queuedAt: 50 })
    return house.match(50).map((made) => made.slice(5))
  }

  test.each<[AgentPolicyName, string[]]>([
    ['default', ['anna', 'anna', 'anna']],
    ['longestIdle', ['ben', 'anna', 'cleo']],
    ['leastLoaded', ['cleo', 'anna', 'cleo']],
    ['roundRobin', ['anna', 'ben', 'cleo']],
    ['mostSpecialised', ['ben', 'ben', 'anna']],
    ['mostProficient', ['anna', 'anna', 'anna']],
  ])('`%s` chooses %j', (agentPolicy, expected) => {
    expect(firstThree(agentPolicy)).toEqual(expected)
  })

  test('`random` draws by the seed, evenly', () => {
    expect(firstThree('random', 1)).toEqual(firstThree('random', 1))
    const counts = { anna: 0, ben: 0, cleo: 0 }
    for (let seed = 0; seed < 3_000; seed++) counts[firstThree('random', seed)[0] as keyof typeof counts] += 1
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(900)
  })

  test('a function sees the candidates and the need, and names one of them', () => {
    const seen: unknown[] = []
    const house = openHouse({
      agentPolicy: (candidates, need) => {
        seen.push({ candidates, need })
        return candidates.at(-1)?.agent.id
      },
    })
    house.agent({ id: 'ben', skills: { billing: 3 } }, { units: 1, lastAssignedAt: 20 })
    house.agent({ id: 'anna', skills: { billing: 4 } })
    house.agent({ id: 'cleo', skills: ['german'] })
    house.arrives('c1', { skills: ['billing'], weight: 2 })
    expect(house.match(50)).toEqual(['c1 > ben'])
    expect(seen[0]).toEqual({
      candidates: [
        { agent: { id: 'anna', skills: { billing: 4 } }, load: 0, idleMs: 50, proficiency: 4 },
        { agent: { id: 'ben', skills: { billing: 3 } }, load: 1 / 3, idleMs: 30, proficiency: 3 },
      ],
      need: { skills: ['billing'], preferredSkills: [], weight: 2 },
    })
  })

  test('a function that names nobody keeps the conversation back until an agent changes, and blocks nobody', () => {
    let isWilling = false
    const house = openHouse({
      agentPolicy: ([first], need) => (need.skills.length > 0 && !isWilling ? undefined : first?.agent.id),
    })
    house.agent({ id: 'anna', skills: ['billing'] })
    house.arrives('c1', { skills: ['billing'] })
    house.arrives('c2')
    expect(house.match()).toEqual(['c2 > anna'])
    expect(house.router.explain('c1', 0).waitingFor).toBe('the agent policy to name the one agent with billing')
    isWilling = true
    expect(house.match()).toEqual([])
    house.ends('c2')
    expect(house.match()).toEqual(['c1 > anna'])
  })

  test('a function that throws or names a stranger is reported, and the conversation waits', () => {
    const faults: unknown[] = []
    const house = openHouse(
      {
        agentPolicy: (_, need) => {
          if (need.weight === 2) throw new Error('Boom.')
          return 'nobody'
        },
      },
      { onPolicyFault: ({ conversationId, error }) => faults.push([conversationId, String(error)]) },
    )
    house.agent({ id: 'anna' })
    house.match()
    house.arrives('c1')
    house.arrives('c2', { weight: 2 })
    expect(house.match()).toEqual([])
    expect(faults).toEqual([
      ['c1', 'RangeError: The agent policy named `nobody`, who is not one of the candidates.'],
      ['c2', 'Error: Boom.'],
    ])
  })

  test('a function has the last word where the two rules disagree', () => {
    const wants: Record<string, string> = { c1: 'ben', c2: 'anna' }
    const house = openHouse({
      queuePolicy: 'strictPriority',
      agentPolicy: (_, need) => wants[need.preferredAgentId ?? ''],
    })
    for (const id of ['anna', 'ben']) house.agent({ id, capacity: 1 })
    for (const id of ['c1', 'c2']) house.arrives(id, { preferredAgentId: id })
    expect(house.match().sort()).toEqual(['c1 > ben', 'c2 > anna'])
  })
})

describe('many at once', () => {
  test('fill every seat in the order of arrival, and not one more', () => {
    const house = openHouse()
    for (let index = 0; index < 10; index++) house.agent({ id: `agent-${index}`, capacity: 3 })
    for (let index = 0; index < 50; index++) house.arrives(`c${String(index).padStart(2, '0')}`, { queuedAt: index })
    const made = house.match(50)
    expect(made.map((each) => each.slice(0, 3))).toEqual(
      Array.from({ length: 30 }, (_, index) => `c${String(index).padStart(2, '0')}`),
    )
    expect([...house.rows.values()].map(({ units }) => units)).toEqual(Array.from({ length: 10 }, () => 3))
    expect(house.router.waitingCount).toBe(20)
  })

  test('reserve their seats before anything is settled', () => {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 2 })
    for (const id of ['c1', 'c2', 'c3']) house.arrives(id)
    const proposals = [propose(house), propose(house)]
    expect(house.router.next(0)).toBeUndefined()
    for (const proposal of proposals) house.settle(proposal)
    expect(house.match()).toEqual([])
    expect(house.rows.get('anna')?.units).toBe(2)
  })
})

describe('two rules that disagree all round', () => {
  test('leave the word to the queue policy', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: { billing: 5, german: 2 }, capacity: 1 })
    house.agent({ id: 'ben', skills: { billing: 2, german: 5 }, capacity: 1 })
    house.arrives('billing', { skills: ['billing'], preferredAgentId: 'ben' })
    house.arrives('german', { skills: ['german'], preferredAgentId: 'anna' })
    expect(house.match().sort()).toEqual(['billing > anna', 'german > ben'])
    const because = ['billing', 'german'].map((id) => house.router.explain(id, 0).chosen?.because)
    expect(because).toContain('can take nothing that is more urgent')
  })
})

describe('a proposal', () => {
  function oneOfEach(): House {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 1 })
    house.arrives('c1')
    return house
  }

  test('that was confirmed takes the conversation out of the queue', () => {
    const house = oneOfEach()
    house.settle(propose(house))
    expect(house.router.waitingCount).toBe(0)
    expect(house.router.place('c1', 0)).toBeUndefined()
  })

  test('that met a conflict takes it out too, and gives the seat to another', () => {
    const house = oneOfEach()
    house.arrives('c2', { queuedAt: 1 })
    house.settle(propose(house), 'conflict')
    expect(house.router.waitingCount).toBe(1)
    expect(house.match()).toEqual(['c2 > anna'])
  })

  test('that met a conflict leaves a conversation that has come anew meanwhile', () => {
    const house = oneOfEach()
    const proposal = propose(house)
    house.arrives('c1')
    house.settle(proposal, 'conflict')
    expect(house.match()).toEqual(['c1 > anna'])
  })

  test('is not made again while it is open, whatever is told', () => {
    const house = oneOfEach()
    house.agent({ id: 'ben' })
    const proposal = propose(house)
    house.arrives('c1')
    expect(house.router.next(0)).toBeUndefined()
    house.leaves('c1')
    house.arrives('c1')
    expect(house.router.next(0)).toBeUndefined()
    house.router.settle(proposal, 'vetoed', 0)
    expect(propose(house)).toMatchObject({ conversationId: 'c1', agentId: 'ben' })
  })

  test('that was refused is tried again once the agent has been read again', () => {
    const house = oneOfEach()
    const proposal = propose(house)
    house.router.settle(proposal, 'refused', 0)
    expect(house.router.next(0)).toBeUndefined()
    house.agent({ id: 'anna', capacity: 1 })
    expect(house.match()).toEqual(['c1 > anna'])
  })

  test('that was refused goes to another agent at once', () => {
    const house = oneOfEach()
    house.agent({ id: 'ben', capacity: 1 })
    house.router.settle(propose(house), 'refused', 0)
    expect(house.match()).toEqual(['c1 > ben'])
  })

  test('that is refused again and again does not go round in circles', () => {
    const house = oneOfEach()
    house.settle(propose(house), 'refused')
    house.settle(propose(house), 'refused')
    expect(house.router.next(0)).toBeUndefined()
    expect(house.router.dueAt()).toBe(1_000)
    expect(propose(house, 1_000).agentId).toBe('anna')
  })

  test('that was vetoed excludes the pair for half a minute; others are tried', () => {
    const house = oneOfEach()
    house.agent({ id: 'ben', capacity: 1 })
    house.arrives('c2', { queuedAt: 1 })
    house.settle(propose(house, 0), 'vetoed', 0)
    expect(house.match(0).sort()).toEqual(['c1 > ben', 'c2 > anna'])
    house.arrives('c1')
    house.presence('ben', 'away')
    house.ends('c2')
    expect(house.match(29_999)).toEqual([])
    expect(house.router.dueAt()).toBe(30_000)
    expect(house.match(30_000)).toEqual(['c1 > anna'])
    expect(house.router.dueAt()).toBeUndefined()
  })

  test('settled twice, or never made, changes nothing', () => {
    const house = oneOfEach()
    const proposal = propose(house)
    house.router.settle({ ...proposal, agentId: 'ben' }, 'confirmed', 0)
    expect(house.router.waitingCount).toBe(1)
    house.settle(proposal)
    house.router.settle(proposal, 'vetoed', 0)
    expect(house.router.dueAt()).toBeUndefined()
    expect(house.router.staffing([])).toEqual({ online: 1, free: 0 })
  })

  test('holds the seat of an agent who was removed and came back', () => {
    const house = oneOfEach()
    const proposal = propose(house)
    house.router.agentRemoved('anna')
    house.agent({ id: 'anna', capacity: 1 })
    house.arrives('c2')
    expect(house.router.next(0)).toBeUndefined()
    house.router.settle(proposal, 'conflict', 0)
    expect(house.match()).toEqual(['c2 > anna'])
  })
})

describe('a report', () => {
  test('about an agent that is late or comes twice changes nothing', () => {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 1 })
    const early = house.rows.get('anna')
    house.arrives('c1')
    house.match()
    house.arrives('c2')
    const late = house.rows.get('anna')
    if (early === undefined || late === undefined) throw new Error('There are no rows.')
    for (const row of [early, late, late]) house.router.agentChanged(row)
    expect(house.match()).toEqual([])
    expect(house.router.staffing([])).toEqual({ online: 1, free: 0 })
  })

  test('about a conversation that is older than what is known is ignored', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: ['german'] })
    const row = { conversationId: 'c1', queuedAt: 0, declinedBy: [], reach: 'present' as const }
    house.router.queued({ ...row, requirements: { skills: ['billing'] }, version: 2 })
    house.router.queued({ ...row, requirements: { skills: ['german'] }, version: 1 })
    expect(house.match()).toEqual([])
  })

  test('about somebody unknown does no harm', () => {
    const { router } = openHouse()
    router.agentRemoved('anna')
    router.left('c1')
    router.settle({ conversationId: 'c1', agentId: 'anna', units: 1 }, 'confirmed', 0)
    expect(router.next(0)).toBeUndefined()
  })
})

describe('a requirement that relaxes', () => {
  const relax = [
    { after: '60s', drop: 'german' },
    { after: '30s', drop: 'preferredSkills' },
  ] as const

  test('is dropped once the conversation has waited so long, and not before', () => {
    const house = openHouse({ relax })
    house.agent({ id: 'anna', skills: ['billing'] })
    house.arrives('c1', { skills: ['billing', 'german'], queuedAt: 1_000 })
    expect(house.match(1_000)).toEqual([])
    expect(house.router.dueAt()).toBe(61_000)
    expect(house.match(60_999)).toEqual([])
    expect(house.match(61_000)).toEqual(['c1 > anna'])
    expect(house.router.dueAt()).toBeUndefined()
  })

  test('keeps the place in time: the conversation joins those without it by its first moment', () => {
    const house = openHouse({ relax })
    house.agent({ id: 'anna', skills: ['billing'], capacity: 1 }, { units: 1 })
    house.arrives('younger', { skills: ['billing'], queuedAt: 10_000 })
    house.arrives('older', { skills: ['billing', 'german'], queuedAt: 0 })
    house.match(60_000)
    house.agent({ id: 'anna', skills: ['billing'], capacity: 1 })
    expect(house.match(60_000)).toEqual(['older > anna'])
  })

  test('does not start again when an offer is declined', () => {
    const house = openHouse({ relax })
    house.agent({ id: 'anna', skills: ['billing'] })
    house.arrives('c1', { skills: ['billing', 'german'], queuedAt: 0 })
    expect(house.match(70_000)).toEqual(['c1 > anna'])
    house.agent({ id: 'ben', skills: ['billing'] })
    house.arrives('c1', { skills: ['billing', 'german'], declinedBy: ['anna'] })
    expect(house.match(80_000)).toEqual(['c1 > ben'])
  })

  test('of preferred skills leaves the choice to the other grounds', () => {
    const house = openHouse({ relax })
    house.agent({ id: 'anna', skills: ['billing'] })
    house.agent({ id: 'ben', skills: ['billing', 'german'] })
    house.arrives('young', { skills: ['billing'], preferredSkills: ['german'], queuedAt: 30_000 })
    house.arrives('old', { skills: ['billing'], preferredSkills: ['german'], queuedAt: 0 })
    expect(house.match(30_000)).toEqual(['old > anna', 'young > ben'])
  })

  test('may be followed by another', () => {
    const house = openHouse({ relax: [...relax, { after: '90s', drop: 'billing' }] })
    house.agent({ id: 'anna' })
    house.arrives('c1', { skills: ['billing', 'german'], preferredSkills: ['french'], queuedAt: 0 })
    const moments = [0, 30_000, 60_000].map((at) => {
      expect(house.match(at)).toEqual([])
      return house.router.dueAt()
    })
    expect(moments).toEqual([30_000, 60_000, 90_000])
    expect(house.match(90_000)).toEqual(['c1 > anna'])
  })

  test('is forgotten with the conversation', () => {
    const house = openHouse({ relax })
    house.arrives('c1', { skills: ['german'] })
    house.leaves('c1')
    expect(house.router.dueAt()).toBeUndefined()
  })
})

describe('the place in the queue', () => {
  test('is a number under fifo when all ask for the same', () => {
    const house = openHouse({ queuePolicy: 'fifo' })
    house.agent({ id: 'anna', capacity: 1 }, { units: 1 })
    for (const [index, id] of ['c1', 'c2', 'c3'].entries()) house.arrives(id, { queuedAt: index })
    expect(['c1', 'c2', 'c3'].map((id) => house.router.place(id, 10))).toEqual([
      { position: 1, wait: 'unknown' },
      { position: 2, wait: 'unknown' },
      { position: 3, wait: 'unknown' },
    ])
    house.leaves('c1')
    expect(house.router.place('c3', 10)?.position).toBe(2)
    expect(house.router.place('c1', 10)).toBeUndefined()
  })

  test('is a number when nobody is on duty', () => {
    const house = openHouse()
    for (const [index, id] of ['c1', 'c2'].entries()) house.arrives(id, { skills: ['billing'], queuedAt: index })
    house.arrives('other', { queuedAt: -1 })
    expect(house.router.place('c2', 10)?.position).toBe(2)
  })

  test('leaves out those who compete for other agents', () => {
    const house = openHouse({ queuePolicy: 'fifo' })
    house.agent({ id: 'anna', skills: ['billing'], capacity: 1 }, { units: 1 })
    house.agent({ id: 'ben', skills: ['german'], capacity: 1 }, { units: 1 })
    house.arrives('german', { skills: ['german'], queuedAt: 0 })
    house.arrives('billing', { skills: ['billing'], queuedAt: 1 })
    expect(house.router.place('billing', 10)?.position).toBe(1)
  })

  test('has a range where others may or may not take an agent first', () => {
    const house = openHouse({ queuePolicy: 'fifo' })
    house.agent({ id: 'anna', skills: ['billing', 'german'], capacity: 1 }, { units: 1 })
    house.agent({ id: 'ben', skills: ['billing'], capacity: 1 }, { units: 1 })
    house.arrives('german', { skills: ['german'], queuedAt: 0 })
    house.arrives('billing', { skills: ['billing'], queuedAt: 1 })
    expect(house.router.place('billing', 10)?.position).toEqual([1, 2])
    house.presence('ben', 'away')
    expect(house.router.place('billing', 10)?.position).toBe(2)
  })

  test('has a range where a shorter target may overtake by waiting', () => {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 1 }, { units: 1 })
    house.arrives('normal', { queuedAt: 0 })
    house.arrives('urgent', { queuedAt: 50_000, target: '10s' })
    expect(house.router.place('normal', 50_000)?.position).toEqual([1, 2])
    expect(house.router.place('urgent', 50_000)?.position).toEqual([1, 2])
    expect(house.router.place('urgent', 90_000)?.position).toBe(1)
  })

  test('is behind those who fit into a smaller gap, at worst', () => {
    const house = openHouse({ queuePolicy: 'fifo' })
    house.agent({ id: 'anna' }, { units: 3 })
    house.arrives('big', { weight: 2, queuedAt: 0 })
    house.arrives('small', { queuedAt: 1 })
    expect(house.router.place('big', 10)?.position).toEqual([1, 2])
    expect(house.router.place('small', 10)?.position).toEqual([1, 2])
  })
})

describe('the place of one who cannot go to every agent', () => {
  function twoOfThree(first: { declinedBy?: string[] }, second: { declinedBy?: string[] }): House {
    const house = openHouse({ queuePolicy: 'fifo' })
    for (const id of ['anna', 'ben']) house.agent({ id, capacity: 1 }, { units: 1 })
    house.arrives('first', { queuedAt: 0, ...first })
    house.arrives('second', { queuedAt: 1, ...second })
    return house
  }

  test('behind one who has been declined here and there is a range', () => {
    const house = twoOfThree({ declinedBy: ['anna'] }, {})
    expect(house.router.place('second', 10)?.position).toEqual([1, 2])
  })

  test('and behind one who may go to all of the same agents, is a number', () => {
    const house = twoOfThree({ declinedBy: ['anna'] }, { declinedBy: ['anna'] })
    expect(house.router.place('second', 10)?.position).toBe(2)
  })

  test('looks at plugins too', () => {
    const house = twoOfThree({}, {})
    house.agent({ id: 'anna', capacity: 1 })
    house.settle(propose(house), 'vetoed')
    expect(house.router.place('second', 10)?.position).toEqual([1, 2])
    expect(house.router.place('second', 30_000)?.position).toBe(2)
  })
})

describe('the explanation', () => {
  test('counts why agents are out of the question, each once', () => {
    const house = openHouse()
    const skills = ['billing'] as const
    house.agent({ id: 'anna', skills }, { units: 3 })
    house.agent({ id: 'ben', skills }, { presence: 'away', units: 3 })
    house.agent({ id: 'cleo', skills })
    house.agent({ id: 'dora', skills }, { presence: 'offline' })
    house.agent({ id: 'emil', skills: ['german'] })
    house.agent({ id: 'fay', skills })
    house.arrives('c1', { skills, declinedBy: ['cleo'], excludedAgentIds: ['dora'] })
    house.settle(propose(house), 'vetoed')
    expect(house.match()).toEqual([])
    expect(house.router.explain('c1', 0)).toMatchObject({
      waitingFor: 'a free seat at the one agent with billing',
      rejected: { skill: 1, capacity: 1, presence: 1, declined: 2, plugin: 1 },
      hooks: [],
    })
  })

  test('says what a conversation waits for', () => {
    const house = openHouse()
    const waitingFor = () => house.router.explain('c1', 0).waitingFor
    house.arrives('c1', { skills: ['billing', 'german'] })
    expect(waitingFor()).toBe('an agent with billing and german: there are no agents')
    house.agent({ id: 'anna', skills: ['billing'] })
    expect(waitingFor()).toBe('an agent with billing and german: nobody has german')
    house.agent({ id: 'ben', skills: ['german'] })
    expect(waitingFor()).toBe('an agent with billing and german: nobody has all of them')
    house.arrives('c1', { skills: ['french'] })
    expect(waitingFor()).toBe('an agent with french: nobody has it')
    house.arrives('c1', { skills: ['billing'] })
    expect(waitingFor()).toBe('the next match with the one agent with billing')
    house.presence('anna', 'away')
    expect(waitingFor()).toBe('the one agent with billing to come online')
    house.arrives('c1', { skills: ['billing'], declinedBy: ['anna'] })
    expect(waitingFor()).toBe('another agent with billing: the only one has declined or been ruled out')
    house.arrives('c1', { weight: 9 })
    expect(waitingFor()).toBe('9 free units at the one agent')
    house.presence('anna', 'online')
    expect(waitingFor()).toBe('9 free units at one of 2 agents')
    house.arrives('c1', { skills: ['billing'] })
    house.settle(propose(house), 'vetoed')
    expect(waitingFor()).toBe('a plugin to allow the one agent with billing')
  })

  test('says who was chosen, and why', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: ['billing'] }, { units: 1 })
    house.agent({ id: 'ben', skills: ['billing'] })
    house.agent({ id: 'cleo' })
    house.arrives('c1', { skills: ['billing'] })
    house.match()
    expect(house.router.explain('c1', 0)).toMatchObject({
      chosen: { agentId: 'ben', because: 'is the least loaded of 2 who can take it' },
      rejected: { skill: 1, capacity: 0, presence: 0, declined: 0, plugin: 0 },
      hooks: [],
    })
    house.arrives('c2', { skills: [], preferredAgentId: 'cleo' })
    house.arrives('c3', { skills: ['billing'], excludedAgentIds: ['anna'] })
    house.match()
    expect(house.router.explain('c2', 0).chosen?.because).toBe('is the preferred agent of 3 who can take it')
    expect(house.router.explain('c3', 0).chosen?.because).toBe('is the only one who can take it')
  })

  test('of a conversation nobody knows is empty', () => {
    const house = openHouse()
    const rejected = { skill: 0, capacity: 0, presence: 0, declined: 0, plugin: 0 }
    expect(house.router.explain('c1', 0)).toEqual({ rejected, hooks: [] })
  })

  test('is kept for the newest thousand', () => {
    const house = openHouse()
    house.agent({ id: 'anna', capacity: 2_000 })
    for (let index = 0; index <= 1_000; index++) {
      house.arrives(`c${index}`)
      house.match()
    }
    expect(house.router.explain('c0', 0).chosen).toBeUndefined()
    expect(house.router.explain('c1', 0).chosen?.agentId).toBe('anna')
  })
})

describe('staffing', () => {
  test('counts who is online with the skills, and who of them has a free seat', () => {
    const house = openHouse()
    house.agent({ id: 'anna', skills: ['billing'] })
    house.agent({ id: 'ben', skills: ['billing'], capacity: 1 }, { units: 1 })
    house.agent({ id: 'cleo', skills: ['billing'] }, { presence: 'draining' })
    house.agent({ id: 'dora' })
    expect(house.router.staffing(['billing'])).toEqual({ online: 2, free: 1 })
    expect(house.router.staffing([])).toEqual({ online: 3, free: 2 })
    expect(house.router.staffing(['french'])).toEqual({ online: 0, free: 0 })
  })

  test('makes no forecast up', () => {
    expect(openHouse().router.forecast(['billing'], 0)).toBe('unknown')
  })
})
