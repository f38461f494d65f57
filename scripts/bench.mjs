// Compares what maitred costs with what it stands beside, in ratios: `npm run bench`, `npm run bench -- turn heap`, see bench/run.ts.
// The source is bundled without its dependencies, so that what is measured is what would be published.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'tsup'

const root = path.resolve(import.meta.dirname, '..')
const outDir = path.join(root, 'node_modules', '.cache', 'maitred-bench', String(process.pid))

await build({
  config: false,
  entry: { run: path.join(root, 'bench/run.ts') },
  outDir,
  format: 'esm',
  target: 'node20',
  external: ['pg', 'libsql'],
  splitting: false,
  sourcemap: true,
  silent: true,
})
const bench = spawn(
  process.execPath,
  ['--expose-gc', '--enable-source-maps', path.join(outDir, 'run.js'), ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: root },
)
bench.on('close', (code) => {
  rmSync(outDir, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
