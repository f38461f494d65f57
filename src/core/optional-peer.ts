import { MaitredError } from './errors.ts'

/**
 * A package that only some need, and install beside maitred: loaded at once, where it is used.
 * @throws MaitredError `CONFIG_INVALID` when it is not installed, naming it and whoever needs it
 */
export function loadPeer(name: string, neededBy: string): unknown {
  try {
    return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name)
  } catch (cause) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `\`${neededBy}\` needs the package \`${name}\`, which could not be loaded.`,
      hint: `Run \`npm install ${name}\`.`,
      path: `plugins.${neededBy}`,
      cause,
    })
  }
}
