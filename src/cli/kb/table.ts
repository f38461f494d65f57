import type { Paint } from '../paint.ts'
import { isRight } from './figures.ts'
import type { Asked, EvalReport, Measured } from './measure.ts'

const WORST = 10
const LABEL_WIDTH = 34
const COLUMN_WIDTH = 12

type Row = readonly [label: string, read: (measured: Measured) => string]

const ROWS: readonly Row[] = [
  ['right article on top', ({ top1 }) => toPercent(top1)],
  ['right article among three', ({ top3 }) => toPercent(top3)],
  ['mean reciprocal rank', ({ mrr }) => mrr.toFixed(3)],
  ['right above wrong (AUROC)', ({ aurocCorrect }) => aurocCorrect?.toFixed(3) ?? '-'],
  ['in above out of scope (AUROC)', ({ aurocInVsOos }) => aurocInVsOos?.toFixed(3) ?? '-'],
  ['answered at 95% precision', ({ coverageAt95 }) => toPercent(coverageAt95)],
  ['  out of scope answered there', ({ oosFalseAt95 }) => toPercent(oosFalseAt95)],
  ['answered at 90% precision', ({ coverageAt90 }) => toPercent(coverageAt90)],
  ['  out of scope answered there', ({ oosFalseAt90 }) => toPercent(oosFalseAt90)],
  ['calibration error', ({ ece }) => ece?.toFixed(3) ?? '-'],
  ['building, ms', ({ buildMs }) => String(buildMs)],
  ['a question, ms: half below', ({ p50Ms }) => p50Ms.toFixed(2)],
  ['a question, ms: 99 of 100 below', ({ p99Ms }) => p99Ms.toFixed(2)],
]

/** The report for reading, and the questions it was most wrongly sure of. */
export function toTable(report: EvalReport, asked: readonly Asked[], paint: Paint): string {
  const { set, k, n, oos, baseline } = report
  const columns: readonly (readonly [string, Measured])[] =
    baseline === undefined
      ? [['maitred', report]]
      : [
          ['maitred', report],
          ['MiniSearch', baseline],
        ]
  const per = k === 'all' ? 'all alternate questions' : `${k} alternate questions per article`
  return [
    `${paint.bold(set)}: ${n} questions, ${oos} out of scope, ${per}`,
    '',
    paint.dim(' '.repeat(LABEL_WIDTH) + columns.map(([name]) => name.padStart(COLUMN_WIDTH)).join('')),
    ...ROWS.map(
      ([label, read]) =>
        label.padEnd(LABEL_WIDTH) + columns.map(([, measured]) => read(measured).padStart(COLUMN_WIDTH)).join(''),
    ),
    '',
    ...toMisses(asked, paint),
    '',
  ].join('\n')
}

function toMisses(asked: readonly Asked[], paint: Paint): readonly string[] {
  const wrong = asked.filter((each) => !isRight(each) && each.found !== null)
  if (wrong.length === 0) return ['Nothing was answered wrongly.']
  const worst = wrong.sort((one, other) => other.confidence - one.confidence).slice(0, WORST)
  return [
    paint.bold('Worst misses'),
    ...worst.flatMap(({ text, label, found, confidence }) => [
      `  ${text}`,
      paint.dim(`    found ${found ?? 'nothing'} (${confidence.toFixed(2)}), right is ${label ?? 'none'}`),
    ]),
  ]
}

function toPercent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)}%`
}
