import { describe, expect, test } from 'vitest'
import type { AgentRow } from '../../src/core/ports.ts'
import { createRoster, type Roster } from '../../src/routing/agents.ts'
import { canTake, proficiencyOf } from '../../src/routing/agent-state.ts'

function row(changes: Partial<AgentRow> = {}): AgentRow {
  return {
    agent: { id: 'anna', skills: { billing: 4, german: 2 } },
    presence: 'online',
    presenceUntil: null,
    presenceAt: 0,
    outside: [],
    units: 0,
    lastAssignedAt: 0,
    version: 1,
    ...changes,
  }
}

function rosterOf(...rows: AgentRow[]): Roster {
  const roster = createRoster()
  for (const each of rows) roster.put(each)
  return roster
}

const membersOf = (roster: Roster, ...skills: string[]) =>
  roster.crew(skills).groups.flatMap(({ members }) => members.map(({ id }) => id))

const annaIn = (roster: Roster) => {
  const anna = roster.get('anna')
  if (anna === undefined) throw new Error('Anna is not there.')
  return anna
}

describe('a row', () => {
  test('replaces an older one and is ignored when it is older itself', () => {
    const roster = rosterOf(row({ version: 5, units: 2 }))
    expect(roster.put(row({ version: 4, units: 0 }))).toBe(false)
    expect(annaIn(roster).load).toBe(2)
    expect(roster.put(row({ version: 6, units: 1 }))).toBe(true)
    expect(annaIn(roster).load).toBe(1)
  })

  test('stands for proficiency 5 in each skill of a list, and for three units unless said', () => {
    const roster = rosterOf(row({ agent: { id: 'anna', skills: ['billing'] } }))
    expect(annaIn(roster).skills).toEqual(new Map([['billing', 5]]))
    expect(annaIn(roster).capacity).toBe(3)
  })

  test('changes who is found by skill', () => {
    const roster = rosterOf(row())
    expect(membersOf(roster, 'billing', 'german')).toEqual(['anna'])
    roster.put(row({ version: 2, agent: { id: 'anna', skills: ['french'] } }))
    expect(membersOf(roster, 'billing')).toEqual([])
    expect(membersOf(roster, 'french')).toEqual(['anna'])
    roster.remove('anna')
    expect(membersOf(roster)).toEqual([])
  })
})

describe('several required skills', () => {
  test('count with the lowest proficiency among them', () => {
    const anna = annaIn(rosterOf(row()))
    expect(proficiencyOf(anna, ['billing', 'german'])).toBe(2)
    expect(proficiencyOf(anna, ['billing', 'french'])).toBe(0)
    expect(proficiencyOf(anna, [])).toBe(5)
  })

  test('are covered by those on duty only', () => {
    const roster = rosterOf(
      row(),
      row({ agent: { id: 'ben', skills: ['billing'] }, presence: 'away' }),
      row({ agent: { id: 'cleo' } }),
    )
    expect(roster.crew(['billing'])).toMatchObject({ capableCount: 1, bestProficiency: 4 })
    roster.put(row({ agent: { id: 'ben', skills: ['billing'] }, version: 2 }))
    expect(roster.crew(['billing'])).toMatchObject({ capableCount: 2, bestProficiency: 5 })
  })
})

describe('an agent', () => {
  test.each(['away', 'draining', 'offline'] as const)('who is %s takes nothing', (presence) => {
    expect(canTake(annaIn(rosterOf(row({ presence }))), 1, 0)).toBe(false)
  })

  test('takes nothing once the lease of their presence has run out', () => {
    const anna = annaIn(rosterOf(row({ presenceUntil: 100 })))
    expect(canTake(anna, 1, 99)).toBe(true)
    expect(canTake(anna, 1, 100)).toBe(false)
  })

  test('takes as many units as there is room for', () => {
    const anna = annaIn(rosterOf(row({ units: 1 })))
    expect(canTake(anna, 2, 0)).toBe(true)
    expect(canTake(anna, 3, 0)).toBe(false)
  })

  test('whose capacity was lowered below the load takes nothing', () => {
    expect(canTake(annaIn(rosterOf(row({ units: 3, agent: { id: 'anna', capacity: 1 } }))), 1, 0)).toBe(false)
  })
})

describe('a reservation', () => {
  test('counts as load and as an assignment', () => {
    const roster = rosterOf(row({ units: 1, lastAssignedAt: 5 }))
    roster.reserve(annaIn(roster), 2, 70)
    expect(annaIn(roster)).toMatchObject({ load: 3, assignedAt: 70 })
  })

  test('is gone when the offer was not made', () => {
    const roster = rosterOf(row())
    roster.release(roster.reserve(annaIn(roster), 1, 0))
    expect(annaIn(roster)).toMatchObject({ load: 0, assignedAt: 0 })
  })

  test('ends at the confirmation when the row with the seat came before it', () => {
    const roster = rosterOf(row())
    const reservation = roster.reserve(annaIn(roster), 1, 0)
    roster.put(row({ version: 2, units: 1 }))
    expect(annaIn(roster).load).toBe(2)
    roster.confirm(reservation)
    expect(annaIn(roster).load).toBe(1)
  })

  test('lasts beyond the confirmation until the row with the seat comes', () => {
    const roster = rosterOf(row())
    const reservation = roster.reserve(annaIn(roster), 1, 0)
    roster.confirm(reservation)
    expect(annaIn(roster).load).toBe(1)
    roster.put(row({ version: 1 }))
    expect(annaIn(roster).load).toBe(1)
    roster.put(row({ version: 2, units: 1 }))
    expect(annaIn(roster).load).toBe(1)
    roster.put(row({ version: 2, units: 1 }))
    expect(annaIn(roster).load).toBe(1)
  })

  test('of several is each counted once, however late the rows are', () => {
    const roster = rosterOf(row())
    const reservations = [roster.reserve(annaIn(roster), 1, 0), roster.reserve(annaIn(roster), 1, 0)]
    for (const reservation of reservations) roster.confirm(reservation)
    expect(annaIn(roster).load).toBe(2)
    roster.put(row({ version: 3, units: 2 }))
    expect(annaIn(roster).load).toBe(2)
  })

  test('outlives the removal of the agent only while it is not settled', () => {
    const roster = rosterOf(row({ version: 9 }))
    const [open, confirmed] = [roster.reserve(annaIn(roster), 1, 0), roster.reserve(annaIn(roster), 1, 0)]
    roster.confirm(confirmed)
    roster.remove('anna')
    roster.put(row({ version: 1 }))
    expect(annaIn(roster).load).toBe(1)
    roster.confirm(open)
    expect(annaIn(roster).load).toBe(0)
  })

  test('released twice is released once', () => {
    const roster = rosterOf(row())
    const first = roster.reserve(annaIn(roster), 1, 0)
    roster.reserve(annaIn(roster), 1, 0)
    roster.release(first)
    roster.release(first)
    expect(annaIn(roster).load).toBe(1)
  })
})

describe('an agent whom the ledger refused', () => {
  test('takes nothing until a row comes, be it the same', () => {
    const roster = rosterOf(row())
    const reservation = roster.reserve(annaIn(roster), 1, 0)
    roster.release(reservation)
    roster.doubt(reservation, 0)
    expect(canTake(annaIn(roster), 1, 1_000_000)).toBe(false)
    roster.put(row())
    expect(canTake(annaIn(roster), 1, 0)).toBe(true)
  })

  test('stays trusted when news came since the reservation', () => {
    const roster = rosterOf(row())
    const reservation = roster.reserve(annaIn(roster), 1, 0)
    roster.put(row({ version: 2, units: 1 }))
    roster.release(reservation)
    roster.doubt(reservation, 0)
    expect(canTake(annaIn(roster), 1, 0)).toBe(true)
  })

  test('twice on the same row is left alone for a second, or until there is news', () => {
    const roster = rosterOf(row())
    const refuse = (at: number) => {
      const reservation = roster.reserve(annaIn(roster), 1, at)
      roster.release(reservation)
      return roster.doubt(reservation, at)
    }
    expect(refuse(0)).toBeUndefined()
    roster.put(row())
    expect(refuse(0)).toBe(1_000)
    roster.put(row())
    expect(canTake(annaIn(roster), 1, 999)).toBe(false)
    expect(canTake(annaIn(roster), 1, 1_000)).toBe(true)
    expect(refuse(1_000)).toBe(2_000)
    roster.put(row({ version: 2 }))
    expect(canTake(annaIn(roster), 1, 1_000)).toBe(true)
  })
})
