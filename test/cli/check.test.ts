import { expect, test, vi } from 'vitest'
import type { Finding } from '../../src/testing/index.ts'
import { makeTemporaryFolder } from './folder.ts'
import { runPiped } from './streams.ts'

const { folder, write } = makeTemporaryFolder('check')

const lacking = write(
  'lacking.config.ts',
  `import { defineConfig, definePlugin } from 'maitred'
   const coach = definePlugin({ name: 'coach', version: '1.0.0', hooks: { 'before:suggest': () => {} } })
   export default defineConfig({
     skills: ['billing', 'dutch'],
     agents: [{ id: 'ana', skills: ['billing'] }, { id: 'ben', capacity: 0 }],
     plugins: [coach()],
     texts: { thanks: ({ language }) => (language === 'en' ? 'Thank you.' : '') },
   })`,
)

async function check(...argv: readonly string[]): Promise<{ code: number; findings: readonly Finding[] }> {
  const { code, out } = await runPiped(['check', ...argv, '--json'])
  return { code, ...(JSON.parse(out) as { findings: readonly Finding[] }) }
}

test('finds nothing in the demo, and says so (F73)', async () => {
  expect(await runPiped(['check'])).toEqual({
    code: 0,
    out: 'Nothing to find in the demo. To look at yours, name it with --config, or call it maitred.config.ts.\n',
    err: '',
  })
  expect(await check()).toEqual({ code: 0, findings: [] })
})

test('takes maitred.config.ts of the folder it runs in, and the demo only where there is none', async () => {
  using _here = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  write('maitred.config.ts', `export default { skills: ['dutch'], agents: [{ id: 'ana' }] }`)
  expect((await check()).findings.map(({ path }) => path)).toEqual(['skills[0]'])
  write('maitred.config.ts', `export default { agents: [{ id: 'ana' }] }`)
  expect((await runPiped(['check'])).out).toBe('Nothing to find: maitred.config.ts has no dead ends.\n')
})

test('names rule, place and remedy of each finding, and ends with 1 (F73)', async () => {
  const { code, out, err } = await runPiped(['check', '--config', lacking])
  expect(code).toBe(1)
  expect(err).toBe('3 findings.\n')
  expect(out.split('\n').filter((line) => /^\w/.test(line))).toEqual([
    "deadHook  plugins.coach.hooks['before:suggest']",
    'agentWithoutCapacity  agents[1].capacity',
    'skillNobodyHas  skills[1]',
  ])
  expect(out).toMatch(/^ {2}Nobody in `agents` has the skill `dutch`/m)
})

test('prints one object with --json, with the same findings (F73)', async () => {
  const { code, findings } = await check('--config', lacking)
  expect(code).toBe(1)
  expect(findings.map(({ rule }) => rule)).toEqual(['deadHook', 'agentWithoutCapacity', 'skillNobodyHas'])
  expect(Object.keys(findings[0] ?? {})).toEqual(['rule', 'path', 'hint'])
})

test('looks for words in every language that is asked for (F73)', async () => {
  const { findings } = await check('--config', lacking, '--languages', 'en,es')
  const texts = findings.filter(({ rule }) => rule === 'textMissing')
  expect(texts.find(({ path }) => path === 'texts.thanks')?.hint).toMatch(/^It says `""` to a customer who reads `es`/)
  expect(texts.every(({ hint }) => hint.includes('`es`'))).toBe(true)
})

test.each([
  ['an option nobody knows', `export default { agnets: [] }`, 'agnets', /Did you mean `agents`\?/],
  [
    'a plugin whose factory refuses its configuration',
    `import { knowledgeBase } from 'maitred/plugins'
     export default { plugins: [knowledgeBase({ articles: [], offerAbove: 7 })] }`,
    'plugins.knowledge-base',
    /does not fit/,
  ],
])('tells of %s as a finding, not as an accident (F73)', async (name, content, path, hint) => {
  const { code, findings } = await check('--config', write(`${name}.config.ts`, content))
  expect({ code, count: findings.length }).toEqual({ code: 1, count: 1 })
  expect(findings[0]).toMatchObject({ rule: 'invalid', path })
  expect(findings[0]?.hint).toMatch(hint)
})

test('refuses a file that is not there and languages that are none', async () => {
  expect(await runPiped(['check', '--config', 'none.ts'])).toMatchObject({ code: 2, out: '' })
  const { code, err } = await runPiped(['check', '--languages', 'english please'])
  expect(code).toBe(2)
  expect(err).toMatch(/^Expected languages after --languages, such as `en,es`, got `english please`/)
})
