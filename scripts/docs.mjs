// Writes the tables of docs/ from the code, between the marks. A test holds them equal.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import ts from 'typescript'

/**
 * @typedef {{ readonly comment: string, readonly type: string, readonly fields: readonly string[] }} Described a type as written, with what is said about it
 * @typedef {{ readonly [key: string]: unknown }} JsonSchema
 */

const root = path.resolve(import.meta.dirname, '..')
const jiti = createJiti(import.meta.url, { fsCache: false })

/** @type {Readonly<Record<string, () => Promise<string>>>} table by mark */
const TABLES = {
  transitions,
  aspects,
  errors,
  refusals,
  commands,
  observations,
  customer: () => routesFor('customer'),
  agent: () => routesFor('agent'),
  supervisor: () => routesFor('supervisor'),
  options: () => shapeOf('src/assemble.ts', 'EngineOptions'),
  agentOptions: () => shapeOf('src/core/types.ts', 'Agent'),
  routing: () => shapeOf('src/routing/routing.ts', 'Routing'),
  admission: () => shapeOf('src/routing/admission.ts', 'Admission'),
  hours: () => shapeOf('src/routing/hours.ts', 'Hours'),
  silence: () => shapeOf('src/core/settings.ts', 'Silence'),
  presence: () => shapeOf('src/core/settings.ts', 'PresenceRules'),
  retention: () => shapeOf('src/assemble.ts', 'Retention'),
  nodes: () => shapeOf('src/assemble.ts', 'Nodes'),
  texts,
  engine: () => shapeOf('src/core/engine/engine-api.ts', 'Engine'),
  conversation: () => shapeOf('src/core/engine/engine-api.ts', 'Conversation'),
  desk: () => shapeOf('src/core/engine/engine-api.ts', 'AgentDesk'),
}

/**
 * Every page with generated tables: its path from the repository, as it is and as it should be.
 * @returns {Promise<{ readonly file: string, readonly text: string, readonly drawn: string }[]>}
 */
export async function drawPages() {
  const folder = path.join(root, 'docs')
  const files = readdirSync(folder).filter((file) => file.endsWith('.md'))
  return Promise.all(
    files.map(async (file) => {
      const text = readFileSync(path.join(folder, file), 'utf8')
      return { file: `docs/${file}`, text, drawn: await draw(text) }
    }),
  )
}

/** @param {string} text */
async function draw(text) {
  let drawn = text
  for (const [, name = ''] of text.matchAll(/<!-- table: (\w+) -->/g)) {
    const table = await TABLES[name]?.()
    if (table === undefined) throw new Error(`there is no table called ${name}`)
    const marked = new RegExp(`<!-- table: ${name} -->[\\s\\S]*?<!-- end -->`)
    if (!marked.test(drawn)) throw new Error(`the table ${name} has no end`)
    drawn = drawn.replace(marked, () => `<!-- table: ${name} -->\n\n${table}\n\n<!-- end -->`)
  }
  return drawn
}

async function transitions() {
  const { TRANSITION_NAMES, FACT_TRANSITIONS } = await load('transitions')
  const described = membersOf('src/core/transitions.ts', 'Transitions')
  const rows = TRANSITION_NAMES.map((name) => {
    const { comment, fields } = find(described, name)
    return [
      `\`before:${name}\` \`after:${name}\``,
      comment,
      FACT_TRANSITIONS.has(name) ? 'neither: it has happened' : 'veto, redirect',
      listed(fields),
    ]
  })
  const every = [
    '`before:*` `after:*`',
    'Every transition; `ctx.transition` says which.',
    'as the transition allows',
    'those of the transition, without a type',
  ]
  return table(['hooks', 'when', '`before` may', '`ctx.details`'], [...rows, every])
}

async function aspects() {
  const { ASPECTS } = await load('hooks')
  const described = propertiesOf('src/core/hooks/hook-table.ts', 'ASPECTS')
  const signatures = signaturesOf()
  const rows = Object.entries(ASPECTS).map(([name, kind]) => {
    const { given, returned } = find(signatures, name)
    return [`\`${name}\``, kind, find(described, name).comment, code(given), code(returned)]
  })
  return table(['hook', 'kind', 'when, and what it may do', 'gets', 'returns'], rows)
}

async function errors() {
  const { ERRORS } = await load('errors')
  const rows = Object.entries(ERRORS).map(([name, { meaning, status, retryable }]) => [
    code(name),
    meaning,
    String(status),
    retryable ? 'yes' : 'no',
  ])
  return table(['code', 'meaning', 'HTTP status', 'retryable'], rows)
}

async function refusals() {
  const { REFUSALS } = await load('errors')
  const rows = Object.entries(REFUSALS).map(([name, { meaning, status }]) => [code(name), meaning, String(status)])
  return table(['code', 'meaning', 'HTTP status'], rows)
}

async function commands() {
  const { commandSchemas } = await load('schema')
  const described = propertiesOf('src/core/command-schemas.ts', 'commands')
  const rows = Object.entries(commandSchemas()).map(([name, schema]) => [
    code(name),
    find(described, name).comment,
    propertiesIn(/** @type {JsonSchema} */ (schema))
      .filter((field) => field !== `type: '${name}'`)
      .map(code)
      .join('<br>'),
  ])
  return table(['type', 'what it says', 'fields'], rows)
}

async function observations() {
  const { OBSERVATION_NAMES } = await load('observations')
  const described = membersOf('src/core/observations.ts', 'Observations')
  const told = toldIn(path.join(root, 'src/core'))
  const rows = OBSERVATION_NAMES.map((name) => {
    const { comment, fields } = find(described, name)
    const isTold = new RegExp(`tell\\(\\{\\s*type: '${name.replace('.', '[.]')}'`).test(told)
    return [code(name), `${isTold ? '' : '**Not told yet.** '}${comment}`, listed(fields)]
  })
  return table(['type', 'what has happened', 'fields, besides `type` and `at`'], rows)
}

/**
 * The addresses of one side, and those for anybody.
 * @param {string} side
 */
async function routesFor(side) {
  const [{ ROUTES }, { bodyOf }] = await Promise.all([load('routes'), load('openapi')])
  const rows = ROUTES.filter((route) => route.side === side || (side === 'customer' && route.side === 'anybody')).map(
    (route) => {
      const body = route.method === 'GET' ? undefined : bodyOf(route)
      const fields =
        body === undefined
          ? ''
          : propertiesIn(/** @type {JsonSchema} */ (body))
              .map(code)
              .join('<br>')
      return [code(`${route.method} ${route.path}`), route.does, fields === '' ? '-' : fields, route.answer]
    },
  )
  return table(['address', 'what it does', 'body', 'answer'], rows)
}

/**
 * The fields and the verbs of an interface, of which something is said, as they are written.
 * @param {string} file
 * @param {string} name
 */
function shapeOf(file, name) {
  const rows = declared(file, name).members.flatMap((member) => {
    if (!ts.isPropertySignature(member) && !ts.isMethodSignature(member)) return []
    const comment = commentOf(member)
    return comment === '' ? [] : [[code(written(member)), comment]]
  })
  return Promise.resolve(table(['name and type', 'what it says'], rows))
}

function texts() {
  const rows = [...propertiesOf('src/core/texts.ts', 'DEFAULT_TEXTS')].map(([name, { type }]) => [
    code(name),
    code(plain(type)),
  ])
  return Promise.resolve(table(['text', 'said unless you say otherwise'], rows))
}

// ── Reading the code ─────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * @typedef {{
 *   transitions: typeof import('../src/core/transitions.ts'), hooks: typeof import('../src/core/hooks/hook-table.ts'),
 *   errors: typeof import('../src/core/errors.ts'), schema: typeof import('../src/core/schema.ts'),
 *   observations: typeof import('../src/core/observations.ts'), routes: typeof import('../src/transports/routes.ts'),
 *   openapi: typeof import('../src/transports/openapi.ts')
 * }} Modules
 */

const FILES = {
  transitions: 'core/transitions',
  hooks: 'core/hooks/hook-table',
  errors: 'core/errors',
  schema: 'core/schema',
  observations: 'core/observations',
  routes: 'transports/routes',
  openapi: 'transports/openapi',
}

/**
 * @template {keyof Modules} Name
 * @param {Name} name
 * @returns {Promise<Modules[Name]>}
 */
function load(name) {
  return /** @type {Promise<Modules[Name]>} */ (jiti.import(`../src/${FILES[name]}.ts`))
}

/** @param {string} file */
function parse(file) {
  return ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

/**
 * The members of an interface.
 * @param {string} file
 * @param {string} name
 * @returns {ReadonlyMap<string, Described>}
 */
function membersOf(file, name) {
  return new Map(
    declared(file, name).members.flatMap((member) =>
      ts.isPropertySignature(member) && member.type !== undefined
        ? [
            [
              nameOf(member.name),
              { comment: commentOf(member), type: member.type.getText(), fields: fieldsOf(member.type) },
            ],
          ]
        : [],
    ),
  )
}

/** @param {string} file @param {string} name */
function declared(file, name) {
  const node = parse(file).statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name)
  if (node === undefined || !ts.isInterfaceDeclaration(node)) throw new Error(`${file} declares no ${name}`)
  return node
}

/**
 * The properties of a constant.
 * @param {string} file
 * @param {string} name
 * @returns {ReadonlyMap<string, Described>}
 */
function propertiesOf(file, name) {
  const { statements } = parse(file)
  const inside = statements.flatMap((node) =>
    ts.isFunctionDeclaration(node) ? [...(node.body?.statements ?? [])] : [],
  )
  const constants = [...statements, ...inside].flatMap((node) =>
    ts.isVariableStatement(node) ? [...node.declarationList.declarations] : [],
  )
  let value = constants.find((node) => node.name.getText() === name)?.initializer
  while (value !== undefined && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))) value = value.expression
  if (value === undefined || !ts.isObjectLiteralExpression(value)) throw new Error(`${file} has no table ${name}`)
  return new Map(
    value.properties.flatMap((property) =>
      ts.isPropertyAssignment(property)
        ? [[nameOf(property.name), { comment: commentOf(property), type: property.initializer.getText(), fields: [] }]]
        : [],
    ),
  )
}

/**
 * What each aspect is given and returns, from the type `Hooks`; the values handed from hook to hook from `Waterfalls`.
 * @returns {ReadonlyMap<string, { readonly given: string, readonly returned: string }>}
 */
function signaturesOf() {
  const file = 'src/core/hooks/plugin.ts'
  const values = membersOf(file, 'Waterfalls')
  /** @type {Map<string, { given: string, returned: string }>} */
  const signatures = new Map(
    [...values].map(([name, { type }]) => [name, { given: plain(type), returned: plain(type) }]),
  )
  const hooks = parse(file).statements.find((node) => ts.isTypeAliasDeclaration(node) && node.name.text === 'Hooks')
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    const names = ts.isMappedTypeNode(node)
      ? literalsIn(node.typeParameter.constraint)
      : ts.isPropertySignature(node)
        ? [nameOf(node.name)]
        : []
    if (!ts.isMappedTypeNode(node) && !ts.isPropertySignature(node)) return ts.forEachChild(node, visit)
    const handler = handlerIn(node.type)
    if (handler === undefined) return
    const { parameters, type } = handler
    const seen = parameters.filter(({ type: of }) => of !== undefined && !/Context</.test(of.getText()))
    const given = seen.map((parameter) => plain(parameter.getText())).join(', ')
    for (const name of names) signatures.set(name, { given, returned: plain(type.getText()) })
  }
  if (hooks !== undefined) ts.forEachChild(hooks, visit)
  return signatures
}

/** @param {ts.TypeNode | undefined} type such as `Hook<(value: X) => Y>` */
function handlerIn(type) {
  const [handler] = type !== undefined && ts.isTypeReferenceNode(type) ? (type.typeArguments ?? []) : []
  return handler !== undefined && ts.isFunctionTypeNode(handler) ? handler : undefined
}

/** @param {ts.TypeNode | undefined} type such as `'message:in' | 'message:out'` */
function literalsIn(type) {
  const parts = type !== undefined && ts.isUnionTypeNode(type) ? [...type.types] : []
  return parts.flatMap((part) =>
    ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? [part.literal.text] : [],
  )
}

/** @param {ts.PropertyName} name */
function nameOf(name) {
  return ts.isStringLiteral(name) || ts.isIdentifier(name) ? name.text : name.getText()
}

/** @param {ts.Node} node */
function commentOf(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replace(/\s+/g, ' ')
}

/** All sources of a folder as one text. @param {string} folder */
function toldIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n')
}

/**
 * @template Value
 * @param {ReadonlyMap<string, Value>} map
 * @param {string} name
 * @returns {Value}
 */
function find(map, name) {
  const found = map.get(name)
  if (found === undefined) throw new Error(`nothing is said of ${name}`)
  return found
}

// ── Writing tables ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The fields of an object type. @param {ts.TypeNode} type */
function fieldsOf(type) {
  return ts.isTypeLiteralNode(type) ? type.members.map((member) => plain(member.getText()).replace(/[;,]$/, '')) : []
}

/** @param {readonly string[]} fields */
function listed(fields) {
  return fields.length === 0 ? 'none' : fields.map(code).join('<br>')
}

/** A field or a verb on one line, with any text for a skill. @param {ts.PropertySignature | ts.MethodSignature} member */
function written(member) {
  return plain(
    member
      .getText()
      .replace(/\/\*\*[\s\S]*?\*\//g, '')
      .replace(/([\w\]>])\s*\n\s*(?=(?:readonly )?\w+\??:)/g, '$1; '),
  )
    .replace(/[;,]$/, '')
    .replace(/<(NoInfer<)?Skill>+/g, '')
    .replace(/\[Name in Skill\]/g, '[skill: string]')
    .replace(/\[Name in Day\]/g, '[day: string]')
    .replace(/`[^`]*`/g, 'string')
    .replace(/\bSkill\b/g, 'string')
    .replace(/\( /g, '(')
    .replace(/,? \)/g, ')')
    .replace(/: \| /g, ': ')
}

/** Without what does not matter to a reader. @param {string} type */
function plain(type) {
  return type
    .replace(/\s+/g, ' ')
    .replace(/\breadonly /g, '')
    .replace(/^Awaitable<(.*)>$/, '$1')
}

/**
 * @param {JsonSchema} schema
 * @returns {readonly string[]}
 */
function propertiesIn({ properties, required = [] }) {
  const entries = Object.entries(/** @type {Record<string, JsonSchema>} */ (properties))
  const needed = /** @type {readonly string[]} */ (required)
  return entries.map(([key, schema]) => `${key}${needed.includes(key) ? '' : '?'}: ${typeIn(schema)}`)
}

/**
 * A JSON Schema as somebody would write the type.
 * @param {JsonSchema} schema
 * @returns {string}
 */
function typeIn(schema) {
  const { anyOf, const: only, type, items, pattern, minimum, maximum, maxLength, maxItems } = schema
  if (only !== undefined) return `'${String(only)}'`
  if (anyOf !== undefined) return /** @type {JsonSchema[]} */ (anyOf).map(typeIn).join(' | ')
  if (type === 'array') return `${wrapped(typeIn(/** @type {JsonSchema} */ (items)))}[]${bounds({ to: maxItems })}`
  if (type === 'object') return objectIn(schema)
  if (type === 'string' && pattern !== undefined) return 'id' // the only texts with one
  if (type === 'string') return `string${bounds({ to: maxLength })}`
  if (type === 'number') return `number${bounds({ from: minimum, to: maximum })}`
  if (Array.isArray(type)) return type.join(' | ')
  if (type === 'integer' || type === 'boolean') return String(type)
  return 'JSON'
}

/** @param {JsonSchema} schema */
function objectIn(schema) {
  if (schema['properties'] === undefined) return 'JSON object'
  return `{ ${propertiesIn(schema).join('; ')} }`
}

/** @param {string} type */
function wrapped(type) {
  return /[ |]/.test(type) && !type.startsWith('{') ? `(${type})` : type
}

/** @param {{ readonly from?: unknown, readonly to?: unknown }} limits */
function bounds({ from, to }) {
  if (typeof to !== 'number') return ''
  return typeof from === 'number' ? ` ${from}-${to}` : ` ≤ ${to}`
}

/** @param {string} text */
function code(text) {
  return `\`${text}\``
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, text, drawn } of await drawPages()) {
    if (drawn === text) continue
    writeFileSync(path.join(root, file), drawn)
    console.log(`${file} is drawn anew`)
  }
}
