import type { Availability, EngineOptions } from 'maitred'
import { simulate, type Simulation } from 'maitred/testing'
import { describe, expect, test } from 'vitest'

const ana = { id: 'ana', skills: ['billing'], team: 'sales', capacity: 1, autoAccept: true }
const ben = { id: 'ben', skills: ['billing', 'german'], team: 'night', capacity: 1, autoAccept: true }
const at = (text: string) => Date.parse(text)

/** What open widgets are told from now on. */
function heard({ engine }: Simulation): Availability[] {
  const told: Availability[] = []
  engine.on('availability.changed', ({ availability }) => told.push(availability))
  return told
}

/** A house at a moment, with these online. */
async function house(options: EngineOptions, startAt: string, ...online: readonly string[]): Promise<Simulation> {
  const sim = simulate({ agents: [ana, ben], ...options }, { startAt })
  for (const { id } of [ana, ben]) await sim.agent(id).goes(online.includes(id) ? 'online' : 'offline')
  return sim
}

async function ask(sim: Simulation, id: string): Promise<string> {
  const conversation = await sim.engine.openConversation({ customer: { id }, skills: ['billing'] })
  await sim.engine.conversation(conversation.id).requestAgent()
  await sim.advance(0)
  return conversation.id
}

describe('hours by team', () => {
  const sales = { timeZone: 'Europe/Berlin', week: { mon: ['09:00-17:00'], tue: ['09:00-17:00'] } } as const
  const night = { timeZone: 'America/New_York', week: { mon: ['22:00-02:00'] }, closedOn: ['2026-01-12'] } as const
  const admission = { teamHours: { sales, night } }

  test('F03: chat is open while a team is that could answer, each by the clock of its own zone, over midnight, not on holidays', async () => {
    await using sim = await house({ admission }, '2026-01-05T16:00+01:00', 'ana', 'ben') // a Monday
    expect(await sim.engine.availability({ skills: ['billing'] })).toMatchObject({ open: true })
    const closed = { open: false, reason: 'hours' }
    expect(await sim.engine.availability({ skills: ['german'] })).toEqual({
      ...closed,
      opensAt: at('2026-01-05T22:00-05:00'),
    })
    await sim.advance('1h')
    expect(await sim.engine.availability({ skills: ['billing'] })).toEqual({
      ...closed,
      opensAt: at('2026-01-05T22:00-05:00'),
    })
    await sim.advance('11h') // 22:00 in New York
    expect(await sim.engine.availability({ skills: ['german'] })).toMatchObject({ open: true })
    await sim.advance('3h') // 01:00, still the range of Monday
    expect(await sim.engine.availability({ skills: ['german'] })).toMatchObject({ open: true })
    await sim.advance('1h')
    const later = at('2026-01-19T22:00-05:00') // next Monday is a holiday
    expect(await sim.engine.availability({ skills: ['german'] })).toEqual({ ...closed, opensAt: later })
    expect(await sim.engine.availability({ skills: ['billing'] })).toEqual({
      ...closed,
      opensAt: at('2026-01-06T09:00+01:00'),
    })
  })

  test('F03: a range in the night in which the clocks change begins and ends by the wall', async () => {
    const week = { sat: ['22:00-04:00'] } as const
    for (const [start, ends] of [
      ['2026-03-28T23:00+01:00', '2026-03-29T04:00+02:00'], // the hour from two to three is left out
      ['2026-10-24T23:00+02:00', '2026-10-25T04:00+01:00'], // it comes twice
    ] as const) {
      await using sim = await house({ admission: { hours: { timeZone: 'Europe/Berlin', week } } }, start, 'ana')
      const told = heard(sim)
      await sim.advance(at(ends) - at(start) - 60_000)
      expect(await sim.engine.availability()).toMatchObject({ open: true })
      await sim.advance('1m')
      expect(told.at(-1)).toMatchObject({ open: false, reason: 'hours' })
    }
  })

  test('F01: widgets are told at the minute at which hours open and close, without anybody doing anything', async () => {
    await using sim = await house({ admission: { hours: sales } }, '2026-01-05T16:00+01:00', 'ana')
    const told = heard(sim)
    await sim.advance('59m')
    expect(told).toEqual([])
    await sim.advance('1m')
    expect(told).toEqual([{ open: false, reason: 'hours', opensAt: at('2026-01-06T09:00+01:00') }])
    await sim.advance('16h')
    expect(told.at(-1)).toMatchObject({ open: true })
    expect(told).toHaveLength(2)
  })
})

describe('volume', () => {
  test('F04: as many as may wait close the door politely, and one who leaves opens it', async () => {
    await using sim = await house({ admission: { maxQueue: 1 } }, '2026-01-05T16:00Z', 'ana')
    const told = heard(sim)
    await ask(sim, 'kim')
    const waiting = await ask(sim, 'lou')
    expect(told.at(-1)).toEqual({ open: false, reason: 'queueFull' })
    const third = await sim.engine.conversation(await ask(sim, 'max')).view()
    expect(third.phase).toBe('async')
    await sim.engine.conversation(waiting).leave()
    expect(told.at(-1)).toMatchObject({ open: true })
  })

  test('F04: the wait to be expected closes the door once it is known, and opens it again, and widgets are told at once', async () => {
    const agent = { id: 'ana', capacity: 1, autoAccept: true }
    await using sim = simulate({ agents: [agent], admission: { maxWait: '90s' } }, { startAt: '2026-01-05T16:00Z' })
    await sim.agent('ana').goes('online')
    const told = heard(sim)
    const come = async (id: string) => {
      const conversation = await sim.engine.openConversation({ customer: { id } })
      await conversation.requestAgent()
      await sim.advance(0)
      return conversation
    }
    let last = await come('first')
    for (let nth = 0; nth < 60; nth++) {
      const next = await come(`c${nth}`)
      if (nth < 40) expect(await sim.engine.availability()).toEqual({ open: true, wait: 'unknown' })
      await sim.advance('1m')
      await last.leave()
      await sim.advance(0)
      last = next
    }
    told.length = 0
    const alone = await sim.engine.availability()
    expect(alone).toMatchObject({ open: true, wait: { p50Ms: expect.any(Number) as number } })
    const second = await come('kim')
    expect(told.at(-1)).toEqual({ open: false, reason: 'waitTooLong' })
    const third = await come('lou')
    expect((await third.view()).phase).toBe('async')
    expect((await second.view()).phase).toBe('waiting')
    await last.leave()
    await sim.advance(0)
    expect(told.at(-1)).toMatchObject({ open: true })
    expect(told.map(({ open }) => open)).toEqual([false, true])
  })
})
