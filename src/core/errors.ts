/** What each code means, whether sending the same again can help, and the HTTP status it maps to. The docs are made from this table. */
export const ERRORS = {
  CONFIG_INVALID: { retryable: false, status: 500, meaning: 'An option is wrong; `path` says which.' },
  EVENT_INVALID: { retryable: false, status: 400, meaning: 'The event is unknown or has the wrong shape.' },
  EVENT_RESERVED: { retryable: false, status: 400, meaning: 'The event is one that only the engine itself may raise.' },
  MESSAGE_EMPTY: { retryable: false, status: 400, meaning: 'The message holds nothing that can be read.' },
  MESSAGE_TOO_LARGE: {
    retryable: false,
    status: 413,
    meaning: 'Text, metadata or a record of a plugin is over its limit.',
  },
  METADATA_TOO_DEEP: { retryable: false, status: 400, meaning: 'Metadata is nested too deeply.' },
  NOT_FOUND: { retryable: false, status: 404, meaning: 'There is no conversation, agent or choice of that id.' },
  SKILL_UNKNOWN: { retryable: false, status: 400, meaning: 'A skill that was never declared.' },
  IDEMPOTENCY_MISMATCH: { retryable: false, status: 422, meaning: 'The key was used before for something else.' },
  ENGINE_NOT_STARTED: {
    retryable: false,
    status: 503,
    meaning: '`engine.start()` was not called, or `engine.stop()` was.',
  },
  PLUGIN_DUPLICATE: { retryable: false, status: 500, meaning: 'Two plugins have the same name.' },
  PLUGIN_MISSING: { retryable: false, status: 500, meaning: 'A plugin that is needed is not installed.' },
  PLUGIN_LOOP: { retryable: false, status: 500, meaning: 'Plugins answer one another without end.' },
  STORE_UNAVAILABLE: {
    retryable: true,
    status: 503,
    meaning: 'The store did not take the write; nothing has changed.',
  },
  STORE_VERSION: { retryable: false, status: 500, meaning: 'The store was made by another version of the schema.' },
  DELIVERY_FAILED: {
    retryable: false,
    status: 502,
    meaning: 'A channel has given a message up; only `delivery.failed` says so.',
  },
  SNAPSHOT_INVALID: {
    retryable: false,
    status: 500,
    meaning: 'What the store holds of a conversation cannot be read.',
  },
  // over the web
  UNAUTHENTICATED: {
    retryable: false,
    status: 401,
    meaning: 'Nobody is known by this session or token: it is missing, forged or expired.',
  },
  FORBIDDEN: { retryable: false, status: 403, meaning: 'This role, or this origin, may not do that.' },
  ROUTE_UNKNOWN: { retryable: false, status: 404, meaning: 'There is nothing at this address.' },
  METHOD_WRONG: { retryable: false, status: 405, meaning: 'This address takes another method; `allow` says which.' },
  BODY_TOO_SLOW: { retryable: true, status: 408, meaning: 'The body did not arrive in time; nothing has changed.' },
  BODY_TOO_LARGE: { retryable: false, status: 413, meaning: 'The body of the request is over its limit.' },
  BODY_TYPE_WRONG: { retryable: false, status: 415, meaning: 'The body is not `application/json`.' },
  BODY_INVALID: { retryable: false, status: 400, meaning: 'The body is not a JSON object.' },
  KEY_MISSING: { retryable: false, status: 400, meaning: 'A command came without an idempotency key.' },
  RESUME_INVALID: { retryable: false, status: 400, meaning: 'The place to go on from is not one that was given out.' },
  INTERNAL: { retryable: true, status: 500, meaning: 'Nobody foresaw this; it is in the log of the server.' },
} as const satisfies Record<string, { retryable: boolean; status: number; meaning: string }>

export type ErrorCode = keyof typeof ERRORS

/** What a refused receipt may say, and the HTTP status it maps to. */
export const REFUSALS = {
  STALE_OFFER: { status: 409, meaning: 'The offer was taken back, expired, or never made to this agent.' },
  STALE_OWNER: { status: 409, meaning: 'The conversation has moved to somebody else; the text is handed back.' },
  NOT_ASSIGNEE: { status: 409, meaning: 'This agent does not own the conversation.' },
  CLOSED: { status: 409, meaning: 'The conversation is over.' },
  NOT_NOW: { status: 409, meaning: 'The conversation is in a phase that does not take this.' },
  NO_CAPACITY: { status: 409, meaning: 'The agent has no free seat.' },
  AGENT_GONE: { status: 409, meaning: 'The agent is not online.' },
  RATE_LIMITED: { status: 429, meaning: 'Too much at once; `retryAfterMs` says when to try again.' },
} as const satisfies Record<string, { status: number; meaning: string }>

export type Refusal = keyof typeof REFUSALS

export interface ErrorDetails {
  /** What was expected, what came, where. */
  readonly message: string
  /** What to do about it. */
  readonly hint: string
  /** Where in the configuration or the event. */
  readonly path?: string
  readonly cause?: unknown
}

const BRAND = Symbol.for('maitred.error')

/** What the caller can mend is thrown as this. `code` is API, the text is not. */
export class MaitredError extends Error {
  override readonly name = 'MaitredError'
  readonly code: ErrorCode
  readonly hint: string
  readonly path?: string
  /** Whether sending the same once more (with the same `key`) can succeed. */
  readonly retryable: boolean
  readonly [BRAND] = true

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(
      `${code}: ${details.message} ${details.hint}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.code = code
    this.hint = details.hint
    this.retryable = ERRORS[code].retryable
    if (details.path !== undefined) this.path = details.path
  }
}

/**
 * Is this an error of ours, and (when asked) of this code? Works across two copies of the package.
 * @example if (isMaitredError(error, 'NOT_FOUND')) return reply.code(404).send(error.hint)
 */
export function isMaitredError<Code extends ErrorCode>(
  error: unknown,
  code?: Code,
): error is MaitredError & { readonly code: Code } {
  return (
    typeof error === 'object' &&
    error !== null &&
    BRAND in error &&
    (code === undefined || (error as MaitredError).code === code)
  )
}
