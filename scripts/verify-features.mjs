// Counts which rows of test/features.json are shown: named in the title of a test that passes. `npm run verify:features` runs the tests;
// `npm run verify:features -- --report report.json` reads what `vitest run --reporter=json` has written.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

/** @typedef {{ readonly status: string, readonly fullName: string }} Told */

const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { report: { type: 'string' }, quick: { type: 'boolean' } } })
/** @type {Record<string, string>} */
const features = JSON.parse(readFileSync(path.join(root, 'test/features.json'), 'utf8'))
const told = values.report === undefined ? runTests() : readReport(values.report)
const [shown, broken] = [namedBy('passed'), namedBy('failed')]

const missing = Object.keys(features).filter((id) => !shown.has(id))
for (const id of missing) console.log(`${broken.has(id) ? 'FAILS' : 'not yet'}  ${id}  ${features[id]}`)
const strange = [...shown, ...broken].filter((id) => !(id in features))
for (const id of strange) console.log(`no such row: ${id}`)
console.log(`${shown.size - strange.length} of ${Object.keys(features).length} rows are shown by tests that pass`)
process.exitCode = missing.length + strange.length > 0 ? 1 : 0

/** @param {string} status @returns {Set<string>} rows in the titles of all tests that ended so */
function namedBy(status) {
  const titles = told.filter((one) => one.status === status).map(({ fullName }) => fullName)
  return new Set(titles.flatMap((title) => title.match(/\bF\d\d\b/g) ?? []))
}

/** @returns {Told[]} */
function runTests() {
  const folder = mkdtempSync(path.join(tmpdir(), 'maitred-features-'))
  const report = path.join(folder, 'report.json')
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const flags = ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  spawnSync(process.execPath, [vitest, ...flags], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const all = readReport(report)
  rmSync(folder, { recursive: true, force: true })
  return all
}

/** @param {string} file @returns {Told[]} */
function readReport(file) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  return testResults.flatMap((/** @type {{ assertionResults: Told[] }} */ one) => one.assertionResults)
}
