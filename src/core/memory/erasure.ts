import type { ConversationRow, StoredResult, TurnRecord } from '../ports.ts'
import type { Json, Message } from '../types.ts'

// What is left of a conversation when its person is erased: what can be counted, and nothing that can be read. Every store erases so.

/** A turn under way still knows the person: the new version makes it begin again. */
export function erasedRow(row: ConversationRow): ConversationRow {
  const version = row.version + 1
  const snapshot = { ...row.snapshot, plugins: {} }
  return { ...row, version, erasedVersion: version, snapshot, customer: { id: row.customer.id }, pages: [] }
}

export function withoutPlugins({ plugins: _plugins, ...turn }: TurnRecord): TurnRecord {
  return turn
}

export function withoutWords({ id, seq, at, author, agentId, internal }: Message): Message {
  return {
    id,
    seq,
    at,
    author,
    text: '',
    ...(agentId === undefined ? {} : { agentId }),
    ...(internal === undefined ? {} : { internal }),
  }
}

/** A refusal hands back what was written: that is words, too. */
export function withoutText({ bodyHash, receipt }: StoredResult): StoredResult {
  const { text: _text, ...rest } = receipt as { readonly [key: string]: Json } // a receipt is an object
  return { bodyHash, receipt: rest }
}
