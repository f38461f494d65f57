import type { Decision } from './decision.ts'
import { vanished } from './decide-agent.ts'
import type { EngineEvent } from './engine-events.ts'
import { FAILED, callHandler, isPromise, settleHandler } from '../hooks/hook-run.ts'
import { actingContext } from '../hooks/contexts.ts'
import { HOOK_LIMIT_MS } from '../hooks/hook-table.ts'
import { ownerAgentId } from '../machine/holds.ts'
import { baseRequirements } from './requirements.ts'
import { holdTimer, judgeSilence, kindOf, readPluginTimer } from './timers.ts'
import type { Hold } from '../snapshot.ts'
import type { Turn } from './turn.ts'

type TimerEvent = Extract<EngineEvent, { readonly type: 'timer.fired' }>

/** What a timer means when it fires; nothing, if it was set anew or cancelled in the meantime. */
export function* decideTimer(
  turn: Turn,
  { name, token }: TimerEvent,
): Generator<PromiseLike<unknown>, Decision, unknown> {
  const timer = turn.begun.timers[name]
  if (timer === undefined || timer.token !== token || timer.dueAt > turn.now) return { nothing: true }
  turn.firedTimer = name
  return kindOf(name) === 'plugin' ? yield* pluginTimerFired(turn, name) : chartTimerFired(turn, name)
}

/** Before names were short, they had the whole id of the hold. */
function isOf(name: string, hold: Pick<Hold, 'holdId' | 'phase'>): boolean {
  return name === holdTimer(hold) || name.endsWith(`:${hold.holdId}`)
}

function chartTimerFired(turn: Turn, name: string): Decision {
  const { now: at, state } = turn
  const { context } = state
  switch (kindOf(name)) {
    case 'silence':
      return silenceChecked(turn)
    case 'offer': {
      const offer = context.holds.find(({ holdId, phase }) => phase === 'offered' && isOf(name, { holdId, phase }))
      turn.missedHoldId = offer?.holdId
      return offer === undefined ? rearmed(turn) : { fact: { type: 'offer.expired', at, agentId: offer.agentId } }
    }
    case 'wrapUp':
      return {
        fact: { type: 'wrapUp.ended', at, holdId: context.holds.find((hold) => isOf(name, hold))?.holdId ?? '' },
      }
    case 'step':
      return { fact: { type: 'step.skipped', at, index: context.step?.index ?? 0 } }
    case 'answer': {
      const search = context.pending.find((effect) => effect.type === 'question.answer')
      return search === undefined
        ? rearmed(turn)
        : { fact: { type: 'answer.missed', at, effectId: search.effectId, skills: [] } }
    }
    case 'settle': {
      const enrich = context.pending.find((effect) => effect.type === 'customer.enrich')
      return { fact: { type: 'customer.enriched', at, effectId: enrich?.effectId ?? '' } }
    }
    case 'overflow':
      return overflowed(turn)
    case 'notice':
      return { fact: { type: 'wait.noticed', at } }
    case 'askAgain':
      return { fact: { type: 'declines.forgotten', at } }
    case 'here':
      return { fact: { type: 'customer.vanished', at } }
    case 'gone':
      return customerGone(turn)
    case 'async':
      return { fact: { type: 'async.expired', at } }
    default:
      return rearmed(turn)
  }
}

/** The timer is spent and nothing else happens; what the state still wants is set anew. */
function rearmed(turn: Turn): Decision {
  return { fact: { type: 'timer.rearmed', at: turn.now } }
}

function silenceChecked(turn: Turn): Decision {
  const verdict = judgeSilence(turn.state, turn.services.settings, turn.now)
  switch (verdict.type) {
    case 'early':
      return rearmed(turn)
    case 'remind':
      return { fact: { type: 'customer.fellSilent', at: turn.now, stage: 'reminded' } }
    case 'gone':
      return { fact: { type: 'customer.fellSilent', at: turn.now, stage: 'gone' } }
    case 'idle':
      return { fact: { type: 'customer.fellSilent', at: turn.now, stage: 'idle' } }
    case 'agentLate':
      return agentLate(turn)
    case 'agentSilent':
      return { fact: vanished(turn, ownerAgentId(turn.state.context) ?? '', { isCutOff: false }) }
  }
}

/** A word to the agent alone, beside what the customer is told. */
function agentLate(turn: Turn): Decision {
  const { unansweredAt } = turn.state.context
  const minutes = Math.round((turn.now - (unansweredAt ?? turn.now)) / 60_000)
  const text = turn.services.say('remindAgent', { customer: turn.customer, ...(minutes < 1 ? {} : { minutes }) })
  if (text !== '') turn.add({ author: 'system', text, internal: true })
  return { fact: { type: 'agent.fellSilent', at: turn.now } }
}

/** Lost, and not back in time. A live talk that cannot go on elsewhere is left to silence: they may come back. */
function customerGone(turn: Turn): Decision {
  const canReach = turn.services.canReach(turn.customer)
  if (canReach || turn.state.path.startsWith('waiting.'))
    return { fact: { type: 'customer.gone', at: turn.now, canReach } }
  turn.rearmAt = turn.now + turn.services.settings.closeMs
  return rearmed(turn)
}

/** Waited too long. A second overflow always ends the wait, so nobody waits for ever. */
function overflowed(turn: Turn): Decision {
  const { state, now: at, services } = turn
  const ends = state.context.holds.flatMap(({ phase, endsAt }) =>
    phase === 'offered' && endsAt !== null ? [endsAt] : [],
  )
  if (ends.length > 0) {
    turn.rearmAt = Math.max(at, ...ends)
    return rearmed(turn)
  }
  const { overflowTo } = services.settings
  if (typeof overflowTo === 'string')
    return { fact: { type: 'queue.overflowed', at, to: overflowTo, requirements: null } }
  if (state.context.overflowCount > 0)
    return { fact: { type: 'queue.overflowed', at, to: 'async', requirements: null } }
  const needs = state.context.requirements ?? baseRequirements(state.context)
  return { fact: { type: 'queue.overflowed', at, to: 'skills', requirements: { ...needs, skills: overflowTo.skills } } }
}

function* pluginTimerFired(turn: Turn, name: string): Generator<PromiseLike<unknown>, Decision, unknown> {
  const about = readPluginTimer(name)
  const plugin = about === undefined ? undefined : turn.plugins.get(about.plugin)
  const run = about === undefined ? undefined : plugin?.definition.timers?.[about.timer]
  if (plugin === undefined || run === undefined || about === undefined) return rearmed(turn) // its plugin has been removed
  const handler = { plugin, hook: `timers.${about.timer}`, timeoutMs: HOOK_LIMIT_MS, onFailure: 'skip', run } as const
  if (turn.isBlind) yield* turn.readAhead()
  const context = actingContext(turn, handler, { asked: turn.asked })
  let result = callHandler(turn, { ...handler, run: (...args) => run(args[0] as typeof context) }, context)
  if (isPromise(result))
    result = yield* settleHandler(
      turn,
      { ...handler, run: () => undefined },
      { promise: result, context, deadlineAt: turn.deadlineAt },
    )
  if (result === FAILED) turn.asked.says = []
  return { fact: { type: 'plugin.acted', at: turn.now } }
}
