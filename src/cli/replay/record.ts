import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TurnRecord } from '../../core/ports.ts'
import type { Engine, Explanation, TenantStore } from '../../index.ts'
import { BadInput } from '../bad-input.ts'

/** One conversation of a day: why it went as it did, and every turn of it. Ids and derived facts, no words. */
export interface RecordedConversation {
  readonly conversationId: string
  readonly explanation: Explanation
  readonly turns: readonly TurnRecord[]
}

/** What the engine and its store know, while both are still open. */
export async function recordConversations(
  ids: readonly string[],
  { engine, store }: { readonly engine: Engine; readonly store: TenantStore },
): Promise<readonly RecordedConversation[]> {
  const recorded: RecordedConversation[] = []
  for (const conversationId of ids) {
    recorded.push({
      conversationId,
      explanation: await engine.explain(conversationId),
      turns: await store.turns(conversationId, 0),
    })
  }
  return recorded
}

/** Makes the file before the day begins. @throws BadInput when there can be no such file */
export function openRecord(file: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, '[]\n')
  } catch (cause) {
    throw new BadInput(`Expected a file for the record at \`${file}\`, which cannot be written: ${String(cause)}.`, {
      cause,
    })
  }
}

/** One conversation per line. */
export function writeRecord(file: string, recorded: readonly RecordedConversation[]): void {
  const lines = recorded.map((conversation) => JSON.stringify(conversation))
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`)
}

/** Reads what {@link writeRecord} wrote. @throws BadInput */
export function readRecord(file: string): readonly RecordedConversation[] {
  const content = parse(file)
  if (!Array.isArray(content)) throw wrong(file, 'a list of conversations')
  for (const [index, entry] of content.entries()) {
    if (!isRecorded(entry)) throw wrong(file, `\`conversationId\`, \`explanation\` and \`turns\` at \`[${index}]\``)
  }
  return content as readonly RecordedConversation[] // each was looked at
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is no JSON: ${cause.message}` : `cannot be read: ${String(cause)}`
    throw new BadInput(`Expected a record at \`${file}\`, which ${why}.`, { cause })
  }
}

function isRecorded(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false
  const { conversationId, explanation, turns } = entry as { readonly [Key in keyof RecordedConversation]?: unknown }
  const isExplained = typeof explanation === 'object' && explanation !== null && 'rejected' in explanation
  return typeof conversationId === 'string' && isExplained && Array.isArray(turns) && turns.every(isTurn)
}

function isTurn(turn: unknown): boolean {
  if (typeof turn !== 'object' || turn === null) return false
  const { at, walks, notes } = turn as { readonly [Key in keyof TurnRecord]?: unknown }
  return typeof at === 'number' && Array.isArray(walks) && Array.isArray(notes)
}

function wrong(file: string, expected: string): BadInput {
  return new BadInput(`Expected ${expected} in \`${file}\`. Write such a file with \`maitred replay --record\`.`)
}
