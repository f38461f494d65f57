import { fc } from '../../fc.ts'
import type { Fact, FactType } from '../../../src/core/events.ts'
import { REDIRECT_TARGETS } from '../../../src/core/transitions.ts'

const id = fc.constantFrom('a', 'b')
const effectId = fc.constantFrom('e1', 'e2')
const steps = fc.array(fc.record({ id: fc.constantFrom('one', 'two', 'three'), statement: fc.boolean() }), {
  maxLength: 3,
})
const skills = fc.array(fc.constantFrom('billing', 'german'), { maxLength: 2 })
const requirements = fc.record({ skills })
const agentId = fc.constantFrom('ana', 'ben')
const index = fc.nat(3)

type Fields = { readonly [Type in FactType]: fc.Arbitrary<Omit<Extract<Fact, { type: Type }>, 'type' | 'at'>> }

/** Every kind of fact, with everything in it that may vary. */
const FIELDS: Fields = {
  'conversation.opened': fc.record({ steps, enrichEffectId: fc.option(effectId) }),
  'conversation.reopened': fc.record({}),
  'message.received': fc.record({
    messageId: id,
    kind: fc.constantFrom(
      'question' as const,
      'smallTalk' as const,
      'person' as const,
      'yes' as const,
      'no' as const,
      'leaveMessage' as const,
      'leave' as const,
      'keepPlace' as const,
    ),
    effectId,
  }),
  'agent.requested': fc.record({ skills: fc.option(skills) }),
  'customer.left': fc.record({ canReach: fc.boolean() }),
  'customer.identified': fc.record({ customerId: id, enrichEffectId: fc.option(effectId) }),
  'page.visited': fc.record({}),
  'rating.given': fc.record({ score: fc.integer({ min: 1, max: 5 }) }),
  'customer.fellSilent': fc.record({ stage: fc.constantFrom('reminded' as const, 'idle' as const, 'gone' as const) }),
  'steps.listed': fc.record({ slot: fc.constant('closing' as const), steps }),
  'step.answered': fc.record(
    { index, solved: fc.boolean(), score: fc.integer({ min: 1, max: 5 }) },
    { requiredKeys: ['index'] },
  ),
  'step.rejected': fc.record({ index }),
  'step.skipped': fc.record({ index }),
  'answer.found': fc.record({ effectId, articleIds: fc.array(id, { minLength: 1, maxLength: 2 }), skills }),
  'answer.given': fc.record({ effectId }),
  'answer.asked': fc.record({ effectId, steps: fc.constant([{ id: 'one', statement: false }]) }),
  'answer.missed': fc.record({ effectId, skills }),
  'customer.enriched': fc.record({ effectId }),
  'requirements.settled': fc.record({ requirements, closedFor: fc.option(fc.constant('hours')), steps }),
  'wait.noticed': fc.record({}),
  'queue.overflowed': fc.record({
    to: fc.constantFrom('async' as const, 'callback' as const, 'close' as const, 'skills' as const),
    requirements: fc.option(requirements),
  }),
  'offer.made': fc.record({
    agentId,
    holdId: fc.constantFrom('h1', 'h2', 'h3'),
    units: fc.constant(1),
    endsAt: fc.constant(5_000),
    wrapUpMs: fc.constantFrom(0, 30_000),
    autoAccept: fc.boolean(),
    forced: fc.boolean(),
  }),
  'offer.accepted': fc.record({ agentId }),
  'offer.declined': fc.record({ agentId }),
  'offer.expired': fc.record({ agentId }),
  'wrapUp.ended': fc.record({ holdId: fc.constantFrom('h1', 'h2', 'h3') }),
  'message.sent': fc.record({ agentId, messageId: id }),
  'note.added': fc.record({ agentId }),
  'conversation.held': fc.record({ agentId, backAt: fc.option(fc.constant(9_000)) }),
  'conversation.transferred': fc.record({
    agentId,
    to: fc.constantFrom('bot' as const, 'queue' as const),
    warm: fc.boolean(),
    requirements,
  }),
  'customer.warned': fc.record({ blockAt: fc.constant(3) }),
  'conversation.finished': fc.record({ agentId, disposition: fc.option(fc.constant('sale')) }),
  'agent.vanished': fc.record({ agentId, requirements, isCutOff: fc.boolean(), parks: fc.boolean() }),
  'agent.fellSilent': fc.record({}),
  'agent.joined': fc.record({ agentId }),
  'agent.parted': fc.record({ agentId }),
  'guest.spoke': fc.record({ agentId, messageId: id }),
  'conversation.taken': fc.record({
    agentId,
    holdId: fc.constantFrom('h4', 'h5'),
    units: fc.constant(1),
    wrapUpMs: fc.constantFrom(0, 30_000),
    forced: fc.boolean(),
  }),
  'customer.arrived': fc.record({ until: fc.constant(9_000), token: fc.nat(3) }),
  'customer.vanished': fc.record({}),
  'customer.gone': fc.record({ canReach: fc.boolean() }),
  'declines.forgotten': fc.record({}),
  'async.expired': fc.record({}),
  'timer.rearmed': fc.record({}),
  'conversation.redirected': fc.record({
    to: fc.constantFrom(...REDIRECT_TARGETS),
    reason: fc.constant('because'),
    requirements: fc.option(requirements),
    effectId,
  }),
  'plugin.acted': fc.record({}),
}

const one = (type: FactType): fc.Arbitrary<Fact> =>
  (FIELDS[type] as fc.Arbitrary<object>).map((fields) => ({ type, at: 0, ...fields }) as Fact) // its own fields

/** Any fact; those that lead on through a conversation come more often. */
export const facts: fc.Arbitrary<Fact> = fc.oneof(
  ...(Object.keys(FIELDS) as FactType[]).map((type) => ({ arbitrary: one(type), weight: 2 })),
  ...(['conversation.opened', 'message.received', 'requirements.settled', 'offer.made', 'offer.accepted'] as const).map(
    (type) => ({ arbitrary: one(type), weight: 6 }),
  ),
)
