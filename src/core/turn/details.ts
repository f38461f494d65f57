import type { Fact } from '../events.ts'
import { openHold, ownerAgentId } from '../machine/holds.ts'
import type { Microstep } from '../machine/step.ts'
import { baseRequirements } from './requirements.ts'
import type { TransitionName, Transitions } from '../transitions.ts'
import type { Turn } from './turn.ts'

type Details = { readonly [Name in TransitionName]: (about: About) => Transitions[Name] }

interface About {
  readonly turn: Turn
  readonly step: Microstep
  readonly fact: Fact
}

/** What hooks are told about a transition, put together when they ask. */
export function detailsOf(transition: TransitionName, about: About): object {
  return DETAILS[transition](about)
}

const DETAILS: Details = {
  greet: () => ({}),
  ask: ({ step: { after } }) => {
    const progress = after.context.step
    return { slot: progress?.slot ?? 'helping', stepId: progress?.steps[progress.index]?.id ?? '' }
  },
  search: (about) => ({ query: queryOf(about) }),
  suggest: ({ turn }) => ({ suggestions: turn.suggestions }),
  answer: () => ({}),
  miss: (about) => ({ query: queryOf(about) }),
  deflect: ({ step }) => ({ articleId: step.before.context.articleId ?? '' }),
  requestAgent: ({ step }) => ({ requirements: baseRequirements(step.after.context) }),
  enqueue: ({ step }) => ({ requirements: step.after.context.requirements ?? baseRequirements(step.after.context) }),
  offer: ({ fact }) => ({ agentId: agentIn(fact) }),
  accept: ({ step }) => ({ agentId: ownerAgentId(step.after.context) ?? '' }),
  decline: ({ turn, fact }) => ({
    agentId: agentIn(fact),
    ...(turn.event.type === 'offer.declined' && turn.event.reason !== undefined ? { reason: turn.event.reason } : {}),
  }),
  expire: ({ fact }) => ({ agentId: agentIn(fact) }),
  join: ({ fact }) => ({ agentId: agentIn(fact) }),
  transfer: ({ turn: { event }, step: { before }, fact }) => ({
    from: openHold(before.context)?.agentId ?? '',
    to:
      event.type === 'conversation.transferred'
        ? event.to
        : fact.type === 'conversation.taken'
          ? { agentId: fact.agentId }
          : { skills: before.context.requirements?.skills ?? [] },
    ...(event.type === 'conversation.transferred' && event.note !== undefined ? { note: event.note } : {}),
  }),
  hold: ({ step }) => ({ agentId: ownerAgentId(step.before.context) ?? '' }),
  resume: ({ step }) => ({ agentId: ownerAgentId(step.before.context) ?? '' }),
  goAsync: ({ fact }) => ({ reason: reasonOf(fact) }),
  abandon: ({ fact, step }) => ({ waitedMs: fact.at - (step.before.context.queuedAt ?? fact.at) }),
  startClosing: ({ step }) => ({ by: step.after.context.ending?.by ?? 'bot' }),
  rate: ({ turn: { event }, step }) => ({
    score: step.after.context.rating ?? 0,
    ...(event.type === 'rating.given' && event.comment !== undefined ? { comment: event.comment } : {}),
  }),
  warn: ({ step }) => ({ level: step.after.context.warningCount }),
  block: () => ({ reason: 'boundary' }),
  close: ({ step: { after } }) => ({
    by: after.context.ending?.by ?? 'system',
    outcome: after.context.outcome ?? 'unresolved',
    reason: after.context.reason ?? '',
  }),
  reopen: () => ({}),
}

function agentIn(fact: Fact): string {
  return 'agentId' in fact ? fact.agentId : ''
}

function queryOf({ turn, step }: About): string {
  const { questionId } = step.after.context
  return turn.transcript().findLast((message) => message.id === questionId)?.text ?? ''
}

function reasonOf(fact: Fact): string {
  if (fact.type === 'requirements.settled') return fact.closedFor ?? ''
  if (fact.type === 'queue.overflowed') return fact.to === 'callback' ? 'callback' : 'overflow'
  if (fact.type === 'customer.gone') return 'customerGone'
  if (fact.type === 'agent.vanished') return 'agentSilent'
  return fact.type === 'conversation.redirected' ? fact.reason : 'leaveMessage'
}
