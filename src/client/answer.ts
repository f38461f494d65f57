/** What came back: a body, a receipt (a refused one too), or an error that `isMaitredError` knows. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly error?: Known
}

/** What the server says when it could not take a request. */
export type Known = Error & {
  readonly code: string
  readonly hint: string
  readonly path?: string
  readonly retryable: boolean
}

const BRAND = Symbol.for('maitred.error')

export async function readAnswer(response: Response): Promise<Answer> {
  const { status, ok } = response
  if (status === 204) return { status }
  const body = (await response.json().catch(() => undefined)) as
    | (Partial<Known> & { readonly ok?: boolean })
    | undefined
  if (ok || body?.ok === false) return { status, body }
  const {
    code = 'INTERNAL',
    message = `The server answered ${status}.`,
    hint = '',
    retryable = status >= 500,
    ...rest
  } = body ?? {}
  return { status, error: toKnown(message, { code, hint, retryable, ...rest }) }
}

export function toKnown(message: string, about: Omit<Known, 'name' | 'message'>): Known {
  return Object.assign(new Error(message), { name: 'MaitredError', ...about, [BRAND]: true })
}

/** How long whoever is in haste is to wait; `undefined` for any other answer. */
export function haste({ status, body }: Answer): number | undefined {
  return status === 429 ? ((body as { readonly retryAfterMs?: number } | undefined)?.retryAfterMs ?? 1_000) : undefined
}

export function isKnown(error: unknown): error is Known {
  return typeof error === 'object' && error !== null && BRAND in error
}
