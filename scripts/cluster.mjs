// Starts examples/cluster: three nodes behind one port, on PostgreSQL. `npm run cluster`, with DATABASE_URL, MAITRED_SCHEMA, PORT.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'tsup'

const root = path.resolve(import.meta.dirname, '..')
const outDir = path.join(root, 'node_modules', '.cache', 'maitred-cluster', String(process.pid))

await build({
  config: false,
  entry: { start: path.join(root, 'examples/cluster/start.ts') },
  outDir,
  format: 'esm',
  target: 'node20',
  splitting: true,
  silent: true,
  external: ['pg'],
  outExtension: () => ({ js: '.mjs' }),
})
const running = spawn(process.execPath, [path.join(outDir, 'start.mjs')], { stdio: 'inherit', cwd: root })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => running.kill('SIGTERM'))
running.on('close', (code) => {
  rmSync(outDir, { recursive: true, force: true })
  process.exitCode = code ?? 0
})
