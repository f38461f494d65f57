// Measures the knowledge base on the sets beside the repository, and says where it stands against its goals.
// node scripts/verify-knowledge.mjs [seeds=1,2,3]   (after a build; the sets are read from ../shared/data/deflection)
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeSection } from './results.mjs'

const root = path.resolve(import.meta.dirname, '..')
const sets = path.resolve(root, '../shared/data/deflection')
const seeds = process.argv.includes('--quick') ? ['1'] : (process.argv[2] ?? '1,2,3').split(',')
const folder = mkdtempSync(path.join(tmpdir(), 'maitred-verify-'))

/** @typedef {{ readonly text: string, readonly label: string | null, readonly rank: number, readonly confidence: number }} Answer */
/** @typedef {{ readonly report: any, readonly answers: readonly Answer[] }} Run */

/** @type {Map<string, Run[]>} */
const runs = new Map()

/** @param {string} set @param {string} k @param {boolean} typos @returns {Run[]} one per seed; a set drawn whole is the same for all */
function measure(set, k, typos = false) {
  const key = `${set} ${k} ${typos}`
  const known = runs.get(key)
  if (known !== undefined) return known
  const made = (k === 'all' || k === '0' ? ['1'] : seeds).map((seed) => {
    const answers = path.join(folder, 'answers.jsonl')
    const flags = ['--k', k, '--seed', seed, '--compare', 'minisearch', '--answers', answers, '--json']
    const cli = path.join(root, 'dist/cli.js')
    const ran = spawnSync(
      process.execPath,
      [cli, 'kb', 'eval', path.join(sets, set), ...flags, ...(typos ? ['--typos'] : [])],
      { encoding: 'utf8' },
    )
    if (ran.status !== 0) throw new Error(ran.stderr)
    const lines = readFileSync(answers, 'utf8').trim().split('\n')
    return { report: JSON.parse(ran.stdout), answers: lines.map((line) => JSON.parse(line)) }
  })
  runs.set(key, made)
  process.stderr.write(`${key}\n`)
  return made
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** The most coverage at 95% precision with at most so many offers out of scope. @param {readonly Answer[]} answers @param {number} most */
function coverageWithin(answers, most) {
  const surest = [...answers].sort((one, other) => other.confidence - one.confidence)
  const outside = answers.filter(({ label }) => label === null).length
  let [right, wrong, best] = [0, 0, 0]
  for (const [index, each] of surest.entries()) {
    if (each.label === null) wrong++
    else if (each.rank === 0) right++
    if (surest[index + 1]?.confidence === each.confidence) continue
    if (right / (index + 1) >= 0.95 && wrong / outside <= most) best = right / (answers.length - outside)
  }
  return best
}

/** @type {{ name: string, plain: string, ours: string, goal: string, met: boolean }[]} */
const rows = []
/** @param {number} share */
const percent = (share) => (100 * share).toFixed(1)

/** @param {string} set @param {string} k @param {'top1' | 'top3' | 'coverageAt90'} figure @param {number} goal */
function atLeast(set, k, figure, goal) {
  const made = measure(set, k)
  const ours = median(made.map(({ report }) => report[figure]))
  const plain = median(made.map(({ report }) => report.baseline[figure]))
  rows.push({
    name: `${set} K=${k}, ${figure} %`,
    plain: percent(plain),
    ours: percent(ours),
    goal: `≥ ${goal}`,
    met: 100 * ours >= goal,
  })
}

/** @param {string} k @param {number} coverage @param {number} outside */
function pair(k, coverage, outside) {
  const made = measure('clinc150-a', k)
  const ours = median(made.map(({ answers }) => coverageWithin(answers, outside / 100)))
  const plain = median(made.map(({ report }) => report.baseline.coverageAt95))
  const name = `clinc150-a K=${k}, coverage % at 95% precision and at most ${outside}% of out of scope offered`
  rows.push({ name, plain: percent(plain), ours: percent(ours), goal: `≥ ${coverage}`, met: 100 * ours >= coverage })
}

if (!existsSync(sets)) {
  console.log('The sets are not there: nothing is measured.')
  process.exit(0)
}
for (const [k, goal] of [
  ['0', 51],
  ['1', 56],
  ['5', 70],
  ['10', 77],
  ['20', 83],
  ['all', 91.5],
])
  atLeast('banking77', String(k), 'top1', Number(goal))
atLeast('banking77', 'all', 'top3', 98)
pair('20', 80, 4)
pair('all', 89, 6)
atLeast('hint3-curekart', 'all', 'top1', 82.5)
atLeast('hint3-curekart', 'all', 'coverageAt90', 45)
atLeast('helpcentre-zulip2020', 'all', 'top1', 63)
atLeast('helpcentre-zulip2020', 'all', 'top3', 83)
const typoSets = [
  ['banking77', '10'],
  ['banking77', 'all'],
  ['clinc150-a', '10'],
  ['hint3-curekart', 'all'],
  ['natcs-insurance', 'all'],
]
const losses = typoSets.map(([set = '', k = '']) => {
  const [clean, misspelt] = [measure(set, k), measure(set, k, true)]
  const loss = (/** @type {(run: Run) => number} */ read) => median(clean.map(read)) - median(misspelt.map(read))
  return { ours: loss(({ report }) => report.top1), plain: loss(({ report }) => report.baseline.top1) }
})
const mean = (/** @type {readonly number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length
const lost = mean(losses.map(({ ours }) => ours))
rows.push({
  name: 'top-1 lost to typos, points, mean of five',
  plain: percent(mean(losses.map(({ plain }) => plain))),
  ours: percent(lost),
  goal: '≤ 3',
  met: lost <= 0.03,
})
for (const set of ['natcs-banking', 'natcs-insurance']) measure(set, 'all')
const errors = [...runs]
  .filter(([key]) => key.endsWith('false'))
  .map(([key, made]) => ({ key, error: median(made.map(({ report }) => report.ece)) }))
const worst = errors.sort((one, other) => other.error - one.error)[0]
rows.push({
  name: `calibration error, worst set (${worst?.key.replace(' false', '')})`,
  plain: '-',
  ours: (worst?.error ?? 0).toFixed(3),
  goal: '≤ 0.05',
  met: (worst?.error ?? 1) <= 0.05,
})
const below = [...runs].filter(
  ([, made]) => median(made.map(({ report }) => report.top1)) < median(made.map(({ report }) => report.baseline.top1)),
)
rows.push({
  name: 'sets below plain MiniSearch on top-1',
  plain: '-',
  ours: String(below.length),
  goal: '0',
  met: below.length === 0,
})
rmSync(folder, { recursive: true, force: true })

const table = [
  `## Knowledge base`,
  '',
  `Medians of the seeds ${seeds.join(', ')}, by \`npm run verify:knowledge\`. Intents stand for articles in all sets but the help centre, whose questions are headings and link texts.`,
  '',
  '| measure | plain MiniSearch | maitred | goal | met |',
  '| --- | --- | --- | --- | --- |',
  ...rows.map(
    ({ name, plain, ours, goal, met }) => `| ${name} | ${plain} | ${ours} | ${goal} | ${met ? 'yes' : 'no'} |`,
  ),
].join('\n')
console.log(table)
writeSection(path.join(root, 'bench/RESULTS.md'), 'knowledge', table)
