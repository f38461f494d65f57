import { partsOf } from '../core/hooks/define-plugin.ts'
import { install } from '../core/hooks/installed.ts'
import type { Plugin } from '../core/hooks/hook-context.ts'
import type { Json } from '../core/types.ts'

/**
 * The state that a plugin reads from what an older version of it stored.
 * @throws Error when a migration throws, or its result does not fit the schema
 * @example expect(migrateState(nps(), { version: 0, state: { nps: 9 } })).toEqual({ score: 9, askedCount: 0 })
 */
export function migrateState(
  plugin: Plugin,
  stored: { readonly version: number; readonly state: Record<string, unknown> },
): unknown {
  const parts = partsOf(plugin)
  if (parts === undefined) throw new TypeError(`\`${String(plugin.name)}\` is no plugin made by definePlugin`)
  const { setup: _setup, ...definition } = parts.definition // reading a state needs no API
  const { readState } = install({ ...parts, definition }, NO_SERVICES)
  return readState({ version: stored.version, state: stored.state as { readonly [key: string]: Json } }) // as it would lie in a store
}

const NO_SERVICES: Parameters<typeof install>[1] = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => 0,
  clock: { now: () => 0, at: () => () => undefined, sliceMs: 10 },
  storedState: () => Promise.resolve(undefined),
  record: () => Promise.resolve(undefined),
  putRecord: () => Promise.resolve(),
}
