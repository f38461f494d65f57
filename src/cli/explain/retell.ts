import type { Fact } from '../../core/events.ts'
import { initialState, type State, step } from '../../core/machine/step.ts'
import type { TurnRecord } from '../../core/ports.ts'
import type { TransitionName } from '../../core/transitions.ts'
import { publicPath } from '../../core/turn/view.ts'
import type { Json } from '../../index.ts'
import { BadInput } from '../bad-input.ts'
import type { RecordedConversation } from '../replay/record.ts'

/** A recorded turn, with what the chart made of it. */
export interface RetoldTurn {
  readonly version: number
  readonly at: number
  readonly steps: readonly RetoldStep[]
  /** What plugins decided. */
  readonly notes: readonly Json[]
  /** Plugins whose state has changed. */
  readonly changedStates: readonly string[]
  /** Where the conversation stands afterwards. */
  readonly place: string
}

export interface RetoldStep {
  readonly fact: Fact
  readonly transitions: readonly TransitionName[]
}

/**
 * Tells the recorded facts to the chart again. No hook is called: what plugins decided is in the record.
 * @throws BadInput when the record does not begin with the opening
 */
export function retell({ conversationId, turns }: RecordedConversation): readonly RetoldTurn[] {
  const opening = turns[0]?.opening
  if (opening === undefined)
    throw new BadInput(`The record of \`${conversationId}\` does not begin with the opening of the conversation.`)
  let state = initialState(opening)
  return turns.map((turn) => {
    const told = retellTurn(state, turn)
    state = told.state
    const { version, at, notes, plugins = {} } = turn
    return { version, at, steps: told.steps, notes, changedStates: Object.keys(plugins), place: publicPath(state) }
  })
}

function retellTurn(
  before: State,
  { walks }: TurnRecord,
): { readonly state: State; readonly steps: readonly RetoldStep[] } {
  let state = before
  const steps = walks.map(({ fact, kept }): RetoldStep => {
    const stood = step(state, fact).slice(0, kept)
    state = stood.at(-1)?.after ?? state
    return { fact, transitions: stood.flatMap(({ transition = undefined }) => transition ?? []) }
  })
  return { state, steps }
}
