import { z } from 'zod'
import { clean } from './clean.ts'

export const MAX_ID_LENGTH = 128
export const MAX_SHORT_TEXT_LENGTH = 1_000
export const ID = /^[^\p{Cc}\p{Surrogate}]+$/u

let schemas: ReturnType<typeof createSchemas> | undefined

/** The shapes of all that may come from outside. They are made when the first of it comes: who only imports does not wait for them. */
export function toSchemas(): ReturnType<typeof createSchemas> {
  schemas ??= createSchemas()
  return schemas
}

function createSchemas() {
  const { id, shortText, key, skills, duration, customer, attachments } = createParts()
  const agentId = id
  const about = { conversationId: id, key }
  const byAgent = { conversationId: id, agentId, key, ownerSeq: z.int().optional() }
  const commands = {
    /** Opens a conversation, or finds the one this customer has open on this channel: `engine.openConversation`. */
    'conversation.opened': z.object({
      type: z.literal('conversation.opened'),
      customer,
      channel: id.optional(),
      page: z.string().max(2_000).optional(),
      moment: id.optional(),
      skills: skills.optional(),
      key,
    }),
    /** The customer writes: `conversation.say`. At most 8 KiB; it may be empty beside attachments. */
    'message.received': z.object({
      type: z.literal('message.received'),
      ...about,
      text: z.string(),
      attachments,
      metadata: z.unknown().optional(),
    }),
    /** The customer takes one of the choices under the newest message that has some: `conversation.choose`. */
    'choice.made': z.object({ type: z.literal('choice.made'), ...about, choiceId: id }),
    /** The customer wants a person: `conversation.requestAgent`. */
    'agent.requested': z.object({ type: z.literal('agent.requested'), ...about, skills: skills.optional() }),
    /** The customer has gone: `conversation.leave`. */
    'customer.left': z.object({ type: z.literal('customer.left'), ...about }),
    /** A visitor turned out to be a known customer: `conversation.identify`. */
    'customer.identified': z.object({ type: z.literal('customer.identified'), ...about, customer }),
    /** Adds to the page trail: `conversation.moveTo`. */
    'page.visited': z.object({ type: z.literal('page.visited'), ...about, page: z.string().min(1).max(2_000) }),
    /** The customer rates the conversation: `conversation.rate`. */
    'rating.given': z.object({
      type: z.literal('rating.given'),
      ...about,
      score: z.number().min(0).max(10),
      comment: shortText.optional(),
    }),
    /** The agent takes an offer: `desk.accept`. */
    'offer.accepted': z.object({ type: z.literal('offer.accepted'), ...byAgent }),
    /** The agent passes an offer on: `desk.decline`. */
    'offer.declined': z.object({ type: z.literal('offer.declined'), ...byAgent, reason: shortText.optional() }),
    /** The agent writes to the customer: `desk.say`. */
    'message.sent': z.object({
      type: z.literal('message.sent'),
      ...byAgent,
      text: z.string(),
      attachments,
      metadata: z.unknown().optional(),
    }),
    /** The agent writes for colleagues only: `desk.note`. */
    'note.added': z.object({ type: z.literal('note.added'), ...byAgent, text: z.string() }),
    /** The agent steps away for a moment: `desk.hold`. */
    'conversation.held': z.object({ type: z.literal('conversation.held'), ...byAgent, backIn: duration.optional() }),
    /** The agent gives the conversation away: `desk.transfer`. `{ skills: [] }` is back to the queue. */
    'conversation.transferred': z.object({
      type: z.literal('conversation.transferred'),
      ...byAgent,
      to: z.union(
        [z.literal('bot'), z.object({ agentId }), z.object({ skills })],
        "expected 'bot', { agentId } or { skills: [...] }",
      ),
      note: z.string().optional(),
      warm: z.boolean().optional(),
    }),
    /** One step up the boundary ladder: `desk.warn`. */
    'customer.warned': z.object({ type: z.literal('customer.warned'), ...byAgent }),
    /** The agent is done, and the closing steps begin: `desk.close`. */
    'conversation.finished': z.object({
      type: z.literal('conversation.finished'),
      ...byAgent,
      directions: z.string().optional(),
      disposition: shortText.optional(),
    }),
    /** A supervisor joins the talk beside its agent, without a seat; with `takeOver` it is theirs from now on: `desk.join`. `force`: over capacity, too. */
    'agent.joined': z.object({
      type: z.literal('agent.joined'),
      conversationId: id,
      agentId,
      key,
      takeOver: z.boolean().optional(),
      force: z.boolean().optional(),
    }),
    /** Whoever joined leaves again: `desk.leave`. */
    'agent.parted': z.object({ type: z.literal('agent.parted'), conversationId: id, agentId, key }),
    /** A word to the agent of a live talk that the customer does not see: `desk.whisper`. */
    'whisper.sent': z.object({ type: z.literal('whisper.sent'), conversationId: id, agentId, key, text: z.string() }),
    /** Somebody gives a waiting conversation to an agent: `engine.assign`. `force`: over capacity, too. */
    'conversation.assigned': z.object({
      type: z.literal('conversation.assigned'),
      conversationId: id,
      agentId,
      by: id,
      force: z.boolean().optional(),
      key,
    }),
  }
  return { customer, commands }
}

function createParts() {
  const id = z.string().min(1).max(MAX_ID_LENGTH).regex(ID, 'expected no control characters')
  const shortText = z.string().max(MAX_SHORT_TEXT_LENGTH).transform(clean)
  const key = id.optional()
  const skills = z.array(id).max(50)
  const duration = z.union(
    [z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/)],
    "expected milliseconds, or a text such as '30s', '5m', '2h'",
  )
  const customer = z.object({
    id,
    name: shortText.optional(),
    email: z.string().max(320).transform(clean).optional(),
    language: z.string().max(35).optional(),
    attributes: z.record(z.string(), z.unknown()).optional(),
  })
  /** By reference, and only to what a browser opens without running it. */
  const attachments = z
    .array(z.object({ url: z.url({ protocol: /^https?$/ }).max(2_000), name: shortText }))
    .max(10)
    .optional()
  return { id, shortText, key, skills, duration, customer, attachments }
}
