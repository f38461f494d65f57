import { basename, join } from 'node:path'
import { type ErrorDetails, MaitredError } from '../../core/errors.ts'
import type { Article } from '../../core/types.ts'
import { readFrontMatter } from './front-matter.ts'
import { parseArticle } from './parse-articles.ts'

/** The articles of a folder, and the file each one comes from. */
export interface ArticleFolder {
  readonly articles: readonly Article[]
  readonly places: readonly string[]
}

/**
 * Reads the files directly in a folder, in order of name, hidden ones aside: `.json` is an article or a list of them,
 * `.md` an article with front matter; unless said there, its title is the first `# heading` and its id the file's name.
 * @throws MaitredError `CONFIG_INVALID` naming the file.
 */
export async function readArticleFolder(folder: string): Promise<ArticleFolder> {
  const articles: Article[] = []
  const places: string[] = []
  for (const name of await listFiles(folder)) {
    const file = join(folder, name)
    const found = parseFile(file, await readText(file))
    for (const [place, value] of found) {
      articles.push(parseArticle(value, place))
      places.push(place)
    }
  }
  return { articles, places }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const { readdir } = await import('node:fs/promises') // only those who keep articles in files wait for it
    const entries = await readdir(folder, { withFileTypes: true })
    const files = entries.filter((entry) => !entry.isDirectory() && /^[^.].*\.(?:json|md)$/u.test(entry.name))
    return files.map((entry) => entry.name).sort()
  } catch (cause) {
    throw wrong(folder, {
      message: 'Expected a folder of articles, but it cannot be read',
      hint: 'Does it exist?',
      cause,
    })
  }
}

async function readText(file: string): Promise<string> {
  try {
    const { readFile } = await import('node:fs/promises')
    const text = await readFile(file, 'utf8')
    return text.replace(/^\uFEFF/u, '')
  } catch (cause) {
    throw wrong(file, {
      message: 'Expected an article, but the file cannot be read',
      hint: 'Check its permissions.',
      cause,
    })
  }
}

function parseFile(file: string, text: string): readonly (readonly [place: string, value: unknown])[] {
  if (file.endsWith('.md')) return [[file, parseMarkdown(file, text)]]
  const value = parseJson(file, text)
  return Array.isArray(value) ? value.map((item: unknown, index) => [`${file}[${index}]`, item]) : [[file, value]]
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw wrong(file, {
      message: 'Expected an article or a list of them as JSON',
      hint: 'The cause says what is wrong.',
      cause,
    })
  }
}

/** An article of the front matter's fields; without a title there, the first `# heading` is it. */
function parseMarkdown(file: string, text: string): unknown {
  const { fields, rest } = readFrontMatter(file, text)
  const { id = basename(file, '.md'), title, url, questions, skills } = fields
  const about = {
    id,
    ...(url === undefined ? {} : { url }),
    ...(questions === undefined ? {} : { questions }),
    ...(skills === undefined ? {} : { skills }),
  }
  if (title !== undefined) return { ...about, title, text: rest.trim() }
  const heading = /^#[ \t]+(\S.*)$/mu.exec(rest)
  if (!heading?.[1]) throw wrong(file, { message: 'Expected a line `# title`, got none', hint: 'Add a title.' })
  const below = rest.slice(0, heading.index) + rest.slice(heading.index + heading[0].length)
  return { ...about, title: heading[1].replace(/[ \t]+#*\s*$/u, ''), text: below.trim() }
}

function wrong(path: string, details: ErrorDetails): MaitredError {
  return new MaitredError('CONFIG_INVALID', { ...details, message: `${details.message}: \`${path}\`.`, path })
}
