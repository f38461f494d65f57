import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'

function shown(isTTY: boolean, texts: readonly (readonly [atMs: number, text: string])[]): string {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY })
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  try {
    const progress = createProgress(output)
    for (const [atMs, text] of texts) {
      now = atMs
      progress.at(() => text)
    }
    progress.done()
    return (output.read() as string | null) ?? ''
  } finally {
    clock.mockRestore()
  }
}

test('says nothing of what is over at once', () => {
  expect(shown(false, [[10, 'one']])).toBe('')
  expect(shown(true, [[10, 'one']])).toBe('')
})

test('is a line every three seconds at most where nobody watches', () => {
  const texts = Array.from({ length: 100 }, (_, index) => [index * 100, `at ${index}`] as const)
  expect(shown(false, texts)).toBe('at 30\nat 60\nat 90\n')
})

test('is one line that rewrites itself on a terminal, and is gone at the end', () => {
  expect(
    shown(true, [
      [150, 'one'],
      [160, 'never shown'],
      [300, 'two'],
    ]),
  ).toBe('\rone\u001B[K\rtwo\u001B[K\r\u001B[K')
})
