import type { TurnRecord } from '../../src/core/ports.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { applyRecord } from '../../src/core/turn/record.ts'
import type { House } from './house.ts'

/** The snapshot that a log leads to: no plugin is there, so no hook can run. */
export function replayed(turns: readonly TurnRecord[]): Snapshot | undefined {
  return turns.reduce<Snapshot | undefined>(
    (snapshot, turn) => applyRecord(snapshot, JSON.parse(JSON.stringify(turn)) as TurnRecord),
    undefined,
  )
}

/** All that a house has written down, and told those who asked. */
export async function logOf({ store, receipts }: House): Promise<unknown> {
  const rows = await store.find({ limit: 1_000 })
  const logs = await Promise.all(
    rows.map(async ({ id }) => ({ id, turns: await store.turns(id, 0), words: await store.transcript(id, 0) })),
  )
  return { rows, logs, receipts, agents: await store.agents() }
}
