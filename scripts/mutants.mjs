// Puts each fault of test/mutants/*.ts into a copy of the source, and runs the test that must notice it: `npm run mutants`,
// `npm run mutants -- router` for one listing. The same tests must pass on an unchanged copy, or nothing is proven.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createJiti } from 'jiti'

/** @typedef {import('../test/mutants/mutant.ts').Mutant} Mutant */
/** @typedef {{ readonly status: string, readonly fullName: string }} Told */

const LIMIT_MS = 180_000
const COPIED = ['src', 'test', 'examples', 'package.json', 'tsconfig.json', 'vitest.config.ts']

const root = path.resolve(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const copy = mkdtempSync(path.join(tmpdir(), 'maitred-mutants-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(130))

for (const each of COPIED) cpSync(path.join(root, each), path.join(copy, each), { recursive: true })
symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'dir')

const mutants = await readListings()
const proven = runUnchanged(mutants)
let missed = 0
for (const mutant of mutants) {
  const verdict = proven.get(toKey(mutant)) ?? makeAndTest(mutant)
  if (!verdict.startsWith('killed')) missed += 1
  console.log(`${verdict.padEnd(22)} ${mutant.name}  [${mutant.killedBy.title}]`)
}
console.log(missed === 0 ? `all ${mutants.length} mutants are killed` : `${missed} of ${mutants.length} are not killed`)
process.exitCode = missed === 0 && mutants.length > 0 ? 0 : 1

/** @returns {Promise<Mutant[]>} */
async function readListings() {
  const folder = path.join(root, 'test/mutants')
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'mutant.ts')
    .map((file) => file.slice(0, -3))
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new Error(`expected listings among ${names.join(', ')}, got ${unknown.join(', ')}`)
  const jiti = createJiti(import.meta.url)
  const listings = names.filter((name) => wanted.length === 0 || wanted.includes(name))
  const read = await Promise.all(listings.map((name) => jiti.import(path.join(folder, `${name}.ts`))))
  return read.flatMap((listing) => /** @type {{ mutants: Mutant[] }} */ (listing).mutants)
}

/**
 * Runs every named test once on the unchanged copy.
 * @param {readonly Mutant[]} all
 * @returns {Map<string, string>} what is wrong with a test, by its key; nothing for those that pass
 */
function runUnchanged(all) {
  const wrong = new Map()
  for (const mutant of new Map(all.map((each) => [toKey(each), each])).values()) {
    const told = runTest(mutant.killedBy)
    if (told === 'timedOut') wrong.set(toKey(mutant), 'TEST TAKES TOO LONG')
    else if (told.length === 0) wrong.set(toKey(mutant), 'NO SUCH TEST')
    else if (told.some(({ status }) => status !== 'passed')) wrong.set(toKey(mutant), 'TEST FAILS ANYWAY')
  }
  return wrong
}

/** @param {Mutant} mutant @returns {string} */
function makeAndTest({ file, find, replace, killedBy }) {
  const target = path.join(copy, file)
  const source = readFileSync(path.join(root, file), 'utf8')
  if (source.split(find).length !== 2) return 'PATCH DOES NOT FIT'
  writeFileSync(
    target,
    source.replace(find, () => replace),
  )
  const told = runTest(killedBy)
  writeFileSync(target, source)
  if (told === 'timedOut') return 'killed (never ends)'
  if (told.length === 0) return 'DOES NOT LOAD'
  return told.some(({ status }) => status === 'failed') ? 'killed' : 'SURVIVES'
}

/**
 * The named tests of the copy, as they came out: none when the file does not load.
 * @param {Mutant['killedBy']} killedBy
 * @returns {Told[] | 'timedOut'}
 */
function runTest({ file, title }) {
  const report = path.join(copy, 'report.json')
  rmSync(report, { force: true })
  const pattern = title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const ran = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', file, '-t', pattern, '--reporter=json', `--outputFile=${report}`, '--maxWorkers=1'],
      `--testTimeout=${LIMIT_MS}`, // a busy machine is no fault
    ],
    { cwd: copy, encoding: 'utf8', timeout: LIMIT_MS, killSignal: 'SIGKILL' },
  )
  if (ran.error !== undefined && 'code' in ran.error && ran.error.code === 'ETIMEDOUT') return 'timedOut'
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  /** @type {Told[]} */
  const all = testResults.flatMap((/** @type {{ assertionResults: Told[] }} */ one) => one.assertionResults)
  return all.filter(({ status }) => status === 'passed' || status === 'failed')
}

/** @param {Mutant} mutant */
function toKey({ killedBy }) {
  return `${killedBy.file} ${killedBy.title}`
}
