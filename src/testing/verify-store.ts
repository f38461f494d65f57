import { isDeepStrictEqual } from 'node:util'
import type { ConversationRow, TenantStore, TurnRecord } from '../core/ports.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { applyRecord } from '../core/turn/record.ts'
import { findViolations, readStore, type Violation } from './invariants.ts'

/** A conversation whose log does not lead to what is stored of it. */
export interface Difference {
  readonly conversationId: string
  readonly found: string
}

export interface StoreReport {
  readonly conversationCount: number
  readonly turnCount: number
  readonly differences: readonly Difference[]
  readonly violations: readonly Violation[]
}

const PAGE = 200

/**
 * Rebuilds every conversation from its log, without running a hook, and compares it with its row; then looks at seats, queue and
 * transcripts. Reads alone. What changes while it reads may look like a difference: stop the engines, or run it again.
 */
export async function verifyStore(
  store: TenantStore,
  onProgress: (conversationCount: number) => void = () => {},
): Promise<StoreReport> {
  const differences: Difference[] = []
  let conversationCount = 0
  let turnCount = 0
  let after: string | undefined
  for (;;) {
    const rows = await store.find({ limit: PAGE, ...(after === undefined ? {} : { after }) })
    for (const row of rows) {
      const turns = await store.turns(row.id, 0)
      turnCount += turns.length
      const found = differenceOf(row, turns)
      if (found !== undefined) differences.push({ conversationId: row.id, found })
    }
    conversationCount += rows.length
    onProgress(conversationCount)
    after = rows.at(-1)?.id
    if (rows.length < PAGE) break
  }
  return { conversationCount, turnCount, differences, violations: findViolations(await readStore(store)) }
}

/** What stands against it that the log leads to the row; `undefined`: nothing. */
export function differenceOf(
  { snapshot, erasedVersion }: ConversationRow,
  turns: readonly TurnRecord[],
): string | undefined {
  let rebuilt: Snapshot | undefined
  try {
    rebuilt = turns.reduce<Snapshot | undefined>(applyRecord, undefined)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (rebuilt === undefined) return 'the log is empty'
  const stored = plain(snapshot)
  const told = plain(rebuilt)
  const names = (Object.keys(told) as (keyof Snapshot)[]).filter(
    (name) => !(name === 'plugins' && erasedVersion !== undefined), // erased from the log with the person
  )
  const different = names.filter((name) => !isDeepStrictEqual(stored[name], told[name]))
  return different.length === 0 ? undefined : `${different.join(', ')} as rebuilt from the log and as stored differ`
}

function plain(snapshot: Snapshot): Snapshot {
  return JSON.parse(JSON.stringify(snapshot)) as Snapshot // the same, as JSON keeps it
}
