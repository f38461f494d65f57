import { readFileSync } from 'node:fs'
import { isMaitredError } from '../../core/errors.ts'
import { readText } from '../../core/schema.ts'
import { BadInput } from '../bad-input.ts'

/** One customer's words, as they were really said. */
export interface Dialogue {
  readonly id: string
  /** What the customer needed, if the file says so. */
  readonly skill?: string
  /** What they said, each time until somebody answered. */
  readonly bursts: readonly (readonly string[])[]
}

/**
 * Reads a file with one dialogue in JSON per line.
 * @throws BadInput naming the line
 */
export function readDialogues(file: string, limit = Number.POSITIVE_INFINITY): readonly Dialogue[] {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInput(`Expected a file with dialogues at \`${file}\`, which cannot be read: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
  const dialogues = parseDialogues(content, file)
  if (dialogues.length === 0) throw new BadInput(`Expected dialogues in \`${file}\`, got an empty file.`)
  return dialogues.slice(0, limit)
}

/**
 * Reads dialogues, one in JSON per line: `{ id, turns: [{ speaker, text }] }`. Empty lines are passed over.
 * @throws BadInput naming the line
 */
function parseDialogues(content: string, file: string): readonly Dialogue[] {
  const lines = content.replace(/^\uFEFF/, '').split('\n')
  const lineOf = new Map<string, number>()
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const wrongLine: Wrong = (expected, got) => wrong(`${file}, line ${index + 1}`, expected, got)
    const dialogue = parseDialogue(line, wrongLine)
    const before = lineOf.get(dialogue.id)
    if (before !== undefined) throw wrongLine(`an \`id\` of its own (line ${before} has it, too)`, dialogue.id)
    lineOf.set(dialogue.id, index + 1)
    return [dialogue]
  })
}

type Wrong = (expected: string, got: unknown) => BadInput

function parseDialogue(line: string, wrongLine: Wrong): Dialogue {
  const { id, skill, turns } = parseObject(line, wrongLine)
  if (typeof id !== 'string' || id === '') throw wrongLine('an `id`, a text that is not empty', id)
  if (skill !== undefined && skill !== null && typeof skill !== 'string') throw wrongLine('a text as `skill`', skill)
  if (!Array.isArray(turns)) throw wrongLine('`turns`, a list', turns)
  if (turns.length === 0) throw wrongLine('at least one turn in `turns`', turns)
  return {
    id,
    ...(typeof skill === 'string' ? { skill } : {}),
    bursts: toBursts(turns.map((turn: unknown, index) => parseTurn(turn, `turns[${index}]`, wrongLine))),
  }
}

function parseObject(line: string, wrongLine: Wrong): Readonly<Record<string, unknown>> {
  let read: unknown
  try {
    read = JSON.parse(line)
  } catch (error) {
    throw wrongLine('a dialogue in JSON', error instanceof Error ? error.message : line)
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw wrongLine('a dialogue, an object with `id` and `turns`', read)
  return read as Readonly<Record<string, unknown>> // narrowed above
}

interface Turn {
  readonly speaker: 'customer' | 'agent'
  readonly text: string | undefined
}

function parseTurn(turn: unknown, path: string, wrongLine: Wrong): Turn {
  if (typeof turn !== 'object' || turn === null) throw wrongLine(`an object at \`${path}\``, turn)
  const { speaker, text } = turn as { readonly speaker?: unknown; readonly text?: unknown } // both are checked below
  if (speaker !== 'customer' && speaker !== 'agent')
    throw wrongLine(`\`customer\` or \`agent\` at \`${path}.speaker\``, speaker)
  if (text !== undefined && text !== null && typeof text !== 'string')
    throw wrongLine(`a text at \`${path}.text\``, text)
  return { speaker, text: typeof text === 'string' ? readWords(text, `${path}.text`, wrongLine) : undefined }
}

/** The words as the engine takes them; nothing where there is nothing to read. */
function readWords(text: string, path: string, wrongLine: Wrong): string | undefined {
  try {
    return readText(text)
  } catch (error) {
    if (isMaitredError(error, 'MESSAGE_EMPTY')) return undefined
    throw wrongLine(`a text of at most 8 KiB at \`${path}\``, `${Buffer.byteLength(text)} bytes`)
  }
}

/** What a customer says before the next turn of an agent belongs together. */
function toBursts(turns: readonly Turn[]): readonly (readonly string[])[] {
  const bursts: string[][] = []
  let isNew = true
  for (const { speaker, text } of turns) {
    if (speaker === 'agent') isNew = true
    if (speaker === 'agent' || text === undefined) continue
    if (isNew) bursts.push([text])
    else bursts.at(-1)?.push(text)
    isNew = false
  }
  return bursts
}

function wrong(place: string, expected: string, got: unknown): BadInput {
  const shown =
    got === undefined ? 'nothing' : `\`${String(typeof got === 'string' ? got : JSON.stringify(got)).slice(0, 80)}\``
  return new BadInput(`${place}: expected ${expected}, got ${shown}.`)
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  return error instanceof Error ? error.message : String(error)
}
