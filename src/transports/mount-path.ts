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
