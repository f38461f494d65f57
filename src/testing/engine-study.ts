import type { EngineOptions } from '../assemble.ts'
import { toReport, type WorkloadReport } from '../simulation/report.ts'
import type { Scenario } from '../simulation/scenario.ts'
import { toPooled } from '../simulation/staff.ts'
import { type StudyOptions, WARM_UP_SHARE } from '../simulation/study.ts'
import type { RunTally } from '../simulation/tally.ts'
import { runEngine } from './engine-level.ts'

export interface EngineStudyOptions extends StudyOptions {
  /** Plugins, texts, silence: everything but agents, skills and the store, which are the scenario's. */
  readonly config: EngineOptions
  /** What customers say first, in turns; without any they ask for a person at once. */
  readonly questions: readonly string[]
}

/** {@link study} with whole conversations: the same options give the same figures. */
export async function studyEngine(
  scenario: Scenario,
  options: EngineStudyOptions,
): Promise<ReadonlyMap<string, WorkloadReport>> {
  const { policies, seeds, isPooled, conversations, onRun = () => {} } = options
  const total = seeds * (policies.length + (isPooled ? 1 : 0))
  let done = 0
  const runAll = async (house: Scenario, policy: StudyOptions['policies'][number]): Promise<readonly RunTally[]> => {
    const runs: RunTally[] = []
    for (let nth = 0; nth < seeds; nth++) {
      const warmUp = Math.floor(conversations * WARM_UP_SHARE)
      runs.push(await runEngine(house, { ...options, routing: policy.routing, seed: options.seed + nth, warmUp }))
      onRun({ policy: policy.name, done: (done += 1), total })
    }
    return runs
  }
  const pooled = isPooled ? await runAll(toPooled(scenario), { name: 'pooled', routing: {} }) : undefined
  const reports = new Map<string, WorkloadReport>()
  for (const policy of policies) reports.set(policy.name, toReport(scenario, await runAll(scenario, policy), pooled))
  return reports
}
