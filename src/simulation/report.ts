import type { Scenario } from './scenario.ts'
import { batchMeans, halfWidth95, mean, quantileOf, ratioOf } from './statistics.ts'
import type { ClassTally, RunTally } from './tally.ts'

export interface SkillReport {
  /** Answered within the target, of all who came. */
  readonly serviceLevel: number
  readonly meanWaitSeconds: number
  readonly abandonRate: number
  readonly conversations: number
}

/** What a workload comes to. Everything but `events` and `conversations` is a mean over the seeds. */
export interface WorkloadReport {
  /** Counted, over all seeds: those who came after the warm-up. */
  readonly conversations: number
  /** From arrival to an agent's word, or to giving up. `ci95` is half the width of the 95 % confidence interval of the mean. */
  readonly waitSeconds: { readonly mean: number; readonly ci95: number; readonly p50: number; readonly p95: number }
  /** Answered within the target, of all who came. */
  readonly serviceLevel: number
  readonly abandonRate: number
  /** Share of seats taken, over time. */
  readonly occupancy: number
  /** Time in conversation over the work it held at full speed. */
  readonly inflation: number
  /** Mean wait over that of the pooled house on the same arrivals; only when asked for. */
  readonly ratioToPooled: number | null
  readonly ratioCi95: number | null
  /** Work of the busiest over the mean, among agents who can do the same. */
  readonly peersMaxOverMean: number
  /** What was asked for on arrival. */
  readonly perSkill: Readonly<Record<string, SkillReport>>
  /** Things that happened, over all seeds. */
  readonly events: number
}

/** Puts the runs of one policy together. `pooled`: the runs of the pooled house with the same seeds. */
export function toReport(
  scenario: Scenario,
  runs: readonly RunTally[],
  pooled: readonly RunTally[] | undefined,
): WorkloadReport {
  const sorted = runs.map(({ waitsMs }) => waitsMs.slice().sort())
  const waits = runs.map(toMeanWait)
  const only = runs.length === 1 ? runs[0] : undefined
  const ratio = pooled && ratioOf(waits, pooled.map(toMeanWait))
  const all = runs.map(({ classes }) => sumOf(classes))
  return {
    conversations: all.reduce((sum, { count }) => sum + count, 0),
    waitSeconds: {
      mean: mean(waits),
      ci95: halfWidth95(only === undefined ? waits : batchMeans(only.waitsMs).map((ms) => ms / 1_000)),
      p50: mean(sorted.map((each) => quantileOf(each, 0.5))) / 1_000,
      p95: mean(sorted.map((each) => quantileOf(each, 0.95))) / 1_000,
    },
    serviceLevel: mean(all.map(({ withinCount, count }) => share(withinCount, count))),
    abandonRate: mean(all.map(({ abandonedCount, count }) => share(abandonedCount, count))),
    occupancy: mean(runs.map(({ occupancy }) => occupancy)),
    inflation: mean(runs.map(({ inflation }) => inflation)),
    ratioToPooled: ratio?.ratio ?? null,
    ratioCi95: ratio?.ci95 ?? null,
    peersMaxOverMean: mean(runs.map(({ peersMaxOverMean }) => peersMaxOverMean)),
    perSkill: toSkills(scenario, runs),
    events: runs.reduce((sum, { events }) => sum + events, 0),
  }
}

/** In seconds. */
export function toMeanWait({ classes }: RunTally): number {
  const { waitSumMs, count } = sumOf(classes)
  return share(waitSumMs, count) / 1_000
}

export function sumOf(classes: readonly ClassTally[]): ClassTally {
  const sum: ClassTally = {
    count: 0,
    delayedCount: 0,
    answeredCount: 0,
    withinCount: 0,
    abandonedCount: 0,
    waitSumMs: 0,
  }
  for (const each of classes) {
    sum.count += each.count
    sum.delayedCount += each.delayedCount
    sum.answeredCount += each.answeredCount
    sum.withinCount += each.withinCount
    sum.abandonedCount += each.abandonedCount
    sum.waitSumMs += each.waitSumMs
  }
  return sum
}

function toSkills({ classes }: Scenario, runs: readonly RunTally[]): WorkloadReport['perSkill'] {
  const skills = [...new Set(classes.map(({ skill }) => skill))]
  return Object.fromEntries(
    skills.map((skill) => {
      const own = runs.map((run) => sumOf(run.classes.filter((_, index) => classes[index]?.skill === skill)))
      const report: SkillReport = {
        serviceLevel: mean(own.map(({ withinCount, count }) => share(withinCount, count))),
        meanWaitSeconds: mean(own.map(({ waitSumMs, count }) => share(waitSumMs, count))) / 1_000,
        abandonRate: mean(own.map(({ abandonedCount, count }) => share(abandonedCount, count))),
        conversations: own.reduce((sum, { count }) => sum + count, 0),
      }
      return [skill, report]
    }),
  )
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
