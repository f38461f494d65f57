import type { QueueRow } from '../core/ports.ts'
import type { Asker } from './crew.ts'
import type { Outlook } from './forecast-lessons.ts'
import type { Need } from './need.ts'
import type { Reservation } from './reservations.ts'

/** One conversation that waits. A new row or a relaxed need makes a new value. */
export interface Waiting {
  readonly id: string
  readonly row: QueueRow
  readonly need: Need
  readonly line: Line
  /** How its wait looked when it began; `undefined` before. */
  outlook: Outlook | undefined
  /** It waits no longer, or another value has taken its place. */
  isOver: boolean
  /** It will be looked at again when anybody will do. */
  isPlanned: boolean
  /** Proposed, and not settled yet. Carried on to the values that come after this one. */
  proposal: OpenProposal | undefined
}

/** A proposal that has not been settled. */
export interface OpenProposal {
  readonly reservation: Reservation
  /** The version of the queue row that was matched. */
  readonly rowVersion: number
}

/** Conversations that ask for the same: whoever may take one may take all, and they rank by time alone. */
export interface Line extends Asker {
  /** Nothing preferred: that does not matter here. */
  readonly need: Need
  readonly size: number
  /** How many of them may not go to everybody: somebody declined, or was excluded. */
  readonly restricted: ReadonlySet<Waiting>
  readonly first: Waiting | undefined
  /** First come, first: by `queuedAt`, then id. */
  [Symbol.iterator](): Iterator<Waiting>
  /** How many come before the first of whom this does not hold; it must hold of everybody before whom it holds of. */
  countWhile(holds: (waiting: Waiting) => boolean): number
  countBefore(waiting: Waiting): number
  /** Since when so many of the first `end` wait, evenly spread over them. */
  pick(count: number, end: number): readonly number[]
}

export interface MutableLine extends Line {
  size: number
  first: Waiting | undefined
  add(waiting: Waiting): void
  remove(waiting: Waiting): void
}

/** Came this one before the other? Ids decide between equal times, so the order is total. */
export function isBefore(waiting: Waiting, other: Waiting): boolean {
  const difference = waiting.row.queuedAt - other.row.queuedAt
  return difference === 0 ? waiting.id < other.id : difference < 0
}

const BLOCK = 256

/** A sorted list in blocks: whatever is put in or taken out moves no more than one of them, however many wait. */
export function createLine(need: Line['need']): MutableLine {
  /** One at least. The last to leave stays in it until the next comes, because an array that is emptied gives up its memory. */
  const blocks: [Waiting[], ...Waiting[][]] = [[]]
  const restricted = new Set<Waiting>()

  /** The block in which the waiting stands, or would. */
  function blockOf(waiting: Waiting): number {
    let [low, high] = [0, blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      const head = blocks[middle]?.[0]
      if (head !== undefined && isBefore(waiting, head)) high = middle - 1
      else low = middle
    }
    return low
  }

  function insert(waiting: Waiting): void {
    if (line.size === 0) {
      blocks[0][0] = waiting
      return
    }
    const last = blocks.length - 1
    const newest = blocks[last]?.at(-1)
    const isLast = newest === undefined || isBefore(newest, waiting)
    const index = isLast ? last : blockOf(waiting)
    const block = blocks[index] ?? blocks[0]
    if (isLast) block.push(waiting)
    else block.splice(countIn(block, waiting), 0, waiting)
    if (block.length > BLOCK) blocks.splice(index + 1, 0, block.splice(index === last ? BLOCK : BLOCK / 2)) // those who come last fill their blocks
  }

  // Size and first are fields: V8 keeps an object with getters of its own as a dictionary, and lines are looked at all the time.
  const line: MutableLine = {
    need,
    crew: undefined,
    crewVersion: -1,
    restricted,
    size: 0,
    first: undefined,
    *[Symbol.iterator]() {
      if (line.size > 0) for (const block of blocks) yield* block
    },
    add(waiting) {
      if (isRestricted(waiting)) restricted.add(waiting)
      insert(waiting)
      line.size += 1
      line.first = blocks[0][0]
    },
    remove(waiting) {
      line.size -= 1
      if (restricted.size > 0) restricted.delete(waiting)
      if (line.size === 0) {
        line.first = undefined
        return
      }
      const index = line.first === waiting ? 0 : blockOf(waiting)
      const block = blocks[index] ?? blocks[0]
      if (block[0] === waiting) block.shift()
      else block.splice(countIn(block, waiting), 1)
      if (block.length === 0 && blocks.length > 1) blocks.splice(index, 1)
      line.first = blocks[0][0]
    },
    // From the end, where nearly all who ask stand; only the first block is looked at before.
    countWhile(holds) {
      const last = line.size === 0 ? undefined : blocks[0].at(-1)
      if (last === undefined) return 0
      if (!holds(last)) return countInBlock(blocks[0], holds)
      let after = 0
      for (let index = blocks.length - 1; index >= 0; index--) {
        const block = blocks[index] ?? blocks[0]
        after += block.length
        const head = block[0]
        if (head !== undefined && holds(head)) return line.size - after + countInBlock(block, holds)
      }
      return 0
    },
    pick: (count, end) => pickFrom(blocks, count, end),
    countBefore(waiting) {
      const index = blockOf(waiting)
      let count = 0
      for (let before = 0; before < index; before++) count += blocks[before]?.length ?? 0
      return count + countIn(blocks[index] ?? blocks[0], waiting)
    },
  }
  return line
}

function pickFrom(blocks: readonly (readonly Waiting[])[], count: number, end: number): readonly number[] {
  const picked: number[] = []
  let [index, before] = [0, 0]
  for (let nth = 0; nth < count; nth++) {
    const rank = Math.floor(((nth + 0.5) * end) / count)
    for (let own = blocks[index]; own !== undefined && rank - before >= own.length; own = blocks[++index])
      before += own.length
    const waiting = blocks[index]?.[rank - before]
    if (waiting !== undefined) picked.push(waiting.row.queuedAt)
  }
  return picked
}

function isRestricted({ row }: Waiting): boolean {
  return row.declinedBy.length > 0 || (row.requirements.excludedAgentIds?.length ?? 0) > 0
}

function countIn(block: readonly Waiting[], waiting: Waiting): number {
  return countInBlock(block, (other) => isBefore(other, waiting))
}

function countInBlock(block: readonly Waiting[], holds: (waiting: Waiting) => boolean): number {
  let [low, high] = [0, block.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = block[middle]
    if (other !== undefined && holds(other)) low = middle + 1
    else high = middle
  }
  return low
}
