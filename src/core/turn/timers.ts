import { openHold } from '../machine/holds.ts'
import type { State } from '../machine/step.ts'
import type { Settings } from '../settings.ts'
import type { Context, Hold, Timer } from '../snapshot.ts'

export type Timers = Readonly<Record<string, Timer>>

/** What a timer's name says: `offer:7/hold` is the kind `offer` about the hold of the seventh turn. */
export function kindOf(name: string): string {
  const end = name.search(/[:/]/)
  return end < 0 ? name : name.slice(0, end)
}

/** The name of an offer's or a wrap-up's timer. */
export function holdTimer({ holdId, phase }: Pick<Hold, 'holdId' | 'phase'>): string {
  return `${phase === 'offered' ? 'offer' : 'wrapUp'}:${withoutConversation(holdId)}`
}

/**
 * The part of an effect's id that is not the conversation's: `7/hold`. The names of timers are keys of an object, and V8 keeps a shape for
 * each key it has not met: with ids in them, every conversation would have shapes of its own.
 */
function withoutConversation(effectId: string): string {
  const end = effectId.lastIndexOf('/')
  return effectId.slice(effectId.lastIndexOf('/', end - 1) + 1)
}

/** The name under which a plugin's timer is kept. */
export function pluginTimer(plugin: string, timer: string): string {
  return `plugin/${plugin}/${timer}`
}

/** A plugin timer's name, taken apart. */
export function readPluginTimer(name: string): { readonly plugin: string; readonly timer: string } | undefined {
  const [kind, plugin, ...rest] = name.split('/')
  return kind === 'plugin' && plugin !== undefined && rest.length > 0 ? { plugin, timer: rest.join('/') } : undefined
}

/**
 * The timers after a turn: those the new state wants (kept if they ran already, else set), those of plugins, and no other. A timer that
 * has fired counts as gone, so it is set anew if it is still wanted.
 */
export function nextTimers(
  timers: Timers,
  about: {
    readonly state: State
    readonly settings: Settings
    readonly stepTimeoutMs: number
    readonly at: number
    readonly token: number
    readonly fired: string | undefined
    readonly rearmAt: number | undefined
    readonly plugins: readonly { readonly plugin: string; readonly name: string; readonly dueAt: number }[]
  },
): Timers {
  const { fired, token } = about
  const wanted = wantedTimers(about)
  if (fired === undefined && about.plugins.length === 0 && runAlready(timers, wanted)) return timers
  const next: Record<string, Timer> = {}
  let changed = false
  for (const [name, wantedAt] of wanted) {
    const running = name === fired ? undefined : timers[name]
    const dueAt = name === fired && about.rearmAt !== undefined ? about.rearmAt : wantedAt
    next[name] = running ?? { dueAt, token }
    if (running === undefined) changed = true
  }
  for (const name in timers) {
    if (name.startsWith('plugin/') && name !== fired)
      next[name] = timers[name] as Timer // it is one of the keys
    else if (!(name in next) || name === fired) changed = true
  }
  for (const { plugin, name, dueAt } of about.plugins) {
    next[pluginTimer(plugin, name)] = { dueAt, token }
    changed = true
  }
  return changed ? next : timers
}

/** Are they those that are wanted, and no others but those of plugins? So it is in most turns, and then nothing has to be made. */
function runAlready(timers: Timers, wanted: ReturnType<typeof wantedTimers>): boolean {
  let count = 0
  for (const name in timers) if (!name.startsWith('plugin/')) count += 1
  if (count !== wanted.length) return false
  for (const [name] of wanted) if (timers[name] === undefined) return false
  return true
}

/** The earliest of them, or `null`. */
export function earliest(timers: Timers): number | null {
  let dueAt: number | null = null
  for (const name in timers) {
    const timer = timers[name]
    if (timer !== undefined && (dueAt === null || timer.dueAt < dueAt)) dueAt = timer.dueAt
  }
  return dueAt
}

/** Name and due time of each timer that a state has. Every open state has at least one: that is its exit by time. */
export function wantedTimers(about: {
  readonly state: State
  readonly settings: Settings
  readonly stepTimeoutMs: number
  readonly at: number
}): readonly (readonly [name: string, dueAt: number])[] {
  const { state, settings, at } = about
  const { path, context } = state
  const wanted: [string, number][] = []
  for (const hold of context.holds) {
    if (hold.endsAt !== null) wanted.push([holdTimer(hold), hold.endsAt])
  }
  if (hasSilence(path))
    wanted.push([isAway(state) ? `silence:away:${context.ownerSeq}` : 'silence', silenceCheckAt(state, settings, at)])
  addPresence(wanted, state, about)
  if (context.step !== null && path.endsWith('.step')) {
    wanted.push([`step:${context.step.slot}.${context.step.index}.${context.step.attempts}`, at + about.stepTimeoutMs])
  }
  if (path === 'helping.searching') wanted.push([`answer:${searchOf(context)}`, at + settings.answerMs])
  if (path === 'waiting.requested' || path === 'closing.begin') wanted.push(['settle', at + settings.answerMs])
  if (path === 'waiting.queued' || path === 'waiting.offered' || path === 'live.transferring') {
    wanted.push([`overflow:${context.overflowCount}`, at + settings.overflowMs])
  }
  if (path === 'waiting.queued' || path === 'waiting.offered' || path.startsWith('async.')) {
    const { declinedBy } = context
    if (declinedBy.length > 0 && settings.askAgainMs !== NEVER)
      wanted.push([`askAgain:${declinedBy.length}`, at + settings.askAgainMs])
  }
  if (path === 'waiting.queued' && settings.noticeMs !== NEVER) wanted.push(['notice', at + settings.noticeMs])
  if (path.startsWith('async.')) wanted.push(['async', Math.max(at, (context.parkedAt ?? at) + settings.asyncMs)])
  return wanted
}

const NEVER = Number.POSITIVE_INFINITY

/** A customer who said that they are here, and one who was lost where that matters. */
function addPresence(
  wanted: [string, number][],
  { path, context }: State,
  { settings, at }: { readonly settings: Settings; readonly at: number },
): void {
  const { goneAt, hereUntil, hereToken, reach } = context
  if (path === 'closed') return
  if (hereUntil !== null) wanted.push([`here:${hereToken}`, hereUntil])
  else if (goneAt !== null && (path.startsWith('waiting.') || (path.startsWith('live.') && reach === 'present')))
    wanted.push([`gone:${goneAt}`, Math.max(at, goneAt + settings.customerGraceMs)])
}

/** What silence has come to: nothing yet (look again at `at`), a reminder, a seat that weighs nothing, the end, or an agent who does not answer. */
export type SilenceVerdict = { readonly type: 'early'; readonly at: number } | { readonly type: Silent }

type Silent = 'remind' | 'idle' | 'gone' | 'agentLate' | 'agentSilent'

/** Judges the silence of a conversation. Lazy: messages only note their time, and the timer looks at the notes when it fires. */
export function judgeSilence(state: State, settings: Settings, at: number): SilenceVerdict {
  const { type, dueAt } = nextSilence(state, settings)
  return dueAt > at ? { type: 'early', at: silenceCheckAt(state, settings, at) } : { type }
}

/** Never later than the next thing to do, and soon enough to see whatever a message in between may bring about. */
function silenceCheckAt(state: State, settings: Settings, at: number): number {
  const { remindMs, closeMs, agentRemindMs, agentMs, idleMs } = settings
  const dueAt = Math.max(nextSilence(state, settings).dueAt, at)
  if (isAway(state)) return dueAt // a word from the customer ends that, and this timer with it
  const live = state.path.startsWith('live.') ? Math.min(agentRemindMs, agentMs, idleMs) : NEVER
  const shortest = Math.min(remindMs, closeMs, live)
  return Math.min(dueAt, at + Math.max(1, shortest))
}

/** The customer has left a talk that goes on without them. */
function isAway({ path, context }: State): boolean {
  return context.reach === 'away' && path.startsWith('live.') && path !== 'live.held'
}

interface Next {
  readonly type: Silent
  readonly dueAt: number
}

function nextSilence({ path, context }: State, settings: Settings): Next {
  const { lastHeardAt, lastSpokeAt, remindedAt, backAt, unansweredAt } = context
  if (path === 'live.held')
    return { type: 'agentSilent', dueAt: Math.max(backAt ?? 0, lastSpokeAt, lastHeardAt) + settings.agentMs }
  if (path.startsWith('live.') && unansweredAt !== null) return agentSilence(context, unansweredAt, settings)
  const since = Math.max(lastHeardAt, lastSpokeAt)
  const idle: Next = {
    type: 'idle',
    dueAt: path === 'live.active' && holdsWeight(context) ? since + settings.idleMs : NEVER,
  }
  if (isAway({ path, context })) return earlier({ type: 'gone', dueAt: since + settings.asyncMs }, idle)
  const { remindMs, closeMs } = settings
  if (remindedAt === null && remindMs < closeMs) return earlier({ type: 'remind', dueAt: since + remindMs }, idle)
  // Whoever was reminded late (nobody was there to do it) has as long to answer as anybody else.
  return earlier({ type: 'gone', dueAt: Math.max(since + closeMs, (remindedAt ?? 0) + closeMs - remindMs) }, idle)
}

/** The agent is reminded, then loses it. A message that one agent after the other leaves unanswered ends in its own time. */
function agentSilence({ agentRemindedAt, parkedAt, reach }: Context, since: number, settings: Settings): Next {
  const { agentRemindMs, agentMs, asyncMs } = settings
  const ending: Next = { type: 'gone', dueAt: parkedAt === null || reach === 'present' ? NEVER : parkedAt + asyncMs }
  if (agentRemindedAt === null && agentRemindMs < agentMs)
    return earlier(ending, { type: 'agentLate', dueAt: since + agentRemindMs })
  return earlier(ending, { type: 'agentSilent', dueAt: since + agentMs })
}

function holdsWeight(context: Context): boolean {
  return (openHold(context)?.units ?? 0) > 0
}

/** The first of two equals. */
function earlier(one: Next, other: Next): Next {
  return other.dueAt < one.dueAt ? other : one
}

function hasSilence(path: string): boolean {
  return path.startsWith('live.') || path.startsWith('helping.') || path.startsWith('greeting.')
}

function searchOf(context: Context): string {
  return withoutConversation(context.pending.find((effect) => effect.type === 'question.answer')?.effectId ?? 'none')
}
