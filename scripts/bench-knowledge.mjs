// How fast the knowledge base is beside MiniSearch: `npm run bench:knowledge -- 5` says with how many rounds.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { build } from 'tsup'

const root = path.resolve(import.meta.dirname, '..')
const outDir = path.join(root, 'node_modules/.cache/maitred-bench-knowledge')
await build({
  config: false,
  entry: { knowledge: path.join(root, 'bench/knowledge.ts') },
  outDir,
  format: 'esm',
  target: 'node20',
  silent: true,
  outExtension: () => ({ js: '.mjs' }),
})
setFlagsFromString('--expose-gc')
Object.assign(globalThis, { gc: runInNewContext('gc') })
const { knowledge } = await import(pathToFileURL(path.join(outDir, 'knowledge.mjs')).href)
const { base, rows, notes } = await knowledge.run({ rounds: Number(process.argv[2] ?? 5) })
console.log(`## ${knowledge.title}\n\n${base}\n\n| what | figure | ratio | goal |\n| --- | --- | --- | --- |`)
for (const { what, figure, ratio = '', goal = '' } of rows) console.log(`| ${what} | ${figure} | ${ratio} | ${goal} |`)
console.log(`\n${notes.join('\n')}`)
