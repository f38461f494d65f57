import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeRun, writeSection } from '../scripts/results.mjs'
import { measureClocks } from './verify/clock.ts'
import { liveADay } from './verify/day.ts'
import { allBands, judge, type Measured, quickBands } from './verify/bands.ts'
import { compareExact, type ExactCase } from './verify/exact-cases.ts'
import { doJobs, type Job } from './verify/jobs.ts'
import type { Speed } from './verify/speed.ts'
import { percent, toTable } from './verify/table.ts'

interface Options {
  readonly root: string
  /** A minute's worth: all formulas, few conversations, wide bands; nothing is written down. */
  readonly isQuick: boolean
}

interface Part {
  readonly holds: boolean
  readonly text: string
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Holds the simulator against theory. Prints as it goes; the results go to bench/RESULTS.md. */
export async function verify({ root, isQuick }: Options): Promise<boolean> {
  const parts = [checkFormulas(root), await checkWaits(isQuick), await checkBands(isQuick), checkSpeed(isQuick)]
  if (!isQuick) parts.push(await checkDay(), checkClock(root))
  const holds = parts.every((part) => part.holds)
  if (!isQuick) {
    const run = describeRun('npm run verify:simulation')
    const body = ['## The simulator against theory', '', run, '', ...parts.flatMap(({ text }) => [text, ''])].join('\n')
    writeSection(path.join(root, 'bench/RESULTS.md'), 'simulation', body)
  }
  say(holds ? 'simulation: everything holds' : 'simulation: SOMETHING DOES NOT HOLD')
  return holds
}

function checkFormulas(root: string): Part {
  const file = path.join(root, '../shared/scenarios/exact.json')
  if (!existsSync(file)) return { holds: true, text: 'Formulas: the reference figures are not there; skipped.' }
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly ExactCase[] }
  const rows = cases.flatMap(compareExact)
  const worst = rows.reduce((most, { error }) => Math.max(most, error), 0)
  const checked = new Set(rows.map(({ id }) => id)).size
  const text = `**Formulas** (goal S1, 1e-6): ${rows.length} figures of ${checked} of ${cases.length} reference cases, the worst off by ${worst.toExponential(1)}. The other case needs value iteration.`
  say(text)
  return { holds: worst <= 1e-6, text }
}

async function checkWaits(isQuick: boolean): Promise<Part> {
  const conversations = isQuick ? 100_000 : 1_000_000
  const jobs = (isQuick ? [1] : [1, 2, 3]).map((seed): Job => ({ kind: 'waits', about: { seed, conversations } }))
  let worst = 0
  await doJobs<{ readonly worstSeconds: number }>(jobs, ({ worstSeconds }, index) => {
    worst = worstSeconds <= worst ? worst : worstSeconds
    say(`waits, seed ${index + 1}: off by ${worstSeconds} s at most`)
  })
  const text = `**Every wait** (goal S2, 1e-6 s): ${jobs.length} x ${conversations.toLocaleString('en')} conversations at 10 agents, load 0.9, against the Kiefer-Wolfowitz recursion: off by ${worst} s at most.`
  return { holds: worst <= 1e-6, text }
}

async function checkBands(isQuick: boolean): Promise<Part> {
  const bands = isQuick ? quickBands() : allBands()
  const runs = bands.map((): Readonly<Record<string, number>>[] => [])
  const jobs = bands.flatMap(({ seeds }, index) => Array.from({ length: seeds }, (_, nth) => ({ index, nth })))
  const results: { readonly index: number; readonly measured: readonly Measured[] }[] = []
  await doJobs<Readonly<Record<string, number>>>(
    jobs.map(({ index, nth }): Job => ({ kind: 'band', about: { index, seed: nth + 1, isQuick } })),
    (run, job) => {
      const { index = 0, nth = 0 } = jobs[job] ?? {}
      const [band, own] = [bands[index], runs[index]]
      if (band === undefined || own === undefined) return
      own[nth] = run // in the order of the seeds, so that sums are the same every time
      if (own.filter(Boolean).length < band.seeds) return
      const measured = judge(band, own)
      results.push({ index, measured })
      for (const each of measured) say(`${band.goal} ${band.name}: ${describe(each)}`)
    },
  )
  const rows = results
    .sort((one, other) => one.index - other.index)
    .flatMap(({ index, measured }) => {
      const { goal = '', name = '', seeds = 0, conversations = 0 } = bands[index] ?? {}
      return measured.map((each) => [goal, name, `${seeds} x ${conversations.toLocaleString('en')}`, ...toCells(each)])
    })
  const table = toTable(
    ['goal', 'house', 'conversations', 'figure', 'exact', 'simulated', 'off by', 'allowed', ''],
    rows,
  )
  const holds = results.every(({ measured }) => measured.every((each) => each.holds))
  return { holds, text: `**Bands** (goals S3-S7; mean waits in units of the mean work)\n\n${table}` }
}

function describe({ name, exact, mean, error, holds }: Measured): string {
  return `${name} ${mean.toFixed(5)}, exact ${exact.toFixed(5)}, off by ${percent(error)}${holds ? '' : '  DOES NOT HOLD'}`
}

function toCells({ name, exact, mean, error, band, z, holds, standardError }: Measured): readonly string[] {
  const allowed = [
    ...(band === undefined ? [] : [percent(band, 1)]),
    ...(z === undefined ? [] : [`${z} standard errors (${(Math.abs(mean - exact) / standardError).toFixed(1)})`]),
  ]
  return [name, exact.toFixed(5), mean.toFixed(5), percent(error), allowed.join(', '), holds ? 'holds' : '**off**']
}

const SPEED_GOALS: Readonly<Record<string, Pick<Speed, 'perSecond' | 'ratio'>>> = {
  'one pool of 10': { perSecond: 300_000, ratio: 0.1 },
  '30 agents with two of six skills': { perSecond: 100_000, ratio: 0 },
}

function isFast(
  speed: Pick<Speed, 'perSecond' | 'ratio'>,
  goal: Pick<Speed, 'perSecond' | 'ratio'> | undefined,
): boolean {
  return goal === undefined || (speed.perSecond >= goal.perSecond && speed.ratio >= goal.ratio)
}

const DAY_LIMIT_SECONDS = 90

/** Named, never judged, as all that follows: it says as much about the machine. */
async function checkDay(): Promise<Part> {
  const conversations = 100_000
  const { cpuSeconds, wallSeconds, report } = await liveADay(conversations)
  const isMet = wallSeconds < DAY_LIMIT_SECONDS
  const text = `**A day at engine level** (goal: under ${DAY_LIMIT_SECONDS} s): ${conversations.toLocaleString('en')} conversations with 200 agents, the plugins and articles of the demo: ${wallSeconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of processor, the agents busy for ${percent(report.occupancy)} of it: ${isMet ? 'met' : '**missed**'}.`
  say(text)
  return { holds: true, text }
}

const CLOCK_GOAL = 100

function checkClock(root: string): Part {
  const { oursUs, theirsUs } = measureClocks(root)
  const ratio = theirsUs / oursUs
  const text = `**Clock** (goal: ${CLOCK_GOAL} times as fast as vitest's fake timers): with 10,000 pending timers an advance costs ${oursUs.toFixed(2)} us, theirs ${theirsUs.toFixed(0)} us, ${ratio.toFixed(0)} times as much: ${ratio >= CLOCK_GOAL ? 'met' : '**missed**'}.`
  say(text)
  return { holds: true, text }
}

/** In a process of its own: what the other parts have compiled and left on the heap is no business of this one. */
function measureApart(rounds: number, conversations: number): readonly Speed[] {
  const script = fileURLToPath(new URL('./verify-speed.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, String(rounds), String(conversations)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the speed could not be measured: ${stderr}`)
  return JSON.parse(stdout) as readonly Speed[] // as verify-speed.ts prints it
}

/** As above. */
function checkSpeed(isQuick: boolean): Part {
  const speeds = measureApart(isQuick ? 3 : 15, isQuick ? 20_000 : 50_000)
  const rows = speeds.map(({ name, perSecond, handWrittenPerSecond, ratio }) => {
    say(
      `speed, ${name}: ${Math.round(perSecond / 1_000)} k/s, hand-written M/M/10 ${Math.round(handWrittenPerSecond / 1_000)} k/s, ratio ${ratio.toFixed(3)}`,
    )
    return [
      name,
      `${Math.round(perSecond / 1_000)} k/s`,
      `${Math.round(handWrittenPerSecond / 1_000)} k/s`,
      ratio.toFixed(3),
      isFast({ perSecond, ratio }, SPEED_GOALS[name]) ? 'met' : '**missed**',
    ]
  })
  const columns = ['house', 'conversations per second of processor', 'hand-written M/M/10', 'ratio', 'goal']
  return {
    holds: true,
    text: `**Speed** (goal S8: 300 k/s and a ratio of 0.10 for the pool, 100 k/s for the pairs)\n\n${toTable(columns, rows)}`,
  }
}
