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
  return {
    status,
    error: Object.assign(new Error(message), { name: 'MaitredError', code, hint, retryable, ...rest, [BRAND]: true }),
  }
}

export function isKnown(error: unknown): error is Known {
  return typeof error === 'object' && error !== null && BRAND in error
}
