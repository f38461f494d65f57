import { MaitredError } from './errors.ts'
import type { ConversationView, Message } from './types.ts'

/** How a transcript can be written. */
export type TranscriptFormat = 'text' | 'markdown' | 'html' | 'json' | 'csv'

/** One message, as every format shows it. */
interface Line {
  readonly at: string
  readonly who: string
  readonly author: Message['author']
  readonly text: string
  readonly links: readonly { readonly name: string; readonly url: string }[]
}

/**
 * A conversation's transcript as one text, without what is internal unless asked for. Times are UTC (ISO 8601). What people wrote cannot
 * act as markup, as an entry of somebody else, as a formula of a spreadsheet, or turn the direction of what stands beside it.
 * @throws MaitredError `EVENT_INVALID` for a format there is not
 * @example exportTranscript(await conversation.view(), 'html')
 */
export function exportTranscript(
  conversation: ConversationView,
  format: TranscriptFormat,
  { internal = false }: { readonly internal?: boolean } = {},
): string {
  if (!Object.hasOwn(WRITERS, format)) {
    throw new MaitredError('EVENT_INVALID', {
      message: `Expected a format of ${Object.keys(WRITERS).join(', ')}, got \`${String(format)}\`.`,
      hint: 'Choose one of them.',
      path: 'format',
    })
  }
  const shown = conversation.transcript.filter((message) => internal || message.internal !== true)
  return WRITERS[format](shown.map((message) => toLine(conversation, message)))
}

const WRITERS: Readonly<Record<TranscriptFormat, (lines: readonly Line[]) => string>> = {
  text: (lines) =>
    lines
      .map((line) => `${line.at} ${isolate(line.who)}: ${indent([line.text, ...toLinks(line)].join('\n'))}\n`)
      .join(''),
  markdown: (lines) =>
    lines
      .map(
        (line) =>
          `**${isolate(plain(line.who))}** (${line.at})\n\n${[plain(line.text), ...toLinks(line).map(plain)].join('\n\n')}\n`,
      )
      .join('\n'),
  html: (lines) => `<ol class="transcript">\n${lines.map(toItem).join('')}</ol>\n`,
  json: (lines) => `${JSON.stringify(lines, undefined, 2)}\n`,
  csv: (lines) =>
    [
      ['at', 'who', 'author', 'text'],
      ...lines.map((line) => [line.at, line.who, line.author, [line.text, ...toLinks(line)].join('\n')]),
    ]
      .map((cells) => `${cells.map(toCell).join(',')}\r\n`)
      .join(''),
}

function toLine({ customer }: ConversationView, message: Message): Line {
  const { at, author, agentId, text, attachments = [], suggestions = [] } = message
  const articles = suggestions.flatMap(({ article: { title, url } }) =>
    url === undefined ? [] : [{ name: title, url }],
  )
  return {
    at: new Date(at).toISOString(),
    who: (author === 'customer' ? (customer.name ?? customer.id) : (agentId ?? author)).replace(BREAK, ' '),
    author,
    text,
    links: [...attachments.map(({ name, url }) => ({ name, url })), ...articles],
  }
}

function toLinks({ links }: Line): readonly string[] {
  return links.map(({ name, url }) => `${isolate(name)}: ${url}`)
}

const BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g

/** A message of several lines stays inside its own: only what begins at the margin is an entry, so nobody can write somebody else's. */
function indent(text: string): string {
  return text.replace(BREAK, '\n  ')
}

/** Whatever the text does to the direction of writing ends with it: FIRST STRONG ISOLATE ... POP DIRECTIONAL ISOLATE (Unicode UAX 9). */
function isolate(text: string): string {
  return `\u2068${text}\u2069`
}

/** ASCII punctuation may be escaped in CommonMark (section 2.4). */
function plain(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, String.raw`\$&`)
}

function toItem({ at, who, author, text, links }: Line): string {
  const shown = links.map(
    ({ name, url }) =>
      `<br>${isWeb(url) ? `<a href="${escape(url)}" rel="noopener nofollow">` : ''}<bdi>${escape(name)}</bdi>${isWeb(url) ? '</a>' : ''}`,
  )
  return `<li class="${author}"><time datetime="${at}">${at}</time> <b><bdi>${escape(who)}</bdi></b> <bdi>${escape(text).replaceAll('\n', '<br>')}</bdi>${shown.join('')}</li>\n`
}

/** A link of any other kind might be a script. */
function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection). */
function toCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}
