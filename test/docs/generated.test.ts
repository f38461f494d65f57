import { describe, expect, test } from 'vitest'
import { ERRORS, REFUSALS } from '../../src/core/errors.ts'
import { ASPECTS, HOOK_NAMES } from '../../src/core/hooks/hook-table.ts'
import { OBSERVATION_NAMES } from '../../src/core/observations.ts'
import { commandSchemas, listCommandTypes } from '../../src/core/schema.ts'
import { DEFAULT_TEXTS } from '../../src/core/texts.ts'
import { createEngine, type EngineOptions } from '../../src/index.ts'
import { drawPages } from '../../scripts/docs.mjs'
import { readExamples, readPages } from './pages.ts'

const pages = readPages()

function pageOf(name: string): string {
  const page = pages.get(name)
  if (page === undefined) throw new Error(`there is no page ${name}`)
  return page
}

/** The row of a table that is about this. */
function rowOf(page: string, name: string): string {
  const row = pageOf(page)
    .split('\n')
    .find((line) => line.startsWith('| ') && line.split(' | ')[0]?.includes(`\`${name}\``) === true)
  expect(row, `${name} in ${page}`).toBeDefined()
  return row ?? ''
}

describe('the tables', () => {
  test('stand in the documentation as the code makes them', async () => {
    for (const { file, text, drawn } of await drawPages()) expect(text, `${file}: run \`npm run docs\``).toBe(drawn)
  })

  test('name every hook once, with what it is told and what it may do (F60)', () => {
    for (const name of HOOK_NAMES) rowOf('hooks.md', name)
    expect(rowOf('hooks.md', 'before:transfer')).toMatch(/veto, redirect \| `from: string`<br>`to: TransferTarget`/)
    expect(rowOf('hooks.md', 'before:expire')).toMatch(/neither: it has happened/)
    for (const [name, kind] of Object.entries(ASPECTS)) expect(rowOf('hooks.md', name)).toContain(`| ${kind} |`)
    expect(rowOf('hooks.md', 'bot:answer')).toMatch(/`question: string` \| `Answer \\\| undefined`/)
  })

  test('name every option, every text of the bot, and every verb of an engine', () => {
    const options: Record<keyof EngineOptions, true> = {
      skills: true,
      agents: true,
      plugins: true,
      routing: true,
      admission: true,
      silence: true,
      presence: true,
      reopenWithin: true,
      retention: true,
      texts: true,
      phrases: true,
      channels: true,
      tenant: true,
      store: true,
      nodes: true,
      log: true,
    } // complete by its type
    for (const name of Object.keys(options)) expect(pageOf('configure.md')).toContain(`\n| \`${name}?: `)
    for (const name of Object.keys(DEFAULT_TEXTS)) rowOf('configure.md', name)
    const engine = createEngine()
    const verbs = [engine, engine.conversation('c'), engine.agent('ana')].flatMap((of) => Object.keys(of))
    const functions = verbs.filter((name) => name !== 'id')
    expect(functions.length).toBeGreaterThan(30)
    for (const name of functions) expect(pageOf('configure.md')).toMatch(new RegExp(`\\n\\| \`${name}[<(]`))
  })

  test('say something of everything they name', async () => {
    for (const page of ['hooks.md', 'errors.md', 'events.md', 'configure.md']) {
      const rows = pageOf(page)
        .split('\n')
        .filter((line) => line.startsWith('| `'))
      for (const row of rows)
        expect(
          row.split(' | ').map((cell) => cell.trim()),
          row,
        ).not.toContain('')
    }
  })

  test('name every error and every refusal, with its status', () => {
    for (const [code, { status }] of Object.entries({ ...ERRORS, ...REFUSALS }))
      expect(rowOf('errors.md', code)).toContain(`| ${status} |`)
    expect(rowOf('errors.md', 'STORE_UNAVAILABLE')).toMatch(/\| yes \|$/)
  })

  test('name every command with its fields, and every observation', () => {
    for (const type of [...listCommandTypes(), ...OBSERVATION_NAMES]) rowOf('events.md', type)
    for (const [type, schema] of Object.entries(commandSchemas())) {
      const { properties } = schema as { readonly properties: object }
      for (const field of Object.keys(properties).filter((name) => name !== 'type'))
        expect(rowOf('events.md', type)).toMatch(new RegExp(`\`${field}\\??: `))
    }
    expect(rowOf('events.md', 'message.received')).toContain('`text: string`')
  })
})

describe('the pages', () => {
  test('are all listed in the index', () => {
    for (const page of [...pages.keys()].filter((name) => name !== 'README.md'))
      expect(pageOf('README.md')).toContain(`](${page})`)
  })

  test('lead to pages and headings that are there', () => {
    for (const [name, page] of pages) {
      for (const [, target = '', anchor] of page.matchAll(/\]\((?!https?:|\.\.\/)([\w-]+\.md)?(?:#([\w-]+))?\)/g)) {
        const linked = pageOf(target === '' ? name : target)
        if (anchor === undefined) continue
        const headings = [...linked.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => toAnchor(heading))
        expect(headings, `${name} -> ${target}`).toContain(anchor)
      }
    }
  })

  test('show every example', () => {
    const text = [...pages.values()].join('\n')
    for (const [name, code] of readExamples()) expect(text.includes(code), name).toBe(true)
  })

  function toAnchor(heading: string): string {
    return heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-')
  }
})
