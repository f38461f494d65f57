import { MaitredError } from '../core/errors.ts'

/** Where frameworks that take the mount path off the address (Express, Connect) have mounted us. */
const paths = new WeakMap<Request, string>()

export function noteMountPath(request: Request, path: unknown): Request {
  if (typeof path === 'string' && path !== '') paths.set(request, path)
  return request
}

/** `/chat`, or '' where nobody said. */
export function mountPathOf(request: Request): string {
  return paths.get(request) ?? ''
}

/** Without the slash at its end. @throws MaitredError `CONFIG_INVALID` */
export function readBasePath(basePath: string): string {
  const path = basePath.replace(/\/+$/, '')
  if (path === '' || /^\/[^?#]*$/.test(path)) return path
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected a path such as \`/chat\`, got \`${basePath}\`.`,
    hint: 'Begin it with a slash.',
    path: 'basePath',
  })
}
