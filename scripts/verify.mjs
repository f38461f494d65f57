// `npm run verify` runs every verify:* script of package.json; `node scripts/verify.mjs simulation [--quick]` bundles and runs one of them.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = path.resolve(import.meta.dirname, '..')
const [name, ...flags] = process.argv.slice(2)

if (name === undefined || name.startsWith('--')) {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const all = Object.keys(scripts).filter((script) => script.startsWith('verify:'))
  const failed = all.filter((script) => {
    console.log(`\n> ${script}`)
    const quick = process.argv.includes('--quick') ? ['--', '--quick'] : []
    return spawnSync('npm', ['run', '--silent', script, ...quick], { cwd: root, stdio: 'inherit' }).status !== 0
  })
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  process.exitCode = failed.length > 0 ? 1 : 0
} else {
  const outDir = path.join(root, 'node_modules/.cache/maitred-verify')
  await build({
    config: false,
    entry: {
      [`verify-${name}`]: `bench/verify-${name}.ts`,
      'verify-worker': 'bench/verify-worker.ts',
      'verify-speed': 'bench/verify-speed.ts',
    },
    outDir,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    silent: true,
    outExtension: () => ({ js: '.mjs' }),
  })
  const { verify } = await import(pathToFileURL(path.join(outDir, `verify-${name}.mjs`)).href)
  const holds = await verify({ root, isQuick: flags.includes('--quick') })
  process.exitCode = holds ? 0 : 1
}
