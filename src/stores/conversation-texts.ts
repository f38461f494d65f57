import { deepFreeze } from '../core/hooks/installed.ts'
import type { ConversationRow } from '../core/ports.ts'
import { type ConversationColumns, type Found, parse, toColumns, toConversation } from './rows.ts'

/** The JSON of conversations, read and written. What a text said the last time, it says again: it is not read anew, nor written anew. */
export interface ConversationTexts {
  /** @throws MaitredError `SNAPSHOT_INVALID` */
  read(found: Found): ConversationRow
  write(row: Omit<ConversationRow, 'version'>): ConversationColumns
}

type Bodies = Pick<ConversationRow, 'snapshot' | 'customer' | 'pages'>
type Texts = Readonly<Record<keyof Bodies, string>>

interface Known {
  readonly texts: Texts
  readonly bodies: Bodies
}

/** Conversations whose texts are kept; those that are over are not. */
const LIMIT = 256

export function createConversationTexts(limit = LIMIT): ConversationTexts {
  const known = new Map<string, Known>() // those written longest ago first

  function keep(id: string, { texts, bodies }: Known): void {
    known.delete(id)
    if (bodies.snapshot.path === 'closed') return
    known.set(id, { texts, bodies: deepFreeze(bodies) })
    if (known.size <= limit) return
    for (const oldest of known.keys()) {
      known.delete(oldest)
      return
    }
  }

  return {
    read(found) {
      const id = String(found.id)
      const before = known.get(id)
      const bodyOf = <Name extends keyof Bodies>(name: Name): Bodies[Name] =>
        before !== undefined && before.texts[name] === found[name] ? before.bodies[name] : parse(found[name], id)
      const bodies = { snapshot: bodyOf('snapshot'), customer: bodyOf('customer'), pages: bodyOf('pages') }
      return toConversation(found, bodies)
    },
    write(row) {
      const { id, snapshot, customer, pages } = row
      const before = known.get(id)
      const textOf = (name: keyof Bodies): string =>
        before?.bodies[name] === row[name] ? before.texts[name] : JSON.stringify(row[name])
      const texts = { snapshot: textOf('snapshot'), customer: textOf('customer'), pages: textOf('pages') }
      keep(id, { texts, bodies: { snapshot, customer, pages } })
      return toColumns(row, texts)
    },
  }
}
