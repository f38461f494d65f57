import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { BadInput } from '../bad-input.ts'

/** An article as it lies in `articles.jsonl`. */
export interface RawArticle {
  readonly id: string
  readonly title: string
  readonly headings: readonly string[]
  readonly body: string
}

/** A question and the id of the article that answers it; `null` when none does. */
export interface Labelled {
  readonly text: string
  readonly label: string | null
}

/** Articles, alternate questions for them, and questions to measure with. */
export interface QuestionSet {
  readonly name: string
  readonly articles: readonly RawArticle[]
  readonly train: readonly Labelled[]
  readonly test: readonly Labelled[]
}

type Row = Readonly<Record<string, unknown>>

/**
 * Reads `articles.jsonl`, `test.jsonl` and, if it is there, `train.jsonl` of a folder.
 * @throws BadInput naming the file and the line
 */
export function readQuestions(folder: string): QuestionSet {
  const rows = readLines(path.join(folder, 'articles.jsonl'))
  const tested = readLines(path.join(folder, 'test.jsonl'))
  const trainFile = path.join(folder, 'train.jsonl')
  const articles = rows.map(toArticle)
  // Headings that are themselves the questions would give the answers away.
  const areHeadingsAsked = tested.some(({ row }) => row['kind'] === 'heading')
  return {
    name: path.basename(path.resolve(folder)),
    articles: areHeadingsAsked ? articles.map((article) => ({ ...article, headings: [] })) : articles,
    train: existsSync(trainFile) ? readLines(trainFile, { mayBeEmpty: true }).map(toLabelled) : [],
    test: knownOnly(tested, new Set(articles.map(({ id }) => id))),
  }
}

interface Line {
  readonly row: Row
  readonly place: string
}

function readLines(file: string, { mayBeEmpty = false } = {}): readonly Line[] {
  const found: Line[] = []
  for (const [index, line] of readText(file).split('\n').entries()) {
    if (line.trim() !== '') found.push({ row: parseRow(line, `${file}:${index + 1}`), place: `${file}:${index + 1}` })
  }
  if (found.length > 0 || mayBeEmpty) return found
  throw new BadInput(`Expected one JSON object per line in \`${file}\`, but it is empty.`)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/u, '')
  } catch {
    throw new BadInput(
      `Expected a file \`${file}\`, but it cannot be read. A folder to measure holds articles.jsonl, test.jsonl and perhaps train.jsonl.`,
    )
  }
}

function parseRow(line: string, place: string): Row {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new BadInput(`Expected one JSON object at \`${place}\`, but it is not JSON.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadInput(`Expected one JSON object at \`${place}\`, got \`${line.slice(0, 40)}\`.`)
  return { ...value }
}

function toArticle({ row, place }: Line): RawArticle {
  const { headings = [], body = '' } = row
  if (!Array.isArray(headings)) throw new BadInput(`Expected a list at \`headings\` of \`${place}\`.`)
  return {
    id: readField(row['id'], 'id', place),
    title: readField(row['title'], 'title', place),
    headings: headings.map((heading: unknown) => readField(heading, 'headings', place)),
    body: body === '' ? '' : readField(body, 'body', place),
  }
}

function toLabelled({ row, place }: Line): Labelled {
  const { label = null } = row
  return {
    text: readField(row['text'], 'text', place),
    label: label === null ? null : readField(label, 'label', place),
  }
}

function readField(value: unknown, name: string, place: string): string {
  if (typeof value === 'string') return value
  throw new BadInput(
    `Expected text at \`${name}\` of \`${place}\`, got \`${value === undefined ? 'nothing' : JSON.stringify(value)}\`.`,
  )
}

/** A question whose answer is no article would count as a miss for ever. */
function knownOnly(lines: readonly Line[], ids: ReadonlySet<string>): readonly Labelled[] {
  return lines.map((line) => {
    const labelled = toLabelled(line)
    if (labelled.label === null || ids.has(labelled.label)) return labelled
    throw new BadInput(
      `Expected the id of an article, or null, at \`label\` of \`${line.place}\`, got \`${labelled.label}\`.`,
    )
  })
}
