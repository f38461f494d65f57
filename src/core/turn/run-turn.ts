import { decide } from './decide.ts'
import { isDeciding } from './decision.ts'
import { type EngineEvent, isFromOutside } from './engine-events.ts'
import { MaitredError } from '../errors.ts'
import { isPromise } from '../hooks/hook-run.ts'
import { CHART_VERSION } from '../machine/chart.ts'
import { initialState } from '../machine/step.ts'
import { doneReceipt, isKeeping, keep, keepAnswer, type Key, loadFrom, repeat, type TurnResult } from './keep.ts'
import type { Commit, ConversationRow, Loaded } from '../ports.ts'
import type { Command } from '../schema.ts'
import type { Snapshot } from '../snapshot.ts'
import { type Receipt, type RefusedReceipt, refused } from '../receipts.ts'
import { type Beginning, Turn, type TurnServices } from './turn.ts'
import { type Walk, walk } from './walk.ts'
import { write } from './waterfall.ts'
import { nodeCrypto } from '../node-crypto.ts'

/** Tries after losing a race for one conversation. */
const MAX_TRIES = 10

/**
 * One event, from the store and back: load, answer a duplicate, decide, walk the chart, commit everything in one write. A generator that
 * yields promises only, so that with a store and hooks that answer at once it runs through without a pause.
 * @throws MaitredError for what the caller can mend; nothing has happened then
 */
export function* runTurn(
  services: TurnServices,
  event: EngineEvent,
  fence?: Commit['fence'],
): Generator<PromiseLike<unknown>, TurnResult, unknown> {
  const key = keyOf(event)
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const stored = loadFrom(services.store, event.conversationId, key?.name)
    const loaded = isPromise(stored) ? ((yield stored) as Loaded) : stored // the promise resolves to it
    if (loaded.prior !== undefined && key !== undefined) return { receipt: repeat(loaded.prior, key) }
    const turn = new Turn(services, event, begin(loaded, event))
    if (turn.isBlind && looksBack(turn)) yield* turn.readAhead()
    const decided = decide(turn)
    const decision = isDeciding(decided) ? yield* decided : decided
    if ('nothing' in decision) {
      const result = yield* keepAnswer(turn, doneReceipt(turn, turn.version - 1), key)
      if (result !== 'conflict') return result
      continue
    }
    let outcome: Receipt | undefined = 'refusal' in decision ? decision.refusal : undefined
    if ('fact' in decision) {
      const inboundCount = turn.entries.length
      const said = turn.takeSaid()
      const writing = said.length + turn.owed.length === 0 ? undefined : write(turn, [...said, ...turn.owed])
      if (writing !== undefined) yield* writing
      const walked = yield* walk(turn, decision.fact)
      if (walked.status === 'ignored') outcome = notNow(turn)
      if (walked.status === 'vetoed') outcome = yield* undo(turn, walked, inboundCount)
      if (tries === MAX_TRIES - 1) yield* dropStalePuts(turn)
    }
    const kept = keep(turn, outcome ?? doneReceipt(turn, turn.version), { key, fence })
    const result = isKeeping(kept) ? yield* kept : kept
    if (result !== 'conflict') return result
    if (event.type === 'conversation.opened' && (yield* turn.findOpen(event.customer.id)) !== undefined)
      throw overtaken(event) // somebody opened one for the same customer first
  }
  throw new MaitredError('STORE_UNAVAILABLE', {
    message: `The conversation \`${event.conversationId}\` was changed by others ${MAX_TRIES} times while this was being done.`,
    hint: 'Send it once more with the same key.',
  })
}

/**
 * Choices, steps, and what must not be said twice stand in the transcript. While an agent has the word nobody looks back but plugins, and
 * for them it is read when one is about to be called.
 */
function looksBack({ event, state }: Turn): boolean {
  return !state.path.startsWith('live.') || event.type === 'choice.made'
}

function overtaken({ type }: EngineEvent): MaitredError {
  return new MaitredError('STORE_UNAVAILABLE', {
    message: `\`${type}\` came to nothing: another node was first.`,
    hint: 'Send it once more.',
  })
}

function notNow({ state, event }: Turn): RefusedReceipt {
  return refused('NOT_NOW', `The conversation is in \`${state.path}\`, which does not take \`${event.type}\`.`)
}

/** A record that is never at the version its plugin expects must not cost the customer's message. */
function* dropStalePuts(turn: Turn): Generator<PromiseLike<unknown>, void, unknown> {
  const { puts } = turn.asked
  turn.asked.puts = []
  for (const put of puts) {
    const stored = turn.record(put.plugin, put.key)
    const known = (isPromise(stored) ? yield stored : stored) as Awaited<typeof stored> // the promise resolves to it
    const plugin = turn.plugins.get(put.plugin)
    const version = known?.version ?? 0
    if (put.ifVersion === undefined || put.ifVersion === version || plugin === undefined)
      turn.asked.puts = [...turn.asked.puts, put]
    else {
      const error = new Error(`the record \`${put.key}\` is at version ${version}, not at ${put.ifVersion}`)
      turn.failed({ plugin, hook: 'records' }, 'invalid', error)
    }
  }
}

/** A veto takes back everything but what the customer wrote, the verdict, and what the plugin said about it. */
function* undo(
  turn: Turn,
  walked: Extract<Walk, { status: 'vetoed' }>,
  inboundCount: number,
): Generator<PromiseLike<unknown>, Extract<Receipt, { status: 'vetoed' }>, unknown> {
  const { by, transition, reason } = walked
  turn.rollBack(inboundCount)
  turn.add({ author: 'system', text: `${by} vetoed ${transition}: ${reason}`, internal: true })
  turn.note({ veto: transition, by, reason })
  const writing = write(turn, walked.reply)
  if (writing !== undefined) yield* writing
  return { ok: false, status: 'vetoed', by, transition, reason }
}

/** One for all: every conversation would hold several of its own. */
const NONE: readonly never[] = []

/** Where a turn begins: what is stored, or a conversation not opened yet. @throws MaitredError `NOT_FOUND` */
export function begin({ row }: Loaded, event: EngineEvent): Beginning {
  if (row !== undefined) {
    const { path, context, timers, plugins, depth } = readable(row)
    return {
      row,
      opening: undefined,
      state: { path, context },
      customer: row.customer,
      pages: row.pages,
      previousId: row.previousId,
      timers,
      pluginStates: plugins,
      depth: isFromOutside(event) || event.type === 'timer.fired' ? 0 : depth + (event.type === 'plugin.spoke' ? 1 : 0),
    }
  }
  if (event.type !== 'conversation.opened') throw notFound(event.conversationId)
  const { conversationId: id, customer, channel = 'web', skills = NONE, page, at } = event
  const opening = { id, customerId: customer.id, channel, skills, at }
  return {
    row: undefined,
    opening,
    state: initialState(opening),
    customer,
    pages: page === undefined ? NONE : [{ url: page, at }],
    previousId: event.previousId,
    timers: {},
    pluginStates: {},
    depth: 0,
  }
}

/** @throws MaitredError `SNAPSHOT_INVALID` for what another version has written, or nobody: before anything is made of it */
function readable({ id, snapshot }: ConversationRow): Snapshot {
  const { chart, path, context, timers } = snapshot as Partial<Snapshot>
  const isWhole = typeof path === 'string' && typeof context?.owner === 'string' && typeof timers === 'object'
  if (chart === CHART_VERSION && isWhole) return snapshot
  throw new MaitredError('SNAPSHOT_INVALID', {
    message: `Expected the conversation \`${id}\` to be of chart version ${CHART_VERSION}, got ${isWhole ? String(chart) : 'no snapshot'}.`,
    hint:
      Number(chart) > CHART_VERSION
        ? 'It was written by a newer version of maitred: install that version on this node, too.'
        : 'Run `maitred verify-store` to see what else cannot be read.',
  })
}

/** There is no conversation of that id. */
export function notFound(id: string): MaitredError {
  return new MaitredError('NOT_FOUND', {
    message: `There is no conversation \`${id}\`.`,
    hint: 'Open one with `engine.openConversation({ customer })`.',
    path: 'conversationId',
  })
}

function keyOf(event: EngineEvent): Key | undefined {
  if (!('key' in event) || event.key === undefined) return undefined
  return {
    name: event.key,
    bodyHash: 'bodyHash' in event && event.bodyHash !== undefined ? event.bodyHash : hashOf(event),
  }
}

/** What a key stands for: the same key with anything else is a mistake. */
export function hashOf(event: Command | EngineEvent): string {
  return nodeCrypto().createHash('sha256').update(JSON.stringify(event)).digest('base64url')
}
