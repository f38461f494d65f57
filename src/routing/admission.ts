import { toMs } from '../core/duration.ts'
import type { Router } from '../core/ports.ts'
import type { Availability, Duration, Forecast, Visit } from '../core/types.ts'
import { type BusinessHours, type Hours, resolveHours } from './hours.ts'
import { invalid } from './invalid.ts'

/** Who is offered live chat, and when. Whatever is not said does not restrict. */
export interface Admission {
  readonly hours?: Hours
  /** Not available yet: leave it out. */
  readonly teamHours?: { readonly [team: string]: Hours }
  /** The door closes when so many wait and no seat is free. 0: only while a seat is free. */
  readonly maxQueue?: number
  /** The door closes when half of those who come now would wait longer; only when the wait is known. */
  readonly maxWait?: Duration
  readonly audience?: (visit: Visit) => boolean
}

/** {@link Admission} that has been checked. */
export interface ResolvedAdmission {
  readonly hours?: BusinessHours
  readonly maxQueue: number
  readonly maxWaitMs: number
  readonly audience: (visit: Visit) => boolean
}

/** How things stand for the skills of the visit. */
export interface HouseState {
  readonly staffing: ReturnType<Router['staffing']>
  readonly waitingCount: number
  readonly wait: Forecast | 'unknown'
  readonly at: number
}

/**
 * Checks what was written.
 * @throws MaitredError `CONFIG_INVALID` with the `path` of the first wrong option.
 * @example resolveAdmission({ maxQueue: 10, maxWait: '5m' })
 */
export function resolveAdmission(admission: Admission = {}, path = 'admission'): ResolvedAdmission {
  const { hours, teamHours, maxQueue, maxWait, audience = () => true } = admission
  if (teamHours !== undefined) {
    throw invalid(`${path}.teamHours`, 'Expected no hours by team, which are not available yet', 'Use `hours`.')
  }
  if (maxQueue !== undefined && !(Number.isInteger(maxQueue) && maxQueue >= 0)) {
    throw invalid(
      `${path}.maxQueue`,
      `Expected a whole number of 0 or more, got \`${String(maxQueue)}\``,
      'Count people.',
    )
  }
  return {
    ...(hours === undefined ? {} : { hours: resolveHours(hours, `${path}.hours`) }),
    maxQueue: maxQueue ?? Number.POSITIVE_INFINITY,
    maxWaitMs: maxWait === undefined ? Number.POSITIVE_INFINITY : toMs(maxWait, `${path}.maxWait`),
    audience,
  }
}

/** Decides on one visit. The reasons are tried in the order audience, hours, nobody online, queue, wait. */
export function admit(visit: Visit, state: HouseState, admission: ResolvedAdmission): Availability {
  const { at, staffing, wait, waitingCount } = state
  if (!admission.audience(visit)) return { open: false, reason: 'audience' }
  if (admission.hours?.isOpenAt(at) === false) return closedByHours(admission.hours, at)
  if (staffing.online === 0) return { open: false, reason: 'nobodyOnline' }
  if (staffing.free > 0) return { open: true, wait }
  if (waitingCount >= admission.maxQueue) return { open: false, reason: 'queueFull' }
  if (wait !== 'unknown' && wait.p50Ms > admission.maxWaitMs) return { open: false, reason: 'waitTooLong' }
  return { open: true, wait }
}

function closedByHours(hours: BusinessHours, at: number): Availability {
  const opensAt = hours.opensAt(at)
  return { open: false, reason: 'hours', ...(opensAt === undefined ? {} : { opensAt }) }
}
