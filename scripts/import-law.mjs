// The law of imports: who in src may know of whom. `npm run check` and test/architecture.test.ts both ask it.
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import ts from 'typescript'

/**
 * @typedef {{ readonly name: string, readonly kind: 'value' | 'type' | 'dynamic' }} Specifier an import as written
 * @typedef {{ readonly from: string, readonly to: string, readonly kind: Specifier['kind'] }} Edge between two files
 * @typedef {ReadonlyMap<string, string>} Files path (`src/core/engine.ts`, forward slashes) to source text
 * @typedef {{ readonly may: readonly string[], readonly types?: readonly string[], readonly law: string }} Room
 */

/** `may`: rooms it may import; `types`: rooms it may only `import type` from. Its own room is always allowed. */
const rooms = new Map(
  /** @type {[string, Room][]} */ ([
    ['core', { may: [], law: 'core imports nobody' }],
    ['routing', { may: ['core'], law: 'routing imports core only' }],
    ['plugins', { may: ['core'], types: ['routing'], law: 'plugins import core, and types of routing' }],
    ['stores', { may: ['core'], types: ['routing'], law: 'stores import core, and types of routing' }],
    ['transports', { may: ['core'], types: ['routing'], law: 'transports import core, and types of routing' }],
    ['client', { may: [], types: ['core'], law: 'the client imports types of core only' }],
    ['assemble', { may: ['core', 'routing'], law: 'the assembly imports core and routing' }],
    ['index', { may: ['core', 'routing', 'assemble'], law: 'the index imports core, routing and the assembly' }],
    [
      'simulation',
      { may: ['core', 'routing', 'assemble'], law: 'the simulation imports core, routing and the assembly' },
    ],
    [
      'testing',
      {
        may: ['core', 'routing', 'plugins', 'stores', 'transports', 'client', 'assemble', 'index', 'simulation'],
        law: 'testing imports everything but the command',
      },
    ],
    [
      'cli',
      {
        may: [
          ...['core', 'routing', 'plugins', 'stores', 'transports', 'client', 'assemble', 'index', 'simulation'],
          'testing',
        ],
        law: 'the command imports everything',
      },
    ],
  ]),
)

/** Rooms that are an entry of the package, and so may have an index. */
const entryRooms = new Set(['plugins', 'stores', 'transports', 'client', 'testing'])

/** Packages with one home: outside of it their name must not appear, not even in a type. */
const homes = new Map([
  ['xstate', 'src/core/machine/'],
  ['minisearch', 'src/plugins/knowledge-base/'],
  ['commander', 'src/cli/'],
  ['jiti', 'src/cli/'],
])

const nodeModules = new Set(builtinModules)
const maxLines = 400

/**
 * Every breach of the law, each naming its edge: `src/core/x.ts -> src/routing/y.ts: core imports nobody`.
 * @param {Files} files
 * @returns {string[]}
 */
export function importLawViolations(files) {
  /** @type {string[]} */
  const violations = []
  /** @type {Map<string, string[]>} */
  const graph = new Map()
  for (const [from, source] of [...files].sort(byPath)) {
    violations.push(...barrelViolations(from), ...roomViolations(from))
    /** @type {string[]} */
    const targets = []
    graph.set(from, targets)
    for (const { name, kind } of specifiersOf(from, source)) {
      if (!name.startsWith('.')) {
        violations.push(...bareViolations(from, name, kind))
        continue
      }
      const to = toTarget(from, name, files)
      if (files.has(to)) targets.push(to)
      violations.push(...edgeViolations({ from, to, kind }))
    }
  }
  return [...new Set([...violations, ...cycleViolations(graph)])]
}

/**
 * A file that asks to be two.
 * @param {Files} files
 * @returns {string[]}
 */
export function longFileViolations(files) {
  return [...files].flatMap(([file, source]) => {
    const lineCount = source.trimEnd().split('\n').length
    return lineCount > maxLines ? [`${file}: ${lineCount} lines, at most ${maxLines}`] : []
  })
}

/**
 * The sources below `root`/src, by path from `root`; empty while there is none.
 * @param {string} root
 * @returns {Files}
 */
export function readSources(root) {
  const files = new Map()
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.name !== 'src' || !entry.isDirectory()) continue
    for (const file of readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!/\.[cm]?[jt]sx?$/.test(file)) continue
      files.set(
        path.posix.join('src', file.replaceAll(path.sep, '/')),
        readFileSync(path.join(root, 'src', file), 'utf8'),
      )
    }
  }
  return files
}

/**
 * @param {string} from
 * @returns {string[]}
 */
function roomViolations(from) {
  return rooms.has(roomOf(from)) ? [] : [`${from}: no such room; the rooms are ${[...rooms.keys()].join(', ')}`]
}

/**
 * @param {string} from
 * @returns {string[]}
 */
function barrelViolations(from) {
  const parts = from.split('/')
  if (!/^index\.[cm]?[jt]sx?$/.test(parts.at(-1) ?? '')) return []
  const isEntry = parts.length === 2 || (parts.length === 3 && entryRooms.has(parts[1] ?? ''))
  return isEntry ? [] : [`${from}: an inner barrel; import the file that has the thing`]
}

/**
 * @param {string} from
 * @param {string} name
 * @param {Specifier['kind']} kind
 * @returns {string[]}
 */
function bareViolations(from, name, kind) {
  const [scope = '', scoped = ''] = name.split('/')
  const pkg = name.startsWith('@') ? `${scope}/${scoped}` : scope
  const home = homes.get(scope === '@xstate' ? 'xstate' : pkg)
  if (home !== undefined && !from.startsWith(home)) return [`${from} -> ${name}: only ${home} knows ${pkg}`]
  if (pkg === 'maitred') return [`${from} -> ${name}: import the file; the package's own name goes round this law`]
  if (roomOf(from) !== 'client') return []
  if (name.startsWith('node:') || nodeModules.has(pkg)) return [`${from} -> ${name}: the client runs in a browser`]
  return kind === 'type' ? [] : [`${from} -> ${name}: the client has no dependencies`]
}

/**
 * @param {Edge} edge
 * @returns {string[]}
 */
function edgeViolations({ from, to, kind }) {
  if (to === 'package.json') return []
  if (!to.startsWith('src/')) return [`${from} -> ${to}: src imports nothing outside src`]
  const [own, other] = [roomOf(from), roomOf(to)]
  if (own === other) return own === 'plugins' ? pluginViolations(from, to) : []
  const room = rooms.get(own)
  if (room === undefined || room.may.some((allowed) => isWithin(to, allowed))) return []
  if (room.types?.includes(other)) {
    return kind === 'type' ? [] : [`${from} -> ${to}: ${room.law}; write \`import type\``]
  }
  return [`${from} -> ${to}: ${room.law}`]
}

/**
 * A plugin is one file, or a folder, or both under one name; only the entry sees them all.
 * @param {string} from
 * @param {string} to
 * @returns {string[]}
 */
function pluginViolations(from, to) {
  if (from === 'src/plugins/index.ts' || pluginOf(from) === pluginOf(to)) return []
  return [`${from} -> ${to}: one plugin does not import another; what they share belongs in core`]
}

/** @param {string} file */
function pluginOf(file) {
  return (file.split('/')[2] ?? '').replace(/\.ts$/, '')
}

/**
 * @param {string} file
 * @returns {string} the room, `index` for the public door, `assemble` for what stands behind it, or the name of a stray file
 */
function roomOf(file) {
  const [, room = '', ...rest] = file.split('/')
  return rest.length === 0 ? room.replace(/^(index|assemble)\.ts$/, '$1') : room
}

/**
 * @param {string} file
 * @param {string} allowed a room, or a file or folder in one (`stores/memory`)
 */
function isWithin(file, allowed) {
  if (!allowed.includes('/')) return roomOf(file) === allowed
  return file === `src/${allowed}.ts` || file.startsWith(`src/${allowed}/`) || file.startsWith(`src/${allowed}-`)
}

/**
 * @param {string} from
 * @param {string} name
 * @param {Files} files
 * @returns {string} the file meant, also where it was written with `.js`, or without an ending
 */
function toTarget(from, name, files) {
  const target = path.posix.join(path.posix.dirname(from), name.replace(/\?.*$/, ''))
  const stem = target.replace(/\.[cm]?js$/, '')
  return [target, `${stem}.ts`, `${stem}.mts`, `${stem}/index.ts`].find((file) => files.has(file)) ?? target
}

/**
 * One line for each edge that closes a cycle, with the whole way round.
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[]}
 */
function cycleViolations(graph) {
  /** @type {string[]} */
  const violations = []
  const done = new Set()
  /** @type {string[]} */
  const trail = []
  /** @param {string} file */
  const visit = (file) => {
    const start = trail.indexOf(file)
    if (start >= 0) violations.push(`${[...trail.slice(start), file].join(' -> ')}: a cycle`)
    if (start >= 0 || done.has(file)) return
    trail.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    trail.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return violations
}

/**
 * Everything a file imports: static, re-exported, dynamic, required, in a type, in a triple-slash line, augmented.
 * Only what the compiler erases whole counts as a type: `import { type X }` still loads the file.
 * @param {string} file
 * @param {string} source
 * @returns {Specifier[]}
 */
function specifiersOf(file, source) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, false)
  /** @type {Specifier[]} */
  const found = []
  /**
   * @param {ts.Node | undefined} node
   * @param {Specifier['kind']} kind
   */
  const add = (node, kind) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ name: node.text, kind })
  }
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value')
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value')
    else if (ts.isExternalModuleReference(node)) add(node.expression, 'value')
    else if (ts.isModuleDeclaration(node)) add(node.name, 'type')
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type')
    else if (ts.isCallExpression(node) && isLoad(node.expression)) add(node.arguments[0], 'dynamic')
    ts.forEachChild(node, visit)
  }
  visit(tree)
  for (const { fileName } of tree.typeReferenceDirectives) found.push({ name: fileName, kind: 'type' })
  for (const { fileName } of tree.referencedFiles) found.push({ name: `./${fileName}`, kind: 'type' })
  return found
}

/** @param {ts.Node} callee */
function isLoad(callee) {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
}

/**
 * @param {readonly [string, string]} left
 * @param {readonly [string, string]} right
 */
function byPath([left], [right]) {
  return left < right ? -1 : 1
}
