// Breaks nodes on purpose and counts what was lost: `npm run chaos`, `npm run chaos -- --claims 100000`, see bench/chaos.ts.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'tsup'

const root = path.resolve(import.meta.dirname, '..')
const outDir = path.join(root, 'node_modules', '.cache', 'maitred-chaos', String(process.pid))

await build({
  config: false,
  entry: { chaos: path.join(root, 'bench/chaos.ts'), 'chaos-node': path.join(root, 'bench/chaos-node.ts') },
  outDir,
  format: 'esm',
  target: 'node20',
  splitting: true,
  // All in one file: a node that is killed is back in half the time.
  noExternal: [/./],
  external: ['libsql', 'fast-check', 'pg-native'],
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
  },
  silent: true,
  outExtension: () => ({ js: '.mjs' }),
})
const chaos = spawn(process.execPath, [path.join(outDir, 'chaos.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
})
chaos.on('close', (code) => {
  rmSync(outDir, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
