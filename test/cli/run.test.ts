import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { runPiped } from './streams.ts'

test('tells its version and its commands', async () => {
  expect(await runPiped(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
  const { code, out } = await runPiped(['--help'])
  expect(code).toBe(0)
  for (const name of ['chat', 'start', 'replay', 'check', 'graph', 'explain']) expect(out).toContain(name)
})

test.each([
  [['repaly'], /unknown command 'repaly'[\s\S]*replay/],
  [['replay'], /missing required argument/],
  [['replay', 'file', '--agnets', '3'], /unknown option '--agnets'[\s\S]*--agents/],
  [[], /Usage/],
])('ends with 2 and says what is wrong with `maitred %j`', async (argv, message) => {
  const { code, out, err } = await runPiped(argv)
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toMatch(message)
})
