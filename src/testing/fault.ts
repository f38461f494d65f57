import { carry, partsOf } from '../core/hooks/define-plugin.ts'
import { MaitredError } from '../core/errors.ts'
import { unknownName } from '../core/known-names.ts'
import type { Plugin } from '../core/hooks/hook-context.ts'
import { HOOK_NAMES } from '../core/hooks/hook-table.ts'
import { nearest } from '../core/nearest.ts'

export type Fault = 'throws' | 'rejects' | 'hangs' | 'returnsNonsense'

const hung = new WeakSet<PromiseLike<unknown>>()

/** A promise that nobody keeps; a simulation does not wait for it in real time. */
export function hang(): Promise<never> {
  const never = new Promise<never>(() => {})
  hung.add(never)
  return never
}

/** Is this a promise that was made to wait for ever? */
export function isHung(promise: PromiseLike<unknown>): boolean {
  return hung.has(promise)
}

const FAULTS: Readonly<Record<Fault, () => unknown>> = {
  throws: () => {
    throw new Error('a fault on purpose')
  },
  rejects: () => Promise.reject(new Error('a fault on purpose')),
  hangs: hang,
  returnsNonsense: () => Symbol('nonsense'),
}

/**
 * The same plugin with one hook that fails.
 * @throws MaitredError `CONFIG_INVALID` when the plugin has no such hook, or there is no such fault
 * @example simulate(config, { replace: [withFault(loyalty({ lookup }), 'customer:context', 'hangs')] })
 */
export function withFault(plugin: Plugin, hook: string, fault: Fault): Plugin {
  const parts = partsOf(plugin)
  if (!Object.hasOwn(FAULTS, fault))
    throw unknownName('a fault', String(fault), { path: 'fault', names: Object.keys(FAULTS) })
  const hooks: Readonly<Record<string, unknown>> = parts?.definition.hooks ?? {}
  const entry = Object.hasOwn(hooks, hook) ? hooks[hook] : undefined
  if (parts === undefined || entry === undefined) {
    const near = nearest(hook, parts === undefined ? HOOK_NAMES : Object.keys(parts.definition.hooks ?? {}))
    throw new MaitredError('CONFIG_INVALID', {
      message: `The plugin \`${plugin.name}\` has no hook \`${hook}\`.`,
      hint: near === undefined ? 'Name one of its hooks.' : `Did you mean \`${near}\`?`,
    })
  }
  const handler = FAULTS[fault]
  const faulty = typeof entry === 'object' && entry !== null ? { ...entry, handler } : handler
  return carry({ ...parts.definition, hooks: { ...parts.definition.hooks, [hook]: faulty } }, parts.config) // only one handler differs
}
