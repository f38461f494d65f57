import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { publicPath } from '../../src/core/turn/view.ts'
import { applyRecord } from '../../src/core/turn/record.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { type RetoldTurn, retell } from '../../src/cli/explain/retell.ts'
import type { RecordedConversation } from '../../src/cli/replay/record.ts'
import { makeTemporaryFolder } from './folder.ts'
import { type Ran, runPiped } from './streams.ts'

const fixture = path.resolve(import.meta.dirname, '../fixtures/dialogues.jsonl')
const { folder, write } = makeTemporaryFolder('explain')

const config = path.join(import.meta.dirname, 'fixtures/patience.config.ts')

interface RecordedDay {
  readonly file: string
  readonly recorded: readonly RecordedConversation[]
}

let day: Promise<RecordedDay> | undefined

/** The same day for all tests. */
function record(): Promise<RecordedDay> {
  day ??= playAndRecord(path.join(folder, 'records', 'day.json'))
  return day
}

async function playAndRecord(file: string): Promise<RecordedDay> {
  const { code } = await runPiped(['replay', fixture, '--config', config, '--record', file, '--json'])
  expect(code).toBe(0)
  return { file, recorded: JSON.parse(readFileSync(file, 'utf8')) as readonly RecordedConversation[] }
}

async function explain(id: string, file: string, ...argv: readonly string[]): Promise<Ran> {
  return runPiped(['explain', id, '--record', file, ...argv])
}

describe('the record of a day', () => {
  test('holds every conversation with its explanation and its turns, and no words (F59)', async () => {
    const { file, recorded } = await record()
    expect(recorded).toHaveLength(12)
    for (const { conversationId, explanation, turns } of recorded) {
      expect(turns[0]?.opening?.id).toBe(conversationId)
      expect(explanation.rejected).toBeDefined()
    }
    expect(readFileSync(file, 'utf8')).not.toContain('suitcase')
  })

  test('tells the same places again as the log applied to the snapshot (F59)', async () => {
    const { recorded } = await record()
    for (const conversation of recorded) {
      let snapshot: Snapshot | undefined
      const places = conversation.turns.map((turn) => {
        snapshot = applyRecord(snapshot, turn)
        return publicPath(snapshot)
      })
      expect(retell(conversation).map(({ place }) => place)).toEqual(places)
      expect(places.at(-1)).toBe('closed')
    }
  })

  test('is not begun where no file can be', async () => {
    const { code, out, err } = await runPiped(['replay', fixture, '--record', fixture + '/record.json'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^Expected a file for the record at `.*record\.json`, which cannot be written/)
  })
})

describe('a recorded conversation', () => {
  test('is told for people: why this agent, why not the others, which plugin changed what, turn by turn (F59)', async () => {
    const { file, recorded } = await record()
    const redirected = find(recorded, ({ explanation }) => explanation.hooks.length > 0)
    const { code, out, err } = await explain(redirected.conversationId, file)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^agent {7}zoe is the only one who can take it$/m)
    expect(out).toMatch(/^not others {2}1 (without the skills|held back by a plugin)$/m)
    expect(out).toMatch(/patience in before:search redirected to requestAgent: asked enough/)
    expect(out).toMatch(/patience changed its state in turn \d/)
    expect(out).toMatch(/^ {3}1 {2}09:\d\d:\d\d {2}conversation\.opened -> greet {2}\[helping\.listening\]$/m)
    expect(out).toMatch(/offer\.made zoe -> offer {2}\[waiting\.offered\]/)
    expect(
      out
        .trimEnd()
        .split('\n')
        .filter((line) => /^ +\d+ {2}/.test(line)),
    ).toHaveLength(redirected.turns.length)
  })

  test('is one object with --json (F59)', async () => {
    const { file, recorded } = await record()
    const { conversationId, explanation, turns } = find(recorded, ({ explanation: { chosen } }) => chosen !== undefined)
    const { code, out } = await explain(conversationId, file, '--json')
    const told = JSON.parse(out) as { readonly turns: readonly RetoldTurn[] }
    expect(code).toBe(0)
    expect(told).toMatchObject({ conversationId, ...explanation })
    expect(told.turns.map(({ version }) => version)).toEqual(turns.map(({ version }) => version))
    expect(told.turns[0]).toMatchObject({
      steps: [{ fact: { type: 'conversation.opened' }, transitions: ['greet'] }],
      place: 'helping.listening',
    })
  })

  test('is found by the id of its customer, too', async () => {
    const { file } = await record()
    expect((await explain('customer-0003', file)).out).toMatch(/^\S+ of customer-0003\n/)
  })
})

describe('what cannot be explained', () => {
  test('is an id that nobody has: the nearest are named, and it ends with 2 (F59)', async () => {
    const { file, recorded } = await record()
    const [first = ''] = recorded.map(({ conversationId }) => conversationId)
    const { code, out, err } = await explain(`${first.slice(0, -1)}x`, file)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^There is no conversation `.*x` in the record\. Nearest are `/)
    expect(err).toContain(`\`${first}\``)
    expect((await explain('lunch', file)).err).toContain(`There are 12, the first is \`${first}\``)
  })

  test.each([
    ['no.json', 'hello', /is no JSON/],
    ['object.json', '{}', /Expected a list of conversations/],
    ['other.json', '[{"id":"a"}]', /Expected `conversationId`, `explanation` and `turns` at `\[0\]`/],
    [
      'late.json',
      '[{"conversationId":"a","explanation":{"rejected":{},"hooks":[]},"turns":[]}]',
      /does not begin with the opening/,
    ],
  ])('is a file that is no record: %s', async (name, content, message) => {
    const { code, out, err } = await explain('a', write(name, content))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(message)
  })

  test('is a file that is not there, or not said', async () => {
    const missing = path.join(folder, 'none.json')
    expect(existsSync(missing)).toBe(false)
    expect((await explain('a', missing)).err).toMatch(/none\.json`, which cannot be read/)
    expect(await runPiped(['explain', 'a'])).toMatchObject({ code: 2, out: '' })
  })
})

function find(
  recorded: readonly RecordedConversation[],
  isIt: (conversation: RecordedConversation) => boolean,
): RecordedConversation {
  const found = recorded.find(isIt)
  if (found === undefined) throw new Error('no conversation of the day is like that')
  return found
}
