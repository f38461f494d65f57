import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { makeTemporaryFolder } from './folder.ts'
import { runPiped } from './streams.ts'

const museum = path.resolve(import.meta.dirname, '../fixtures/museum')
const { folder, write } = makeTemporaryFolder('kb')

type Report = Record<string, unknown> & { readonly baseline: Record<string, unknown> }

async function evaluate(...argv: readonly string[]): Promise<Report> {
  const { code, out, err } = await runPiped(['kb', 'eval', ...argv, '--json'])
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out) as Report
}

const QUALITY = [
  'top1',
  'top3',
  'mrr',
  'aurocCorrect',
  'aurocInVsOos',
  'coverageAt95',
  'oosFalseAt95',
  'coverageAt90',
  'oosFalseAt90',
  'ece',
] as const

// What the reference scorer says of MiniSearch on the same articles and questions.
const REFERENCE: readonly (readonly [flags: readonly string[], figures: readonly (number | null)[]])[] = [
  [[], [16 / 19, 18 / 19, 0.885965, 0.8125, 0.663158, 2 / 19, 0, 12 / 19, 0.2, null]],
  [
    ['--k', '2'],
    [13 / 19, 17 / 19, 0.8, 0.832168, 0.621053, 4 / 19, 0, 4 / 19, 0, null],
  ],
  [
    ['--k', '2', '--seed', '3', '--typos'],
    [12 / 19, 13 / 19, 0.672807, 0.736111, 0.663158, 3 / 19, 0, 3 / 19, 0, null],
  ],
  [
    ['--k', '0'],
    [12 / 19, 14 / 19, 0.684211, 0.736111, 0.689474, 2 / 19, 0, 2 / 19, 0, null],
  ],
]

describe('kb eval', () => {
  test.each(REFERENCE)('draws and measures like the reference: %j', async (flags, figures) => {
    const { baseline } = await evaluate(museum, ...flags, '--compare', 'minisearch')
    for (const [place, name] of QUALITY.entries()) {
      const expected = figures[place]
      if (typeof expected === 'number') expect(baseline[name], name).toBeCloseTo(expected, 5)
      else expect(baseline[name], name).toBeNull()
    }
  })

  const scorer = path.resolve(import.meta.dirname, '../../../shared/data/score.mjs')
  test.runIf(existsSync(scorer))(
    existsSync(scorer)
      ? 'gives its own answers the figures that the reference gives them'
      : 'gives its own answers the figures that the reference gives them (skipped: ../shared/data is not there)',
    async () => {
      const { score } = (await import(/* @vite-ignore */ pathToFileURL(scorer).href)) as { score: Score }
      const answers = path.join(folder, 'answers.jsonl')
      const report = await evaluate(museum, '--answers', answers)
      const lines = readFileSync(answers, 'utf8').trim().split('\n')
      const told = new Map(lines.map((line) => [(JSON.parse(line) as Told).text, JSON.parse(line) as Told]))
      const reference = await score(() => (text) => toResults(told.get(text)), museum, 'all', {})
      const { at90, at95, ...same } = reference
      for (const name of ['n', 'oos', 'top1', 'top3', 'mrr', 'aurocCorrect', 'aurocInVsOos', 'ece'] as const)
        expect(report[name], name).toEqual(same[name])
      expect([report['coverageAt90'], report['oosFalseAt90']]).toEqual([at90.coverage, at90.oosFalse])
      expect([report['coverageAt95'], report['oosFalseAt95']]).toEqual([at95.coverage, at95.oosFalse])
    },
  )

  test("F19: measures accuracy, calibration and latency of one's own articles and questions: one object with all figures, the same under `baseline`", async () => {
    const { baseline, ...report } = await evaluate(museum, '--k', '2', '--compare', 'minisearch')
    expect(Object.keys(report)).toEqual(['set', 'k', 'n', 'oos', ...QUALITY, 'buildMs', 'p50Ms', 'p99Ms'])
    expect(Object.keys(baseline)).toEqual([...QUALITY, 'buildMs', 'p50Ms', 'p99Ms'])
    expect(report).toMatchObject({ set: 'museum', k: 2, n: 19, oos: 5 })
  })

  test('prints a table and the ten worst misses', async () => {
    const { code, out } = await runPiped(['kb', 'eval', museum, '--k', '0', '--compare', 'minisearch'])
    expect(code).toBe(0)
    expect(out).toMatch(/^museum: 19 questions, 5 out of scope, 0 alternate questions per article\n/)
    expect(out).toMatch(/right article on top +\d+\.\d% +63\.2%/)
    const misses = out.slice(out.indexOf('Worst misses')).match(/right is/g) ?? []
    expect(misses.length).toBeGreaterThan(0)
    expect(misses.length).toBeLessThanOrEqual(10)
  })

  test('has no figure for out of scope where a set has none, and needs no train.jsonl', async () => {
    write('articles.jsonl', '{"id":"a","title":"Refunds"}\n{"id":"b","title":"Delivery"}\n')
    write('test.jsonl', '{"text":"refunds","label":"a"}\n')
    expect(await evaluate(folder)).toMatchObject({
      k: 'all',
      top1: 1,
      oos: 0,
      aurocCorrect: null,
      aurocInVsOos: null,
      oosFalseAt95: null,
      oosFalseAt90: null,
    })
  })

  test('does not index headings that are asked', async () => {
    write('articles.jsonl', '{"id":"a","title":"Refunds","headings":["Zebra"]}\n{"id":"b","title":"Delivery"}\n')
    write('test.jsonl', '{"text":"zebra","label":"a"}\n')
    expect(await evaluate(folder)).toMatchObject({ top1: 1 })
    write('test.jsonl', '{"text":"zebra","label":"a","kind":"heading"}\n')
    expect(await evaluate(folder)).toMatchObject({ top1: 0 })
  })

  test.each([
    ['articles.jsonl', '', 'articles.jsonl', 'it is empty'],
    ['articles.jsonl', '{"id":"a","title":"A"}\n{"id":"b"', 'articles.jsonl:2', 'not JSON'],
    ['articles.jsonl', '{"id":"a"}', 'articles.jsonl:1', '`title`'],
    ['articles.jsonl', '[]', 'articles.jsonl:1', 'one JSON object'],
    ['test.jsonl', '{"text":7,"label":"a"}', 'test.jsonl:1', '`text`'],
    ['test.jsonl', '{"text":"x","label":"nobody"}', 'test.jsonl:1', '`nobody`'],
  ])('refuses %s with %j and says where', async (file, content, place, problem) => {
    write('articles.jsonl', '{"id":"a","title":"A"}\n')
    write('test.jsonl', '{"text":"a","label":"a"}\n')
    write(file, content)
    const { code, out, err } = await runPiped(['kb', 'eval', folder, '--json'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(place)
    expect(err).toContain(problem)
  })

  test.each([
    [['--k', 'some'], '--k'],
    [['--seed', '-1'], '--seed'],
    [['--compare', 'lunr'], 'minisearch'],
  ])('refuses %j', async (flags, named) => {
    const { code, err } = await runPiped(['kb', 'eval', museum, ...flags])
    expect(code).toBe(2)
    expect(err).toContain(named)
  })

  test('refuses a folder that is not there', async () => {
    const { code, err } = await runPiped(['kb', 'eval', path.join(folder, 'nowhere')])
    expect(code).toBe(2)
    expect(err).toContain('articles.jsonl')
  })
})

interface Told {
  readonly text: string
  readonly label: string | null
  readonly rank: number
  readonly confidence: number
  readonly found: string | null
}

interface Reference {
  readonly n: number
  readonly oos: number
  readonly top1: number
  readonly top3: number
  readonly mrr: number
  readonly aurocCorrect: number
  readonly aurocInVsOos: number
  readonly ece: number
  readonly at90: { readonly coverage: number; readonly oosFalse: number }
  readonly at95: { readonly coverage: number; readonly oosFalse: number }
}

type Query = (text: string) => { results: { id: string; score: number }[]; confidence: number }
type Score = (build: () => Query, folder: string, k: string, options: object) => Promise<Reference>

/** Results of which the right one stands where it stood. */
function toResults(told: Told | undefined): ReturnType<Query> {
  if (told === undefined) throw new Error('every question was asked')
  const { label, rank, found, confidence } = told
  const wrong = Array.from({ length: 10 }, (_, place) => ({ id: place === 0 ? (found ?? '-') : `-${place}`, score: 0 }))
  const results = label === null || rank < 0 ? wrong : wrong.with(rank, { id: label, score: 0 })
  return { results, confidence }
}
