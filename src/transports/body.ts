import { MaitredError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Asked } from './asked.ts'

/** The longest text, every character of it escaped, beside the largest metadata. */
export const MAX_BODY_BYTES = 64 * 1024

export interface BodyRules {
  readonly clock: Clock
  readonly maxBytes: number
  readonly withinMs: number
}

/**
 * The JSON object in a request; none is an empty one.
 * @throws MaitredError `BODY_TYPE_WRONG`, `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_INVALID`
 */
export async function readBody(asked: Asked, rules: BodyRules): Promise<Readonly<Record<string, unknown>>> {
  const { headers } = asked.request
  const [type, body] = [headers.get('content-type'), asked.body()]
  if (body === null || (type === null && headers.get('content-length') === '0')) return {}
  if (type === null || !/^application\/json\s*(;|$)/i.test(type)) {
    throw await refuse(body.getReader(), wrongType(type))
  }
  const bytes = await readBytes(body, Number(headers.get('content-length') ?? 0), rules)
  return bytes.length === 0 ? {} : parse(bytes)
}

async function readBytes(
  stream: ReadableStream<Uint8Array>,
  announced: number,
  { clock, maxBytes, withinMs }: BodyRules,
): Promise<Uint8Array> {
  const reader = stream.getReader()
  if (announced > maxBytes) throw await refuse(reader, tooLarge(maxBytes))
  let callOff = (): void => {}
  const timeUp = new Promise<'slow'>((resolve) => {
    callOff = clock.at(clock.now() + withinMs, () => resolve('slow'))
  })
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const read = await Promise.race([readOn(reader), timeUp])
      if (read === 'slow') throw await refuse(reader, tooSlow(withinMs))
      if (read.done) return Buffer.concat(chunks)
      size += read.value.length
      if (size > maxBytes) throw await refuse(reader, tooLarge(maxBytes))
      chunks.push(read.value)
    }
  } finally {
    callOff()
  }
}

/** Whoever hangs up in mid-body has done nothing that is ours to mend. */
async function readOn(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read()
  } catch (cause) {
    throw invalid('one that broke off', cause)
  }
}

/** Whoever is refused is not listened to any longer. */
async function refuse(reader: ReadableStreamDefaultReader<Uint8Array>, error: MaitredError): Promise<MaitredError> {
  await reader.cancel(error).catch(() => {}) // it may have gone already
  return error
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalid('something that cannot be read', cause)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid(Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value)
}

function invalid(came: string, cause?: unknown): MaitredError {
  return new MaitredError('BODY_INVALID', {
    message: `Expected a JSON object as the body, got ${came}.`,
    hint: 'Send an object such as `{"text": "hello"}`, in UTF-8.',
    cause,
  })
}

function wrongType(type: string | null): MaitredError {
  return new MaitredError('BODY_TYPE_WRONG', {
    message: `Expected a body of the type \`application/json\`, got \`${type ?? 'none'}\`.`,
    hint: 'Send JSON, and say so in the header `content-type`.',
  })
}

function tooLarge(maxBytes: number): MaitredError {
  return new MaitredError('BODY_TOO_LARGE', {
    message: `Expected at most ${maxBytes} bytes.`,
    hint: 'Send long texts in parts, and files as attachments, by their address.',
  })
}

function tooSlow(withinMs: number): MaitredError {
  return new MaitredError('BODY_TOO_SLOW', {
    message: `Expected the whole body within ${withinMs} ms.`,
    hint: 'Send it again, with the same key.',
  })
}

/**
 * The idempotency key, from the header or the body.
 * @throws MaitredError `KEY_MISSING`
 */
export function readKey(request: Request, body: Readonly<Record<string, unknown>>): string {
  const header = request.headers.get('idempotency-key')?.replace(/^"(.*)"$/, '$1') // the draft standard quotes it
  const key = header ?? body['key']
  if (typeof key === 'string' && key !== '') return key
  throw new MaitredError('KEY_MISSING', {
    message: 'Expected an idempotency key, got none.',
    hint: 'Send a new random `Idempotency-Key` with every command, and the same one when you send the command again.',
    path: 'key',
  })
}
