import { expect, test } from 'vitest'
import { runPiped, runTyped } from './streams.ts'

test('answers lines from a pipe until they end, and ends with 0', async () => {
  const { code, out, err } = await runPiped(['chat'], ['Where do I find my boarding pass?', '1', '5'])
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toMatch(/you: Where do I find my boarding pass\?\nbot: Getting your boarding pass/)
  expect(out).toContain('[1] Yes  [2] No  [3] Talk to a person\nyou: Yes')
  expect(out).toContain('[1]  [2]  [3]  [4]  [5]\nyou: 5')
  expect(out).toContain('The conversation is over: deflected.')
})

test('an agent answers whoever asks for a person, and closes after thanks', async () => {
  const lines = ['a person, please', 'my seat is broken', 'thanks', '1', '4', '/quit', 'never read']
  const { code, out } = await runPiped(['chat'], lines)
  expect(code).toBe(0)
  expect(out).toMatch(/has joined the conversation\.\n\w+: Hello/)
  expect(out).toMatch(/you: my seat is broken\n\w+: /)
  expect(out).toContain('Is everything solved?\n     [1] Yes  [2] No\nyou: Yes')
  expect(out).toContain('The conversation is over: resolved.')
  expect(out).not.toContain('never read')
})

test('a number is a number where there is nothing to choose', async () => {
  const { out } = await runPiped(['chat'], ['a person, please', '2'])
  expect(out).toContain('you: 2\n')
})

test('a conversation that is over is taken up again', async () => {
  const { out } = await runPiped(['chat'], ['Where do I find my boarding pass?', '1', '5', 'one more thing'])
  expect(out).toMatch(/deflected[\s\S]*Welcome back[\s\S]*you: one more thing/)
})

test('a line that the engine does not take is explained, and the talk goes on', async () => {
  const { code, out } = await runPiped(['chat'], ['x'.repeat(9_000), 'hello'])
  expect(code).toBe(0)
  expect(out).toMatch(/at most 8192 bytes[\s\S]*you: hello/)
})

test('prints nothing but one object with --json', async () => {
  const { code, out } = await runPiped(['chat', '--json'], ['hello', '/quit'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    phase: 'closed',
    outcome: 'abandoned',
    messages: [{ author: 'bot' }, { author: 'customer', text: 'hello' }, { author: 'bot' }],
  })
})

test('in a terminal, what was typed is not said twice', async () => {
  const { code, out } = await runTyped(['chat'], 'hello\n/quit\n')
  expect(code).toBe(0)
  expect(out).toContain('Tell me in a few words')
  expect(out).not.toContain('you: hello')
})
