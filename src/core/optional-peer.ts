import { createRequire } from 'node:module'
import { MaitredError } from './errors.ts'

const load = createRequire(import.meta.url)

/**
 * A package that only some need, and install beside maitred: loaded at once, where it is used.
 * @throws MaitredError `CONFIG_INVALID` when it is not installed, naming it and whoever needs it
 */
export function loadPeer(name: string, neededBy: string): unknown {
  try {
    return load(name)
  } catch (cause) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `\`${neededBy}\` needs the package \`${name}\`, which could not be loaded.`,
      hint: `Run \`npm install ${name}\`.`,
      path: `plugins.${neededBy}`,
      cause,
    })
  }
}
