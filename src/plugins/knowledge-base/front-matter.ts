import { MaitredError } from '../../core/errors.ts'

/** What stands above a Markdown text, between two lines of `---`. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, string | readonly string[]>>
  /** The text below. */
  readonly rest: string
}

const KEY = /^([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)$/u
const ITEM = /^[ \t]*-[ \t]+(.*)$/u

/**
 * Reads the part of YAML that articles need: texts, and lists of texts in lines or in brackets.
 * @param file named in errors, with the line
 * @throws MaitredError `CONFIG_INVALID`
 * @example readFrontMatter('refunds.md', '---\ntitle: Refunds\nquestions:\n  - money back\n---\nWithin 14 days.')
 */
export function readFrontMatter(file: string, text: string): FrontMatter {
  const lines = text.split(/\r?\n/u)
  if (lines[0]?.trim() !== '---') return { fields: {}, rest: text }
  const end = lines.findIndex((line, place) => place > 0 && line.trim() === '---')
  if (end < 0) throw wrong(`${file}:1`, 'a line `---` that ends the front matter', 'none')
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  let list: string[] | undefined
  for (const [place, line] of lines.slice(1, end).entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const item = ITEM.exec(line)?.[1]
    const [, key, value = ''] = KEY.exec(line) ?? []
    if (item !== undefined && list !== undefined) list.push(unquote(item))
    else if (key !== undefined && value === '') fields[key] = list = []
    else if (key !== undefined) {
      fields[key] = toValue(value)
      list = undefined
    } else throw wrong(`${file}:${place + 2}`, '`key: value` or `- item`', `\`${line.slice(0, 40)}\``)
  }
  return { fields, rest: lines.slice(end + 1).join('\n') }
}

function toValue(value: string): string | string[] {
  const list = /^\[(.*)\]$/u.exec(value.trim())?.[1]
  if (list === undefined) return unquote(value)
  return list.trim() === '' ? [] : list.split(',').map(unquote)
}

function unquote(value: string): string {
  const text = value.trim()
  return /^"(.*)"$/u.exec(text)?.[1] ?? /^'(.*)'$/u.exec(text)?.[1] ?? text
}

function wrong(path: string, expected: string, got: string): MaitredError {
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected ${expected} at \`${path}\`, got ${got}.`,
    hint: 'Front matter is `title: …`, `id: …`, `url: …`, and lists of `questions` and `skills`.',
    path,
  })
}
