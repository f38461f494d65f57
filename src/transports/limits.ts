import { MaitredError } from '../core/errors.ts'

/** How much one customer may do. Agents may do ten times as much. */
export interface Limits {
  /** Commands in a row before anybody has to wait; 20 unless said. */
  readonly burst?: number
  /** Commands a minute in the long run; 60 unless said. */
  readonly perMinute?: number
  /** Streams open at the same time; 10 unless said. */
  readonly streams?: number
}

export interface LimitSettings {
  readonly burst: number
  readonly perMinute: number
  readonly streams: number
}

/** @throws MaitredError `CONFIG_INVALID` */
export function resolveLimits({ burst = 20, perMinute = 60, streams = 10 }: Limits = {}): LimitSettings {
  for (const [name, value] of Object.entries({ burst, perMinute, streams })) {
    if (typeof value === 'number' && value >= 1) continue
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a number of 1 or more at \`limits.${name}\`, got \`${String(value)}\`.`,
      hint: 'Leave it out for the default; `Infinity` is no limit.',
      path: `limits.${name}`,
    })
  }
  return { burst, perMinute, streams }
}

/** Buckets that leak: each name has so many at once, and gets new ones evenly. */
export interface Buckets {
  /** Takes one; how long to wait when there is none left. */
  take(name: string, at: number): number | undefined
}

interface Bucket {
  left: number
  at: number
}

const MANY = 10_000

/** `factor`: how much more than the settings say. */
export function createBuckets({ burst, perMinute }: LimitSettings, factor = 1): Buckets {
  const size = burst * factor
  const perMs = (perMinute * factor) / 60_000
  const buckets = new Map<string, Bucket>()
  const fill = ({ left, at }: Bucket, now: number): number =>
    now <= at ? left : Math.min(size, left + (now - at) * perMs)

  /** Whoever has a full bucket need not be remembered. */
  function forgetFull(now: number): void {
    for (const [name, bucket] of buckets) if (fill(bucket, now) >= size) buckets.delete(name)
  }

  return {
    take(name, at) {
      if (size === Number.POSITIVE_INFINITY) return undefined
      if (buckets.size >= MANY) forgetFull(at)
      const known = buckets.get(name)
      const left = known === undefined ? size : fill(known, at)
      const taken = left >= 1
      buckets.set(name, { left: taken ? left - 1 : left, at })
      return taken ? undefined : Math.ceil((1 - left) / perMs)
    },
  }
}
