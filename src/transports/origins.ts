import { MaitredError } from '../core/errors.ts'

/** Which pages may call: those of the same host, and those that were named. */
export interface Origins {
  /** @throws MaitredError `FORBIDDEN` */
  check(request: Request): void
  /** What a page of another origin must be told, so that it may read the answer. */
  headersFor(request: Request): Readonly<Record<string, string>>
}

export function createOrigins(allowed: readonly string[] = []): Origins {
  const known = new Set(allowed.map((origin) => toOrigin(origin)))
  const isForeign = (request: Request, origin: string): boolean =>
    !known.has(origin) && hostOf(origin) !== hostOfRequest(request)
  return {
    check(request) {
      const origin = request.headers.get('origin')
      if (origin === null || !isForeign(request, origin)) return // only browsers send it, and they always do
      throw new MaitredError('FORBIDDEN', {
        message: 'Pages of this origin may not call.',
        hint: 'Name the origin in `createHandler(engine, { origins })`.',
      })
    },
    headersFor(request) {
      const origin = request.headers.get('origin')
      if (origin === null || !known.has(origin)) return {}
      return {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key, last-event-id',
        'access-control-expose-headers': 'retry-after',
        'access-control-max-age': '600',
        vary: 'origin',
      }
    },
  }
}

/** @throws MaitredError `CONFIG_INVALID` */
function toOrigin(text: string): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && url.origin !== 'null' && url.origin === text.replace(/\/$/, '')) return url.origin
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected an origin such as \`https://shop.example\`, got \`${String(text)}\`.`,
    hint: 'Give scheme, host and perhaps port, and nothing else.',
    path: 'origins',
  })
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

/** As the browser named it: behind a proxy that ends TLS the scheme is another, the host is not. */
function hostOfRequest(request: Request): string {
  return request.headers.get('host') ?? new URL(request.url).host
}
