import { spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { describeRun, writeSection } from '../scripts/results.mjs'
import { heap } from './heap.ts'
import { hooks } from './hooks.ts'
import { install } from './install.ts'
import { knowledge } from './knowledge.ts'
import { peers } from './peers.ts'
import { routing } from './routing.ts'
import type { Row, Section, Told } from './section.ts'
import { stores } from './stores.ts'
import { turn } from './turn.ts'

const SECTIONS: readonly Section[] = [turn, heap, hooks, peers, routing, knowledge, stores, install]
const RESULTS = 'bench/RESULTS.md'
const ROUNDS = 15

/** `npm run bench -- [section...] [--rounds n] [--json] [--no-write]` */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: { rounds: { type: 'string' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
  })
  const rounds = values.rounds === undefined ? ROUNDS : Number(values.rounds)
  const unknown = positionals.filter((name) => !SECTIONS.some((section) => section.name === name))
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    const names = SECTIONS.map(({ name }) => name).join(', ')
    throw new Error(
      `expected sections among ${names} and --rounds with a whole number, got ${unknown.join(' ')} ${rounds}`,
    )
  }
  const wanted = SECTIONS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  if (wanted.length > 1) return runApart(wanted)
  const told: Record<string, Told> = {}
  for (const section of wanted) {
    const began = `load average ${loadavg()[0]?.toFixed(1) ?? '?'} at the start`
    if (values.json !== true) console.log(`\n${section.title} (${began})`)
    const found = await section.run({ rounds })
    told[section.name] = found
    if (values.json !== true) console.log(toText(found))
    const command = `npm run bench -- ${section.name} --rounds ${rounds}`
    if (values.write ?? true)
      writeSection(RESULTS, section.name, toPage(section, found, `${describeRun(command)}, ${began}`))
  }
  if (values.json === true) console.log(JSON.stringify(told, undefined, 2))
}

/** Each section in a process of its own: what one has compiled and left on the heap is no business of the next. */
function runApart(sections: readonly Section[]): void {
  const flags = process.argv.slice(2).filter((word) => !SECTIONS.some(({ name }) => name === word))
  const isJson = flags.includes('--json')
  const told: Record<string, Told> = {}
  for (const { name } of sections) {
    const { status, stdout } = spawnSync(
      process.execPath,
      [...process.execArgv, import.meta.filename, name, ...flags],
      { stdio: ['ignore', isJson ? 'pipe' : 'inherit', 'inherit'], encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`the section ${name} ended with ${status}`)
    if (isJson) Object.assign(told, JSON.parse(stdout))
  }
  if (isJson) console.log(JSON.stringify(told, undefined, 2))
}

function toText({ base, rows, notes = [] }: Told): string {
  const columns = (['what', 'figure', 'ratio', 'goal'] as const).map((name): [keyof Row, number] => [
    name,
    Math.max(...rows.map((row) => (row[name] ?? '').length)),
  ])
  const lines = rows.map((row) =>
    columns
      .map(([name, width]) => (row[name] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  )
  return [`  base: ${base}`, ...lines.map((line) => `  ${line}`), ...notes.map((note) => `  ${note}`)].join('\n')
}

function toPage({ title }: Section, { base, rows, notes = [] }: Told, run: string): string {
  const cells = (row: Row): string => `| ${row.what} | ${row.figure} | ${row.ratio ?? ''} | ${row.goal ?? ''} |`
  const table = ['| what | figure | ratio to the base | goal |', '| --- | --- | --- | --- |', ...rows.map(cells)]
  return [`## ${title}`, run, `Base: ${base}`, table.join('\n'), ...notes].join('\n\n')
}

await main()
