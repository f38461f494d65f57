import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/cli/load-config.ts'
import { definePlugin } from '../../src/index.ts'
import { runPiped } from './streams.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'maitred-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return file
}

test('in TypeScript, `maitred` is the package that runs, wherever the file lies', async () => {
  write('words.ts', `export const greeting: string = 'Hi from TypeScript'`)
  const file = write(
    'maitred.config.ts',
    `import { defineConfig, definePlugin, type EngineOptions } from 'maitred'
     import { knowledgeBase } from 'maitred/plugins'
     import { greeting } from './words.ts'
     const config: EngineOptions = defineConfig({ texts: { greeting }, plugins: [knowledgeBase({ articles: [] })] })
     export const own = definePlugin
     export default config`,
  )
  const config = await loadConfig(file)
  expect(config.texts?.greeting).toBe('Hi from TypeScript')
  expect(config.plugins?.map(({ name }) => name)).toEqual(['knowledge-base'])
  const { out } = await runPiped(['chat', '--config', file])
  expect(out).toContain('Hi from TypeScript')
})

test('in JavaScript too, where no package can be found near the file', async () => {
  const file = write(
    'config.mjs',
    `import { definePlugin } from 'maitred'
     export default { texts: { greeting: 'Hi from JavaScript' }, skills: [typeof definePlugin] }`,
  )
  expect(await loadConfig(file)).toMatchObject({
    texts: { greeting: 'Hi from JavaScript' },
    skills: [typeof definePlugin],
  })
})

test.each([
  ['none.ts', undefined, /Expected a configuration at `.*none\.ts`, found nothing there/],
  ['no-default.ts', 'export const config = {}', /to export a configuration by default.*got no default export/],
  ['list.ts', 'export default []', /got a list/],
  ['broken.ts', 'export default { agents: [', /cannot be loaded: .*Unexpected token/],
  ['throws.mjs', 'throw new Error("the database is down")', /cannot be loaded: Error: the database is down/],
  ['misspelt.ts', 'export default { agnets: [] }', /called `agnets`\. Did you mean `agents`\?/],
  [
    'plugin.ts',
    `import { knowledgeBase } from 'maitred/plugins'
     export default { plugins: [knowledgeBase({ articles: [], offerAbove: 7 })] }`,
    /configuration of the plugin `knowledge-base` does not fit: offerAbove/,
  ],
])('%s: says what is wrong, and ends with 2', async (name, content, message) => {
  const file = content === undefined ? path.join(folder, name) : write(name, content)
  const { code, out, err } = await runPiped(['chat', '--config', file], ['hello'])
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toMatch(message)
})
