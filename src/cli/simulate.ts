import type { Command } from 'commander'
import type { EngineOptions } from '../assemble.ts'
import { AGENT_POLICIES, QUEUE_POLICIES } from '../routing/routing.ts'
import { parsePolicy } from '../simulation/policy.ts'
import type { WorkloadReport } from '../simulation/report.ts'
import type { Scenario } from '../simulation/scenario.ts'
import { type OnRun, study, type StudyOptions } from '../simulation/study.ts'
import { studyEngine } from '../testing/engine-study.ts'
import { BadInput } from './bad-input.ts'
import { demoArticles } from './demo/articles.ts'
import { demoConfig } from './demo/config.ts'
import { type Io, printJson } from './io.ts'
import { loadConfig } from './load-config.ts'
import { toOffline } from './offline.ts'
import { createPaint, type Paint } from './paint.ts'
import { createProgress } from './progress.ts'
import { readCount } from './read-options.ts'
import { readScenario } from './read-scenario.ts'

interface SimulateFlags {
  readonly policy?: string
  readonly compare?: string
  readonly pooled?: true
  readonly seeds: string
  readonly conversations?: string
  readonly level: string
  readonly seed: string
  readonly config?: string
  readonly json?: true
}

/** What `--json` prints for one policy. */
type TimedReport = WorkloadReport & { readonly wallMs: number }

const POLICIES = `Policies: an agent policy
(${AGENT_POLICIES.join(', ')}),
or one with a queue policy
(${QUEUE_POLICIES.join(', ')}), such as
leastLoaded+earliestDeadline. Alone, default comes with weightedAge and every other with fifo. With +relax45s, agents who are
slow at it help only after so long.`

/** `maitred simulate`: a day of work through the production router. */
export function addSimulate(program: Command, io: Io): void {
  program
    .command('simulate')
    .description('a day of work through the production router, in virtual time: how long people wait, by policy')
    .argument('<scenario.json>', 'who comes, and who answers: { classes, agents, slowdown?, profile? }')
    .option('--policy <policy>', 'how agents and conversations are chosen (default, or that of your configuration)')
    .option('--compare <list>', 'several policies on the same arrivals, with commas between')
    .option('--pooled', 'also simulate the house in which everybody can do everything, and give the ratio to it')
    .option('--seeds <count>', 'how many independent runs', '8')
    .option(
      '--conversations <count>',
      'how many come in each run; the first tenth is not counted (40000; 2000 at engine level)',
    )
    .option('--level <level>', 'router: the router alone; engine: whole conversations with plugins', 'router')
    .option('--seed <number>', 'of the first run', '1')
    .option(
      '--config <file>',
      'your configuration, TypeScript or JavaScript: its routing and, at engine level, its plugins',
    )
    .option('--json', 'print one object and nothing else')
    .addHelpText('after', `\n${POLICIES}`)
    .action((file: string, flags: SimulateFlags) => simulate(file, flags, io))
}

async function simulate(file: string, flags: SimulateFlags, io: Io): Promise<void> {
  const beganAt = performance.now()
  const { scenario, warnings } = readScenario(file)
  const config = flags.config === undefined ? undefined : await loadConfig(flags.config)
  const options = readFlags(flags, config)
  const level = readLevel(flags.level)
  for (const warning of warnings) io.stderr.write(`Warning: ${warning}\n`)
  const progress = createProgress(io.stderr)
  const onRun: OnRun = ({ policy, done, total }) => progress.at(() => `${policy}: ${done} of ${total} runs`)
  const reports =
    level === 'router'
      ? study(scenario, { ...options, onRun })
      : await studyEngine(scenario, { ...options, onRun, config: toOffline(config ?? demoConfig), questions })
  progress.done()
  const wallMs = Math.round(performance.now() - beganAt)
  if (flags.json === true) printJson(io.stdout, toJson(reports, { isCompared: flags.compare !== undefined, wallMs }))
  else io.stdout.write(toTable(reports, { scenario, paint: createPaint(io.stdout) }))
}

function readFlags(flags: SimulateFlags, config: EngineOptions | undefined): StudyOptions {
  if (flags.policy !== undefined && flags.compare !== undefined)
    throw new BadInput('Expected --policy or --compare, got both.')
  const names = flags.compare?.split(',').map((name) => name.trim()) ?? [flags.policy ?? 'default']
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new BadInput(`Expected every policy once after --compare, got \`${twice}\` twice.`)
  const isConfigured = flags.policy === undefined && flags.compare === undefined && config?.routing !== undefined
  return {
    policies: names.map((name) => ({
      name,
      routing: isConfigured ? (config.routing ?? {}) : { ...config?.routing, ...parsePolicy(name) },
    })),
    seeds: readCount('--seeds', flags.seeds, { from: 1, to: 1_000 }),
    seed: readCount('--seed', flags.seed, { from: 0, to: 2 ** 31 }),
    conversations: readCount('--conversations', flags.conversations ?? toDefaultCount(flags), {
      from: 1,
      to: 100_000_000,
    }),
    isPooled: flags.pooled === true,
  }
}

/** What customers of the demo ask, as its articles have it. */
const questions = demoArticles.map(({ title }) => title)

function toDefaultCount({ level }: SimulateFlags): string {
  return level === 'engine' ? '2000' : '40000'
}

function readLevel(text: string): 'router' | 'engine' {
  if (text === 'router' || text === 'engine') return text
  throw new BadInput(`Expected --level router or engine, got \`${text}\`.`)
}

/** One report; when policies were compared, one for each by its name. */
function toJson(
  reports: ReadonlyMap<string, WorkloadReport>,
  { isCompared, wallMs }: { readonly isCompared: boolean; readonly wallMs: number },
): object {
  const timed = [...reports].map(([name, report]): [string, TimedReport] => [name, { ...report, wallMs }])
  return isCompared ? Object.fromEntries(timed) : (timed[0]?.[1] ?? {})
}

function toTable(
  reports: ReadonlyMap<string, WorkloadReport>,
  { scenario, paint }: { readonly scenario: Scenario; readonly paint: Paint },
): string {
  const isPooled = [...reports.values()].some(({ ratioToPooled }) => ratioToPooled !== null)
  const heads = [
    '',
    'mean wait',
    '±',
    'p95',
    'in time',
    'gave up',
    'busy',
    'inflation',
    'fairness',
    ...(isPooled ? ['to pooled', '±'] : []),
  ]
  const rows = [...reports].map(([name, report]) => [
    name,
    toSeconds(report.waitSeconds.mean),
    toSeconds(report.waitSeconds.ci95),
    toSeconds(report.waitSeconds.p95),
    toPercent(report.serviceLevel),
    toPercent(report.abandonRate),
    toPercent(report.occupancy),
    report.inflation.toFixed(3),
    report.peersMaxOverMean.toFixed(3),
    ...(isPooled ? [(report.ratioToPooled ?? 0).toFixed(3), (report.ratioCi95 ?? 0).toFixed(3)] : []),
  ])
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  const only = reports.size === 1 ? [...reports.values()][0] : undefined
  return [
    paint.bold(scenario.name ?? 'The day'),
    paint.dim(toLine(heads)),
    ...rows.map(toLine),
    ...(only === undefined ? [] : toSkillLines(only, paint)),
    '',
  ].join('\n')
}

function toSkillLines({ perSkill }: WorkloadReport, paint: Paint): readonly string[] {
  const width = Math.max(...Object.keys(perSkill).map((skill) => skill.length))
  return [
    '',
    paint.dim('by skill'),
    ...Object.entries(perSkill).map(
      ([skill, { meanWaitSeconds, serviceLevel, abandonRate }]) =>
        `${skill.padEnd(width)}  ${toSeconds(meanWaitSeconds)} mean wait, ${toPercent(serviceLevel)} in time, ${toPercent(abandonRate)} gave up`,
    ),
  ]
}

function toSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}

function toPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
