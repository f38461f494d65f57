import path from 'node:path'
import { expect, test } from 'vitest'
import { toMermaid } from '../../src/core/machine/describe.ts'
import { listPaths } from '../../src/core/machine/step.ts'
import { TRANSITION_NAMES } from '../../src/core/transitions.ts'
import { makeTemporaryFolder } from './folder.ts'
import { runPiped } from './streams.ts'

const { write } = makeTemporaryFolder('graph')

const hooked = path.join(import.meta.dirname, 'fixtures/hooked.config.ts')

interface Graph {
  readonly places: readonly string[]
  readonly edges: readonly {
    readonly from: string
    readonly to: string
    readonly on: string
    readonly guard?: string
    readonly transition?: string
  }[]
  readonly transitions: Readonly<
    Record<string, { readonly before: readonly object[]; readonly after: readonly object[] }>
  >
  readonly slots: Readonly<Record<string, readonly string[]>>
  readonly timers: readonly string[]
}

test('draws the chart alone where no plugin joins a transition', async () => {
  const bare = write('bare.config.mjs', 'export default {}')
  expect(await runPiped(['graph', '--config', bare])).toEqual({ code: 0, out: `${toMermaid()}\n`, err: '' })
  expect((await runPiped(['graph', '--config', bare, '--mermaid'])).out).toBe(`${toMermaid()}\n`)
})

test('lists the plugins of each transition in the order they run (F60)', async () => {
  const { code, out } = await runPiped(['graph', '--config', hooked])
  expect(code).toBe(0)
  expect(out.startsWith(toMermaid())).toBe(true)
  expect(out).toContain('    enqueue - before: early (*), plain, late\n')
  expect(out).toContain('    close - before: early (*) · after: plain\n')
})

test('draws what Mermaid can read: states that are declared, arrows between them, notes that end', async () => {
  const { out } = await runPiped(['graph', '--config', hooked])
  const [first, ...lines] = out.trimEnd().split('\n')
  expect(first).toBe('stateDiagram-v2')
  const declared = new Set(lines.flatMap((line) => /^ {2}state ".+" as (\w+)$/.exec(line)?.[1] ?? []))
  let isNote = false
  for (const line of lines) {
    const arrow = /^ {2}(\[\*\]|\w+) --> (\w+)(?:: [\w, ]+)?$/.exec(line)
    const note = /^ {2}note (?:left|right) of (\w+)$/.exec(line)
    if (line === '  end note') isNote = false
    else if (isNote) expect(line).toMatch(/^ {4}[^;#{}]+$/)
    else if (note !== null) isNote = declared.has(note[1] ?? '')
    else if (arrow !== null) expect(arrow.slice(1, 3).every((name) => name === '[*]' || declared.has(name))).toBe(true)
    else expect(line).toMatch(/^ {2}state "/)
  }
  expect(isNote).toBe(false)
})

test('prints places, edges, hooks, steps and timers with --json (F60)', async () => {
  const { code, out } = await runPiped(['graph', '--config', hooked, '--json'])
  const { places, edges, transitions, slots, timers } = JSON.parse(out) as Graph
  expect(code).toBe(0)
  expect(places).toEqual(listPaths())
  expect(edges).toContainEqual({
    from: 'greeting.new',
    to: 'greeting.step',
    on: 'conversation.opened',
    guard: 'hasSteps',
    transition: 'ask',
  })
  expect(Object.keys(transitions)).toEqual(TRANSITION_NAMES)
  expect(transitions['enqueue']).toEqual({
    before: [
      { plugin: 'early', hook: 'before:*' },
      { plugin: 'plain', hook: 'before:enqueue' },
      { plugin: 'late', hook: 'before:enqueue' },
    ],
    after: [],
  })
  expect(transitions['close']?.after).toEqual([{ plugin: 'plain', hook: 'after:close' }])
  expect(Object.keys(slots)).toEqual(['preChat', 'helping', 'beforeQueue', 'closing'])
  expect(slots['closing']).toEqual(['solved', 'directions', 'thanks', 'moreHelp', 'rating', 'nps'])
  expect(timers).toEqual(expect.arrayContaining(['silence', 'offer', 'wrapUp', 'overflow', 'plugin/plain/followUp']))
})

test('refuses a configuration that cannot work, naming the path', async () => {
  const { code, out, err } = await runPiped([
    'graph',
    '--config',
    write('wrong.config.ts', 'export default { skils: [] }'),
  ])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/Did you mean `skills`\?/)
})
