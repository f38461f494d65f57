import { MaitredError } from '../errors.ts'
import { type NamesOf, refuseUnknownNames, wrongForm } from '../known-names.ts'
import type { AnyPluginDefinition } from './plugin.ts'

const DEFINITION: NamesOf<AnyPluginDefinition> = {
  name: true,
  version: true,
  requires: true,
  config: true,
  state: true,
  records: true,
  migrations: true,
  setup: true,
  steps: true,
  timers: true,
  hooks: true,
}

const HINT = 'Write it as `definePlugin` describes it, or leave it out.'

/**
 * Checks the form of a plugin where it is defined; its name and its hooks are looked at by the engine that takes it.
 * @throws MaitredError `CONFIG_INVALID`
 */
export function refuseWrongDefinition(definition: AnyPluginDefinition): void {
  const given: unknown = definition // as it comes from JavaScript
  const name = typeof given === 'object' && given !== null && 'name' in given ? String(given.name) : 'unnamed'
  const path = `plugins.${name}`
  refuseUnknownNames(given, DEFINITION, { path, what: 'a part of a plugin' })
  const refuse = (part: string, expected: string, value: unknown): never => {
    throw wrongForm({ path: `${path}.${part}`, expected, value, hint: HINT })
  }
  for (const part of ['config', 'state', 'records'] as const) refuseNoSchema(definition[part], `${path}.${part}`)
  for (const [part, { expected, fits }] of Object.entries(FORMS)) {
    const value = definition[part as keyof typeof FORMS]
    if (value !== undefined && !fits(value)) refuse(part, expected, value)
  }
  for (const [timer, handler] of Object.entries(definition.timers ?? {}))
    if (!isFunction(handler)) refuse(`timers.${timer}`, 'a function', handler)
  for (const [index, migrate] of (definition.migrations ?? []).entries())
    if (!isFunction(migrate)) refuse(`migrations[${index}]`, 'a function', migrate)
}

/** What each part is, whatever it holds. */
const FORMS = {
  requires: { expected: 'a list of factories', fits: Array.isArray },
  migrations: { expected: 'a list of functions', fits: Array.isArray },
  setup: { expected: 'a function', fits: isFunction },
  steps: { expected: 'a function such as `(step) => [step({ ... })]`', fits: isFunction },
  timers: { expected: 'an object', fits: isObject },
  hooks: { expected: 'an object', fits: isObject },
}

/** @throws MaitredError `CONFIG_INVALID` unless it speaks Standard Schema, or is not there */
function refuseNoSchema(schema: unknown, path: string): void {
  if (schema === undefined || isSchema(schema)) return
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected a schema at \`${path}\`, got \`${schema === null ? 'null' : typeof schema}\`.`,
    hint: 'Write one of zod, valibot or arktype, such as `z.object({ ... })`.',
    path,
  })
}

/** Some libraries make their schemas functions. */
export function isSchema(value: unknown): boolean {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
