import { z } from 'zod'
import { MaitredError } from './errors.ts'
import type { Customer, Json } from './types.ts'

// The one door: everything that comes from outside is read here. zod appears nowhere else in core but where a plugin's schema is checked.

export const MAX_TEXT_BYTES = 8 * 1024
export const MAX_METADATA_BYTES = 16 * 1024
export const MAX_METADATA_DEPTH = 8

const MAX_ID_LENGTH = 128
const ID = /^[^\p{Cc}\p{Surrogate}]+$/u
const id = z.string().min(1).max(MAX_ID_LENGTH).regex(ID, 'expected no control characters')
const shortText = z.string().max(1_000).transform(clean)
const key = id.optional()
const skills = z.array(id).max(50)
const duration = z.union([z.number(), z.string()])
const customer = z.object({
  id,
  name: shortText.optional(),
  email: z.string().max(320).transform(clean).optional(),
  language: z.string().max(35).optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
})
/** By reference, and only to what a browser opens without running it. */
const attachments = z
  .array(z.object({ url: z.url({ protocol: /^https?$/ }).max(2_000), name: shortText }))
  .max(10)
  .optional()
const conversationId = id
const agentId = id
const about = { conversationId, key }
const byAgent = { conversationId, agentId, key, ownerSeq: z.int().optional() }

const commands = {
  /** Opens a conversation, or finds the one this customer has open on this channel: `engine.openConversation`. */
  'conversation.opened': z.object({
    type: z.literal('conversation.opened'),
    customer,
    channel: id.optional(),
    page: z.string().max(2_000).optional(),
    moment: id.optional(),
    skills: skills.optional(),
    key,
  }),
  /** The customer writes: `conversation.say`. At most 8 KiB; it may be empty beside attachments. */
  'message.received': z.object({
    type: z.literal('message.received'),
    ...about,
    text: z.string(),
    attachments,
    metadata: z.unknown().optional(),
  }),
  /** The customer takes one of the choices under the newest message that has some: `conversation.choose`. */
  'choice.made': z.object({ type: z.literal('choice.made'), ...about, choiceId: id }),
  /** The customer wants a person: `conversation.requestAgent`. */
  'agent.requested': z.object({ type: z.literal('agent.requested'), ...about, skills: skills.optional() }),
  /** The customer has gone: `conversation.leave`. */
  'customer.left': z.object({ type: z.literal('customer.left'), ...about }),
  /** A visitor turned out to be a known customer: `conversation.identify`. */
  'customer.identified': z.object({ type: z.literal('customer.identified'), ...about, customer }),
  /** Adds to the page trail: `conversation.moveTo`. */
  'page.visited': z.object({ type: z.literal('page.visited'), ...about, page: z.string().min(1).max(2_000) }),
  /** The customer rates the conversation: `conversation.rate`. */
  'rating.given': z.object({
    type: z.literal('rating.given'),
    ...about,
    score: z.number().min(0).max(10),
    comment: shortText.optional(),
  }),
  /** The agent takes an offer: `desk.accept`. */
  'offer.accepted': z.object({ type: z.literal('offer.accepted'), ...byAgent }),
  /** The agent passes an offer on: `desk.decline`. */
  'offer.declined': z.object({ type: z.literal('offer.declined'), ...byAgent, reason: shortText.optional() }),
  /** The agent writes to the customer: `desk.say`. */
  'message.sent': z.object({
    type: z.literal('message.sent'),
    ...byAgent,
    text: z.string(),
    attachments,
    metadata: z.unknown().optional(),
  }),
  /** The agent writes for colleagues only: `desk.note`. */
  'note.added': z.object({ type: z.literal('note.added'), ...byAgent, text: z.string() }),
  /** The agent steps away for a moment: `desk.hold`. */
  'conversation.held': z.object({ type: z.literal('conversation.held'), ...byAgent, backIn: duration.optional() }),
  /** The agent gives the conversation away: `desk.transfer`. `{ skills: [] }` is back to the queue. */
  'conversation.transferred': z.object({
    type: z.literal('conversation.transferred'),
    ...byAgent,
    to: z.union([z.literal('bot'), z.object({ agentId }), z.object({ skills })]),
    note: z.string().optional(),
    warm: z.boolean().optional(),
  }),
  /** One step up the boundary ladder: `desk.warn`. */
  'customer.warned': z.object({ type: z.literal('customer.warned'), ...byAgent }),
  /** The agent is done, and the closing steps begin: `desk.close`. */
  'conversation.finished': z.object({
    type: z.literal('conversation.finished'),
    ...byAgent,
    directions: z.string().optional(),
    disposition: shortText.optional(),
  }),
  /** A supervisor joins the talk beside its agent, without a seat; with `takeOver` it is theirs from now on: `desk.join`. `force`: over capacity, too. */
  'agent.joined': z.object({
    type: z.literal('agent.joined'),
    conversationId,
    agentId,
    key,
    takeOver: z.boolean().optional(),
    force: z.boolean().optional(),
  }),
  /** Whoever joined leaves again: `desk.leave`. */
  'agent.parted': z.object({ type: z.literal('agent.parted'), conversationId, agentId, key }),
  /** A word to the agent of a live talk that the customer does not see: `desk.whisper`. */
  'whisper.sent': z.object({ type: z.literal('whisper.sent'), conversationId, agentId, key, text: z.string() }),
  /** Somebody gives a waiting conversation to an agent: `engine.assign`. `force`: over capacity, too. */
  'conversation.assigned': z.object({
    type: z.literal('conversation.assigned'),
    conversationId,
    agentId,
    by: id,
    force: z.boolean().optional(),
    key,
  }),
}

/** An event from outside, read and cleaned. */
export type Command = {
  [Type in keyof typeof commands]: Clean<z.output<(typeof commands)[Type]>>
}[keyof typeof commands]
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
export const COMMAND_TYPES = Object.keys(commands) as readonly Command['type'][]

/** Each of them as JSON Schema, as it may come in. */
export function commandSchemas(): Readonly<Record<Command['type'], object>> {
  const schemas = COMMAND_TYPES.map((type) => [type, z.toJSONSchema(commands[type], { io: 'input' })])
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
      hint: `Events that can: ${COMMAND_TYPES.join(', ')}.`,
      path: 'type',
    })
  }
  if (!Object.hasOwn(commands, type))
    throw invalid(
      `There is no event \`${shorten(type)}\`.`,
      `Events that can be sent: ${COMMAND_TYPES.join(', ')}.`,
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
 * The commands that come all day, in their plainest form: a message of the customer or of the agent, and the wish for a person. They are read
 * by hand, as the schema above reads them (a property test holds the two equal); `undefined` for whatever else the schema has to judge.
 */
function readPlain(event: object): Command | undefined {
  if (Object.getPrototypeOf(event) !== Object.prototype) return undefined
  const { type, conversationId, agentId, key, text } = event as { readonly [field: string]: unknown }
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

const FIELDS = {
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

function cleanCommand(read: z.output<(typeof commands)[Command['type']]>): Command {
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
  const read = customer.safeParse(value)
  if (read.success) return readCustomer(read.data)
  const [issue] = read.error.issues
  const path = ['customer', ...(issue?.path ?? [])].join('.')
  throw invalid(
    `The customer does not fit at \`${path}\`: ${issue?.message ?? 'wrong shape'}.`,
    'Correct the field.',
    path,
  )
}

function readCustomer(read: z.output<typeof customer>): Customer {
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
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_TEXT_BYTES) throw tooLarge('text', bytes, MAX_TEXT_BYTES)
  const cleaned = clean(text)
  if (mayBeEmpty || /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}]/u.test(cleaned)) return cleaned
  throw new MaitredError('MESSAGE_EMPTY', {
    message: 'Expected a text that can be read, got nothing but white space or invisible characters.',
    hint: 'Do not send empty messages; a message with attachments may be without text.',
    path: 'text',
  })
}

/** NUL and lone surrogates become U+FFFD: databases refuse the one and change the other each in its own way. */
export function clean(text: string): string {
  return /[\0\p{Surrogate}]/u.test(text) ? text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD') : text
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
