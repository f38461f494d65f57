import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

interface Told {
  readonly files: readonly {
    readonly groups: readonly { readonly benchmarks: readonly { readonly name: string; readonly mean: number }[] }[]
  }[]
}

/** What an advance costs with 10,000 pending timers, in microseconds: ours, and vitest's fake timers, which run in vitest alone. */
export function measureClocks(root: string): { readonly oursUs: number; readonly theirsUs: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'maitred-clock-'))
  const file = path.join(folder, 'clock.json')
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const { status, stderr } = spawnSync(
    process.execPath,
    [vitest, 'bench', '--run', 'bench/clock.bench.ts', '--outputJson', file],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
  )
  if (status !== 0) throw new Error(`vitest ended with ${status}: ${stderr}`)
  const { files } = JSON.parse(readFileSync(file, 'utf8')) as Told // as vitest writes it
  rmSync(folder, { recursive: true })
  const [ours, theirs] = files[0]?.groups[0]?.benchmarks ?? []
  if (ours === undefined || theirs === undefined) throw new Error('vitest has measured nothing')
  return { oursUs: ours.mean * 1_000, theirsUs: theirs.mean * 1_000 }
}
