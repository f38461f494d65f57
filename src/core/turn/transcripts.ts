import { isPromise } from '../hooks/hook-run.ts'
import type { ConversationRow, TenantStore } from '../ports.ts'
import type { Message } from '../types.ts'

/** Transcripts that turns have looked back on: the next turn of the same conversation reads only what was said since, or nothing at all. */
export interface Transcripts {
  /** The entries of a conversation, as of this row. */
  read(row: ConversationRow): Generator<PromiseLike<unknown>, readonly Message[], unknown>
  /** A turn of our own has written more to it; `undefined`: it is over, and nobody will look back soon. */
  wrote(row: ConversationRow, entries: readonly Message[] | undefined): void
}

interface Kept {
  /** An erasure changes what was read before. */
  readonly erasedVersion: number | undefined
  readonly messages: readonly Message[]
}

/** Messages kept of all conversations together: those that were read longest ago are let go. */
const MAX_MESSAGES = 20_000

export function createTranscripts(store: () => TenantStore, limit = MAX_MESSAGES): Transcripts {
  const kept = new Map<string, Kept>() // the oldest first
  let count = 0

  function drop(id: string): void {
    count -= kept.get(id)?.messages.length ?? 0
    kept.delete(id)
  }

  function put({ id, erasedVersion }: ConversationRow, messages: readonly Message[]): readonly Message[] {
    drop(id)
    kept.set(id, { erasedVersion, messages })
    count += messages.length
    for (const oldest of kept.keys()) {
      if (count <= limit) break
      drop(oldest)
    }
    return messages
  }

  function messagesOf({ id, erasedVersion }: ConversationRow): readonly Message[] {
    const known = kept.get(id)
    return known === undefined || known.erasedVersion !== erasedVersion ? NONE : known.messages
  }

  return {
    *read(row) {
      const { id, entryCount } = row
      const known = messagesOf(row)
      if (known.length < entryCount) {
        const stored = store().transcript(id, known.at(-1)?.seq ?? 0)
        const newer = (isPromise(stored) ? yield stored : stored) as readonly Message[] // it resolves to them
        return upTo(put(row, [...known, ...newer]), entryCount)
      }
      return upTo(known, entryCount)
    },
    wrote(row, entries) {
      const known = messagesOf(row)
      if (entries === undefined) drop(row.id)
      else if (known !== NONE && known.length === row.entryCount) put(row, [...known, ...entries])
    },
  }
}

const NONE: readonly Message[] = []

/** Not what came after the row was loaded. */
function upTo(messages: readonly Message[], entryCount: number): readonly Message[] {
  return messages.length === entryCount ? messages : messages.slice(0, entryCount)
}
