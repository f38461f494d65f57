import type { Turn } from '../turn/turn.ts'
import type { Json } from '../types.ts'

/** What plugins do about turns that have been committed. */
export interface Afterwards {
  /** Calls the `after` hooks of a turn, then strikes its row from the outbox. `owed`: what is left of an earlier attempt. `false`: there are none. */
  deliver(turn: Turn, owed?: AfterBody): boolean
  stop(): void
}

/** What a row of the outbox with the topic `after` says. */
export interface AfterBody {
  readonly version: number
  /** Attempts that were made. */
  readonly tries?: number
  /** The calls that have failed; all of them when it is absent. */
  readonly left?: readonly string[]
}

export function readAfterBody(body: Json): AfterBody {
  return body as unknown as AfterBody // as the turn wrote it, or whoever put it off
}
