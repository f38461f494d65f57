import { toMs } from '../core/duration.ts'
import { type NamesOf, refuseUnknownNames, wrongKind } from '../core/known-names.ts'
import type { Router } from '../core/ports.ts'
import type { Availability, Duration, Forecast, Visit } from '../core/types.ts'
import { type BusinessHours, type Hours, resolveHours } from './hours.ts'
import { invalid } from './invalid.ts'

/** Who is offered live chat, and when. Whatever is not said does not restrict. */
export interface Admission {
  /** When there is live chat; always, unless said. */
  readonly hours?: Hours
  /**
   * Hours of teams, by the `team` of their agents: out of them, nobody of the team counts as online here. Chat is open to a visit while a
   * team is open that could answer it; agents without a team, and teams that are not named, are bound by `hours` alone.
   */
  readonly teamHours?: { readonly [team: string]: Hours }
  /** The door closes when so many wait and no seat is free. 0: only while a seat is free. */
  readonly maxQueue?: number
  /** The door closes when half of those who come now would wait longer; only when the wait is known. */
  readonly maxWait?: Duration
  /** Whether this visitor is offered live chat at all: by customer, page or moment. */
  readonly audience?: (visit: Visit) => boolean
}

/** {@link Admission} that has been checked. */
export interface ResolvedAdmission {
  readonly hours?: BusinessHours
  readonly teamHours: ReadonlyMap<string, BusinessHours>
  readonly maxQueue: number
  readonly maxWaitMs: number
  readonly audience: (visit: Visit) => boolean
}

/** Whether a team counts at `at`; `undefined` where no team has hours of its own. */
export function teamsOpenAt(
  { teamHours }: ResolvedAdmission,
  at: number,
): ((team: string | undefined) => boolean) | undefined {
  if (teamHours.size === 0) return undefined
  return (team) => (team === undefined ? true : (teamHours.get(team)?.isOpenAt(at) ?? true))
}

/** When any of the hours next open or close, after `at`. */
export function hoursChangeAt({ hours, teamHours }: ResolvedAdmission, at: number): number | undefined {
  const all = [...(hours === undefined ? [] : [hours]), ...teamHours.values()]
  const changes = all.flatMap((each) => each.changesAt(at) ?? [])
  return changes.length === 0 ? undefined : Math.min(...changes)
}

/** How things stand for the skills of the visit. */
export interface HouseState {
  readonly staffing: ReturnType<Router['staffing']>
  readonly waitingCount: number
  readonly wait: Forecast | 'unknown'
  readonly at: number
}

const ADMISSION: NamesOf<Admission> = { hours: true, teamHours: true, maxQueue: true, maxWait: true, audience: true }

/**
 * Checks what was written.
 * @throws MaitredError `CONFIG_INVALID` with the `path` of the first wrong option.
 * @example resolveAdmission({ maxQueue: 10, maxWait: '5m' })
 */
export function resolveAdmission(admission: Admission = {}, path = 'admission'): ResolvedAdmission {
  refuseUnknownNames(admission, ADMISSION, { path })
  const { hours, teamHours = {}, maxQueue, maxWait, audience = () => true } = admission
  if (typeof audience !== 'function') throw wrongKind(`${path}.audience`, 'a function', audience)
  if (maxQueue !== undefined && !(Number.isInteger(maxQueue) && maxQueue >= 0)) {
    throw invalid(
      `${path}.maxQueue`,
      `Expected a whole number of 0 or more, got \`${String(maxQueue)}\``,
      'Count people.',
    )
  }
  return {
    ...(hours === undefined ? {} : { hours: resolveHours(hours, `${path}.hours`) }),
    teamHours: new Map(
      Object.entries(teamHours).map(([team, each]) => [team, resolveHours(each, `${path}.teamHours.${team}`)]),
    ),
    maxQueue: maxQueue ?? Number.POSITIVE_INFINITY,
    maxWaitMs: maxWait === undefined ? Number.POSITIVE_INFINITY : toMs(maxWait, `${path}.maxWait`),
    audience,
  }
}

/** Decides on one visit. The reasons are tried in the order audience, hours, nobody online, queue, wait. */
export function admit(visit: Visit, state: HouseState, admission: ResolvedAdmission): Availability {
  const { at, staffing, waitingCount } = state
  if (!admission.audience(visit)) return { open: false, reason: 'audience' }
  if (admission.hours?.isOpenAt(at) === false) return closedByHours(admission.hours, at)
  if (staffing.online === 0) return closedForNow(staffing, admission, at)
  if (staffing.free > 0) return { open: true, wait: state.wait }
  if (waitingCount >= admission.maxQueue) return { open: false, reason: 'queueFull' }
  const { wait } = state
  if (wait !== 'unknown' && wait.p50Ms > admission.maxWaitMs) return { open: false, reason: 'waitTooLong' }
  return { open: true, wait }
}

/** Nobody is there: if they are out of their hours, it is known when they come. */
function closedForNow(
  { closedTeams = [] }: HouseState['staffing'],
  { teamHours }: ResolvedAdmission,
  at: number,
): Availability {
  if (closedTeams.length === 0) return { open: false, reason: 'nobodyOnline' }
  const openings = closedTeams.flatMap((team) => teamHours.get(team)?.opensAt(at) ?? [])
  return { open: false, reason: 'hours', ...(openings.length === 0 ? {} : { opensAt: Math.min(...openings) }) }
}

function closedByHours(hours: BusinessHours, at: number): Availability {
  const opensAt = hours.opensAt(at)
  return { open: false, reason: 'hours', ...(opensAt === undefined ? {} : { opensAt }) }
}
