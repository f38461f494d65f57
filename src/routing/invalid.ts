import { MaitredError } from '../core/errors.ts'

/** What is wrong with an option, ready to be thrown. `message` says what was expected and what came; the path is added to it. */
export function invalid(path: string, message: string, hint: string): MaitredError {
  return new MaitredError('CONFIG_INVALID', { message: `${message} at \`${path}\`.`, hint, path })
}
