import { type PluginParts, partsOf } from './define-plugin.ts'
import { isPromise } from '../is-promise.ts'
import { isMaitredError, MaitredError } from '../errors.ts'
import type { Plugin, PluginFactory } from './hook-context.ts'
import type { AnyPluginDefinition, PluginHost } from './plugin.ts'
import type { Log } from '../ports.ts'
import type { PluginState } from '../snapshot.ts'
import { copySmallJson } from '../small-json.ts'
import { check } from '../standard-schema.ts'
import type { Json } from '../types.ts'

export type StateValue = Readonly<Record<string, unknown>>

/** A plugin in one engine: its parts, with the API that `setup` made for this engine. */
export interface Installed {
  readonly name: string
  readonly definition: AnyPluginDefinition
  readonly config: unknown
  readonly api: unknown
  readonly log: Log
  /** The state as the plugin wants it: migrated, checked, frozen; the default where nothing is stored. */
  readState(stored: PluginState | undefined): StateValue
  /** A patched state, ready to store. @throws MaitredError when it does not fit the schema */
  patchState(state: StateValue, patch: StateValue): { readonly state: StateValue; readonly stored: PluginState }
  /** The value of a record, checked and copied. @throws MaitredError when it is too large, no JSON, or does not fit the schema */
  readRecord(key: string, value: Json): Json
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/**
 * Checks what was handed to `createEngine({ plugins })`.
 * @throws MaitredError `CONFIG_INVALID`, `PLUGIN_DUPLICATE`, `PLUGIN_MISSING`
 */
export function readPlugins(plugins: readonly Plugin[]): readonly PluginParts[] {
  const names = new Set<string>()
  const parts = plugins.map((plugin, index) => readPlugin(plugin, index, names))
  for (const { definition } of parts) {
    for (const needed of definition.requires ?? []) {
      const name = partsOf(needed)?.definition.name
      if (name !== undefined && names.has(name)) continue
      throw new MaitredError('PLUGIN_MISSING', {
        message: `The plugin \`${definition.name}\` requires \`${name ?? 'a plugin made by definePlugin'}\`, which is not installed.`,
        hint: `Add it to \`plugins\`, in any place.`,
        path: `plugins.${definition.name}.requires`,
      })
    }
  }
  return parts
}

function readPlugin(plugin: Plugin, index: number, names: Set<string>): PluginParts {
  const path = `plugins[${index}]`
  const parts = partsOf(plugin)
  if (parts === undefined || typeof plugin === 'function') {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a plugin at \`${path}\`, got \`${typeof plugin === 'function' ? 'its factory' : typeof plugin}\`.`,
      hint: 'Call what `definePlugin` returned: `plugins: [myPlugin()]`.',
      path,
    })
  }
  const { name } = parts.definition
  if (typeof name !== 'string' || !NAME.test(name) || name.length > 64) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `Expected a plugin name of lower-case words with hyphens at \`${path}.name\`, got \`${String(name)}\`.`,
      hint: "Write it like 'opening-hours', at most 64 characters.",
      path: `${path}.name`,
    })
  }
  if (names.has(name)) {
    throw new MaitredError('PLUGIN_DUPLICATE', {
      message: `Two plugins are called \`${name}\`; the second stands at \`${path}\`.`,
      hint: 'Remove one, or give it another name: state, records and errors are kept by name.',
      path,
    })
  }
  names.add(name)
  return parts
}

/** What `setup` needs from the engine. */
export interface InstallServices {
  readonly log: Log
  readonly clock: PluginHost<unknown, unknown>['clock']
  now(): number
  storedState(conversationId: string, plugin: string): Promise<PluginState | undefined>
  record(plugin: string, key: string): Promise<{ readonly value: Json; readonly version: number } | undefined>
  putRecord(
    plugin: string,
    key: string,
    put: { readonly value: Json; readonly ifVersion: number | undefined },
  ): Promise<void>
}

/** Makes a plugin live in one engine. */
export function install({ definition, config }: PluginParts, services: InstallServices): Installed {
  const { name } = definition
  const states = createStates(definition)
  const readRecord = recordReader(definition)
  const host: PluginHost<unknown, unknown> = {
    config,
    log: services.log,
    now: () => services.now(),
    clock: services.clock,
    stateOf: (id) => services.storedState(id, name).then((stored) => states.readState(stored)),
    records: {
      get: (key) => services.record(name, key),
      put: (key, value, options) =>
        Promise.resolve(value)
          .then((given) => readRecord(key, given))
          .then((checked) => services.putRecord(name, key, { value: checked, ifVersion: options?.ifVersion })),
    },
  }
  return { name, definition, config, api: setUp(definition, host), log: services.log, ...states, readRecord }
}

const MAX_RECORD_BYTES = 64 * 1024
/** A state of at most so much is copied by hand. */
const SMALL_STATE_BYTES = 4_096
const MAX_KEY_LENGTH = 256

function recordReader({ name, records }: AnyPluginDefinition): Installed['readRecord'] {
  const path = `plugins.${name}.records`
  const refuse = (message: string, hint: string): never => {
    throw new MaitredError('CONFIG_INVALID', { message, hint, path })
  }
  return (key, value) => {
    if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH)
      refuse(
        `Expected a key of 1 to ${MAX_KEY_LENGTH} characters for a record of \`${name}\`, got ${typeof key === 'string' ? `${key.length}` : `\`${typeof key}\``}.`,
        'Keep long things in the value.',
      )
    const checked = records === undefined ? { value } : check(records, value)
    const small = 'value' in checked ? copySmallJson(checked.value, MAX_RECORD_BYTES) : undefined // as most of them are
    if (small !== undefined) return small
    const text = 'value' in checked ? toJson(checked.value) : undefined
    if (text === undefined) {
      const why = 'problem' in checked ? `does not fit its schema: ${checked.problem}` : 'is no JSON'
      return refuse(`The record \`${key}\` of \`${name}\` ${why}.`, 'Put what the schema of `records` describes.')
    }
    const byteCount = Buffer.byteLength(text)
    if (byteCount <= MAX_RECORD_BYTES) return deepFreeze(JSON.parse(text) as Json) // stored as JSON whatever the store
    throw new MaitredError('MESSAGE_TOO_LARGE', {
      message: `Expected a record of at most ${MAX_RECORD_BYTES} bytes, got ${byteCount} for \`${key}\` of \`${name}\`.`,
      hint: 'Divide it among several keys.',
      path,
    })
  }
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) // a function has none
  } catch {
    return undefined // it refers to itself, or holds what JSON has no form for
  }
}

function setUp({ name, setup }: AnyPluginDefinition, host: PluginHost<unknown, unknown>): unknown {
  try {
    const api = setup?.(host)
    if (isPromise(api)) {
      api.then(undefined, () => {}) // what it comes to is too late, and the error below says so
      throw new MaitredError('CONFIG_INVALID', {
        message: `The \`setup\` of the plugin \`${name}\` has returned a promise: the engine does not wait for it.`,
        hint: 'Return the API at once, with functions that wait for what they need: `const ready = connect(); return { find: async (id) => (await ready).find(id) }`.',
        path: `plugins.${name}.setup`,
      })
    }
    return api
  } catch (cause) {
    if (isMaitredError(cause)) throw cause // it says itself what to do
    throw new MaitredError('CONFIG_INVALID', {
      message: `The plugin \`${name}\` could not be set up: its \`setup\` threw \`${String(cause)}\`.`,
      hint: 'See the `cause` of this error; `setup` may use what it is given, and nothing that has to be waited for.',
      path: `plugins.${name}`,
      cause,
    })
  }
}

function createStates({
  name,
  state: schema,
  migrations = [],
}: AnyPluginDefinition): Pick<Installed, 'readState' | 'patchState'> {
  const read = (value: unknown, code: 'CONFIG_INVALID' | 'SNAPSHOT_INVALID' = 'CONFIG_INVALID'): StateValue => {
    if (schema === undefined) return EMPTY
    const checked = check(schema, value)
    if ('value' in checked) return deepFreeze(checked.value as StateValue) // a state schema describes an object
    throw new MaitredError(code, {
      message: `The state of the plugin \`${name}\` does not fit its schema: ${checked.problem}.`,
      hint: code === 'CONFIG_INVALID' ? 'Set what the schema describes.' : 'Add a migration from what is stored.',
      path: `plugins.${name}.state`,
    })
  }
  const migrate = ({ version, state }: PluginState): unknown =>
    migrations
      .slice(version)
      .reduce<Record<string, unknown>>((old, next, index) => migrateOnce(next, old, { name, from: version + index }), {
        ...state,
      })
  let fresh: StateValue | undefined
  const known = new WeakMap<PluginState, StateValue>()
  return {
    readState(stored) {
      if (stored === undefined) return (fresh ??= read({}))
      const before = known.get(stored)
      if (before !== undefined) return before
      const state = read(migrate(stored), 'SNAPSHOT_INVALID')
      known.set(stored, state)
      return state
    },
    patchState(state, patch) {
      const next = read({ ...state, ...patch })
      // Stored as JSON whatever the store, so that a state that memory would keep and a database would not is noticed at once.
      const copy = copySmallJson(next, SMALL_STATE_BYTES) ?? (JSON.parse(JSON.stringify(next)) as Json)
      const stored: PluginState = { version: migrations.length, state: copy as PluginState['state'] } // of an object
      known.set(stored, next)
      return { state: next, stored }
    },
  }
}

type Migration = NonNullable<AnyPluginDefinition['migrations']>[number]

/** @throws MaitredError `SNAPSHOT_INVALID` when the migration throws */
function migrateOnce(
  next: Migration,
  old: StateValue,
  about: { readonly name: string; readonly from: number },
): Record<string, unknown> {
  try {
    return next(old)
  } catch (cause) {
    throw new MaitredError('SNAPSHOT_INVALID', {
      message: `The migration of the plugin \`${about.name}\` from version ${about.from} threw \`${String(cause)}\`.`,
      hint: 'Mend it for what is stored; `migrateState` of `maitred/testing` runs it in a test.',
      path: `plugins.${about.name}.migrations[${about.from}]`,
      cause,
    })
  }
}

const EMPTY: StateValue = Object.freeze({})

/** Freezes a plain value and all it holds; things with a class of their own are left alone. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) {
    const items: readonly unknown[] = Object.freeze(value)
    for (let index = 0; index < items.length; index += 1) deepFreeze(items[index])
    return value
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  Object.freeze(value)
  for (const name in value) {
    const inner: unknown = value[name]
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return value
}

/** Is it JSON that nobody can change any more, so that it need not be copied? */
export function isFrozenJson(value: unknown): value is Json {
  if (typeof value !== 'object' || value === null) return typeof value !== 'undefined' && typeof value !== 'function'
  if (!Object.isFrozen(value)) return false
  if (Array.isArray(value)) return value.every(isFrozenJson)
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const name in value) if (!isFrozenJson((value as Readonly<Record<string, unknown>>)[name])) return false
  return true
}

/** The installed plugin that a factory (or a plugin value) stands for. @throws MaitredError `PLUGIN_MISSING` */
export function findInstalled(
  installed: ReadonlyMap<string, Installed>,
  plugin: PluginFactory<never, unknown> | Plugin,
): Installed {
  const name = partsOf(plugin)?.definition.name
  const found = name === undefined ? undefined : installed.get(name)
  if (found !== undefined) return found
  throw new MaitredError('PLUGIN_MISSING', {
    message: `The plugin \`${name ?? 'that was asked for'}\` is not installed in this engine.`,
    hint: 'Add it to `createEngine({ plugins })`; what is asked for must be what `definePlugin` returned.',
  })
}
