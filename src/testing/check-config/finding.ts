/** What the rules are called. */
export type ConfigRule =
  | 'invalid'
  | 'noExitByTime'
  | 'unreachable'
  | 'deadHook'
  | 'skillNobodyHas'
  | 'agentWithoutCapacity'
  | 'textMissing'
  | 'silenceOrder'
  | 'hoursNeverOpen'

/** Something in a configuration that cannot be meant. */
export interface Finding {
  readonly rule: ConfigRule
  /** Where: an option, a plugin's hook, or a place of the chart. */
  readonly path: string
  /** What is wrong, and what to do about it. */
  readonly hint: string
}
