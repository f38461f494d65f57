// Everything that must hold before a commit, but the tests. Two lanes side by side: the sources, and the package.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { importLawViolations, longFileViolations, readSources } from './import-law.mjs'

/**
 * @typedef {{ readonly failed: boolean, readonly output: string }} Result
 * @typedef {{ readonly name: string, readonly run: () => Result | Promise<Result> }} Step
 */

const root = path.resolve(import.meta.dirname, '..')
const packed = mkdtempSync(path.join(tmpdir(), 'maitred-check-'))
const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const tarball = path.join(packed, `${name}-${version}.tgz`)

/** @type {Step[]} */
const sources = [
  { name: 'format', run: () => command('biome format . --reporter=summary') },
  { name: 'import law', run: importLaw },
  { name: 'types', run: () => command('tsc -p .') },
  { name: 'lint', run: () => command('eslint .') },
]

/** What is checked is the tarball, as it would be published. @type {Step[]} */
const pack = [
  { name: 'build', run: () => command('tsup') },
  { name: 'pack', run: () => command(`npm pack --ignore-scripts --pack-destination "${packed}"`) },
  { name: 'publint', run: () => command(`publint "${tarball}" --strict`) },
  { name: 'attw', run: () => command(`attw "${tarball}" --profile esm-only`) },
  { name: 'published types', run: publishedTypes },
]

try {
  const [sourcesFailed, packFailed] = await Promise.all([
    inOrder(sources, { stopAtFailure: false }),
    inOrder(pack, { stopAtFailure: true }),
  ])
  const failed = [...sourcesFailed, ...packFailed]
  console.log(failed.length === 0 ? 'check passed' : `check failed: ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  rmSync(packed, { recursive: true, force: true })
}

/**
 * @param {readonly Step[]} steps
 * @param {{ readonly stopAtFailure: boolean }} options
 * @returns {Promise<string[]>} the names of the steps that failed
 */
async function inOrder(steps, { stopAtFailure }) {
  /** @type {string[]} */
  const failures = []
  for (const step of steps) {
    if (stopAtFailure && failures.length > 0) {
      console.log(`skipped          ${step.name}`)
      continue
    }
    const startedAt = performance.now()
    const { failed, output } = await step.run()
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${failed ? 'FAILED' : 'ok'}`.padEnd(8) + `${seconds} s`.padStart(7) + `  ${step.name}`)
    if (!failed) continue
    console.log(output.trimEnd())
    failures.push(step.name)
  }
  return failures
}

/** Whoever uses maitred must not meet the types of what it is made with: another version of theirs could clash. @returns {Result} */
function publishedTypes() {
  const dist = path.join(root, 'dist')
  const clashes = readdirSync(dist)
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) => {
      const found = /(?:from|import\()\s*['"](xstate|minisearch|zod)\b/.exec(
        readFileSync(path.join(dist, file), 'utf8'),
      )
      return found === null ? [] : [`dist/${file} names ${found[1]}`]
    })
  return { failed: clashes.length > 0, output: clashes.join('\n') }
}

/** @returns {Result} */
function importLaw() {
  const files = readSources(root)
  const violations = [...importLawViolations(files), ...longFileViolations(files)]
  return { failed: violations.length > 0, output: violations.join('\n') }
}

/**
 * @param {string} line
 * @returns {Promise<Result>}
 */
function command(line) {
  const PATH = `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH']}`
  const child = spawn(line, {
    cwd: root,
    shell: true,
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ failed: true, output: String(error) }))
    child.on('close', (code) => resolve({ failed: code !== 0, output }))
  })
}
