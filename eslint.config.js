import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Files of the core that may await, each with the reason. Everything else in the core is a turn or is called by one. */
const mayAwait = [
  'src/core/engine/**', // the engine's own doors and clocks: a caller awaits them, no turn runs through them
]

/** The one place that may ask the world for the time; everyone else is given it. */
const clockFile = 'src/core/clock.ts'

const everywhere = [
  ban('TSEnumDeclaration', 'use a union of string literals: an enum is not erasable'),
  ban('TSModuleDeclaration[kind="namespace"]', 'use a module: a namespace is not erasable'),
  ban('ExportAllDeclaration', 'name what you export: `export *` hides what is public'),
]
const noDefaultExport = ban(
  ':matches(ExportDefaultDeclaration, ExportSpecifier[exported.name="default"])',
  'export by name: a default export is for configuration files only',
)
const privateByClosure = ban(
  ':matches(PropertyDefinition, MethodDefinition, TSParameterProperty)[accessibility=/private|protected/]',
  'use a closure variable or a `#field`: `private` is gone at run time',
)
const noAwait = [
  ':function[async=true]',
  'AwaitExpression',
  'ForOfStatement[await=true]',
  'VariableDeclaration[kind="await using"]',
].map((selector) => ban(selector, 'the turn is a generator that yields only promises'))
const noHiddenTime = ban(
  ':matches(NewExpression[arguments.length=0], CallExpression)[callee.name="Date"]',
  'take the time as an argument, or from the Clock',
)
const noInlineAction = [
  'Property[key.name=/^(actions|entry|exit)$/] > :function',
  'Property[key.name=/^(actions|entry|exit)$/] > ArrayExpression > :function',
  'CallExpression[callee.name="enqueue"] > :function',
].map((selector) => ban(selector, 'name the action in setup(): an inline function cannot be stored or named'))

/**
 * @param {string} selector
 * @param {string} message
 */
function ban(selector, message) {
  return { selector, message }
}

/**
 * ESLint replaces a rule's options from one block to the next, so each block states its whole list.
 * @param {...(ReturnType<typeof ban> | ReturnType<typeof ban>[])} bans
 * @returns {import('eslint').Linter.RulesRecord}
 */
function syntax(...bans) {
  return { 'no-restricted-syntax': ['error', ...everywhere, ...bans.flat()] }
}

const xstate = {
  group: ['xstate', 'xstate/*', '@xstate/*'],
  message: 'XState lives in src/core/machine only',
}
const minisearch = {
  group: ['minisearch', 'minisearch/*'],
  message: 'MiniSearch lives in src/plugins/knowledge-base only',
}
const timers = {
  group: ['timers', 'timers/*', 'node:timers', 'node:timers/*'],
  message: 'schedule through the Clock',
}

/**
 * @param {...{ group: string[], message: string }} patterns
 * @returns {import('eslint').Linter.RulesRecord}
 */
function imports(...patterns) {
  return { 'no-restricted-imports': ['error', { patterns }] }
}

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'array-callback-return': 'error',
      eqeqeq: 'error',
      'no-constant-binary-expression': 'error',
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      'no-dupe-else-if': 'error',
      'no-else-return': ['error', { allowElseIf: false }],
      'no-empty': 'error',
      'no-loss-of-precision': 'error',
      'no-self-compare': 'error',
      'no-sparse-arrays': 'error',
      'no-unmodified-loop-condition': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-useless-rename': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      ...syntax(noDefaultExport),
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 5 },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/no-confusing-non-null-assertion': 'error',
      '@typescript-eslint/no-duplicate-type-constituents': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-function-type': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/unbound-method': 'off', // objects here are closures: no method has a `this`
    },
  },
  {
    files: ['src/**'],
    rules: {
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'max-depth': ['error', 3],
      'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      'no-console': 'error',
      ...syntax(noDefaultExport, privateByClosure),
      ...imports(xstate, minisearch),
    },
  },
  { files: ['src/cli/**'], rules: { 'no-console': 'off' } },
  // One chart, read from top to bottom.
  { files: ['src/core/machine/chart.ts'], rules: { 'max-lines-per-function': 'off' } },
  // A part of a page is one function: what it shows, and what happens to it.
  { files: ['src/cli/demo/page/**'], rules: { 'max-lines-per-function': ['error', { max: 250 }] } },
  {
    files: ['src/plugins/knowledge-base/**'],
    rules: imports(xstate),
  },

  // Time and chance come in from outside: the core and the routing run the same on a virtual clock.
  {
    files: ['src/core/**', 'src/routing/**'],
    ignores: [clockFile],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the time as an argument, or from the Clock.' },
        { object: 'performance', property: 'now', message: 'Take the time as an argument, or from the Clock.' },
        { object: 'Math', property: 'random', message: 'Take the random source as an argument.' },
      ],
      'no-restricted-globals': [
        'error',
        {
          globals: ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
            name,
            message: 'Schedule through the Clock.',
          })),
          checkGlobalObject: true,
        },
      ],
      ...imports(xstate, minisearch, timers),
    },
  },
  {
    files: ['src/routing/**'],
    rules: syntax(noDefaultExport, privateByClosure, noHiddenTime),
  },
  {
    files: ['src/core/**'],
    rules: syntax(noDefaultExport, privateByClosure, noHiddenTime, noAwait),
  },
  {
    files: mayAwait,
    rules: syntax(noDefaultExport, privateByClosure, noHiddenTime),
  },
  {
    files: [clockFile],
    rules: syntax(noDefaultExport, privateByClosure, noAwait),
  },
  {
    files: ['src/core/machine/**'],
    rules: {
      ...syntax(noDefaultExport, privateByClosure, noHiddenTime, noAwait, noInlineAction),
      ...imports(minisearch, timers),
    },
  },

  {
    files: ['test/**', 'bench/**', 'examples/**'],
    rules: {
      // A test holds what it was given loosely; the types of what it calls are still checked.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['**/*.config.{ts,js}', 'docs/examples/configure.ts'], rules: syntax() },
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
)
