import { describe, expect, test } from 'vitest'
import { type Admission, admit, type HouseState, resolveAdmission } from '../../src/routing/admission.ts'

const noon = Date.parse('2026-12-22T12:00:00Z')

function ask(admission: Admission, state: Partial<HouseState> = {}, visit = {}) {
  const quiet = { staffing: { online: 1, free: 0 }, waitingCount: 0, wait: 'unknown' as const, at: noon }
  return admit(visit, { ...quiet, ...state }, resolveAdmission(admission))
}

const wait = { p50Ms: 300_000, p90Ms: 600_000, sampleCount: 200 }
const hours = { timeZone: 'UTC', week: { wed: ['09:00-17:00'] } } as const

describe('admission', () => {
  test('is open to everyone while somebody is online, unless told otherwise', () => {
    expect(ask({})).toEqual({ open: true, wait: 'unknown' })
    expect(ask({}, { wait })).toEqual({ open: true, wait })
  })

  test('is closed while nobody with the skills is online', () => {
    expect(ask({}, { staffing: { online: 0, free: 0 } })).toEqual({ open: false, reason: 'nobodyOnline' })
  })

  test('is open to the audience only', () => {
    const audience = ({ page }: { page?: string }) => page === '/checkout'
    expect(ask({ audience }, {}, { page: '/checkout' }).open).toBe(true)
    expect(ask({ audience }, {}, { page: '/' })).toEqual({ open: false, reason: 'audience' })
  })

  test('is closed outside the hours, and says when it opens', () => {
    expect(ask({ hours })).toEqual({ open: false, reason: 'hours', opensAt: Date.parse('2026-12-23T09:00:00Z') })
    expect(ask({ hours }, { at: Date.parse('2026-12-23T12:00:00Z') }).open).toBe(true)
    expect(ask({ hours: { timeZone: 'UTC', week: {} } })).toEqual({ open: false, reason: 'hours' })
  })

  test('is closed while as many wait as may wait, unless a seat is free', () => {
    expect(ask({ maxQueue: 3 }, { waitingCount: 2 }).open).toBe(true)
    expect(ask({ maxQueue: 3 }, { waitingCount: 3 })).toEqual({ open: false, reason: 'queueFull' })
    expect(ask({ maxQueue: 3 }, { waitingCount: 3, staffing: { online: 2, free: 1 } }).open).toBe(true)
    expect(ask({ maxQueue: 0 })).toEqual({ open: false, reason: 'queueFull' })
    expect(ask({ maxQueue: 0 }, { staffing: { online: 1, free: 1 } }).open).toBe(true)
  })

  test('is closed while the wait is known to be too long', () => {
    expect(ask({ maxWait: '4m' }, { wait })).toEqual({ open: false, reason: 'waitTooLong' })
    expect(ask({ maxWait: '5m' }, { wait }).open).toBe(true)
    expect(ask({ maxWait: '4m' }).open).toBe(true)
    expect(ask({ maxWait: '4m' }, { wait, staffing: { online: 1, free: 1 } }).open).toBe(true)
  })

  test.each([
    [{ maxQueue: -1 }, 'admission.maxQueue'],
    [{ maxQueue: 2.5 }, 'admission.maxQueue'],
    [{ maxWait: 'long' }, 'admission.maxWait'],
    [{ hours: { timeZone: 'Mars', week: {} } }, 'admission.hours.timeZone'],
    [{ teamHours: { sales: { ...hours, timeZone: 'Mars' } } }, 'admission.teamHours.sales.timeZone'],
  ])('refuses %j, saying where', (admission, path) => {
    expect(() => resolveAdmission(admission as unknown as Admission)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', path }),
    )
  })
})
