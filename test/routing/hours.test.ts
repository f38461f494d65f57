import { describe, expect, test } from 'vitest'
import { isMaitredError } from '../../src/core/errors.ts'
import { type Hours, resolveHours } from '../../src/routing/hours.ts'

const at = (text: string) => Date.parse(text)

const weekdays: Hours = {
  timeZone: 'Europe/Berlin',
  week: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, ['09:00-12:00', '13:00-17:30']])),
  closedOn: ['2026-12-25'],
}

describe('business hours', () => {
  const { isOpenAt, opensAt } = resolveHours(weekdays)

  test.each([
    ['2026-12-22T07:59:59Z', false],
    ['2026-12-22T08:00:00Z', true],
    ['2026-12-22T10:59:59Z', true],
    ['2026-12-22T11:00:00Z', false],
    ['2026-12-22T12:00:00Z', true],
    ['2026-12-22T16:30:00Z', false],
    ['2026-07-21T07:00:00Z', true],
    ['2026-12-20T10:00:00Z', false],
    ['2026-12-25T10:00:00Z', false],
  ])('go by the wall clock of the zone: at %s it is %s that they are open', (moment, isOpen) => {
    expect(isOpenAt(at(moment))).toBe(isOpen)
  })

  test.each([
    ['2026-12-22T11:20:00Z', '2026-12-22T12:00:00Z'],
    ['2026-12-22T10:00:00Z', '2026-12-22T12:00:00Z'],
    ['2026-12-22T17:00:00Z', '2026-12-23T08:00:00Z'],
    ['2026-12-24T17:00:00Z', '2026-12-28T08:00:00Z'],
    ['2026-03-27T17:00:00Z', '2026-03-30T07:00:00Z'],
  ])('after %s begin at %s', (moment, opening) => {
    expect(opensAt(at(moment))).toBe(at(opening))
  })

  test('may never begin again', () => {
    expect(resolveHours({ timeZone: 'UTC', week: {} }).opensAt(0)).toBeUndefined()
  })

  test('end at midnight as 24:00, and may last all day', () => {
    const { isOpenAt } = resolveHours({ timeZone: 'UTC', week: { mon: ['18:00-24:00'], wed: ['00:00-24:00'] } })
    expect(isOpenAt(at('2026-12-21T23:59:59Z'))).toBe(true)
    expect(isOpenAt(at('2026-12-22T00:00:00Z'))).toBe(false)
    expect(isOpenAt(at('2026-12-23T00:00:00Z'))).toBe(true)
    expect(isOpenAt(at('2026-12-23T23:59:59Z'))).toBe(true)
    expect(isOpenAt(at('2026-12-24T00:00:00Z'))).toBe(false)
  })

  test('over midnight belong to the day on which they begin', () => {
    const { isOpenAt } = resolveHours({
      timeZone: 'UTC',
      week: { fri: ['22:00-06:00'], sat: ['22:00-06:00'] },
      closedOn: ['2026-12-26'],
    })
    expect(isOpenAt(at('2026-12-25T05:00:00Z'))).toBe(false)
    expect(isOpenAt(at('2026-12-25T22:00:00Z'))).toBe(true)
    expect(isOpenAt(at('2026-12-26T05:59:00Z'))).toBe(true)
    expect(isOpenAt(at('2026-12-26T06:00:00Z'))).toBe(false)
    expect(isOpenAt(at('2026-12-26T23:00:00Z'))).toBe(false)
    expect(isOpenAt(at('2026-12-27T05:00:00Z'))).toBe(false)
  })

  test('that the clock is put forward over begin when it has been', () => {
    const { isOpenAt, opensAt } = resolveHours({ timeZone: 'Europe/Berlin', week: { sun: ['02:30-05:00'] } })
    expect(opensAt(at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'))
    expect(isOpenAt(at('2026-03-29T00:59:00Z'))).toBe(false)
    expect(isOpenAt(at('2026-03-29T03:00:00Z'))).toBe(false)
  })

  test('that lie within the hour left out do not take place that day', () => {
    const { opensAt } = resolveHours({ timeZone: 'Europe/Berlin', week: { sun: ['02:15-02:45'] } })
    expect(opensAt(at('2026-03-28T12:00:00Z'))).toBe(at('2026-04-05T00:15:00Z'))
  })

  test('that the clock is put back over begin the first time, and once more', () => {
    const { opensAt } = resolveHours({ timeZone: 'Europe/Berlin', week: { sun: ['02:30-02:40'] } })
    expect(opensAt(at('2026-10-24T12:00:00Z'))).toBe(at('2026-10-25T00:30:00Z'))
    expect(opensAt(at('2026-10-25T00:45:00Z'))).toBe(at('2026-10-25T01:30:00Z'))
  })
})

describe('hours that cannot be', () => {
  test.each([
    [{ timeZone: 'Europe/Berln', week: {} }, 'hours.timeZone', 'Was `Europe/Berlin` meant?'],
    [{ timeZone: 'Nowhere', week: {} }, 'hours.timeZone', "'Europe/Berlin'"],
    [{ timeZone: 'UTC', week: { monday: [] } }, 'hours.week.monday', 'mon'],
    [{ timeZone: 'UTC', week: { mon: ['09:00-17:00', '9-17'] } }, 'hours.week.mon[1]', '09:00-17:30'],
    [{ timeZone: 'UTC', week: { mon: ['09:00-24:30'] } }, 'hours.week.mon[0]', '09:00-24:30'],
    [{ timeZone: 'UTC', week: { mon: ['24:00-09:00'] } }, 'hours.week.mon[0]', '24:00-09:00'],
    [{ timeZone: 'UTC', week: { mon: ['09:00-09:00'] } }, 'hours.week.mon[0]', '00:00-24:00'],
    [{ timeZone: 'UTC', week: {}, closedOn: ['2026-02-30'] }, 'hours.closedOn[0]', '2026-02-30'],
    [{ timeZone: 'UTC', week: {}, closedOn: ['25.12.2026'] }, 'hours.closedOn[0]', '25.12.2026'],
  ])('are refused: %j', (hours, path, said) => {
    try {
      resolveHours(hours as unknown as Hours)
      expect.unreachable()
    } catch (error) {
      if (!isMaitredError(error, 'CONFIG_INVALID')) throw error
      expect(error.path).toBe(path)
      expect(error.message).toContain(said)
    }
  })
})
