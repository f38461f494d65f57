import type { Command } from 'commander'
import { toMs } from '../core/duration.ts'
import { parsePolicy } from '../simulation/policy.ts'
import { staff, type Staffing } from '../simulation/staffing.ts'
import type { Duration } from '../index.ts'
import { BadInput } from './bad-input.ts'
import { type Io, printJson } from './io.ts'
import { createPaint, type Paint } from './paint.ts'
import { createProgress } from './progress.ts'
import { readCount } from './read-options.ts'
import { readScenario } from './read-scenario.ts'

interface StaffFlags {
  readonly serviceLevel: string
  readonly within: string
  readonly policy: string
  readonly seeds: string
  readonly conversations: string
  readonly seed: string
  readonly json?: true
}

/** `maitred staff`: how many agents a load and a promise need. */
export function addStaff(program: Command, io: Io): void {
  program
    .command('staff')
    .description(
      'how many agents a load and a promise need: by exact formula where there is one, checked by simulation',
    )
    .argument(
      '<scenario.json>',
      'who comes, and who answers; the mix of its agents is kept, their number is what is asked',
    )
    .option('--service-level <share>', 'of all who come: 0.8 or 80%', '0.8')
    .option('--within <duration>', 'how soon they are to be answered', '60s')
    .option('--policy <policy>', 'how agents and conversations are chosen', 'default')
    .option('--seeds <count>', 'how many independent runs', '4')
    .option('--conversations <count>', 'how many come in each run', '20000')
    .option('--seed <number>', 'of the first run', '1')
    .option('--json', 'print one object and nothing else')
    .action((file: string, flags: StaffFlags) => staffAgents(file, flags, io))
}

function staffAgents(file: string, flags: StaffFlags, io: Io): void {
  const { scenario } = readScenario(file)
  const promise = {
    serviceLevel: readShare('--service-level', flags.serviceLevel),
    withinSeconds: toMs(flags.within as Duration, '--within') / 1_000,
  }
  const progress = createProgress(io.stderr)
  const staffing = staff(scenario, promise, {
    seeds: readCount('--seeds', flags.seeds, { from: 1, to: 1_000 }),
    seed: readCount('--seed', flags.seed, { from: 0, to: 2 ** 31 }),
    conversations: readCount('--conversations', flags.conversations, { from: 100, to: 100_000_000 }),
    routing: parsePolicy(flags.policy),
    onTry: (agents) => progress.at(() => `trying ${agents} agents`),
  })
  progress.done()
  if (flags.json === true) printJson(io.stdout, { ...staffing, promise })
  else io.stdout.write(toText(staffing, promise, createPaint(io.stdout)))
}

function toText(
  { agents, groups, exact, report }: Staffing,
  promise: { readonly serviceLevel: number; readonly withinSeconds: number },
  paint: Paint,
): string {
  const mix = groups.length > 1 ? ` (${groups.join(' + ')})` : ''
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const source =
    exact === null
      ? 'No formula fits this house: found by simulation.'
      : `${exact.formula === 'erlangC' ? 'Erlang C' : 'Erlang A'} says ${percent(exact.serviceLevel)}.`
  return [
    `${paint.bold(`${agents} agents`)}${mix} answer ${percent(promise.serviceLevel)} within ${promise.withinSeconds} s.`,
    source,
    `Simulated: ${percent(report.serviceLevel)} in time, ${report.waitSeconds.mean.toFixed(1)} s mean wait (± ${report.waitSeconds.ci95.toFixed(1)}), ` +
      `${percent(report.abandonRate)} gave up, ${percent(report.occupancy)} of seats taken.`,
    '',
  ].join('\n')
}

function readShare(name: string, text: string): number {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text) ?? []
  const value = percent === undefined ? Number(text || Number.NaN) : Number(percent) / 100
  if (value > 0 && value < 1) return value
  throw new BadInput(`Expected a share above 0 and below 1 after ${name}, such as \`0.8\` or \`80%\`, got \`${text}\`.`)
}
