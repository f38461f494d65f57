import type { Commit, CommitResult } from '../core/ports.ts'
import type { ConversationTexts } from './conversation-texts.ts'
import { type Found, parse, toAgent } from './rows.ts'

// The commit as the function of the schema wants it, and its answer.

export type CommitAnswer =
  | { readonly status: 'ok'; readonly agents: readonly Found[] }
  | { readonly status: 'duplicate'; readonly body_hash: string; readonly receipt: string }
  | Extract<CommitResult, { status: 'conflict' | 'fenced' | 'refused' }>

export function toResult({ expect, row }: Commit, answer: CommitAnswer): CommitResult {
  switch (answer.status) {
    case 'ok':
      return { status: 'ok', version: expect + (row === undefined ? 0 : 1), agents: answer.agents.map(toAgent) }
    case 'duplicate':
      return {
        status: 'duplicate',
        result: { bodyHash: answer.body_hash, receipt: parse(answer.receipt, 'a kept answer') },
      }
    default:
      return answer
  }
}

/** What the function is called with. Bodies are JSON in strings, so that they are kept to the letter. */
export function toCall(tenant: string, commit: Commit, texts: ConversationTexts): string {
  const { id, expect, fence, at, key, row, openKey, entries, turn, nextDueAt, slots, queueRow, records, outbox } =
    commit
  return JSON.stringify({
    tenant,
    id,
    expect,
    at,
    ...(fence === undefined ? {} : { fence }),
    ...(key === undefined
      ? {}
      : { key: { name: key.name, bodyHash: key.result.bodyHash, receipt: JSON.stringify(key.result.receipt) } }),
    ...(row === undefined ? {} : { row: texts.write(row), nextDueAt }),
    ...(openKey === undefined ? {} : { openKey }),
    ...(row === undefined || entries.length === 0
      ? {}
      : { entries: entries.map((entry) => ({ seq: entry.seq, body: JSON.stringify(entry) })) }),
    ...(row === undefined || turn === undefined ? {} : { turn: { version: turn.version, body: JSON.stringify(turn) } }),
    ...(slots.length === 0 ? {} : { slots }),
    ...(queueRow === undefined ? {} : queueRow === null ? { leaves: true } : { queue: JSON.stringify(queueRow) }),
    ...(records.length === 0 ? {} : { records: records.map((put) => ({ ...put, value: JSON.stringify(put.value) })) }),
    ...(outbox.length === 0 ? {} : { outbox: outbox.map((item) => ({ ...item, body: JSON.stringify(item.body) })) }),
  })
}
