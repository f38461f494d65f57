import type { Routing } from '../routing/routing.ts'
import { toReport, type WorkloadReport } from './report.ts'
import { runRouter } from './router-level.ts'
import type { Scenario } from './scenario.ts'
import { toPooled } from './staff.ts'
import type { RunTally } from './tally.ts'

/** One run more is done. */
export type OnRun = (progress: { readonly policy: string; readonly done: number; readonly total: number }) => void

export interface StudyOptions {
  /** What is compared, by name. */
  readonly policies: readonly { readonly name: string; readonly routing: Routing }[]
  readonly seeds: number
  /** Of the first run; the others follow. */
  readonly seed: number
  /** In each run. */
  readonly conversations: number
  /** Is the pooled house simulated on the same arrivals? */
  readonly isPooled: boolean
  readonly onRun?: OnRun
}

/** The first so many of a run are not counted: the house is empty at first. */
export const WARM_UP_SHARE = 0.1

/** A report for each policy, and `pooled` if asked for. The same options give the same figures. */
export function study(scenario: Scenario, options: StudyOptions): ReadonlyMap<string, WorkloadReport> {
  const { policies, seeds, isPooled, onRun = () => {} } = options
  const total = seeds * (policies.length + (isPooled ? 1 : 0))
  let done = 0
  const runAll = (house: Scenario, policy: { readonly name: string; readonly routing: Routing }): readonly RunTally[] =>
    Array.from({ length: seeds }, (_, nth) => {
      const run = runOnce(house, policy.routing, { ...options, seed: options.seed + nth })
      onRun({ policy: policy.name, done: (done += 1), total })
      return run
    })
  const pooled = isPooled ? runAll(toPooled(scenario), { name: 'pooled', routing: {} }) : undefined
  return new Map(policies.map((policy) => [policy.name, toReport(scenario, runAll(scenario, policy), pooled)]))
}

/** One run of one policy. */
export function runOnce(
  scenario: Scenario,
  routing: Routing,
  { seed, conversations }: Pick<StudyOptions, 'seed' | 'conversations'>,
): RunTally {
  return runRouter(scenario, { routing, seed, conversations, warmUp: Math.floor(conversations * WARM_UP_SHARE) })
}
