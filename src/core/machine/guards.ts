import type { Fact } from '../events.ts'
import type { Context } from '../snapshot.ts'
import { isIdle, offerTo } from './holds.ts'

/** A question an edge may ask: about the context and the fact, and nothing else. */
export type Guard = (about: { context: Context; event: Fact }) => boolean

export const guards = {
  hasSteps: ({ event }) => 'steps' in event && event.steps.length > 0,
  isPerson: ({ event }) => event.type === 'message.received' && event.kind === 'person',
  isQuestion: ({ event }) => event.type === 'message.received' && event.kind === 'question',
  isYes: ({ event }) => event.type === 'message.received' && event.kind === 'yes',
  isFirstNo: ({ context, event }) => isNo(event) && context.unsolvedCount === 0,
  isNo: ({ event }) => isNo(event),
  isLeaving: ({ event }) => event.type === 'message.received' && event.kind === 'leave',
  isGoingIdle: ({ event }) => event.type === 'customer.fellSilent' && event.stage === 'idle',
  isIdle: ({ context }) => isIdle(context),
  hasOtherOffer: ({ context, event }) =>
    'agentId' in event && context.holds.some((hold) => hold.phase === 'offered' && hold.agentId !== event.agentId),
  parks: ({ event }) => event.type === 'agent.vanished' && event.parks,
  isMessageLeft: ({ event }) => event.type === 'message.received' && event.kind === 'leaveMessage',
  isSecondMiss: ({ context }) => context.missCount > 0 || context.unsolvedCount > 0,
  isGone: ({ event }) => event.type === 'customer.fellSilent' && event.stage === 'gone',
  canReach: ({ event }) => 'canReach' in event && event.canReach,
  isClosedFor: ({ event }) => event.type === 'requirements.settled' && event.closedFor !== null,
  overflowsToAsync: ({ event }) =>
    event.type === 'queue.overflowed' && (event.to === 'async' || event.to === 'callback'),
  overflowsToClose: ({ event }) => event.type === 'queue.overflowed' && event.to === 'close',
  autoAccepts: ({ context, event }) =>
    event.type === 'offer.made' && event.autoAccept && offerTo(context, event.agentId) !== undefined,
  toBot: ({ event }) => event.type === 'conversation.transferred' && event.to === 'bot',
  isWarm: ({ event }) => event.type === 'conversation.transferred' && event.warm,
  hasNextStep: ({ context }) => hasNext(context),
  isTold: ({ context }) => isTold(context),
  isToldAndLast: ({ context }) => isTold(context) && !hasNext(context),
  isUnsolved: ({ context, event }) =>
    event.type === 'step.answered' && event.solved === false && context.returnCount === 0,
  isRated: ({ event }) => event.type === 'step.answered' && event.score !== undefined,
  isLastWarning: ({ context, event }) => event.type === 'customer.warned' && context.warningCount + 1 >= event.blockAt,
  toSearch: ({ context, event }) => isRedirect(event, 'search') && context.questionId !== null,
  toSearchNothing: ({ event }) => isRedirect(event, 'search'),
  toRequestAgent: ({ event }) => isRedirect(event, 'requestAgent'),
  toEnqueue: ({ event }) => isRedirect(event, 'enqueue'),
  toGoAsync: ({ event }) => isRedirect(event, 'goAsync'),
  toStartClosing: ({ event }) => isRedirect(event, 'startClosing'),
  toClose: ({ event }) => isRedirect(event, 'close'),
} satisfies Record<string, Guard>

function isNo(event: Fact): boolean {
  return event.type === 'message.received' && event.kind === 'no'
}

function isRedirect(event: Fact, to: string): boolean {
  return event.type === 'conversation.redirected' && event.to === to
}

function hasNext(context: Context): boolean {
  return context.step !== null && context.step.index + 1 < context.step.steps.length
}

function isTold(context: Context): boolean {
  return context.step?.steps[context.step.index]?.statement === true
}
