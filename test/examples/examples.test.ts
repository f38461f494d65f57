import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const printed: string[] = []

beforeEach(() => {
  printed.length = 0
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => void printed.push(String(line)))
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('the quick start', () => {
  test('gets an article, then a person', async () => {
    await import('../../examples/quickstart.ts')
    expect(printed).toEqual([
      'bot: Hello Kim! What can I help you with?',
      'customer: When do I get my refund?',
      'bot: When do I get my refund?\nWithin five days.',
      'bot: Did this help?',
      'customer: I would like to talk to a person',
      'bot: I am looking for somebody who can help you.',
      'system: Ana has joined the conversation.',
      'agent: Hello, Ana here. Let me look.',
    ])
  })

  test('F77: stands in the README as it was run, in at most 15 lines', () => {
    const source = readFileSync(path.join(root, 'examples/quickstart.ts'), 'utf8').trim()
    expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${source}\n\`\`\``)
    expect(source.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15)
  })
})

describe('the custom plugin', () => {
  test('answers, calls a person after too many questions, and keeps customers with people', async () => {
    await import('../../examples/custom-plugin.ts')
    expect(printed).toEqual([
      'bot: Hello Kim! What can I help you with?',
      'customer: What are your opening hours?',
      'bot: We are here from nine to five.',
      'customer: And on Sundays?',
      'bot: Let me get somebody for you.',
      'bot: I am looking for somebody who can help you.',
      'system: Ana has joined the conversation.',
      'system: patience vetoed transfer: Whoever has reached a person stays with people.',
      '(patience vetoed transfer: Whoever has reached a person stays with people.)',
      'questions asked: 1',
    ])
  })
})
