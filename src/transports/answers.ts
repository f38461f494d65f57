import { type ErrorCode, ERRORS, isMaitredError, type MaitredError, REFUSALS } from '../core/errors.ts'
import type { Receipt, RefusedReceipt } from '../core/receipts.ts'

/** What is said over HTTP when a request could not be taken. */
export interface ErrorBody {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
  readonly path?: string
  readonly retryable: boolean
}

/** What is answered, as plain data: a `Response` is made of it only where one is asked for. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | ReadableStream<Uint8Array> | null
}

export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

export function toJson(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...HEADERS, ...headers }, body: JSON.stringify(body) }
}

/** Done and heard, with nothing to say about it. */
export function toNothing(): Answer {
  return { status: 204, headers: { 'cache-control': 'no-store' }, body: null }
}

/** The status of a receipt: 200 when it is `ok`, 409 for a veto, else as the table of refusals says. */
export function statusOf(receipt: Receipt): number {
  if (receipt.ok) return 200
  return receipt.status === 'vetoed' ? 409 : REFUSALS[receipt.code].status
}

export function receiptToAnswer(receipt: Receipt): Answer {
  const retryAfterMs = receipt.status === 'refused' ? receipt.retryAfterMs : undefined
  return toJson(receipt, statusOf(receipt), retryAfterMs === undefined ? {} : retryAfter(retryAfterMs))
}

/** An answer that anybody may read: what went wrong inside stays inside. */
export function errorToAnswer(error: unknown): Answer {
  const known = isMaitredError(error) && !isOurs(error) ? error : undefined
  if (known === undefined) return toJson(INSIDE, ERRORS.INTERNAL.status)
  const hint = (known.code === 'NOT_FOUND' ? HINTS_FROM_AFAR[known.path ?? ''] : undefined) ?? known.hint
  const body: ErrorBody = {
    code: known.code,
    message: known.message.replace(known.hint, () => hint),
    hint,
    retryable: known.retryable,
    ...(known.path === undefined ? {} : { path: known.path }),
  }
  const { status } = ERRORS[known.code]
  return toJson(body, status, {
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(status === 405 ? (known.cause as { readonly allow: string }) : {}), // as the routes say it
    ...(status === 408 || status === 413 ? { connection: 'close' } : {}), // what is left of the body is not read
    ...(status === 503 ? retryAfter(1_000) : {}),
  })
}

/** Is this for the log of the server, rather than for whoever asked? */
export function isOurs(error: unknown): boolean {
  return !isMaitredError(error) || ERRORS[(error satisfies MaitredError).code].status === 500
}

export function rateLimited(retryAfterMs: number, what: string): RefusedReceipt {
  const hint = `Too many ${what} at once; try again in ${retryAfterMs} ms.`
  return { ok: false, status: 'refused', code: 'RATE_LIMITED', hint, retryAfterMs }
}

function retryAfter(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.ceil(ms / 1_000)) }
}

/** What is not there is mended otherwise by whoever has no engine in their hands. */
const HINTS_FROM_AFAR: Readonly<Record<string, string>> = {
  conversationId:
    'Look at the id: `GET /conversations` lists a customer’s own, `POST /conversations` opens one, `GET /desk/events` tells what an agent holds.',
  agentId: 'Look at the id: `GET /desk` lists the agents that the house knows.',
}

const INSIDE: ErrorBody = {
  code: 'INTERNAL',
  message: 'INTERNAL: Something went wrong that nobody foresaw.',
  hint: 'Send the same key again; if it stays, the log of the server says more.',
  retryable: true,
}
