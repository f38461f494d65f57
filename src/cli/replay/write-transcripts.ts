import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { BadInput } from '../bad-input.ts'
import { createPaint } from '../paint.ts'
import { toTimeOfDay, toTranscriptLines } from '../transcript.ts'
import type { Agent, Message } from '../../index.ts'
import type { ConversationRow } from '../../core/ports.ts'
import type { Played } from './play.ts'

/** @throws BadInput when there can be no such folder */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new BadInput(
      `Expected a folder for the transcripts at \`${folder}\`, which cannot be made: ${String(error)}.`,
      {
        cause: error,
      },
    )
  }
}

/** One readable file per conversation, numbered as in the dialogues. */
export async function writeTranscripts(folder: string, played: Played, agents: readonly Agent[]): Promise<void> {
  const names = new Map(agents.map(({ id, name }) => [id, name ?? id]))
  for (const row of played.content.conversations) {
    const dialogue = played.dialogueOf.get(row.customer.id)
    const name = `${row.customer.id.slice('customer-'.length)}-${(dialogue?.id ?? '').replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}.txt`
    const messages = await played.ledger.content.transcript(row.id, 0)
    writeFileSync(path.join(folder, name), toText(row, { messages, names, skill: dialogue?.skill }))
  }
}

function toText(
  { customer, snapshot }: ConversationRow,
  about: {
    readonly messages: readonly Message[]
    readonly names: ReadonlyMap<string, string>
    readonly skill: string | undefined
  },
): string {
  const { openedAt, closedAt, outcome, reason, rating, formerAgentIds } = snapshot.context
  const served = formerAgentIds.map((id) => about.names.get(id) ?? id).join(', ')
  const head = [
    `customer   ${customer.id}${about.skill === undefined ? '' : ` (${about.skill})`}`,
    `open       ${toMoment(openedAt)} - ${closedAt === null ? 'still open' : toMoment(closedAt)}`,
    `ended      ${outcome ?? snapshot.path} (${reason ?? ''})`,
    `agents     ${served === '' ? 'none' : served}`,
    `rating     ${rating === null ? 'none' : String(rating)}`,
  ]
  const lines = toTranscriptLines(about.messages, {
    paint: PLAIN,
    indent: '',
    nameOf: ({ author, agentId }) => (agentId === undefined ? author : (about.names.get(agentId) ?? agentId)),
  })
  return `${[...head, '', ...lines].join('\n')}\n`
}

function toMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10)} ${toTimeOfDay(at)}`
}

const PLAIN = createPaint({ isTTY: false })
