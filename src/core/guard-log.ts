import { isPromise } from './is-promise.ts'
import type { Log } from './ports.ts'

/** A log that cannot do harm: one that throws or rejects loses its own line, and never a customer's message. */
export function guardLog(log: Log): Log {
  const guarded =
    (level: keyof Log): Log[keyof Log] =>
    (data, text) => {
      try {
        const result: unknown = log[level](data, text)
        if (isPromise(result)) result.then(undefined, () => {}) // there is nobody left to tell
      } catch {
        // there is nobody left to tell
      }
    }
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') }
}
