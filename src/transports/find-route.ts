import { MaitredError } from '../core/errors.ts'
import { type Route, ROUTES } from './routes.ts'

export interface Found {
  readonly route: Route
  /** The conversation in the address; '' when there is none. */
  readonly id: string
}

const TABLE = ROUTES.map((route) => ({ route, parts: route.path.split('/').slice(1) }))

/** `mountPath`: what stood before it, and was taken off. @throws MaitredError `ROUTE_UNKNOWN`, `METHOD_WRONG` */
export function findRoute(
  method: string,
  pathname: string,
  { basePath, mountPath }: { readonly basePath: string; readonly mountPath: string },
): Found {
  const parts = partsBelow(pathname, basePath)
  const here = parts === undefined ? [] : TABLE.filter(({ parts: pattern }) => isMatch(pattern, parts))
  const match = here.find(({ route }) => route.method === method)
  if (match !== undefined) return { route: match.route, id: parts?.[match.parts.indexOf('{id}')] ?? '' }
  if (here.length === 0) {
    throw new MaitredError('ROUTE_UNKNOWN', {
      message: `There is nothing at \`${mountPath}${pathname.slice(0, 100)}\`.`,
      hint: `The addresses are listed at ${mountPath}${basePath}/openapi.json${mountPath + basePath === '' ? ', below where this is mounted' : ''}.`,
    })
  }
  throw new MaitredError('METHOD_WRONG', {
    message: `Expected ${here.map(({ route }) => route.method).join(' or ')}, got ${method}.`,
    hint: 'Streams and views are read with GET, everything else is POST.',
    cause: { allow: here.map(({ route }) => route.method).join(', ') },
  })
}

function partsBelow(pathname: string, basePath: string): readonly string[] | undefined {
  if (!pathname.startsWith(`${basePath}/`)) return undefined
  try {
    return pathname
      .slice(basePath.length + 1)
      .replace(/\/$/, '')
      .split('/')
      .map(decodeURIComponent)
  } catch {
    return undefined // a percent sign that means nothing
  }
}

function isMatch(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => part === parts[index] || (part === '{id}' && parts[index] !== ''))
  )
}
