import { decideAgentEvent } from './decide-agent.ts'
import { decideMessage } from './decide-message.ts'
import { decideTimer } from './decide-timer.ts'
import { type Deciding, type Decision, NOTHING } from './decision.ts'
import type { EngineEvent } from './engine-events.ts'
import { joinAsked } from '../hooks/scene.ts'
import type { Answer } from '../hooks/plugin.ts'
import { refused } from '../receipts.ts'
import { refuseUnknownSkills } from './requirements.ts'
import { currentStep, listSteps } from './step-run.ts'
import type { Turn } from './turn.ts'
import type { Customer } from '../types.ts'

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>

/**
 * Turns an event into a fact: checks who may do what now, reads what words mean, and adds what the chart needs to know. This is where
 * configuration, texts and the clock come in, so that the chart can do without. Most events are decided at once; only what waits for a hook, a schema or the store is work.
 * @throws MaitredError for what the caller can mend
 */
export function decide(turn: Turn): Decision | Deciding {
  const { event, now: at } = turn
  if (turn.state.path === 'closed' && !TAKEN_WHEN_CLOSED.has(event.type)) {
    return { refusal: refused('CLOSED', 'The conversation is over. Open one again for this customer.') }
  }
  if ('basedOn' in event && event.basedOn < (turn.begun.row?.erasedVersion ?? 0)) return erased(turn, event)
  switch (event.type) {
    case 'message.received':
    case 'choice.made':
      return decideMessage(turn, event)
    case 'conversation.opened':
      return opened(turn, event)
    case 'conversation.reopened':
      if (event.page !== undefined) noteVisit(turn, event.page)
      if (turn.state.path === 'closed') return { fact: { type: 'conversation.reopened', at } }
      return event.page === undefined ? NOTHING : { fact: { type: 'page.visited', at } }
    case 'agent.requested':
      refuseUnknownSkills(turn.services.skills, event.skills)
      return { fact: { type: 'agent.requested', at, skills: event.skills ?? null } }
    case 'customer.left':
      return { fact: { type: 'customer.left', at, canReach: turn.services.canReach(turn.customer) } }
    case 'customer.identified':
      return identified(turn, event)
    case 'page.visited':
      noteVisit(turn, event.page)
      return { fact: { type: 'page.visited', at } }
    case 'rating.given':
      return rated(turn, event)
    case 'timer.fired':
      return decideTimer(turn, event)
    case 'question.answered':
      return answered(turn, event)
    case 'customer.enriched':
      return enriched(turn, event)
    case 'customer.arrived':
      return { fact: { type: 'customer.arrived', at, until: event.until, token: turn.version } }
    case 'customer.vanished':
      return event.token === turn.state.context.hereToken ? { fact: { type: 'customer.vanished', at } } : NOTHING
    case 'wait.noticed':
      return turn.state.path === 'waiting.queued' ? { fact: { type: 'wait.noticed', at } } : NOTHING
    case 'plugin.spoke':
      return spoke(turn, event)
    default:
      return decideAgentEvent(turn, event)
  }
}

const MAX_PAGES = 50

function noteVisit(turn: Turn, url: string): void {
  turn.pages = [...turn.pages, { url, at: turn.now }].slice(-MAX_PAGES)
}

/** A conversation that is over still takes these. */
const TAKEN_WHEN_CLOSED: ReadonlySet<EngineEvent['type']> = new Set([
  'conversation.reopened',
  'rating.given',
  'timer.fired',
  'conversation.finished',
  'plugin.spoke',
  'customer.enriched',
  'question.answered',
  'offer.accepted',
  'offer.declined',
  'offer.made',
  'offer.lost',
  'wait.noticed',
  'agent.vanished',
])

function opened(turn: Turn, event: EventOf<'conversation.opened'>): Decision {
  refuseUnknownSkills(turn.services.skills, event.skills)
  return {
    fact: {
      type: 'conversation.opened',
      at: turn.now,
      steps: listSteps(turn, 'preChat'),
      enrichEffectId: enrichEffectId(turn),
    },
  }
}

function enrichEffectId(turn: Turn): string | null {
  return (turn.services.hooks.aspects.get('customer:context')?.length ?? 0) > 0 ? turn.effectId('enrich') : null
}

function* identified(
  turn: Turn,
  { customer }: EventOf<'customer.identified'>,
): Generator<PromiseLike<unknown>, Decision, unknown> {
  const other = yield* turn.findOpen(customer.id)
  if (other !== undefined && other !== turn.id) {
    return {
      refusal: refused(
        'NOT_NOW',
        `This customer already has the conversation \`${other}\` open on this channel: continue there.`,
      ),
    }
  }
  turn.customer = mergeCustomer(turn.customer, customer)
  return {
    fact: { type: 'customer.identified', at: turn.now, customerId: customer.id, enrichEffectId: enrichEffectId(turn) },
  }
}

function mergeCustomer(known: Customer, told: Customer): Customer {
  const attributes = { ...known.attributes, ...told.attributes }
  return { ...known, ...told, ...(Object.keys(attributes).length === 0 ? {} : { attributes }) }
}

function rated(turn: Turn, { score, comment }: EventOf<'rating.given'>): Decision {
  const { path, context } = turn.state
  if (context.rating !== null) return { refusal: refused('NOT_NOW', 'The conversation has been rated already.') }
  if (path !== 'closed' && !path.startsWith('closing.'))
    return { refusal: refused('NOT_NOW', 'A conversation is rated when it is being closed, or after.') }
  if (comment !== undefined && comment.trim() !== '') turn.add({ author: 'customer', text: comment })
  if (currentStep(turn)?.id === 'rating' && context.step !== null) {
    return { fact: { type: 'step.answered', at: turn.now, index: context.step.index, score } }
  }
  return { fact: { type: 'rating.given', at: turn.now, score } }
}

/** The person has been erased since: whoever answers or speaks still knew them, so nothing of it is taken. */
function erased(turn: Turn, event: Extract<EngineEvent, { readonly basedOn: number }>): Decision {
  if (event.type === 'plugin.spoke') return NOTHING
  const { effectId } = event
  if (!turn.state.context.pending.some((effect) => effect.effectId === effectId)) return NOTHING
  if (event.type === 'customer.enriched') return { fact: { type: 'customer.enriched', at: turn.now, effectId } }
  return { fact: { type: 'answer.missed', at: turn.now, effectId, skills: [] } }
}

/** An answer counts only for the newest question, and only while nobody else has taken over. */
function answered(turn: Turn, { effectId, answer, asked, by }: EventOf<'question.answered'>): Decision {
  const { context } = turn.state
  if (!context.pending.some((effect) => effect.effectId === effectId)) return NOTHING
  const at = turn.now
  const missed = { fact: { type: 'answer.missed', at, effectId, skills: [] } } as const
  const suggestions = (answer?.suggestions ?? []).filter(({ article }) => !context.taught.includes(article.id))
  const words = typeof answer?.text === 'string' && answer.text.trim() !== '' ? answer.text : undefined
  if (answer === undefined || (words === undefined && answer.ask === undefined && suggestions.length === 0))
    return missed
  joinAsked(turn.asked, asked)
  for (const { plugin: _plugin, ...said } of asked.says) turn.owe({ author: 'bot', ...said })
  if (words !== undefined) turn.owe({ author: 'bot', text: words })
  if (suggestions.length > 0) return found(turn, suggestions, effectId)
  if (answer.ask === undefined) return { fact: { type: 'answer.given', at, effectId } }
  const step = turn.services.steps.get('helping')?.get(answer.ask)
  if (step !== undefined)
    return { fact: { type: 'answer.asked', at, effectId, steps: [{ id: step.id, statement: step.statement }] } }
  const plugin = turn.plugins.get(by)
  if (plugin !== undefined)
    turn.failed(
      { plugin, hook: 'bot:answer' },
      'invalid',
      new TypeError(`\`ask\` expects a step of the slot \`helping\`, got \`${answer.ask}\``),
    )
  return missed
}

function found(turn: Turn, suggestions: NonNullable<Answer['suggestions']>, effectId: string): Decision {
  turn.suggestions = suggestions
  const articleIds = suggestions.map(({ article }) => article.id)
  return {
    fact: { type: 'answer.found', at: turn.now, effectId, articleIds, skills: suggestions[0]?.article.skills ?? [] },
  }
}

function enriched(turn: Turn, { effectId, customer, asked }: EventOf<'customer.enriched'>): Decision {
  if (customer !== undefined && customer.id === turn.customer.id) turn.customer = mergeCustomer(turn.customer, customer)
  else if (!turn.state.context.pending.some((effect) => effect.effectId === effectId)) return NOTHING
  if (asked !== undefined) {
    joinAsked(turn.asked, asked)
    turn.asked.says = [...turn.asked.says, ...asked.says]
  }
  return { fact: { type: 'customer.enriched', at: turn.now, effectId } }
}

function spoke(turn: Turn, { text, ownerSeq }: EventOf<'plugin.spoke'>): Decision {
  if (ownerSeq !== turn.state.context.ownerSeq) {
    return { refusal: refused('STALE_OWNER', 'Somebody else speaks for us by now.', text) }
  }
  turn.owe({ author: 'bot', text })
  return { fact: { type: 'plugin.acted', at: turn.now } }
}
