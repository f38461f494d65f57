import { MaitredError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'

/** What an option may be; a `duration` is read where it is used. */
export type Kind = 'function' | 'text' | 'list' | 'object' | 'duration' | 'number'

/**
 * Looks at options that come from JavaScript: their names, and what kind of thing each of them is.
 * @throws MaitredError `CONFIG_INVALID`
 */
export function checkOptions(
  options: unknown,
  kinds: Readonly<Record<string, Kind>>,
  {
    of,
    required = [],
    within = '',
  }: { readonly of: string; readonly required?: readonly string[]; readonly within?: string },
): void {
  if (!isOf('object', options)) throw wrongKind(within === '' ? 'options' : within, 'object', { of, got: options })
  const given = options as Readonly<Record<string, unknown>>
  for (const [name, got] of Object.entries(given)) {
    const [path, kind] = [pathTo(within, name), Object.hasOwn(kinds, name) ? kinds[name] : undefined]
    if (kind === undefined) throw unknownName(path, name, { of, names: Object.keys(kinds) })
    if (got !== undefined && !isOf(kind, got)) throw wrongKind(path, kind, { of, got })
  }
  for (const name of required) {
    if (given[name] === undefined)
      throw wrongKind(pathTo(within, name), kinds[name] ?? 'object', { of, got: undefined })
  }
}

function pathTo(within: string, name: string): string {
  return within === '' ? name : `${within}.${name}`
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'list':
      return Array.isArray(value)
    case 'text':
      return typeof value === 'string'
    case 'duration':
      return typeof value === 'string' || typeof value === 'number'
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === kind
  }
}

function wrongKind(
  path: string,
  kind: Kind,
  { of, got }: { readonly of: string; readonly got: unknown },
): MaitredError {
  const came = got === null ? 'null' : Array.isArray(got) ? 'a list' : typeof got
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected ${kind === 'object' ? 'an' : 'a'} ${kind} at \`${path}\` of \`${of}\`, got \`${came}\`.`,
    hint: HINTS[path] ?? 'Correct it, or leave it out for the default.',
    path,
  })
}

const HINTS: Readonly<Record<string, string>> = {
  engine: 'It is what `createEngine(...)` returns.',
  auth: 'It is a function that says who sends a request: `(request) => ({ role, ... })`, or `tokens.verify`.',
  options: 'Give it as `{ name: value }`.',
}

function unknownName(
  path: string,
  name: string,
  { of, names }: { readonly of: string; readonly names: readonly string[] },
): MaitredError {
  const near = nearest(name, names)
  return new MaitredError('CONFIG_INVALID', {
    message: `There is no such thing as an option called \`${name}\` of \`${of}\`.`,
    hint: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean \`${near}\`?`,
    path,
  })
}
