import type { Fact } from '../events.ts'
import type { TurnRecord } from '../ports.ts'
import type { Timer } from '../snapshot.ts'

// The event log is what a conversation holds most of, nobody reads it all day, and whatever is held is copied by the collector before it
// may stay. So a turn is kept as one list, and each list knows the one before it: a quarter of the objects, and of the memory.

/** A turn as a list: the one before it, then {@link Head}, then whatever the flags say is there, then the walks. */
export type PackedTurn = readonly unknown[]

interface Shape {
  readonly type: string
  /** The names of a fact but for `type` and `at`, in order. */
  readonly names: readonly string[]
}

const HAS_OPENING = 1
const HAS_NOTES = 2
const HAS_PLUGINS = 4
const HAS_DEPTH = 8
const HAS_TIMERS = 16
/** Not as the engine writes it: it is kept as it is. */
const IS_WHOLE = 32
/** Above the flags: how many timers there are. */
const TIMERS_AT = 6
const HEAD = 4
/** Facts of one type have one or two shapes; a store is given others by tests and strangers, and does not learn them all. */
const MAX_SHAPES = 8

const shapes = new Map<string, Shape[]>()
/** The time of the first turn: others are kept as the distance to it, a small number, which needs no place of its own. */
let epoch: number | undefined

/** A turn, with those before it. */
export function packTurn(turn: TurnRecord, earlier: PackedTurn | undefined): PackedTurn {
  const { version, at, opening, walks, notes, timers, plugins, depth } = turn
  const timerCount = timers === undefined ? 0 : countTimers(timers)
  let size = HEAD
  for (const { fact } of walks) size += sizeOf(fact, at)
  if (!Number.isSafeInteger(at) || Number.isNaN(size + timerCount)) return [earlier, IS_WHOLE, version, turn]
  const flags =
    (opening === undefined ? 0 : HAS_OPENING) |
    (notes.length === 0 ? 0 : HAS_NOTES) |
    (plugins === undefined ? 0 : HAS_PLUGINS) |
    (depth === 0 ? 0 : HAS_DEPTH) |
    (timers === undefined ? 0 : HAS_TIMERS)
  for (let flag = HAS_OPENING; flag <= HAS_DEPTH; flag *= 2) if ((flags & flag) !== 0) size += 1
  epoch ??= at
  const packed = new Array<unknown>(size + 3 * timerCount) // of just that length: one that grows would keep room for more
  packed[0] = earlier
  packed[1] = flags | (timerCount << TIMERS_AT)
  packed[2] = version
  packed[3] = at - epoch
  let place = HEAD
  if (opening !== undefined) packed[place++] = opening
  if (notes.length > 0) packed[place++] = notes
  if (plugins !== undefined) packed[place++] = plugins
  if (depth !== 0) packed[place++] = depth
  for (const name in timers) {
    const { dueAt, token } = timers[name] as Timer // it is one of the keys
    packed[place++] = name
    packed[place++] = dueAt - epoch
    packed[place++] = token
  }
  for (const { fact, kept } of walks) {
    const shape = shapeOf(fact) as Shape // `sizeOf` has found it
    packed[place++] = shape
    packed[place++] = kept
    const { names } = shape
    for (let index = 0; index < names.length; index += 1)
      packed[place++] = (fact as unknown as Readonly<Record<string, unknown>>)[names[index] as string] // within its length
  }
  return packed
}

/** The turns from a version on, oldest first. */
export function unpackTurns(last: PackedTurn | undefined, fromVersion = 0): TurnRecord[] {
  const turns: TurnRecord[] = []
  for (let packed = last; packed !== undefined; packed = packed[0] as PackedTurn | undefined)
    if ((packed[2] as number) >= fromVersion) turns.push(readTurn(packed))
  return turns.reverse()
}

function readTurn(packed: PackedTurn): TurnRecord {
  const header = packed[1] as number // as packTurn wrote it, here and below
  if (header === IS_WHOLE) return packed[3] as TurnRecord
  const zero = epoch ?? 0
  const version = packed[2] as number
  const at = (packed[3] as number) + zero
  let place = HEAD
  const next = (flag: number): unknown => ((header & flag) === 0 ? undefined : packed[place++])
  const opening = next(HAS_OPENING) as TurnRecord['opening']
  const notes = (next(HAS_NOTES) ?? []) as TurnRecord['notes']
  const plugins = next(HAS_PLUGINS) as TurnRecord['plugins']
  const depth = (next(HAS_DEPTH) ?? 0) as number
  const timers: Record<string, Timer> | undefined = (header & HAS_TIMERS) === 0 ? undefined : {}
  for (let count = header >> TIMERS_AT; count > 0; count -= 1) {
    const [name, dueIn, token] = packed.slice(place, (place += 3)) as [string, number, number]
    if (timers !== undefined) timers[name] = { dueAt: dueIn + zero, token }
  }
  const walks: { readonly fact: Fact; readonly kept: number }[] = []
  while (place < packed.length) {
    const { type, names } = packed[place++] as Shape
    const kept = packed[place++] as number
    const fact: Record<string, unknown> = { type, at }
    for (const name of names) fact[name] = packed[place++]
    walks.push({ fact: fact as unknown as Fact, kept }) // it was made from one
  }
  return { version, at, opening, walks, notes, timers, plugins, depth }
}

/** How much of the list a fact takes; `NaN` if it is none of ours. */
function sizeOf(fact: Fact, at: number): number {
  const shape = fact.at === at ? shapeOf(fact) : undefined
  return shape === undefined ? Number.NaN : 2 + shape.names.length
}

function shapeOf(fact: Fact): Shape | undefined {
  const known = shapes.get(fact.type)
  if (known !== undefined) for (const shape of known) if (isOf(shape, fact)) return shape
  if (known !== undefined && known.length >= MAX_SHAPES) return undefined
  const shape: Shape = { type: fact.type, names: Object.keys(fact).filter((name) => name !== 'type' && name !== 'at') }
  if (known === undefined) shapes.set(fact.type, [shape])
  else known.push(shape)
  return shape
}

function isOf({ names }: Shape, fact: Fact): boolean {
  let count = 0
  for (const name in fact) {
    if (name === 'type' || name === 'at') continue
    if (names[count] !== name) return false
    count += 1
  }
  return count === names.length
}

/** `NaN` if one of them is not as the engine sets them. */
function countTimers(timers: Readonly<Record<string, Timer>>): number {
  let count = 0
  for (const name in timers) {
    const timer = timers[name] as Timer // it is one of the keys
    if (!isPlainTimer(timer)) return Number.NaN
    count += 1
  }
  return count
}

/** Due at a whole millisecond, with nothing else to it than every timer has. */
export function isPlainTimer(timer: Timer): boolean {
  let count = 0
  for (const _name in timer) count += 1
  return count === 2 && Number.isSafeInteger(timer.dueAt) && typeof timer.token === 'number'
}
