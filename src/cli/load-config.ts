import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EngineOptions } from '../assemble.ts'
import { isMaitredError } from '../core/errors.ts'
import { BadInput } from './bad-input.ts'

/**
 * Loads a configuration: the default export of a TypeScript or JavaScript file. `maitred` in it is this very package, wherever the file lies.
 * @throws BadInput, and whatever MaitredError the configuration itself throws
 */
export async function loadConfig(file: string): Promise<EngineOptions> {
  const found = path.resolve(file)
  if (!existsSync(found)) throw new BadInput(`Expected a configuration at \`${file}\`, found nothing there.`)
  const module = await importConfig(found).catch((error: unknown) => {
    if (isMaitredError(error)) throw error
    throw new BadInput(`The configuration \`${file}\` cannot be loaded: ${String(error).replace(/\s+/g, ' ')}`, {
      cause: error,
    })
  })
  const config = (module as { readonly default?: unknown } | undefined)?.default // what a module gives
  if (typeof config === 'object' && config !== null && !Array.isArray(config) && !(config instanceof Promise))
    return config // its fields are checked by the engine
  throw new BadInput(
    `Expected \`${file}\` to export a configuration by default, such as \`export default defineConfig({ ... })\`, got ${describe(config)}.`,
  )
}

/** The configuration that is meant: the one that is named, or `maitred.config.ts` (`.mts`, `.js`, `.mjs`) of this folder; `undefined` when there is neither. */
export function findConfig(named: string | undefined): string | undefined {
  if (named !== undefined) return named
  const names = ['ts', 'mts', 'js', 'mjs'].map((ending) => `maitred.config.${ending}`)
  return names.map((name) => path.join(process.cwd(), name)).find((file) => existsSync(file))
}

async function importConfig(file: string): Promise<unknown> {
  if (/\.[cm]?jsx?$/.test(file)) {
    try {
      return (await import(pathToFileURL(file).href)) as unknown
    } catch (error) {
      if (!isMissingPackage(error)) throw error
    }
  }
  return importWithJiti(file)
}

/** A plain import that finds no `maitred` near the file: then it is told where it is. */
function isMissingPackage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    /'maitred'/.test(error.message)
  )
}

/** One copy of the package, the one that runs: what the configuration makes and what the engine knows are the same. */
async function importWithJiti(file: string): Promise<unknown> {
  const [{ createJiti }, index, plugins, stores, transports, testing] = await Promise.all([
    import('jiti/static'),
    import('../index.ts'),
    import('../plugins/index.ts'),
    import('../stores/index.ts'),
    import('../transports/index.ts'),
    import('../testing/index.ts'),
  ])
  const jiti = createJiti(pathToFileURL(file).href, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: {
      maitred: index,
      'maitred/plugins': plugins,
      'maitred/stores': stores,
      'maitred/transports': transports,
      'maitred/testing': testing,
    },
  })
  return jiti.import(file)
}

function describe(value: unknown): string {
  if (value === undefined) return 'no default export'
  if (value instanceof Promise) return 'a promise'
  return Array.isArray(value) ? 'a list' : `\`${value === null ? 'null' : typeof value}\``
}
