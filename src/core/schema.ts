import { z } from 'zod'
import { clean } from './clean.ts'
import { ID, MAX_ID_LENGTH, MAX_SHORT_TEXT_LENGTH, toSchemas } from './command-schemas.ts'
import { MaitredError } from './errors.ts'
import type { Customer, Json } from './types.ts'

// The one door: everything that comes from outside is read here. zod appears nowhere else in core but where a plugin's schema is checked.

export const MAX_TEXT_BYTES = 8 * 1024
export const MAX_METADATA_BYTES = 16 * 1024
export const MAX_METADATA_DEPTH = 8

type Schemas = ReturnType<typeof toSchemas>
type Commands = Schemas['commands']

/** An event from outside, read and cleaned. */
export type Command = {
  [Type in keyof Commands]: Clean<z.output<Commands[Type]>>
}[keyof Commands]
export type CommandOf<Type extends Command['type']> = Extract<Command, { readonly type: Type }>
/** `metadata` and `attributes` are plain JSON once they are through. */
type Clean<Read> = Omit<Read, 'metadata' | 'customer'> &
  ('metadata' extends keyof Read ? { metadata?: Record<string, Json> } : {}) &
  (Read extends { customer: unknown } ? { customer: Customer } : {})

/** Events that only the engine itself may raise. */
const RESERVED: ReadonlySet<string> = new Set([
  'conversation.reopened',
  'conversation.redirected',
  'customer.fellSilent',
  'customer.arrived',
  'customer.vanished',
  'customer.gone',
  'customer.enriched',
  'steps.listed',
  'step.answered',
  'step.rejected',
  'step.skipped',
  'answer.found',
  'answer.given',
  'answer.asked',
  'answer.missed',
  'question.answered',
  'requirements.settled',
  'wait.noticed',
  'queue.overflowed',
  'declines.forgotten',
  'offer.made',
  'offer.expired',
  'offer.lost',
  'wrapUp.ended',
  'agent.vanished',
  'agent.fellSilent',
  'guest.spoke',
  'conversation.taken',
  'async.expired',
  'timer.rearmed',
  'timer.fired',
  'plugin.acted',
  'plugin.spoke',
])

/** The types of event that may come from outside. */
export function listCommandTypes(): readonly Command['type'][] {
  return Object.keys(toSchemas().commands) as readonly Command['type'][]
}

/** Each of them as JSON Schema, as it may come in. */
export function commandSchemas(): Readonly<Record<Command['type'], object>> {
  const { commands } = toSchemas()
  const schemas = listCommandTypes().map((type) => [type, z.toJSONSchema(commands[type], { io: 'input' })])
  return Object.fromEntries(schemas) as Record<Command['type'], object> // fromEntries forgets the names
}

/**
 * Reads an event from outside.
 * @throws MaitredError `EVENT_INVALID`, `EVENT_RESERVED`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LARGE`, `METADATA_TOO_DEEP`
 */
export function parseCommand(event: unknown): Command {
  const type =
    typeof event === 'object' && event !== null && !Array.isArray(event)
      ? (event as { type?: unknown }).type
      : undefined
  if (typeof type !== 'string') {
    throw invalid(
      `Expected an event, an object with a \`type\`, got \`${describe(event)}\`.`,
      "Send something like { type: 'message.received', conversationId, text }.",
      'type',
    )
  }
  if (type.startsWith('xstate.') || RESERVED.has(type)) {
    throw new MaitredError('EVENT_RESERVED', {
      message: `The event \`${type}\` is raised by the engine itself and cannot be sent.`,
      hint: `Events that can: ${listCommandTypes().join(', ')}.`,
      path: 'type',
    })
  }
  const { commands } = toSchemas()
  if (!Object.hasOwn(commands, type))
    throw invalid(
      `There is no event \`${shorten(type)}\`.`,
      `Events that can be sent: ${listCommandTypes().join(', ')}.`,
      'type',
    )
  const plain = readPlain(event as object) // it has a type
  if (plain !== undefined) return plain
  const read = commands[type as Command['type']].safeParse(event)
  if (!read.success) {
    const [issue] = read.error.issues
    const path = issue?.path.join('.') ?? ''
    throw invalid(
      `The event \`${type}\` does not fit at \`${path}\`: ${issue?.message ?? 'wrong shape'}.`,
      'Correct the field; the reference of events lists them all.',
      path,
    )
  }
  return cleanCommand(read.data)
}

/**
 * The commands that come all day, in their plainest form: a message of the customer or of the agent, the wish for a person, and a visit. They are read
 * by hand, as the schema above reads them (a property test holds the two equal); `undefined` for whatever else the schema has to judge.
 */
function readPlain(event: object): Command | undefined {
  if (Object.getPrototypeOf(event) !== Object.prototype) return undefined
  const { type, conversationId, agentId, key, text } = event as { readonly [field: string]: unknown }
  if (type === 'conversation.opened') return readPlainOpening(event)
  if (!isId(conversationId) || !(key === undefined || isId(key))) return undefined
  const named = key === undefined ? {} : { key }
  switch (type) {
    case 'message.received':
      return typeof text === 'string' && hasOnly(event, FIELDS.received)
        ? { type, conversationId, ...named, text: readText(text) }
        : undefined
    case 'message.sent':
      return typeof text === 'string' && isId(agentId) && hasOnly(event, FIELDS.sent)
        ? { type, conversationId, agentId, ...named, text: readText(text) }
        : undefined
    case 'agent.requested':
      return hasOnly(event, FIELDS.requested) ? { type, conversationId, ...named } : undefined
    default:
      return undefined
  }
}

/** A visit of a customer of whom no more is said than an id and a name. */
function readPlainOpening(event: object): Command | undefined {
  const { customer } = event as { readonly [field: string]: unknown }
  if (!hasOnly(event, FIELDS.opened) || typeof customer !== 'object' || customer === null) return undefined
  if (Object.getPrototypeOf(customer) !== Object.prototype || !hasOnly(customer, FIELDS.customer)) return undefined
  const { id, name } = customer as { readonly [field: string]: unknown }
  if (!isId(id)) return undefined
  if (name === undefined) return { type: 'conversation.opened', customer: { id } }
  if (typeof name !== 'string' || name.length > MAX_SHORT_TEXT_LENGTH) return undefined
  return { type: 'conversation.opened', customer: { id, name: clean(name) } }
}

const FIELDS = {
  opened: new Set(['type', 'customer']),
  customer: new Set(['id', 'name']),
  received: new Set(['type', 'conversationId', 'key', 'text']),
  sent: new Set(['type', 'conversationId', 'agentId', 'key', 'text']),
  requested: new Set(['type', 'conversationId', 'key']),
} as const

function hasOnly(event: object, fields: ReadonlySet<string>): boolean {
  for (const name in event) if (!fields.has(name)) return false
  return true
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH && ID.test(value)
}

function cleanCommand(read: z.output<Commands[Command['type']]>): Command {
  const command: Record<string, unknown> = read // zod made it just now
  if ('text' in read)
    command['text'] = readText(read.text, 'attachments' in read && (read.attachments?.length ?? 0) > 0)
  if ('note' in read && read.note !== undefined) command['note'] = readText(read.note)
  if ('directions' in read && read.directions !== undefined) command['directions'] = readText(read.directions)
  if ('metadata' in read && read.metadata !== undefined) command['metadata'] = readJsonObject(read.metadata, 'metadata')
  if ('customer' in read) command['customer'] = readCustomer(read.customer)
  return command as Command // the shape zod read, cleaned field by field
}

/**
 * Reads a customer as somebody else describes them.
 * @throws MaitredError `EVENT_INVALID`, `METADATA_TOO_DEEP`, `MESSAGE_TOO_LARGE`
 */
export function parseCustomer(value: unknown): Customer {
  const read = toSchemas().customer.safeParse(value)
  if (read.success) return readCustomer(read.data)
  const [issue] = read.error.issues
  const path = ['customer', ...(issue?.path ?? [])].join('.')
  throw invalid(
    `The customer does not fit at \`${path}\`: ${issue?.message ?? 'wrong shape'}.`,
    'Correct the field.',
    path,
  )
}

function readCustomer(read: z.output<Schemas['customer']>): Customer {
  const { id, name, email, language, attributes } = read
  const known: Customer = {
    id,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(language === undefined ? {} : { language }),
  }
  return attributes === undefined ? known : { ...known, attributes: readJsonObject(attributes, 'customer.attributes') }
}

/**
 * A text as every store can keep it.
 * @throws MaitredError `MESSAGE_EMPTY`, `MESSAGE_TOO_LARGE`
 */
export function readText(text: string, mayBeEmpty = false): string {
  // No character takes more than three bytes: most texts need not be counted.
  const bytes = 3 * text.length > MAX_TEXT_BYTES ? Buffer.byteLength(text) : 0
  if (bytes > MAX_TEXT_BYTES) throw tooLarge('text', bytes, MAX_TEXT_BYTES)
  const cleaned = clean(text)
  if (mayBeEmpty || /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}]/u.test(cleaned)) return cleaned
  throw new MaitredError('MESSAGE_EMPTY', {
    message: 'Expected a text that can be read, got nothing but white space or invisible characters.',
    hint: 'Do not send empty messages; a message with attachments may be without text.',
    path: 'text',
  })
}

const DANGEROUS_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Plain JSON, copied; keys that could reach a prototype are left out.
 * @throws MaitredError `METADATA_TOO_DEEP`, `MESSAGE_TOO_LARGE`, `EVENT_INVALID`
 */
export function readJsonObject(value: unknown, path: string): Record<string, Json> {
  const copied = copyJson(value, path, 0)
  if (typeof copied !== 'object' || copied === null || Array.isArray(copied))
    throw invalid(`Expected an object at \`${path}\`, got \`${describe(value)}\`.`, 'Send a JSON object.', path)
  const bytes = Buffer.byteLength(JSON.stringify(copied))
  if (bytes > MAX_METADATA_BYTES) throw tooLarge(path, bytes, MAX_METADATA_BYTES)
  return copied as Record<string, Json> // narrowed above
}

function copyJson(value: unknown, path: string, depth: number): Json {
  if (depth > MAX_METADATA_DEPTH) {
    throw new MaitredError('METADATA_TOO_DEEP', {
      message: `Expected at most ${MAX_METADATA_DEPTH} levels at \`${path}\`.`,
      hint: 'Flatten it, or send an id to look it up by.',
      path,
    })
  }
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return clean(value)
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0 // JSON knows no -0
  if (Array.isArray(value)) return value.map((inner) => copyJson(inner, path, depth + 1))
  if (typeof value !== 'object')
    throw invalid(`Expected JSON at \`${path}\`, got \`${describe(value)}\`.`, 'Send only what JSON can hold.', path)
  const entries = Object.entries(value).filter(([name, inner]) => !DANGEROUS_KEYS.has(name) && inner !== undefined)
  return Object.fromEntries(entries.map(([name, inner]) => [clean(name), copyJson(inner, path, depth + 1)]))
}

function invalid(message: string, hint: string, path: string): MaitredError {
  return new MaitredError('EVENT_INVALID', { message, hint, path })
}

function tooLarge(path: string, bytes: number, limit: number): MaitredError {
  return new MaitredError('MESSAGE_TOO_LARGE', {
    message: `Expected at most ${limit} bytes at \`${path}\`, got ${bytes}.`,
    hint: 'Send it in parts, or as an attachment.',
    path,
  })
}

function describe(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'string'
        ? 'a string'
        : typeof value
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
