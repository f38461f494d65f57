import { MaitredError } from '../errors.ts'
import type { Plugin, PluginFactory } from './hook-context.ts'
import type { AnyPluginDefinition, PluginDefinition } from './plugin.ts'
import type { Json } from '../types.ts'
import { refuseWrongDefinition } from './read-definition.ts'
import { type InferInput, type InferOutput, type Schema, check, isMadeLater } from '../standard-schema.ts'

/** What a plugin value carries for the engine. */
export interface PluginParts {
  readonly definition: AnyPluginDefinition
  readonly config: unknown
}

const PARTS = Symbol.for('maitred.plugin')

/**
 * Makes a plugin: a factory that takes the plugin's configuration and gives the value to put into `createEngine({ plugins })`.
 * @throws MaitredError `CONFIG_INVALID` for a part that does not exist or has the wrong form, when the state does not accept `{}`, and from the factory when its configuration does not fit.
 * @example
 * const nightMode = definePlugin({
 *   name: 'night-mode',
 *   version: '1.0.0',
 *   hooks: { 'before:enqueue': (ctx) => ctx.redirect('goAsync', { reason: 'night', say: 'We answer by email tomorrow.' }) },
 * })
 */
export function definePlugin<
  Config extends Schema = Schema<{}>,
  State extends Schema = Schema<{}>,
  Api = undefined,
  Records extends Schema = Schema<Json>,
>(
  definition: PluginDefinition<
    Config,
    State,
    Api,
    { config: InferOutput<Config>; state: InferOutput<State>; api: NoInfer<Api>; record: InferOutput<Records> },
    Records
  >,
): PluginFactory<InferInput<Config>, Api> {
  const erased = definition as unknown as AnyPluginDefinition // the engine knows it only by its schemas
  refuseWrongDefinition(erased)
  refuseStateWithoutDefaults(definition.name, definition.state)
  const factory = (config?: unknown): Plugin => carry(erased, parseConfig(definition.name, definition.config, config))
  return Object.assign(factory, { [PARTS]: { definition: erased, config: undefined } })
}

/** What a plugin, or its factory, carries; `undefined` for anything else. */
export function partsOf(value: unknown): PluginParts | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  return (value as { readonly [PARTS]?: PluginParts })[PARTS]
}

/** A plugin value made from a definition and a configuration already checked. */
export function carry(definition: AnyPluginDefinition, config: unknown): Plugin {
  const plugin: Plugin = { name: definition.name, version: definition.version }
  return Object.defineProperty(plugin, PARTS, { value: { definition, config } satisfies PluginParts })
}

function parseConfig(name: string, schema: Schema | undefined, config: unknown): unknown {
  if (schema === undefined) return {}
  const checked = check(schema, config ?? {})
  if ('value' in checked) return checked.value
  throw new MaitredError('CONFIG_INVALID', {
    message: `The configuration of the plugin \`${name}\` does not fit: ${checked.problem}.`,
    hint: `Correct what you pass to the factory of \`${name}\`.`,
    path: `plugins.${name}`,
  })
}

function refuseStateWithoutDefaults(name: string, schema: Schema | undefined): void {
  if (schema === undefined || isMadeLater(schema)) return // those are our own
  const checked = check(schema, {})
  if ('value' in checked) return
  throw new MaitredError('CONFIG_INVALID', {
    message: `The state of the plugin \`${name}\` must accept \`{}\`, the state of a new conversation: ${checked.problem}.`,
    hint: 'Give every field a default, or make it optional.',
    path: `plugins.${name}.state`,
  })
}
