import type { WorkloadReport } from '../../src/simulation/report.ts'
import type { Scenario } from '../../src/simulation/scenario.ts'
import { N_MODEL_OPTIMUM_S } from './routing-houses.ts'
import { percent } from './table.ts'

/** A reference workload, and what is known of it. */
export interface Workload {
  readonly name: string
  readonly scenario: Scenario
  readonly reference: Readonly<
    Record<string, { readonly meanWait: number; readonly ratioToPooled: number; readonly ratioCI: number }>
  >
}

export interface Verdict {
  readonly goal: string
  readonly about: string
  readonly holds: boolean
}

type Reports = ReadonlyMap<string, WorkloadReport>

/** R2: how far the default may be above the pooled house. */
const RATIO_LIMITS: Readonly<Record<string, number>> = {
  ...{ single: 1.01, vip: 1.02, day: 1.07, logn: 1.13, mmodel: 1.18, wmodel: 1.22, nmodel: 1.26 },
  ...{ six2phone: 1.31, mixed: 1.42, six2: 1.46 },
}

/** Every goal that the reports can speak to. */
export function judgeGoals(workloads: readonly Workload[], reports: Reports): readonly Verdict[] {
  return [
    ...optimum(reports),
    ...workloads.flatMap((workload) => [
      ...toPooledRatio(workload, reports),
      ...toBestPolicy(workload, reports),
      ...slowSkills(workload, reports),
      ...fairness(workload, reports),
    ]),
    ...starvingNobody(reports),
  ]
}

function optimum(reports: Reports): readonly Verdict[] {
  const report = reports.get('mdp default')
  if (report === undefined) return []
  const ratio = report.waitSeconds.mean / N_MODEL_OPTIMUM_S
  const error = report.waitSeconds.ci95 / N_MODEL_OPTIMUM_S
  return [
    {
      goal: 'R1',
      about: `small N-model: ${ratio.toFixed(3)} ± ${error.toFixed(3)} of the optimum (1.05)`,
      holds: ratio <= 1.05,
    },
  ]
}

function toPooledRatio({ name }: Workload, reports: Reports): readonly Verdict[] {
  const [report, pooled] = [reports.get(`${name} default`), reports.get(`${name} pooled`)]
  if (report === undefined || pooled === undefined) return []
  if (name === 'overload') {
    const more = report.abandonRate - pooled.abandonRate
    return [{ goal: 'R2', about: `${name}: ${percent(more)} more give up than pooled (0.50 %)`, holds: more <= 0.005 }]
  }
  const limit = RATIO_LIMITS[name]
  if (limit === undefined) return []
  const ratio = report.ratioToPooled ?? Number.NaN
  const error = (report.ratioCi95 ?? 0).toFixed(3)
  return [{ goal: 'R2', about: `${name}: ${ratio.toFixed(3)} ± ${error} of pooled (${limit})`, holds: ratio <= limit }]
}

/** R3: the default against the best of all that were tried. */
function toBestPolicy({ name }: Workload, reports: Reports): readonly Verdict[] {
  const own = reports.get(`${name} default`)
  if (own === undefined) return []
  const others = [...reports].filter(([key]) => key.startsWith(`${name} `) && !key.endsWith(' pooled'))
  const best = others.reduce((least, other) => (other[1].waitSeconds.mean < least[1].waitSeconds.mean ? other : least))
  const ratio = own.waitSeconds.mean / best[1].waitSeconds.mean
  const limit = name === 'skewed' ? 1.3 : 1.05
  const about = `${name}: default at ${ratio.toFixed(3)} of the best tried, ${best[0].slice(name.length + 1)} (${limit})`
  return [{ goal: 'R3', about, holds: ratio <= limit }]
}

function slowSkills({ name }: Workload, reports: Reports): readonly Verdict[] {
  if (name !== 'prof') return []
  const limits = { default: 50, 'default+relax45s': 50 }
  return Object.entries(limits).flatMap(([policy, limit]) => {
    const mean = reports.get(`prof ${policy}`)?.waitSeconds.mean
    if (mean === undefined) return []
    return [{ goal: 'R4', about: `prof: ${policy} waits ${mean.toFixed(1)} s (${limit})`, holds: mean <= limit }]
  })
}

function fairness({ name }: Workload, reports: Reports): readonly Verdict[] {
  const spread = reports.get(`${name} default`)?.peersMaxOverMean
  if (spread === undefined) return []
  return [
    {
      goal: 'R5',
      about: `${name}: the busiest peer works ${spread.toFixed(3)} of the mean (1.03)`,
      holds: spread <= 1.03,
    },
  ]
}

function starvingNobody(reports: Reports): readonly Verdict[] {
  const waitsOf = (policy: string): readonly [number, number] | undefined => {
    const skills = reports.get(`starvation ${policy}`)?.perSkill
    return skills && [skills['urgent']?.meanWaitSeconds ?? 0, skills['other']?.meanWaitSeconds ?? 0]
  }
  const weighted = waitsOf('default')
  const ratio = weighted === undefined ? Number.NaN : weighted[1] / weighted[0]
  const near = ['default+earliestDeadline', 'default+additiveAgeing'].flatMap((policy): Verdict[] => {
    const waits = waitsOf(policy)
    if (waits === undefined) return []
    const difference = Math.abs(waits[1] / waits[0] - 1)
    const about = `starvation, ${policy}: the two kinds wait ${waits.map((wait) => wait.toFixed(0)).join(' and ')} s, ${percent(difference)} apart (2 %)`
    return [{ goal: 'R6', about, holds: difference <= 0.02 }]
  })
  const about = `starvation, default: the other kind waits ${ratio.toFixed(2)} times as long, targets 1:4 (3.60 to 4.40)`
  return [{ goal: 'R6', about, holds: Math.abs(ratio / 4 - 1) <= 0.1 }, ...near]
}
