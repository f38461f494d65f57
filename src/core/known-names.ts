import { MaitredError } from './errors.ts'
import { nearest } from './nearest.ts'

/** Every name that such an object may have: the compiler keeps the list whole. */
export type NamesOf<Shape> = Readonly<Record<keyof Shape, true>>

interface About {
  /** Where the object stands. */
  readonly path: string
  /** What each of its names is, in words. */
  readonly what?: string
}

/**
 * Refuses an object with a name it cannot have. Nothing would ever read what stands under a misspelt name, and whoever wrote it would believe
 * that it holds.
 * @throws MaitredError `CONFIG_INVALID` with the path of the name, and the nearest right one
 */
export function refuseUnknownNames(value: unknown, names: Readonly<Record<string, true>>, about: About): void {
  const { path, what = 'an option' } = about
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongKind(path, 'an object', value)
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(names, name))
  if (unknown !== undefined)
    throw unknownName(what, unknown, {
      path: path === '' ? unknown : `${path}.${unknown}`,
      names: Object.keys(names),
    })
}

/** There is nothing of that name. */
export function unknownName(
  what: string,
  name: string,
  { path, names }: { readonly path: string; readonly names: readonly string[] },
): MaitredError {
  const near = nearest(name, names)
  return new MaitredError('CONFIG_INVALID', {
    message: `There is no such thing as ${what} called \`${name}\`.`,
    hint: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean \`${near}\`?`,
    path,
  })
}

/** A value of another kind than the one that belongs here. */
export function wrongKind(path: string, expected: string, value: unknown): MaitredError {
  return wrongForm({ path, expected, value, hint: 'Correct it, or leave it out: every option has a default.' })
}

/** As {@link wrongKind}, with something of its own to do about it. */
export function wrongForm(about: {
  readonly path: string
  readonly expected: string
  readonly value: unknown
  readonly hint: string
}): MaitredError {
  const { path, expected, value, hint } = about
  const got = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected ${expected} at \`${path}\`, got \`${got}\`.`,
    hint,
    path,
  })
}
