import type { EngineOptions } from '../assemble.ts'
import { isMaitredError } from '../core/errors.ts'
import { refuseUnknownNames } from '../core/known-names.ts'
import { checkChart } from './check-config/chart-rules.ts'
import type { Finding } from './check-config/finding.ts'
import { checkHooks } from './check-config/hook-rules.ts'
import { type LaidOut, layOut } from './check-config/laid-out.ts'
import { checkStaff } from './check-config/staff-rules.ts'
import { checkTexts } from './check-config/text-rules.ts'

export interface CheckOptions {
  /** The languages that your customers read, as in `customer.language`; English unless said. */
  readonly languages?: readonly string[]
}

/**
 * What cannot be meant in a configuration: dead ends, hooks at moments that never come, skills that nobody has, texts that say nothing.
 * What `createEngine` would throw is a finding too, the only one then. Opens nothing.
 * @example test('the configuration has no dead ends', () => expect(checkConfig(config)).toEqual([]))
 */
export function checkConfig(options: EngineOptions, settings: CheckOptions = {}): readonly Finding[] {
  refuseUnknownNames(settings, { languages: true }, { path: '' })
  const { languages = ['en'] } = settings
  const laidOut = tryToLayOut(options)
  if ('rule' in laidOut) return [laidOut]
  return [
    ...checkChart(laidOut),
    ...checkHooks(laidOut),
    ...checkStaff(options),
    ...checkTexts(options, languages),
    ...checkSilence(laidOut),
    ...checkHours(options),
  ]
}

function tryToLayOut(options: EngineOptions): LaidOut | Finding {
  try {
    return layOut(options)
  } catch (error) {
    if (!isMaitredError(error)) throw error
    return { rule: 'invalid', path: error.path ?? '', hint: error.message }
  }
}

/** A reminder that would come at the end, or after it, never comes. */
function checkSilence({ settings: { remindMs, closeMs } }: LaidOut): readonly Finding[] {
  if (remindMs < closeMs) return []
  return [
    {
      rule: 'silenceOrder',
      path: 'silence.remindAfter',
      hint: `A silent customer is reminded after ${remindMs} ms, but let go after ${closeMs} ms. Make \`remindAfter\` shorter than \`closeAfter\`.`,
    },
  ]
}

function checkHours({ admission }: EngineOptions): readonly Finding[] {
  const week = admission?.hours?.week
  if (week === undefined || Object.values(week).some((ranges) => ranges !== undefined && ranges.length > 0)) return []
  return [
    {
      rule: 'hoursNeverOpen',
      path: 'admission.hours.week',
      hint: "No day has a range of time, so nobody is ever let in. Write one, such as `mon: ['09:00-17:00']`, or leave `hours` out.",
    },
  ]
}
