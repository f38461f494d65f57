import { initialState, type Microstep, step } from '../machine/step.ts'
import type { Snapshot } from '../snapshot.ts'
import { applyRecord } from '../turn/record.ts'
import { Turn, withOneMore } from '../turn/turn.ts'
import { toTaken } from '../turn/walk.ts'
import type { Core } from './core.ts'
import { runWork } from './run-queue.ts'

/**
 * The turn as it was when it was committed, told again from the log. Words that stood in the raw event alone (the reason of a decline, a
 * note of a transfer, the comment of a rating) are not in the log, so the details go without them.
 */
export async function retake(core: Core, conversationId: string, version: number): Promise<Turn | undefined> {
  const { row } = await core.store().load(conversationId)
  const records = await core.store().turns(conversationId, 0)
  const record = records.find((turn) => turn.version === version)
  if (row === undefined || record === undefined) return undefined
  const before = records.filter((turn) => turn.version < version).reduce<Snapshot | undefined>(applyRecord, undefined)
  const opening = records[0]?.opening
  const begun = before ?? (opening === undefined ? undefined : initialState(opening))
  if (begun === undefined) return undefined
  const event = { type: 'timer.fired', conversationId, name: '', token: 0 } as const // stands for whatever it was
  const turn = new Turn(core.services, event, {
    row: { ...row, version: version - 1 },
    opening: undefined,
    state: { path: begun.path, context: begun.context },
    customer: row.customer,
    pages: row.pages,
    previousId: row.previousId,
    timers: before?.timers ?? {},
    pluginStates: { ...row.snapshot.plugins },
    depth: record.depth,
  })
  if (turn.isBlind) await runWork(turn.readAhead())
  for (const { fact, kept } of record.walks) {
    for (const edge of step(turn.state, fact).slice(0, kept)) take(turn, edge, fact)
  }
  turn.isCommitted = true
  return turn
}

function take(turn: Turn, edge: Microstep, fact: Parameters<typeof toTaken>[2]): void {
  turn.state = edge.after
  if (edge.transition !== undefined) turn.taken = withOneMore(turn.taken, toTaken(turn, edge, fact))
}
