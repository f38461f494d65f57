/** What calendar and clock on the wall say. `day` counts from 1970-01-01, which was a Thursday; `minute` from midnight. */
interface LocalTime {
  readonly day: number
  readonly minute: number
}

/** A time zone's clock. Moments are epoch ms. */
export interface Zone {
  toLocal(at: number): LocalTime
  /**
   * The moments at which the wall shows this time: one as a rule, two when the clock is put back over it. When the clock is put
   * forward over it there is none: then those that the clock before and the clock after the change would have meant.
   */
  toMoments(local: LocalTime): readonly number[]
}

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000

/**
 * The clock of a named zone, as the runtime knows it.
 * @throws RangeError when the runtime does not know the name
 */
export function createZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })

  function toLocal(at: number): LocalTime {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const day = Date.UTC(part('year'), part('month') - 1, part('day')) / DAY_MS
    return { day, minute: part('hour') * 60 + part('minute') }
  }

  /** How far the wall is ahead of UTC, in ms. */
  function offsetAt(at: number): number {
    const { day, minute } = toLocal(at)
    return day * DAY_MS + minute * MINUTE_MS - Math.floor(at / MINUTE_MS) * MINUTE_MS
  }

  return {
    toLocal,
    toMoments({ day, minute }) {
      const asUtc = day * DAY_MS + minute * MINUTE_MS
      const guesses = new Set([offsetAt(asUtc - DAY_MS), offsetAt(asUtc + DAY_MS)].map((offset) => asUtc - offset))
      const exact = [...guesses].filter((at) => at + offsetAt(at) === asUtc)
      return exact.length > 0 ? exact : [...guesses]
    },
  }
}
