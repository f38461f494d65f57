import { MaitredError } from './errors.ts'
import type { Duration } from './types.ts'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/**
 * Reads a {@link Duration} as milliseconds.
 * @throws MaitredError `CONFIG_INVALID` when it is negative, not finite, or not of the form '30s'.
 * @example toMs('1.5m') // 90000
 */
export function toMs(duration: Duration, path = 'duration'): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration
  const [, amount, unit] = (typeof duration === 'string' && PATTERN.exec(duration)) || []
  if (amount !== undefined && isUnit(unit)) return Number(amount) * UNIT_MS[unit]
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected a duration such as '30s' or milliseconds of 0 or more at \`${path}\`, got \`${String(duration)}\`.`,
    hint: "Write a number of milliseconds, or a number followed by 'ms', 's', 'm', 'h' or 'd'.",
    path,
  })
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && Object.hasOwn(UNIT_MS, unit)
}
