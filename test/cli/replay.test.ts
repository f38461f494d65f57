import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ReplaySummary } from '../../src/cli/replay/summary.ts'
import { runPiped } from './streams.ts'

const fixture = path.resolve(import.meta.dirname, '../fixtures/dialogues.jsonl')
const folder = mkdtempSync(path.join(tmpdir(), 'maitred-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function replay(...argv: string[]): Promise<ReplaySummary> {
  const { code, out, err } = await runPiped(['replay', ...argv, '--json'])
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' }) // a slow machine may tell its progress
  return JSON.parse(out) as ReplaySummary
}

function write(name: string, content: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return file
}

describe('a day of dialogues', () => {
  test('is played until every conversation is closed', async () => {
    const summary = await replay(fixture)
    expect(summary).toMatchObject({ conversations: 12, closed: 12, capacityViolations: 0, stuck: 0 })
    expect(Object.values(summary.byOutcome).reduce((sum, count) => sum + count, 0)).toBe(12)
    expect(Object.keys(summary)).toEqual([
      'conversations',
      'closed',
      'byOutcome',
      'messages',
      'maxLoadPerAgent',
      'longestQueue',
      'capacityViolations',
      'stuck',
      'wallMs',
    ])
  })

  test('comes out the same with the same seed, and otherwise with another', async () => {
    const { wallMs: _first, ...first } = await replay(fixture, '--seed', '7')
    const { wallMs: _again, ...again } = await replay(fixture, '--seed', '7')
    const { wallMs: _other, ...other } = await replay(fixture, '--seed', '8')
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test('fills every seat and makes customers wait when they come faster', async () => {
    const summary = await replay(fixture, '--arrivals', '10/m', '--agents', '1', '--capacity', '2')
    expect(summary).toMatchObject({ closed: 12, maxLoadPerAgent: 2, capacityViolations: 0, stuck: 0 })
    expect(summary.longestQueue).toBeGreaterThan(0)
  })

  test('is cut short with --limit', async () => {
    expect(await replay(fixture, '--limit', '3')).toMatchObject({ conversations: 3, closed: 3 })
  })

  test('is summed up in a table for people', async () => {
    const { code, out } = await runPiped(['replay', fixture])
    expect(code).toBe(0)
    expect(out).toMatch(/conversations {2,}12\nclosed {2,}12\n/)
    expect(out).toMatch(/stuck {2,}0\n/)
  })

  test('leaves one readable transcript per conversation', async () => {
    const transcripts = path.join(folder, 'made', 'when', 'needed')
    await replay(fixture, '--transcripts', transcripts)
    const files = readdirSync(transcripts).sort()
    expect(files).toHaveLength(12)
    expect(files[0]).toBe('0001-seat-window.txt')
    const text = readFileSync(path.join(transcripts, '0003-suitcase-missing.txt'), 'utf8')
    expect(text).toMatch(/^customer {3}customer-0003 \(travel\)\nopen {7}2026-01-05 09:/)
    expect(text).toMatch(/09:\d\d:\d\d {2}customer {2}my suitcase is not on the belt\n/)
  })

  test('says the words of the file in their order, without the empty ones', async () => {
    const transcripts = path.join(folder, 'order')
    await replay(fixture, '--transcripts', transcripts)
    const text = readFileSync(path.join(transcripts, '0012-parcel-open.txt'), 'utf8')
    const at = ['good evening', 'the box was open', 'order 9013', 'a photo is on its way', 'that is kind'].map(
      (words) => text.indexOf(words),
    )
    const said = at.filter((index) => index >= 0)
    expect(said.length).toBeGreaterThan(1)
    expect(said).toEqual([...said].sort((one, other) => one - other))
  })
})

describe('a configuration of your own', () => {
  test('brings its own agents, who are the only ones on duty', async () => {
    const config = write(
      'own.config.ts',
      `import { defineConfig } from 'maitred'
       export default defineConfig({ skills: ['insurance'], agents: [{ id: 'zoe', name: 'Zoe', skills: ['insurance'], capacity: 1 }] })`,
    )
    const transcripts = path.join(folder, 'own')
    const summary = await replay(fixture, '--config', config, '--transcripts', transcripts)
    expect(summary).toMatchObject({ closed: 12, maxLoadPerAgent: 1, capacityViolations: 0, stuck: 0 })
    const served = readdirSync(transcripts).map(
      (file) => /^agents {5}(.*)$/m.exec(readFileSync(path.join(transcripts, file), 'utf8'))?.[1],
    )
    expect(new Set(served)).toEqual(new Set(['Zoe', 'none']))
  })
})

test('F71: the same dialogues through two configurations show what would have been deflected, and what would have reached an agent', async () => {
  const staff = `skills: ['travel', 'billing', 'insurance', 'orders', 'technical'],
    agents: [{ id: 'zoe', skills: ['travel', 'billing', 'insurance', 'orders', 'technical'], capacity: 3 }]`
  const plain = write('plain.config.ts', `export default { ${staff} }`)
  const told = readFileSync(fixture, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Dialogue)
  const asked = told.flatMap(({ id, turns }) => {
    const [first = ''] = turns.flatMap(({ speaker, text }) =>
      speaker === 'customer' && (text ?? '').length > 20 ? [text ?? ''] : [],
    )
    return first === '' ? [] : [{ id, title: first, text: `About ${id}.`, questions: [first] }]
  })
  const helped = write(
    'helped.config.ts',
    `import { knowledgeBase } from 'maitred/plugins'
     export default { ${staff}, plugins: [knowledgeBase({ articles: ${JSON.stringify(asked)}, offerAbove: 0.1 })] }`,
  )
  const [before, after] = [await replay(fixture, '--config', plain), await replay(fixture, '--config', helped)]
  expect(before.byOutcome['deflected'] ?? 0).toBe(0)
  expect(after.byOutcome['deflected'] ?? 0).toBeGreaterThan(0)
  expect([before, after]).toMatchObject([
    { closed: 12, stuck: 0 },
    { closed: 12, stuck: 0 },
  ])
})

interface Dialogue {
  readonly id: string
  readonly turns: readonly { readonly speaker: string; readonly text: string | null }[]
}

describe('a file that cannot be played', () => {
  const good = '{"id":"a","turns":[{"speaker":"customer","text":"hello"}]}'
  test.each([
    ['no JSON', `${good}\nhello\n`, /line 2: expected a dialogue in JSON/],
    ['no object', '[]\n', /line 1: expected a dialogue, an object/],
    ['no id', `${good}\n\n{"turns":[]}`, /line 3: expected an `id`/],
    ['no turns', '{"id":"a"}', /line 1: expected `turns`, a list, got nothing/],
    ['turns without one', '{"id":"a","turns":[]}', /line 1: expected at least one turn in `turns`/],
    ['one id twice', `${good}\n\n${good}`, /line 3: expected an `id` of its own \(line 1 has it, too\), got `a`/],
    [
      'a speaker nobody knows',
      '{"id":"a","turns":[{"speaker":"bot"}]}',
      /line 1: expected `customer` or `agent` at `turns\[0\]/,
    ],
    [
      'a text that is none',
      '{"id":"a","turns":[{"speaker":"customer","text":4}]}',
      /line 1: expected a text at `turns\[0\]\.text`/,
    ],
    [
      'a text that is too long',
      JSON.stringify({ id: 'a', turns: [{ speaker: 'customer', text: 'x'.repeat(9_000) }] }),
      /line 1: expected a text of at most 8 KiB/,
    ],
    ['nothing in it', '\n\n', /got an empty file/],
  ])('%s: the line is named, and nothing is printed', async (name, content, message) => {
    const { code, out, err } = await runPiped(['replay', write(`${name}.jsonl`, content), '--json'])
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(message)
  })

  test('a file that is not there is named', async () => {
    const { code, out, err } = await runPiped(['replay', path.join(folder, 'none.jsonl')])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/none\.jsonl`, which cannot be read: there is no such file/)
  })
})

test.each([
  ['--arrivals', 'often'],
  ['--arrivals', '0/h'],
  ['--agents', '0'],
  ['--capacity', 'many'],
  ['--seed', '-1'],
  ['--limit', '1.5'],
])('refuses %s %s, and says what it expects', async (name, value) => {
  const { code, out, err } = await runPiped(['replay', fixture, name, value])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(new RegExp(`^Expected .* after ${name}, .*got \`${value}\``))
})

test('what is still open after thirty days is stuck, and the command fails', async () => {
  const config = write('patient.config.ts', `export default { silence: { remindAfter: '40d', closeAfter: '60d' } }`)
  const once = readFileSync(fixture, 'utf8')
  const silent = Array.from({ length: 10 }, (_, day) => once.replaceAll(/"id":\s*"/g, `$&${day}-`))
  const { code, out, err } = await runPiped([
    'replay',
    write('many.jsonl', silent.join('\n')),
    '--config',
    config,
    '--json',
  ])
  const { conversations, closed, stuck } = JSON.parse(out) as ReplaySummary
  expect(stuck).toBeGreaterThan(0)
  expect(closed + stuck).toBe(conversations)
  expect(code).toBe(1)
  expect(err).toMatch(new RegExp(`${stuck} conversations are stuck`))
})

const recorded = path.resolve(import.meta.dirname, '../../../shared/data/dialogues')
const hasRecorded = existsSync(recorded)
const files = hasRecorded
  ? readdirSync(recorded).filter((file) => file.endsWith('.jsonl'))
  : ['dialogues between people (skipped: the folder ../shared/data/dialogues is not there)']

test.skipIf(!hasRecorded).each(files)('plays the first sixty of %s to their end', async (file) => {
  const summary = await replay(path.join(recorded, file), '--limit', '60')
  expect(summary).toMatchObject({ conversations: 60, closed: 60, capacityViolations: 0, stuck: 0 })
  expect(summary.maxLoadPerAgent).toBeLessThanOrEqual(3)
  expect(Object.keys(summary.byOutcome).length).toBeGreaterThanOrEqual(3)
})
