import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { importLawViolations, longFileViolations, readSources } from '../scripts/import-law.mjs'

const sources = readSources(path.resolve(import.meta.dirname, '..'))

/** The law's verdict on a house of these files. */
function verdict(files: Readonly<Record<string, string>>): string[] {
  return importLawViolations(new Map(Object.entries(files)))
}

describe('the sources', () => {
  test('keep the import law', () => {
    expect(importLawViolations(sources)).toEqual([])
  })

  test('have no file of more than 400 lines', () => {
    expect(longFileViolations(sources)).toEqual([])
  })
})

describe('the import law', () => {
  test('allows what the design allows', () => {
    expect(
      verdict({
        'src/index.ts': `
          export { createEngine } from './core/engine.ts'
          import { assemble } from './assemble.ts'`,
        'src/assemble.ts': `import { createRouter } from './routing/router.ts'`,
        'src/core/engine.ts': `import { step } from './machine/machine.ts'; import { z } from 'zod'`,
        'src/core/machine/machine.ts': `import { setup } from 'xstate'; import { getShortestPaths } from 'xstate/graph'`,
        'src/routing/router.ts': `import { createEngine } from '../core/engine.ts'`,
        'src/plugins/index.ts': `export { knowledgeBase } from './knowledge-base/knowledge-base.ts'`,
        'src/plugins/knowledge-base/knowledge-base.ts': `
          import MiniSearch from 'minisearch'
          import { score } from './score.ts'
          import type { Router } from '../../routing/router.ts'`,
        'src/plugins/knowledge-base/score.ts': `export const score = 1`,
        'src/stores/memory.ts': `import { createEngine } from '../core/engine.ts'; import { sql } from './sql.ts'`,
        'src/stores/sql.ts': `const sqlite = await import('node:sqlite')`,
        'src/client/index.ts': `import type { Message } from '../core/engine.ts'`,
        'src/testing/index.ts': `import { csat } from '../plugins/index.ts'; import { createEngine } from '../index.ts'`,
        'src/cli/main.ts': `
          import { Command } from 'commander'
          import manifest from '../../package.json' with { type: 'json' }
          import { simulate } from '../testing/index.ts'
          await import(configPath)`,
      }),
    ).toEqual([])
  })

  test.each([
    [
      'core that imports routing',
      { 'src/core/x.ts': `import { y } from '../routing/y.ts'`, 'src/routing/y.ts': '' },
      'src/core/x.ts -> src/routing/y.ts: core imports nobody',
    ],
    [
      'core that imports a type of routing',
      { 'src/core/x.ts': `import type { Y } from '../routing/y.ts'`, 'src/routing/y.ts': '' },
      'src/core/x.ts -> src/routing/y.ts: core imports nobody',
    ],
    [
      'core that names a type of routing in place',
      { 'src/core/x.ts': `type Y = import('../routing/y.ts').Y`, 'src/routing/y.ts': '' },
      'src/core/x.ts -> src/routing/y.ts: core imports nobody',
    ],
    [
      'a dynamic import',
      { 'src/core/x.ts': `const y = () => import('../routing/y.ts')`, 'src/routing/y.ts': '' },
      'src/core/x.ts -> src/routing/y.ts: core imports nobody',
    ],
    [
      'a re-export',
      { 'src/routing/y.ts': `export { x } from '../plugins/x.js'`, 'src/plugins/x.ts': '' },
      'src/routing/y.ts -> src/plugins/x.ts: routing imports core only',
    ],
    [
      'a store that imports more of routing than its types',
      { 'src/stores/x.ts': `import { type Y } from '../routing/y.ts'`, 'src/routing/y.ts': '' },
      'src/stores/x.ts -> src/routing/y.ts: stores import core, and types of routing; write `import type`',
    ],
    [
      'a store that imports a plugin',
      { 'src/stores/x.ts': `import type { Y } from '../plugins/y.ts'`, 'src/plugins/y.ts': '' },
      'src/stores/x.ts -> src/plugins/y.ts: stores import core, and types of routing',
    ],
    [
      'a plugin that imports another',
      { 'src/plugins/x.ts': `import { y } from './y/y.ts'`, 'src/plugins/y/y.ts': '' },
      'src/plugins/x.ts -> src/plugins/y/y.ts: one plugin does not import another; what they share belongs in core',
    ],
    [
      'a client that loads core',
      { 'src/client/x.ts': `import { y } from '../core/y.ts'`, 'src/core/y.ts': '' },
      'src/client/x.ts -> src/core/y.ts: the client imports types of core only; write `import type`',
    ],
    [
      'a client that uses Node',
      { 'src/client/x.ts': `import { readFile } from 'fs/promises'` },
      'src/client/x.ts -> fs/promises: the client runs in a browser',
    ],
    [
      'an index that imports testing',
      { 'src/index.ts': `export { y } from './testing/y.ts'`, 'src/testing/y.ts': '' },
      'src/index.ts -> src/testing/y.ts: the index imports core, routing and the assembly',
    ],
    [
      'a source that imports a test',
      { 'src/cli/x.ts': `import { y } from '../../test/y.ts'` },
      'src/cli/x.ts -> test/y.ts: src imports nothing outside src',
    ],
    [
      'a source that imports the package by name',
      { 'src/core/x.ts': `import { y } from 'maitred/testing'` },
      "src/core/x.ts -> maitred/testing: import the file; the package's own name goes round this law",
    ],
    [
      'XState outside the machine',
      { 'src/core/x.ts': `import type { Snapshot } from 'xstate'` },
      'src/core/x.ts -> xstate: only src/core/machine/ knows xstate',
    ],
    [
      'MiniSearch in another plugin',
      { 'src/plugins/x.ts': `const MiniSearch = await import('minisearch')` },
      'src/plugins/x.ts -> minisearch: only src/plugins/knowledge-base/ knows minisearch',
    ],
    [
      'an inner barrel',
      { 'src/core/machine/index.ts': `export { y } from './y.ts'`, 'src/core/machine/y.ts': '' },
      'src/core/machine/index.ts: an inner barrel; import the file that has the thing',
    ],
    [
      'a barrel of a room that is no entry',
      { 'src/routing/index.ts': '' },
      'src/routing/index.ts: an inner barrel; import the file that has the thing',
    ],
    [
      'a room nobody planned',
      { 'src/utils/x.ts': '' },
      'src/utils/x.ts: no such room; the rooms are core, routing, plugins, stores, transports, client, assemble, index, simulation, testing, cli',
    ],
    [
      'a cycle of types',
      {
        'src/core/a.ts': `import type { B } from './b.ts'`,
        'src/core/b.ts': `export type { C } from './c.ts'`,
        'src/core/c.ts': `import type { A } from './a.ts'`,
      },
      'src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts: a cycle',
    ],
    [
      'a cycle closed by a dynamic import',
      { 'src/cli/a.ts': `import { b } from './b.ts'`, 'src/cli/b.ts': `const a = () => import('./a.ts')` },
      'src/cli/a.ts -> src/cli/b.ts -> src/cli/a.ts: a cycle',
    ],
  ])('refuses %s', (_what, files, violation) => {
    expect(verdict(files)).toEqual([violation])
  })

  test('does not take a comment or a string for an import', () => {
    expect(
      verdict({ 'src/core/x.ts': `// import { y } from '../routing/y.ts'\nexport const text = "import('xstate')"` }),
    ).toEqual([])
  })

  test('names a file that is too long', () => {
    const files = new Map([['src/core/x.ts', 'export {}\n'.repeat(401)]])
    expect(longFileViolations(files)).toEqual(['src/core/x.ts: 401 lines, at most 400'])
  })
})
