import type { AgentState } from './agent-state.ts'
import type { Waiting } from './line.ts'
import type { Rejected } from './world.ts'

/** The agent chosen for a conversation, and why: the record of the decision. */
export interface PickedAgent {
  readonly waiting: Waiting
  readonly agent: AgentState
  readonly at: number
  readonly because: Because
  readonly rejected: Rejected
}

/** By what an agent was chosen: a ground and how many could have taken it, or words of its own. Written out only when somebody asks. */
export type Because = { readonly label: string | undefined; readonly count: number } | { readonly text: string }

/** Completes "the agent ...". */
export function toWords(because: Because): string {
  if ('text' in because) return because.text
  const { label, count } = because
  return count === 1 ? 'is the only one who can take it' : `${label ?? 'comes first by id'} of ${count} who can take it`
}
