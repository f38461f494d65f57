import { MaitredError } from '../../core/errors.ts'
import type { Article } from '../../core/types.ts'

/**
 * Reads a list of articles, each with an id of its own.
 * @param places where each comes from, for errors: `articles[3]` unless said.
 * @throws MaitredError `CONFIG_INVALID` whose `path` names the field: `articles[3].title`.
 */
export function parseArticles(values: unknown, places: readonly string[] = []): readonly Article[] {
  if (!Array.isArray(values)) throw wrong('a list of articles', values, 'articles')
  const placeOf = (index: number): string => places[index] ?? `articles[${index}]`
  const indexOf = new Map<string, number>()
  return Array.from(values, (value: unknown, index) => {
    const article = parseArticle(value, placeOf(index))
    const first = indexOf.get(article.id)
    if (first !== undefined) throw duplicateId(article.id, placeOf(index), placeOf(first))
    indexOf.set(article.id, index)
    return article
  })
}

/**
 * Reads one article from whatever was given; fields it does not know are left out.
 * @param place where it comes from, for the error: `articles[3]`, `help/refunds.json`.
 * @throws MaitredError `CONFIG_INVALID` whose `path` names the field: `articles[3].title`.
 */
export function parseArticle(value: unknown, place: string): Article {
  if (typeof value !== 'object' || value === null) throw wrong('an article with `id`, `title` and `text`', value, place)
  // Any object may be asked for these; each is checked below.
  const { id, title, text, url, questions, skills } = value as Partial<Record<keyof Article, unknown>>
  return {
    id: parseName(id, `${place}.id`),
    title: parseName(title, `${place}.title`),
    text: parseText(text, `${place}.text`),
    ...(url !== undefined && { url: parseName(url, `${place}.url`) }),
    ...(questions !== undefined && { questions: parseTexts(questions, `${place}.questions`) }),
    ...(skills !== undefined && { skills: parseTexts(skills, `${place}.skills`) }),
  }
}

function parseName(value: unknown, path: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw wrong('text that is not empty', value, path)
}

function parseText(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw wrong('text', value, path)
}

function parseTexts(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) throw wrong('a list of texts', value, path)
  return Array.from(value, (text, index) => parseText(text, `${path}[${index}]`))
}

function wrong(expected: string, value: unknown, path: string): MaitredError {
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected ${expected} at \`${path}\`, got ${describe(value)}.`,
    hint: 'An article is { id, title, text }, and may have a url, questions and skills.',
    path,
  })
}

function duplicateId(id: string, place: string, firstPlace: string): MaitredError {
  return new MaitredError('CONFIG_INVALID', {
    message: `Expected an id of its own at \`${place}.id\`, got \`${id}\`, which \`${firstPlace}\` has already.`,
    hint: 'Give each article an id that no other has.',
    path: `${place}.id`,
  })
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `\`${JSON.stringify(value.slice(0, 40))}\``
  if (Array.isArray(value)) return 'a list'
  return value === null ? '`null`' : `\`${typeof value}\``
}
