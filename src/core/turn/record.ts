import { MaitredError } from '../errors.ts'
import { CHART_VERSION } from '../machine/chart.ts'
import { initialState, type State, step } from '../machine/step.ts'
import type { TurnRecord } from '../ports.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * The snapshot after a recorded turn, from the one before. The same as the turn made of it when it was live, without running a hook: the
 * facts are told again, and as many edges are taken as stood then.
 * @throws MaitredError `SNAPSHOT_INVALID` when the record does not continue the snapshot
 */
export function applyRecord(before: Snapshot | undefined, record: TurnRecord): Snapshot {
  let state = before ?? begin(record)
  for (const { fact, kept } of record.walks) {
    const steps = step(state, fact)
    if (steps.length < kept)
      throw broken(record, `\`${fact.type}\` takes ${steps.length} edges now, and took ${kept} then`)
    if (kept > 0) state = steps[kept - 1]?.after ?? state
  }
  return finish(before, state, record)
}

/** What a turn leaves behind: the state it walked to, with the timers and plugin states of its record. Shared by live and replay. */
export function finish(before: Snapshot | undefined, { path, context }: State, record: TurnRecord): Snapshot {
  const plugins = before?.plugins ?? NOTHING
  return {
    chart: CHART_VERSION,
    path,
    context,
    timers: record.timers ?? before?.timers ?? NOTHING,
    plugins: record.plugins === undefined ? plugins : { ...plugins, ...record.plugins },
    depth: record.depth,
  }
}

/** One for all conversations without plugin states. */
const NOTHING = Object.freeze({})

function begin(record: TurnRecord): State {
  if (record.opening !== undefined) return initialState(record.opening)
  throw broken(record, 'it is the first, and does not say what the conversation began with')
}

function broken({ version }: TurnRecord, why: string): MaitredError {
  return new MaitredError('SNAPSHOT_INVALID', {
    message: `The recorded turn ${version} cannot be applied: ${why}.`,
    hint: 'The log was written by a version with another chart, or is not complete.',
  })
}
