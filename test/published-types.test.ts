import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const PLUGIN_COUNT = 50
const LONG_MS = 60_000

/** A folder in which somebody uses maitred: its declarations, made from the sources as they are, and beside them what they write. */
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'maitred-types-'))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  write('package.json', { type: 'module' })
  write('maitred.json', {
    extends: path.join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true, // they are checked elsewhere
      allowJs: false,
      checkJs: false,
      rootDir: path.join(root, 'src'),
      outDir: path.join(folder, 'maitred'),
      paths: {},
    },
    include: [],
    files: [path.join(root, 'src/index.ts')],
  })
  compile('maitred.json')
}, LONG_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('50 plugins in one engine', () => {
  test(
    'take at most 200,000 instantiations, and declarations under 10 kB',
    () => {
      write('plugins.ts', fiftyPlugins())
      write('engine.ts', oneEngine())
      write('app.json', {
        compilerOptions: {
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          target: 'ES2022',
          lib: ['ES2023', 'ESNext.Disposable'],
          module: 'NodeNext',
          moduleResolution: 'NodeNext',
          types: ['node'],
          skipLibCheck: true,
          declaration: true,
          emitDeclarationOnly: true,
          outDir: 'out',
          paths: { maitred: ['./maitred/index.d.ts'] },
        },
        files: ['engine.ts'],
      })
      const diagnostics = compile('app.json', '--extendedDiagnostics')
      const instantiationCount = Number(/^Instantiations:\s+(\d+)$/m.exec(diagnostics)?.[1])
      expect(instantiationCount).toBeGreaterThan(PLUGIN_COUNT * 100) // all of them were really looked at
      expect(instantiationCount).toBeLessThanOrEqual(200_000)
      const declarations = ['plugins', 'engine'].map((name) =>
        readFileSync(path.join(folder, 'out', `${name}.d.ts`), 'utf8'),
      )
      expect(declarations[0]?.match(/PluginFactory</g)).toHaveLength(PLUGIN_COUNT)
      expect(declarations[1]).toContain('Engine<')
      for (const text of declarations) expect(Buffer.byteLength(text)).toBeLessThan(10_000)
    },
    LONG_MS,
  )
})

/** Everything that can be inferred is inferred: no two plugins have a type in common. */
function fiftyPlugins(): string {
  const plugins = numbers().map(
    (n) => `
export const plugin${n} = definePlugin({
  name: 'plugin-${n}',
  version: '1.0.0',
  config: z.object({ key${n}: ${pick(n, CONFIGS)} }),
  state: z.object({
    count${n}: z.number().default(0),
    note${n}: z.string().optional(),
    list${n}: z.array(z.object({ id${n}: z.string() })).default([]),
  }),
  records: z.object({ total${n}: z.number() }),
  setup: ({ config }) => ({ api${n}: (factor: number) => ${pick(n, APIS)} }),
  steps: (step) => [
    step({
      slot: '${pick(n, ['preChat', 'helping', 'beforeQueue', 'closing'])}',
      id: 'ask${n}',
      ask: (ctx) => String(ctx.config.key${n}),
      reply: z.coerce.number().int().min(${n}),
      accept: (reply, ctx) => ctx.setState({ count${n}: reply + ctx.state.count${n} }),
    }),
  ],
  timers: {
    wake${n}: (ctx) => ctx.say(String(ctx.config.key${n})),
    count${n}: (ctx) => ctx.records.update('all', (known) => ({ total${n}: (known?.total${n} ?? 0) + 1 })),
  },
  hooks: {
    ${pick(n, HOOKS)},
    ${pick(n + 3, HOOKS)},
  },
})`,
  )
  return `import { definePlugin } from 'maitred'\nimport { z } from 'zod'\n${plugins.join('\n')}\n`
}

const CONFIGS = [
  "z.string().default('x')",
  'z.number().optional()',
  'z.boolean().default(false)',
  'z.array(z.string()).default([])',
]
const APIS = [
  'factor',
  '`${factor}`',
  '[factor]',
  '({ factor })',
  'Promise.resolve(factor)',
  'Object.keys(config).length > factor',
]
const HOOKS = [
  "'before:enqueue': (ctx) => { if (ctx.details.requirements.skills.length > 3) ctx.veto('enough'); else ctx.setState({}) }",
  "'before:transfer': (ctx) => { if (ctx.details.to === 'bot') ctx.redirect('goAsync', { reason: 'people stay' }) }",
  "'after:close': { order: 'post', handler: (ctx) => ctx.log.info({ outcome: ctx.details.outcome, id: ctx.effectId }) }",
  "'route:requirements': (need, ctx) => (ctx.now > 0 ? { ...need, target: '20s' } : need)",
  "'bot:answer': (question, ctx) => (question === ctx.conversation.id ? { text: question } : undefined)",
  "'message:in': (message, ctx) => (ctx.signal.aborted ? null : { ...message, text: message.text.trim() })",
  "'customer:context': async (customer, ctx) => ({ ...customer, attributes: { now: ctx.now } })",
]

function oneEngine(): string {
  const plugins = numbers().map((n) => `plugin${n}`)
  return `import { createEngine } from 'maitred'
import { ${plugins.join(', ')} } from './plugins.js'

export const engine = createEngine({
  skills: ['billing'],
  agents: [{ id: 'ana', skills: ['billing'] }],
  plugins: [${plugins.map((name) => `${name}()`).join(', ')}],
})
export const answers = [${numbers()
    .map((n) => `engine.plugin(plugin${n}).api${n}(${n})`)
    .join(', ')}] as const
`
}

function numbers(): readonly number[] {
  return Array.from({ length: PLUGIN_COUNT }, (_, n) => n)
}

function pick(n: number, from: readonly string[]): string {
  return from[n % from.length] ?? ''
}

function write(file: string, content: string | object): void {
  writeFileSync(path.join(folder, file), typeof content === 'string' ? content : JSON.stringify(content))
}

/** What the compiler has to say, when it has nothing to complain of. */
function compile(project: string, ...options: readonly string[]): string {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project, ...options], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stdout).not.toMatch(/error TS/)
  expect(status).toBe(0)
  return stdout
}
