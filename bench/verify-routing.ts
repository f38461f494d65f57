import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describeRun, writeSection } from '../scripts/results.mjs'
import { parseScenario } from '../src/simulation/parse-scenario.ts'
import { toMeanWait, toReport, type WorkloadReport } from '../src/simulation/report.ts'
import type { Scenario } from '../src/simulation/scenario.ts'
import { toPooled } from '../src/simulation/staff.ts'
import type { RunTally } from '../src/simulation/tally.ts'
import { judgeForecastCost, judgeForecasts } from './verify/forecast.ts'
import { judgeGoals, type Verdict, type Workload } from './verify/goals.ts'
import { doJobs, type Job } from './verify/jobs.ts'
import { nModel, starvation } from './verify/routing-houses.ts'
import { percent, toTable } from './verify/table.ts'

/** Ours, by the names of the reference figures. */
const POLICIES: Readonly<Record<string, string>> = {
  random: 'random',
  roundRobin: 'roundRobin',
  longestIdle: 'longestIdle',
  leastLoaded: 'leastLoaded',
  mostSpecialised: 'mostSpecialised',
  'load>spec>idle + FIFO': 'default+fifo',
  DEFAULT: 'default',
  'spec+scarce(static)': 'mostSpecialised+scarceFirst',
  'default agent+strict prio': 'default+strictPriority',
  'default agent+EDF': 'default+earliestDeadline',
  'DEFAULT+relax20': 'default+relax20s',
  'DEFAULT+relax45': 'default+relax45s',
}

interface Plan {
  readonly house: string
  readonly policy: string
  readonly scenario: Scenario
  readonly seeds: number
  readonly conversations: number
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Every workload under every policy, beside the reference ratios; then the goals. Prints as it goes; the results go to bench/RESULTS.md. */
export async function verify({
  root,
  isQuick,
}: {
  readonly root: string
  readonly isQuick: boolean
}): Promise<boolean> {
  const folder = path.join(root, '../shared/scenarios')
  if (!existsSync(folder)) {
    say('routing: the reference workloads are not there; skipped.')
    return true
  }
  const workloads = readWorkloads(folder).filter(({ name }) => !isQuick || ['single', 'nmodel', 'vip'].includes(name))
  const plans = [...workloads.flatMap((workload) => plansOf(workload, isQuick)), ...extraPlans(isQuick)]
  const reports = await runPlans(plans)
  const verdicts = [
    ...judgeGoals(workloads, reports),
    ...judgeForecasts(workloads, isQuick ? 10_000 : 100_000),
    ...judgeForecastCost(workloads),
  ]
  for (const { goal, about, holds } of verdicts) say(`${goal} ${about}${holds ? '' : '  MISSED'}`)
  if (!isQuick) {
    const body = toSection(workloads, reports, verdicts)
    writeSection(path.join(root, 'bench/RESULTS.md'), 'routing', body)
  }
  const missed = verdicts.filter(({ holds }) => !holds).length
  say(missed === 0 ? 'routing: every goal is met' : `routing: ${missed} goals are missed`)
  return isQuick || missed === 0 // too few conversations to judge by
}

function readWorkloads(folder: string): readonly Workload[] {
  const files = readdirSync(folder).filter((file) => /^sim-.*\.json$/.test(file))
  return files.map((file): Workload => {
    const content: unknown = JSON.parse(readFileSync(path.join(folder, file), 'utf8'))
    const { reference } = content as Pick<Workload, 'reference'>
    return { name: file.slice(4, -5), scenario: parseScenario(content).scenario, reference }
  })
}

function plansOf({ name, scenario, reference }: Workload, isQuick: boolean): readonly Plan[] {
  const size = isQuick ? { seeds: 2, conversations: 5_000 } : { seeds: 8, conversations: 40_000 }
  const policies = Object.entries(POLICIES).filter(([known]) => known in reference)
  return [
    { house: name, policy: 'pooled', scenario: toPooled(scenario), ...size },
    ...policies.map(([, policy]) => ({ house: name, policy, scenario, ...size })),
  ]
}

function extraPlans(isQuick: boolean): readonly Plan[] {
  const size = isQuick ? { seeds: 2, conversations: 20_000 } : { seeds: 8, conversations: 400_000 }
  const policies = ['default', 'default+fifo', 'default+earliestDeadline', 'default+additiveAgeing']
  return [
    { house: 'mdp', policy: 'default', scenario: nModel, ...size },
    ...policies.map((policy) => ({
      ...{ house: 'starvation', policy, scenario: starvation },
      ...{ seeds: isQuick ? 1 : 4, conversations: isQuick ? 10_000 : 40_000 },
    })),
  ]
}

/** Runs everything, and puts the runs together in the order of their seeds: those of the pooled house are their partners. */
async function runPlans(plans: readonly Plan[]): Promise<ReadonlyMap<string, WorkloadReport>> {
  const jobs = plans.flatMap((plan) => Array.from({ length: plan.seeds }, (_, nth) => ({ plan, nth })))
  const runs = new Map<string, RunTally[]>()
  let doneCount = 0
  await doJobs<RunTally>(
    jobs.map(({ plan, nth }): Job => {
      const { scenario, conversations } = plan
      const policy = plan.policy === 'pooled' ? 'default' : plan.policy
      return { kind: 'run', about: { scenario, conversations, seed: nth + 1, policy } }
    }),
    (run, index) => {
      const job = jobs[index]
      if (job === undefined) return
      const own = runs.get(keyOf(job.plan)) ?? []
      own[job.nth] = run
      runs.set(keyOf(job.plan), own)
      doneCount += 1
      say(
        `${doneCount} of ${jobs.length}: ${keyOf(job.plan)}, run ${job.nth + 1}: ${toMeanWait(run).toFixed(2)} s mean wait`,
      )
    },
  )
  return new Map(
    plans.map((plan) => {
      const report = toReport(plan.scenario, runs.get(keyOf(plan)) ?? [], runs.get(`${plan.house} pooled`))
      return [keyOf(plan), report]
    }),
  )
}

function keyOf({ house, policy }: Plan): string {
  return `${house} ${policy}`
}

function toSection(
  workloads: readonly Workload[],
  reports: ReadonlyMap<string, WorkloadReport>,
  verdicts: readonly Verdict[],
): string {
  const rows = workloads.flatMap(({ name, reference }) =>
    Object.entries(POLICIES).flatMap(([known, policy]) => {
      const [report, theirs] = [reports.get(`${name} ${policy}`), reference[known]]
      if (report === undefined || theirs === undefined) return []
      const waits = [report.waitSeconds.mean.toFixed(1), theirs.meanWait.toFixed(1)]
      const levels = [percent(report.serviceLevel, 1), percent(report.abandonRate), report.peersMaxOverMean.toFixed(3)]
      return [[name, policy, toRatio(report), `${theirs.ratioToPooled} ± ${theirs.ratioCI}`, ...waits, ...levels]]
    }),
  )
  const goals = toTable(
    ['goal', 'figure', ''],
    verdicts.map(({ goal, about, holds }) => [goal, about, holds ? 'met' : '**missed**']),
  )
  return [
    '## Routing on the reference workloads',
    '',
    describeRun('npm run verify:routing'),
    '',
    '8 runs of 40,000 conversations each, the first tenth not counted, the same arrivals and work under every policy. Ratios are of mean',
    'waits to those of the pooled house; `±` is half the width of the 95 % confidence interval. Agent policies without a queue policy come with `fifo`, `default` with `weightedAge`.',
    '',
    goals,
    '',
    toTable(
      ['workload', 'policy', 'ratio', 'reference ratio', 'mean wait, s', 'reference', 'in time', 'gave up', 'fairness'],
      rows,
    ),
  ].join('\n')
}

function toRatio({ ratioToPooled, ratioCi95 }: WorkloadReport): string {
  return ratioToPooled === null ? '-' : `${ratioToPooled.toFixed(3)} ± ${(ratioCi95 ?? 0).toFixed(3)}`
}
