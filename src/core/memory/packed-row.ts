import { CHART_VERSION } from '../machine/chart.ts'
import { copyContext, createContext, NONE } from '../machine/context.ts'
import type { ConversationRow } from '../ports.ts'
import type { Context, Hold, PluginState, Timer } from '../snapshot.ts'
import type { Customer } from '../types.ts'
import { isPlainTimer } from './packed-turn.ts'

// Most open conversations wait, and most of what there is to know of one is as it was at the beginning. Of those that wait, only what is
// different is kept, in one list: less than half of the memory, and read as often as one of them is woken.

/** A row as a list: {@link Head}, then whatever the flags say is there, then what is different in the context, then the timers. */
export type PackedRow = readonly unknown[]

type Head = [
  flags: number,
  firstFields: number,
  otherFields: number,
  id: string,
  version: number,
  customer: Customer,
  entryCount: number,
  openedAt: number,
  path: string,
]

const HAS_PAGES = 1
const HAS_PREVIOUS = 2
const HAS_ERASED = 4
const HAS_PLUGINS = 8
const HAS_DEPTH = 16
const HAS_OTHER_CUSTOMER = 32
const HAS_ONE_HOLD = 64

const FRESH = createContext({ id: '', customerId: '', channel: 'web', skills: NONE, at: 0 })
/** These stand in the head, or are the same as there. */
const IN_HEAD: ReadonlySet<string> = new Set<keyof Context>(['id', 'customerId', 'openedAt'])
const ALL = Object.keys(FRESH) as readonly (keyof Context)[]
const FIELDS = ALL.filter((name) => !IN_HEAD.has(name))
/** Where each of them stands among all. */
const PLACES = FIELDS.map((name) => ALL.indexOf(name))
const FRESH_VALUES: readonly unknown[] = FIELDS.map((name) => FRESH[name])
/** Moments are kept as the time since the opening: a small number needs no place of its own. */
const MOMENTS: ReadonlySet<string> = new Set<keyof Context>([
  'lastHeardAt',
  'lastSpokeAt',
  'unansweredAt',
  'agentRemindedAt',
  'hereUntil',
  'goneAt',
  'remindedAt',
  'queuedAt',
  'backAt',
  'parkedAt',
  'closedAt',
])
/** Which of the fields are moments, and which of them is the list of holds. */
const ARE_MOMENTS = FIELDS.map((name) => MOMENTS.has(name))
const HOLDS = FIELDS.indexOf('holds')
/** So many flags fit into one small number. */
const WORD = 30
const NOTHING = Object.freeze({})
const NO_PAGES: ConversationRow['pages'] = Object.freeze([])

/** `undefined` for a row that is not as the engine of this version writes it: that one stays as it is. */
export function packRow(row: ConversationRow): PackedRow | undefined {
  const { snapshot, customer } = row
  const { context, timers, plugins } = snapshot
  if (snapshot.chart !== CHART_VERSION || Object.keys(snapshot).length !== 6 || !isWhole(context, row.id))
    return undefined
  const { openedAt } = context
  if (!Number.isSafeInteger(openedAt)) return undefined
  const head: Head = [0, 0, 0, row.id, row.version, customer, row.entryCount, openedAt, snapshot.path]
  const packed: unknown[] = head
  const add = (flag: number, value: unknown): void => {
    head[0] |= flag
    packed.push(value)
  }
  if (row.pages.length > 0) add(HAS_PAGES, row.pages)
  if (row.previousId !== null) add(HAS_PREVIOUS, row.previousId)
  if (row.erasedVersion !== undefined) add(HAS_ERASED, row.erasedVersion)
  if (Object.keys(plugins).length > 0) add(HAS_PLUGINS, plugins)
  if (snapshot.depth !== 0) add(HAS_DEPTH, snapshot.depth)
  if (context.customerId !== customer.id) add(HAS_OTHER_CUSTOMER, context.customerId)
  const values: readonly unknown[] = Object.values(context) // in the order of ALL
  for (let place = 0; place < FIELDS.length; place += 1) {
    const value = values[PLACES[place] as number] // within its length
    if (isSame(value, FRESH_VALUES[place])) continue
    head[place < WORD ? 1 : 2] |= 1 << (place % WORD)
    if (ARE_MOMENTS[place] === true && value !== null) {
      if (!Number.isSafeInteger(value)) return undefined // what is rounded on the way cannot be read back
      packed.push((value as number) - openedAt) // it is a number
    } else if (place === HOLDS && isOneHold(context.holds)) {
      head[0] |= HAS_ONE_HOLD
      const { holdId, agentId, units, weight, phase, wrapUpMs, endsAt } = context.holds[0]
      packed.push(holdId, agentId, units, weight, phase, wrapUpMs, endsAt)
    } else packed.push(value)
  }
  for (const name in timers) {
    const timer = timers[name] as Timer // it is one of the keys
    if (!isPlainTimer(timer)) return undefined
    packed.push(name, timer.dueAt - openedAt, timer.token)
  }
  return packed.slice()
}

/** The row again: equal to the one that was packed. */
export function readRow(packed: PackedRow): ConversationRow {
  const [flags, first, others, id, version, customer, entryCount, openedAt, path] = packed as Head // as packRow wrote it
  let at = 9
  const read = <Value>(flag: number, other: Value): Value => ((flags & flag) === 0 ? other : (packed[at++] as Value)) // as packRow wrote it
  const pages = read(HAS_PAGES, NO_PAGES)
  const previousId = read<string | null>(HAS_PREVIOUS, null)
  const erasedVersion = read<number | undefined>(HAS_ERASED, undefined)
  const plugins = read<Readonly<Record<string, PluginState>>>(HAS_PLUGINS, NOTHING)
  const depth = read(HAS_DEPTH, 0)
  const customerId = read(HAS_OTHER_CUSTOMER, customer.id)
  const context: Record<string, unknown> = { ...copyContext(FRESH), id, customerId, openedAt }
  for (let place = 0; place < FIELDS.length; place += 1) {
    if (((place < WORD ? first : others) & (1 << (place % WORD))) === 0) continue
    const name = FIELDS[place] as keyof Context // within its length
    if (place === HOLDS && (flags & HAS_ONE_HOLD) !== 0) {
      context[name] = [readHold(packed, at)]
      at += 7
      continue
    }
    const value = packed[at++]
    context[name] = ARE_MOMENTS[place] === true && typeof value === 'number' ? value + openedAt : value
  }
  const timers: Record<string, Timer> = {}
  for (; at < packed.length; at += 3)
    timers[packed[at] as string] = { dueAt: (packed[at + 1] as number) + openedAt, token: packed[at + 2] as number } // as above
  const snapshot = { chart: CHART_VERSION, path, context: context as unknown as Context, timers, plugins, depth } // every field is there
  return { id, version, snapshot, customer, pages, entryCount, previousId, erasedVersion }
}

/** What is asked for most of a row, whether it is packed or not. */
export function idOf(row: ConversationRow | PackedRow): string {
  return isPacked(row) ? (row as Head)[3] : row.id
}

export function versionOf(row: ConversationRow | PackedRow): number {
  return isPacked(row) ? (row as Head)[4] : row.version
}

export function customerOf(row: ConversationRow | PackedRow): Customer {
  return isPacked(row) ? (row as Head)[5] : row.customer
}

export function unpacked(row: ConversationRow | PackedRow): ConversationRow {
  return isPacked(row) ? readRow(row) : row
}

export function isPacked(row: ConversationRow | PackedRow): row is PackedRow {
  return Array.isArray(row)
}

function isWhole(context: Context, id: string): boolean {
  const names = Object.keys(context)
  if (context.id !== id || names.length !== ALL.length) return false
  for (let place = 0; place < names.length; place += 1) if (names[place] !== ALL[place]) return false
  return true
}

function isSame(value: unknown, fresh: unknown): boolean {
  return value === fresh || (Array.isArray(value) && value.length === 0 && Array.isArray(fresh))
}

function isOneHold(holds: readonly Hold[]): holds is readonly [Hold] {
  return holds.length === 1 && Object.keys(holds[0] ?? {}).length === 7
}

function readHold(packed: PackedRow, at: number): Hold {
  const [holdId, agentId, units, weight, phase, wrapUpMs, endsAt] = packed.slice(at, at + 7) as unknown as [
    ...[string, string, number, number, Hold['phase'], number, number | null],
  ] // as packRow wrote it
  return { holdId, agentId, units, weight, phase, wrapUpMs, endsAt }
}
