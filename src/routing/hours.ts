import { type NamesOf, refuseUnknownNames } from '../core/known-names.ts'
import { nearest } from '../core/nearest.ts'
import { invalid } from './invalid.ts'
import { createZone, DAY_MS, MINUTE_MS, type Zone } from './zone.ts'

type Day = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** When there is service, by the clock on the wall of one time zone. */
export interface Hours {
  /** Such as 'Europe/Berlin'. */
  readonly timeZone: string
  /** Dates on which no range begins: '2026-12-25'. */
  readonly closedOn?: readonly string[]
  /** '09:00-17:30', '18:00-24:00', or over midnight '22:00-06:00'. A range belongs to the day on which it begins. */
  readonly week: { readonly [Name in Day]?: readonly `${string}-${string}`[] }
}

/** {@link Hours} that have been checked. Moments are epoch ms. */
export interface BusinessHours {
  isOpenAt(at: number): boolean
  /** The next beginning of a range after `at`, to the minute; `undefined` when there is none within 14 days. */
  opensAt(at: number): number | undefined
  /** When they next open or close, after `at`, to the minute; `undefined` when they do neither within 14 days. */
  changesAt(at: number): number | undefined
}

/** In minutes of the day; over midnight when `end` is not after `start`. */
interface Range {
  readonly start: number
  readonly end: number
}

/** In the order of weekdays from day 0, a Thursday. */
const DAYS: readonly Day[] = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed']
const HOURS: NamesOf<Hours> = { timeZone: true, closedOn: true, week: true }
const RANGE = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/
const DAYS_AHEAD = 14
/** More than any clock is put forward at once. */
const GAP_MS = 180 * MINUTE_MS

/**
 * Checks the hours and answers questions about them.
 * @throws MaitredError `CONFIG_INVALID` for an unknown time zone or day, a wrong range or date, with its `path`.
 * @example resolveHours({ timeZone: 'Europe/Berlin', week: { mon: ['09:00-17:00'] } }).isOpenAt(1_767_600_000_000) // true
 */
export function resolveHours(hours: Hours, path = 'hours'): BusinessHours {
  refuseUnknownNames(hours, HOURS, { path })
  const zone = toZone(hours.timeZone, `${path}.timeZone`)
  const week = toWeek(hours.week, `${path}.week`)
  const closedOn = new Set((hours.closedOn ?? []).map((text, index) => toDay(text, `${path}.closedOn[${index}]`)))
  const rangesOn = (day: number) => (closedOn.has(day) ? [] : (week[((day % 7) + 7) % 7] ?? []))

  function isOpenAt(at: number): boolean {
    const { day, minute } = zone.toLocal(at)
    const isToday = rangesOn(day).some(({ start, end }) => minute >= start && (minute < end || end <= start))
    return isToday || rangesOn(day - 1).some(({ start, end }) => end <= start && minute < end)
  }

  function opensAt(at: number): number | undefined {
    const today = zone.toLocal(at).day
    for (let day = today; day <= today + DAYS_AHEAD; day++) {
      const starts = rangesOn(day).flatMap(({ start }) => zone.toMoments({ day, minute: start }))
      const openings = starts.filter(isOpenAt).map((start) => toOpening(start, isOpenAt))
      const next = Math.min(...openings.filter((opening) => opening > at))
      if (Number.isFinite(next)) return next
    }
    return undefined
  }

  function closesAt(at: number): number | undefined {
    const today = zone.toLocal(at).day
    for (let day = today - 1; day <= today + DAYS_AHEAD; day++) {
      const ends = rangesOn(day).flatMap(({ start, end }) =>
        zone.toMoments({ day: end <= start ? day + 1 : day, minute: end }),
      )
      const next = Math.min(...ends.map((end) => toClosing(end, isOpenAt)).filter((end) => end > at && !isOpenAt(end)))
      if (Number.isFinite(next)) return next
    }
    return undefined
  }

  return { isOpenAt, opensAt, changesAt: (at) => (isOpenAt(at) ? closesAt(at) : opensAt(at)) }
}

/** Where a clock was put forward over the end, the range closes with the first minute after the change. */
function toClosing(end: number, isOpenAt: (at: number) => boolean): number {
  let closing = end
  while (closing > end - GAP_MS && !isOpenAt(closing - MINUTE_MS)) closing -= MINUTE_MS
  return closing
}

/** Where a clock was put forward over the beginning, the range opens with the first minute after the change. */
function toOpening(start: number, isOpenAt: (at: number) => boolean): number {
  let opening = start
  while (opening > start - GAP_MS && isOpenAt(opening - MINUTE_MS)) opening -= MINUTE_MS
  return opening
}

function toZone(timeZone: string, path: string): Zone {
  try {
    return createZone(timeZone)
  } catch {
    const meant = nearest(String(timeZone), Intl.supportedValuesOf('timeZone'))
    const hint = `${meant === undefined ? '' : `Was \`${meant}\` meant? `}Write a name such as 'Europe/Berlin'.`
    throw invalid(path, `Expected a time zone, got \`${String(timeZone)}\``, hint)
  }
}

function toWeek(week: Hours['week'], path: string): readonly (readonly Range[])[] {
  const known: readonly string[] = DAYS
  for (const name of Object.keys(week)) {
    if (known.includes(name)) continue
    throw invalid(`${path}.${name}`, `Expected a day of the week, got \`${name}\``, `Write one of ${DAYS.join(', ')}.`)
  }
  return DAYS.map((name) => (week[name] ?? []).map((text, index) => toRange(text, `${path}.${name}[${index}]`)))
}

function toRange(text: string, path: string): Range {
  const [, startHour, startMinute, endHour, endMinute] = RANGE.exec(text) ?? []
  const start = Number(startHour) * 60 + Number(startMinute)
  const end = endHour === undefined ? 24 * 60 : Number(endHour) * 60 + Number(endMinute)
  if (Number.isFinite(start) && start !== end) return { start, end }
  throw invalid(path, `Expected a range of time, got \`${text}\``, "Write '09:00-17:30'; all day is '00:00-24:00'.")
}

function toDay(text: string, path: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isFinite(at) && new Date(at).toISOString().startsWith(text)) return at / DAY_MS
  throw invalid(path, `Expected a date, got \`${text}\``, "Write '2026-12-25'.")
}
