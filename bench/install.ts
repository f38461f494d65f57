import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { goalOf, type Row, type Section } from './section.ts'

/** The bench is bundled elsewhere, and run from here. */
const root = process.cwd()
const run = promisify(execFile)
const OTHERS = {
  botbuilder: { botbuilder: '4.23.3' },
  'Vercel Chat SDK': { chat: '4.41.1', '@chat-adapter/state-memory': '4.41.0' },
}
const MOST_MB = 15
const MOST_PACKAGES = 10
const SLOWEST = 1.3
/** What maitred is made with, imported bare: nothing that stands on them can start sooner. */
const BARE = "await Promise.all(['xstate', 'minisearch', 'eventemitter3', 'zod'].map((name) => import(name)))"
const WHOLE = "await Promise.all(['maitred', 'maitred/plugins'].map((name) => import(name)))"
const RUNS = 15

interface Installed {
  readonly folder: string
  readonly packages: number
  readonly bytes: number
}

/** What `npm install` of the packed tarball brings into an empty folder, and how soon it starts. */
export const install: Section = {
  name: 'install',
  title: 'Installing and starting',
  async run({ rounds }) {
    const place = mkdtempSync(path.join(tmpdir(), 'maitred-bench-install-'))
    try {
      const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', place], {
        cwd: root,
      })
      const [packed] = JSON.parse(stdout) as [{ filename: string; size: number; entryCount: number }]
      const ours = await installInto(path.join(place, 'ours'), { maitred: `file:${path.join(place, packed.filename)}` })
      const quickStart = await runQuickStart(ours.folder)
      const cold = await coldStart(ours.folder, Math.max(rounds, RUNS))
      const others: Row[] = []
      for (const [name, dependencies] of Object.entries(OTHERS)) {
        const { packages, bytes } = await installInto(path.join(place, name.replaceAll(' ', '-')), dependencies)
        others.push({
          what: name,
          figure: `${toMb(bytes)} MB in ${packages} packages`,
          ratio: (bytes / ours.bytes).toFixed(2),
        })
      }
      return {
        base: 'maitred as installed; a ratio of 4 is four times as large',
        rows: [
          { what: 'the tarball', figure: `${(packed.size / 1024).toFixed(0)} kB, ${packed.entryCount} files` },
          {
            what: 'maitred installed, without optional peers',
            figure: `${toMb(ours.bytes)} MB in ${ours.packages} packages`,
            goal: `${goalOf(ours.bytes / 2 ** 20, '<=', MOST_MB, ' MB')}, ${goalOf(ours.packages, '<=', MOST_PACKAGES, ' packages')}`,
          },
          ...others,
          { what: 'the quick start, from the empty folder', figure: quickStart },
          {
            what: 'cold start beside importing xstate, minisearch, eventemitter3 and zod',
            figure: `${cold.ours.toFixed(0)} ms beside ${cold.bare.toFixed(0)} ms`,
            ratio: cold.ratio.toFixed(2),
            goal: goalOf(cold.ratio, '<=', SLOWEST),
          },
        ],
        notes: [
          `Sizes are the sums of the files. A cold start is a process that imports \`maitred\` and \`maitred/plugins\` and ends; the figures are medians of processor time over ${Math.max(rounds, RUNS)} pairs of processes, less what an empty one takes.`,
        ],
      }
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  },
}

async function installInto(folder: string, dependencies: Readonly<Record<string, string>>): Promise<Installed> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const options = [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--omit=optional',
    '--legacy-peer-deps',
  ]
  await run('npm', options, { cwd: folder, timeout: 300_000 })
  const modules = path.join(folder, 'node_modules')
  const lock = JSON.parse(readFileSync(path.join(modules, '.package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>
  }
  return {
    folder,
    packages: Object.keys(lock.packages).filter((name) => existsSync(path.join(folder, name))).length,
    bytes: sizeOf(modules),
  }
}

/** The example of the README, as a stranger would copy it: its first reply is what counts. */
async function runQuickStart(folder: string): Promise<string> {
  const source = readFileSync(path.join(root, 'examples/quickstart.ts'), 'utf8')
  const file = path.join(folder, 'quickstart.mjs')
  writeFileSync(file, source) // it has no types of its own, so Node runs it as it is
  const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: 60_000 })
  if (!/bot: Hello Kim/.test(stdout) || !/agent: Hello, Ana here/.test(stdout))
    throw new Error(`the quick start said:\n${stdout}`)
  return `the bot greets, an article is offered, Ana answers`
}

async function coldStart(
  folder: string,
  times: number,
): Promise<{ readonly ours: number; readonly bare: number; readonly ratio: number }> {
  /** The processor's time, so that whoever else is at work on the machine does not count. */
  const timed = async (code: string): Promise<number> => {
    const telling = `${code}; const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', telling], { cwd: folder })
    return Number(stdout)
  }
  const all = { none: [] as number[], bare: [] as number[], ours: [] as number[] }
  for (let time = 0; time <= times; time += 1) {
    const measured = { none: await timed(''), bare: await timed(BARE), ours: await timed(WHOLE) }
    if (time === 0) continue // the files are read into memory
    for (const name of ['none', 'bare', 'ours'] as const) all[name].push(measured[name])
  }
  const none = median(all.none)
  const ratios = all.ours.map((ours, index) => (ours - none) / Math.max(1, (all.bare[index] ?? none) - none))
  return { ours: median(all.ours) - none, bare: median(all.bare) - none, ratio: median(ratios) }
}

function median(figures: readonly number[]): number {
  return [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0)
}

function toMb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
