import type { Message } from '../index.ts'
import type { Paint } from './paint.ts'

export interface TranscriptStyle {
  readonly paint: Paint
  /** How the customer and each agent are called. */
  nameOf(message: Message): string
  readonly indent: string
}

const WIDTH = 100

/** A conversation as indented lines: the time of day, who speaks, and what they say. */
export function toTranscriptLines(messages: readonly Message[], style: TranscriptStyle): readonly string[] {
  const shown = messages.filter(({ internal }) => internal !== true)
  const nameWidth = Math.max(0, ...shown.map((message) => style.nameOf(message).length))
  return shown.flatMap((message) => toLines(message, nameWidth, style))
}

/** 09:05:12, in UTC: virtual days have no other place. */
export function toTimeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}

function toLines(message: Message, nameWidth: number, { paint, nameOf, indent }: TranscriptStyle): readonly string[] {
  const name = nameOf(message).padEnd(nameWidth)
  const inner = ' '.repeat('00:00:00  '.length + nameWidth + 2)
  const [first = '', ...rest] = [...wrap(message.text, WIDTH - inner.length), ...choicesOf(message)]
  return [
    `${indent}${paint.dim(toTimeOfDay(message.at))}  ${colour(message, paint)(name)}  ${first}`,
    ...rest.map((line) => `${indent}${inner}${line}`),
  ]
}

function colour({ author }: Message, paint: Paint): (text: string) => string {
  if (author === 'customer') return paint.customer
  return author === 'agent' ? paint.agent : paint.dim
}

function choicesOf({ choices = [] }: Message): readonly string[] {
  return choices.length === 0 ? [] : [choices.map(({ label }) => `[${label}]`).join(' ')]
}

/** Lines of at most so many characters, broken between words. */
function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, line]
  })
}
