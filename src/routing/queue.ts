import type { QueueRow } from '../core/ports.ts'
import type { Group } from './group.ts'
import type { Line, MutableLine, OpenProposal, Waiting } from './line.ts'
import { createLines } from './lines.ts'
import type { Need } from './need.ts'

/** All that wait, in lines of equal need. */
export interface Queue {
  readonly size: number
  /** Of these, the customers who are here: the others have left a message. */
  readonly presentCount: number
  get(conversationId: string): Waiting | undefined
  /** `proposal`: made before it left the queue last time, and still open. */
  put(row: QueueRow, need: Need, proposal?: OpenProposal): void
  remove(conversationId: string): void
  /** Of those who ask for the same; made if there is none. */
  lineFor(need: Need): Line
  /** All lines that ask for the same skills as this one. */
  alike(line: Line): readonly Line[]
  /** Some of them may be empty. */
  lines(): readonly Line[]
  /** The lines that a group has the skills for; some of them may be empty. `groupVersion`: see the roster. */
  linesFor(group: Group, groupVersion: number): readonly Line[]
}

/** So many who have left are remembered, and as many again as wait. */
const MAX_OVER = 256

export function createQueue(): Queue {
  /**
   * All but the newest: most are seated before the next comes, and need not be written down. Those who have left stay in it until they
   * are many: a map that is emptied as often as it is filled is made anew at every other step.
   */
  let byId = new Map<string, Waiting>()
  let newest: Waiting | undefined
  const lines = createLines()

  function find(conversationId: string): Waiting | undefined {
    if (queue.size === 0) return undefined
    const waiting = newest?.id === conversationId ? newest : byId.get(conversationId)
    return waiting === undefined || waiting.isOver ? undefined : waiting
  }

  function leave(waiting: Waiting): void {
    waiting.isOver = true
    queue.size -= 1
    if (waiting.row.reach === 'present') queue.presentCount -= 1
    const line = waiting.line as MutableLine // every one of them was made below
    line.remove(waiting)
    if (byId.size > MAX_OVER + 2 * queue.size) forgetOver()
  }

  function forgetOver(): void {
    const still = new Map<string, Waiting>()
    for (const waiting of byId.values()) if (!waiting.isOver) still.set(waiting.id, waiting)
    byId = still
  }

  function enter(waiting: Waiting): void {
    if (newest !== undefined && newest.id !== waiting.id && !newest.isOver) byId.set(newest.id, newest)
    newest = waiting
  }

  // The counts are fields: V8 keeps an object with getters of its own as a dictionary.
  const queue: { -readonly [Key in keyof Queue]: Queue[Key] } = {
    size: 0,
    presentCount: 0,
    get: find,
    put(row, need, proposal) {
      const known = find(row.conversationId)
      if (known !== undefined) leave(known)
      const line = lines.lineFor(need)
      const waiting: Waiting = {
        id: row.conversationId,
        row,
        need: need.preferredSkills.length === 0 ? line.need : need,
        line,
        outlook: known?.line === line ? known.outlook : undefined,
        isOver: false,
        isPlanned: false,
        proposal: known === undefined ? proposal : known.proposal,
      }
      queue.size += 1
      if (row.reach === 'present') queue.presentCount += 1
      line.add(waiting)
      enter(waiting)
    },
    remove(conversationId) {
      const waiting = find(conversationId)
      if (waiting !== undefined) leave(waiting)
    },
    lineFor: (need) => lines.lineFor(need),
    alike: (line) => lines.alike(line),
    lines: () => lines.all(),
    linesFor: (group, groupVersion) => lines.linesFor(group, groupVersion),
  }
  return queue
}
