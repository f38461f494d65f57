import { z } from 'zod'
import { MaitredError } from '../core/errors.ts'
import { definePlugin } from '../core/hooks/define-plugin.ts'
import type { PluginFactory } from '../core/hooks/hook-context.ts'
import { nearest } from '../core/nearest.ts'
import { loadPeer } from '../core/optional-peer.ts'
import type { Log } from '../core/ports.ts'
import { madeLater } from '../core/standard-schema.ts'
import type { ConversationView, Json } from '../core/types.ts'

/** A text that is written once and sent often. */
export interface SavedReply {
  readonly id: string
  readonly title?: string
  /** What an agent types in its place: `/refund`. */
  readonly shortcut?: string
  /** With variables: `Hello {{ customer.name }}`. Also `agent`, `conversation`, and what `values` adds. A blank line begins a new chunk. */
  readonly text: string
}

export interface SavedReplyOptions {
  readonly replies: readonly SavedReply[]
  /** More variables, the same for everybody: the name of the shop, its address. */
  readonly values?: { readonly [name: string]: Json }
}

export interface RenderedReply {
  readonly id: string
  /** Plain text: whoever puts it into a page escapes it there. */
  readonly text: string
  /** The same in pieces, one after the other. */
  readonly chunks: readonly string[]
  /** The variables that nothing is known of, and that are left out. */
  readonly missing: readonly string[]
}

export interface SavedReplyApi {
  /** Those that fit, the best first: a shortcut, then words in the title, then words in the text. All of them for an empty query. */
  search(query: string, limit?: number): readonly SavedReply[]
  /** By id or shortcut. @throws MaitredError `NOT_FOUND` */
  render(name: string, conversation: ConversationView): RenderedReply
}

const config = madeLater(() =>
  z.object({
    replies: z
      .array(
        z.object({
          id: z.string().min(1).max(128),
          title: z.string().optional(),
          shortcut: z
            .string()
            .regex(/^\/[\p{L}\p{N}_-]+$/u, 'expected a slash and a word, such as /refund')
            .optional(),
          text: z.string().min(1),
        }),
      )
      .readonly(),
    values: z
      .record(
        z.string(),
        z.custom<Json>((value) => value !== undefined),
      )
      .default({}),
  }),
)

/**
 * Replies that agents and bots have at hand, with variables that cannot do any harm: a value is put in as it is, never read as a template,
 * and only what a conversation really holds can be named. An agent who sends a shortcut sends the reply. Needs the package `liquidjs`.
 * @example savedReplies({ replies: [{ id: 'hi', shortcut: '/hi', text: 'Hello {{ customer.name }}, Ana here.' }] })
 */
export const savedReplies: PluginFactory<SavedReplyOptions, SavedReplyApi> = definePlugin({
  name: 'saved-replies',
  version: '1.0.0',
  config,
  setup: ({ config: { replies, values }, log }): SavedReplyApi => {
    const book = compile(replies as readonly SavedReply[]) // zod says `undefined` where it means absent
    return {
      search: (query, limit = 10) => search(book, query).slice(0, limit),
      render: (name, conversation) => render(find(book, name), { conversation, values, log }),
    }
  },
  hooks: {
    'message:out': (message, ctx) => {
      const shortcut = message.text.trim()
      if (message.author !== 'agent' || !shortcut.startsWith('/')) return message
      if (!ctx.api.search(shortcut, 1).some((reply) => reply.shortcut === shortcut)) return message
      const { text } = ctx.api.render(shortcut, ctx.conversation)
      return text === '' ? message : { ...message, text }
    },
  },
})

/** A reply, ready to be rendered: `paths` are the variables it names. */
interface Entry {
  readonly reply: SavedReply
  readonly paths: readonly (readonly string[])[]
  render(values: object): string
}

/** @throws MaitredError `CONFIG_INVALID` for a template that cannot be read, or a name that is taken */
function compile(replies: readonly SavedReply[]): readonly Entry[] {
  const { Liquid } = loadPeer('liquidjs', 'saved-replies') as typeof import('liquidjs') // the package of that name
  const liquid = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    templates: {}, // no file can be included
    parseLimit: 100_000,
    memoryLimit: 1_000_000,
    renderLimit: 1_000,
  })
  const names = new Set<string>()
  return replies.map((reply, index) => {
    for (const name of [reply.id, ...(reply.shortcut === undefined ? [] : [reply.shortcut])]) {
      if (names.has(name)) throw invalid(`Two saved replies are called \`${name}\`.`, `replies[${index}]`)
      names.add(name)
    }
    try {
      const template = liquid.parse(reply.text)
      const paths = liquid.globalVariableSegmentsSync(template).map((path) => path.map(String))
      return { reply, paths, render: (values) => String(liquid.renderSync(template, values)) }
    } catch (cause) {
      throw invalid(
        `The saved reply \`${reply.id}\` cannot be read: ${messageOf(cause)}.`,
        `replies[${index}].text`,
        cause,
      )
    }
  })
}

function invalid(message: string, path: string, cause?: unknown): MaitredError {
  const hint = 'Correct what is passed to `savedReplies`.'
  return new MaitredError('CONFIG_INVALID', { message, hint, path: `plugins.saved-replies.${path}`, cause })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
}

function find(book: readonly Entry[], name: string): Entry {
  const found = book.find(({ reply }) => reply.id === name || reply.shortcut === name)
  if (found !== undefined) return found
  const names = book.flatMap(({ reply }) => [reply.id, ...(reply.shortcut === undefined ? [] : [reply.shortcut])])
  const near = nearest(name, names)
  throw new MaitredError('NOT_FOUND', {
    message: `There is no saved reply \`${name}\`.`,
    hint: near === undefined ? 'Look for one with `search`.' : `Did you mean \`${near}\`?`,
    path: 'name',
  })
}

function render(
  { reply, paths, render: fill }: Entry,
  about: { readonly conversation: ConversationView; readonly values: object; readonly log: Log },
): RenderedReply {
  const { conversation, values, log } = about
  const { id: conversationId, channel, customer, agentId } = conversation
  const known = {
    ...values,
    customer,
    conversation: { id: conversationId, channel },
    agent: agentId === undefined ? {} : { id: agentId },
  }
  const missing = paths.filter((path) => !isKnown(known, path)).map((path) => path.join('.'))
  if (missing.length > 0)
    log.warn({ reply: reply.id, missing, conversationId }, 'a saved reply names what is not known')
  const text = fill(known).trim()
  const chunks = text.split(/\n\s*\n/).filter((chunk) => chunk.trim() !== '')
  return { id: reply.id, text, chunks, missing }
}

/** Only what an object holds itself: nothing that it has by its kind. */
function isKnown(values: unknown, path: readonly string[]): boolean {
  let value = values
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value !== undefined && value !== null
}

function search(book: readonly Entry[], query: string): readonly SavedReply[] {
  const words = wordsOf(query)
  const scored = book.map(({ reply }, index) => ({ reply, index, score: scoreOf(reply, query.trim(), words) }))
  return scored
    .filter(({ score }) => words.length === 0 || score > 0)
    .sort((one, other) => other.score - one.score || one.index - other.index)
    .map(({ reply }) => reply)
}

/** Every word must be somewhere; where it is says how much it counts. */
function scoreOf(
  { shortcut = '', title = '', id: name, text }: SavedReply,
  query: string,
  words: readonly string[],
): number {
  if (query !== '' && shortcut === query) return 1_000
  const isPrefix = query.startsWith('/') && shortcut.startsWith(query)
  const [names, body] = [wordsOf(`${shortcut} ${title} ${name}`), wordsOf(text)]
  const scores = words.map((word) => (isIn(names, word) ? 3 : isIn(body, word) ? 1 : 0))
  const sum = scores.includes(0) ? 0 : scores.reduce<number>((total, score) => total + score, 0)
  return sum + (isPrefix ? 100 : 0)
}

function isIn(words: readonly string[], begun: string): boolean {
  return words.some((word) => word.startsWith(begun))
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}
