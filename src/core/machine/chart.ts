import { assign, setup } from 'xstate'
import type { Fact } from '../events.ts'
import type { Context } from '../snapshot.ts'
import type { TransitionName } from '../transitions.ts'
import { type Change, type ChangeName, changes } from './changes.ts'
import { createContext } from './context.ts'
import { guards } from './guards.ts'

/** Counts the charts that stored conversations may have been left in. */
export const CHART_VERSION = 1

export interface ChartInput {
  readonly id: string
  readonly customerId: string
  readonly channel: string
  readonly skills: readonly string[]
  readonly at: number
}

type Assigned = ReturnType<typeof assign<Context, Fact, undefined, Fact, never>>

const assigns = Object.fromEntries(
  Object.entries<Change>(changes).map(([name, change]) => [
    name,
    assign<Context, Fact, undefined, Fact, never>(({ context, event }) => change(context, event)),
  ]),
) as Record<ChangeName, Assigned> // fromEntries forgets the names

const design = setup({
  types: { context: {} as Context, events: {} as Fact, input: {} as ChartInput }, // xstate reads the types only
  actions: assigns,
  guards,
})

/** The public name of an edge, and its effect on who may veto it. */
const named = (transition: TransitionName) => ({ meta: { transition } })

const unsteady = { guard: 'isGone', target: '#closed', actions: ['endSilent'], ...named('close') } as const
const remind = { actions: ['reminded'] } as const
const person = {
  guard: 'isPerson',
  target: '#waiting.requested',
  actions: ['heard'],
  ...named('requestAgent'),
} as const
const wish = { target: '#waiting.requested', actions: ['wished', 'heard'], ...named('requestAgent') } as const
const question = {
  guard: 'isQuestion',
  target: '#helping.searching',
  actions: ['heard', 'asked'],
  reenter: true,
  ...named('search'),
} as const
const heard = { actions: ['heard'] } as const
const leaveMessage = {
  guard: 'isMessageLeft',
  target: '#async.parked',
  actions: ['heard'],
  ...named('goAsync'),
} as const

/** A step was answered, or given up: the next one, or whatever follows the last. */
const stepEdges = <Last extends object>(last: Last) => ({
  'step.answered': [
    { guard: 'hasNextStep', target: 'step', actions: ['heard', 'nextStep'], reenter: true, ...named('ask') } as const,
    last,
  ],
  'step.skipped': [
    { guard: 'hasNextStep', target: 'step', actions: ['nextStep'], reenter: true, ...named('ask') } as const,
    last,
  ],
  'step.rejected': { actions: ['heard', 'tried'] } as const,
})

/**
 * The chart of one conversation, made when first needed. Edges that change phase, path or owner carry their public name in `meta`; edges that
 * only record a fact have none. Seats, queue and owner follow from the context before and after, so a redirect can leave any state safely.
 */
export function toChart(): Chart {
  chart ??= createChart()
  return chart
}

type Chart = ReturnType<typeof createChart>
let chart: Chart | undefined

const createChart = () =>
  design.createMachine({
    id: 'conversation',
    context: ({ input }) => createContext(input),
    initial: 'greeting',
    on: {
      'conversation.redirected': [
        { guard: 'toSearch', target: '#helping.searching', actions: ['askedAgain'], reenter: true, ...named('search') },
        { guard: 'toSearchNothing', target: '#helping.listening', ...named('answer') },
        { guard: 'toRequestAgent', target: '#waiting.requested', ...named('requestAgent') },
        { guard: 'toEnqueue', target: '#waiting.queued', actions: ['required', 'queued'], ...named('enqueue') },
        { guard: 'toGoAsync', target: '#async.parked', ...named('goAsync') },
        { guard: 'toStartClosing', target: '#closing.begin', actions: ['planRedirected'], ...named('startClosing') },
        { guard: 'toClose', target: '#closed', actions: ['endRedirected'], ...named('close') },
      ],
      'customer.warned': [
        { guard: 'isLastWarning', target: '#closed', actions: ['warned', 'endBlocked'], ...named('block') },
        { actions: ['warned'], ...named('warn') },
      ],
      'customer.enriched': { actions: ['enriched'] },
      'customer.identified': { actions: ['identified'] },
      'wrapUp.ended': { actions: ['wrappedUp'] },
      'customer.arrived': { actions: ['arrived'] },
      'customer.vanished': { actions: ['vanished'] },
      'page.visited': {},
      'note.added': {},
      'timer.rearmed': {},
      'plugin.acted': {},
    },
    states: {
      greeting: {
        id: 'greeting',
        initial: 'new',
        on: {
          'agent.requested': wish,
          'customer.left': { target: '#closed', actions: ['endLeftHelping'], ...named('close') },
          'customer.fellSilent': [unsteady, remind],
        },
        states: {
          new: {
            on: {
              'conversation.opened': [
                { guard: 'hasSteps', target: 'step', actions: ['opened', 'listed'], ...named('ask') },
                { target: '#helping.listening', actions: ['opened'], ...named('greet') },
              ],
              'message.received': [person, question, heard],
            },
          },
          step: {
            on: {
              ...stepEdges({ target: '#helping.listening', actions: ['heard'], ...named('greet') } as const),
              'message.received': [person, question, heard], // not a reply: the step's plugin has been removed
            },
          },
        },
      },

      helping: {
        id: 'helping',
        entry: ['unseat', 'toBot', 'present', 'stepsDone', 'unqueued', 'goesOn'],
        initial: 'listening',
        on: {
          'agent.requested': wish,
          'customer.left': { target: '#closed', actions: ['endLeftHelping'], ...named('close') },
          'customer.fellSilent': [unsteady, remind],
          'message.received': [person, question, heard],
        },
        states: {
          listening: {},
          searching: {
            exit: ['searchOver'],
            on: {
              'answer.found': { target: 'suggesting', actions: ['suggested'], ...named('suggest') },
              'answer.given': { target: 'listening', actions: ['answered'], ...named('answer') },
              'answer.asked': { target: 'step', actions: ['answered', 'listed'], ...named('ask') },
              'answer.missed': [
                { guard: 'isSecondMiss', target: '#waiting.requested', actions: ['missed'], ...named('requestAgent') },
                { target: 'listening', actions: ['missed'], ...named('miss') },
              ],
            },
          },
          suggesting: {
            on: {
              'message.received': [
                person,
                { guard: 'isYes', target: 'solved', actions: ['heard', 'deflected'], ...named('deflect') },
                { guard: 'isFirstNo', target: 'searching', actions: ['heard', 'askedAgain'], ...named('search') },
                { guard: 'isNo', target: '#waiting.requested', actions: ['heard'], ...named('requestAgent') },
                question,
                heard,
              ],
            },
          },
          step: {
            on: {
              ...stepEdges({ target: 'listening', actions: ['heard', 'stepsDone'], ...named('answer') } as const),
            },
          },
          solved: { always: { target: '#closing.begin', ...named('startClosing') } },
        },
      },

      waiting: {
        id: 'waiting',
        entry: ['unseat', 'toQueue', 'stepsDone', 'goesOn'],
        initial: 'requested',
        on: {
          'message.received': [
            leaveMessage,
            { guard: 'isLeaving', target: '#closed', actions: ['heard', 'endAbandoned'], ...named('abandon') },
            heard,
          ],
          'agent.requested': heard,
          'customer.left': { target: '#closed', actions: ['endAbandoned'], ...named('abandon') },
          'customer.gone': [
            { guard: 'canReach', target: '#async.parked', ...named('goAsync') },
            { target: '#closed', actions: ['endAbandoned'], ...named('abandon') },
          ],
          'declines.forgotten': { actions: ['forgotten'] },
        },
        states: {
          requested: {
            on: {
              'requirements.settled': [
                { guard: 'isClosedFor', target: '#async.parked', actions: ['required'], ...named('goAsync') },
                { guard: 'hasSteps', target: 'step', actions: ['listed'], ...named('ask') },
                { target: 'queued', actions: ['required', 'queued'], ...named('enqueue') },
              ],
            },
          },
          step: {
            on: stepEdges({
              target: 'queued',
              actions: ['heard', 'stepsDone', 'queued'],
              ...named('enqueue'),
            } as const),
          },
          queued: {
            on: {
              'offer.made': { target: 'offered', actions: ['offered'], ...named('offer') },
              'wait.noticed': {},
              'queue.overflowed': [
                { guard: 'overflowsToAsync', target: '#async.parked', actions: ['overflowed'], ...named('goAsync') },
                { guard: 'overflowsToClose', target: '#closed', actions: ['endOverflowed'], ...named('close') },
                { actions: ['overflowed'] },
              ],
            },
          },
          offered: {
            always: { guard: 'autoAccepts', target: '#live.active', actions: ['seated'], ...named('accept') },
            on: {
              'offer.made': { target: 'offered', actions: ['offered'], ...named('offer') },
              'offer.accepted': { target: '#live.active', actions: ['seated'], ...named('accept') },
              'offer.declined': [
                { guard: 'hasOtherOffer', target: 'offered', actions: ['refused'], ...named('decline') },
                { target: 'queued', actions: ['refused'], ...named('decline') },
              ],
              'offer.expired': [
                { guard: 'hasOtherOffer', target: 'offered', actions: ['lapsed'], ...named('expire') },
                { target: 'queued', actions: ['lapsed'], ...named('expire') },
              ],
            },
          },
        },
      },

      live: {
        id: 'live',
        entry: ['stepsDone', 'searchOver'],
        initial: 'active',
        on: {
          'message.received': { actions: ['heard', 'unanswered', 'present'] },
          'message.sent': { actions: ['spoke'] },
          'guest.spoke': { actions: ['guestSpoke'] },
          'agent.joined': { actions: ['joined'], ...named('join') },
          'agent.parted': { actions: ['parted'] },
          'agent.fellSilent': { actions: ['agentReminded'] },
          'agent.requested': heard,
          'customer.left': [
            { guard: 'canReach', actions: ['away'] },
            { target: '#closed', actions: ['endLeft'], ...named('close') },
          ],
          'customer.gone': [{ guard: 'canReach', actions: ['away'] }, {}],
          'customer.fellSilent': [unsteady, { guard: 'isGoingIdle', actions: ['weightless'] }, remind],
          'conversation.taken': { target: '#live.active', actions: ['takenOver'], ...named('transfer') },
          'conversation.transferred': [
            { guard: 'toBot', target: '#helping.listening', ...named('transfer') },
            { guard: 'isWarm', target: '#live.transferring', actions: ['handedOver', 'weighed'], ...named('transfer') },
            { target: '#waiting.queued', actions: ['handedOver', 'queued'], ...named('transfer') },
          ],
          'agent.vanished': [
            { guard: 'parks', target: '#async.parked', actions: ['handedOver'], ...named('goAsync') },
            { target: '#waiting.queued', actions: ['handedOver', 'queued'], ...named('transfer') },
          ],
          'conversation.finished': { target: '#closing.begin', actions: ['finished'], ...named('startClosing') },
        },
        states: {
          active: {
            on: {
              'conversation.held': { target: 'held', actions: ['held'], ...named('hold') },
              // A customer who has been idle is back, and there is room for them.
              'offer.made': { guard: 'isIdle', target: 'transferring', actions: ['offered'], ...named('offer') },
            },
          },
          held: {
            on: { 'message.sent': { target: 'active', actions: ['spoke'], ...named('resume') } },
          },
          transferring: {
            always: { guard: 'autoAccepts', target: 'active', actions: ['seated'], ...named('accept') },
            on: {
              'offer.made': { target: 'transferring', actions: ['offered'], ...named('offer') },
              'offer.accepted': { target: 'active', actions: ['seated'], ...named('accept') },
              'offer.declined': { target: 'transferring', actions: ['refused'], ...named('decline') },
              'offer.expired': { target: 'transferring', actions: ['lapsed'], ...named('expire') },
              'queue.overflowed': { target: 'active', actions: ['keptHandover'], ...named('resume') },
            },
          },
        },
      },

      async: {
        id: 'async',
        entry: ['unseat', 'toQueue', 'away', 'stepsDone', 'queued', 'forgiven', 'parked', 'goesOn'],
        initial: 'parked',
        on: {
          'message.received': [person, heard],
          'agent.requested': wish,
          'customer.left': {},
          'async.expired': { target: '#closed', actions: ['endMessageLeft'], ...named('close') },
        },
        states: {
          parked: { on: { 'offer.made': { target: 'offered', actions: ['offered'], ...named('offer') } } },
          offered: {
            always: { guard: 'autoAccepts', target: '#live.active', actions: ['seated'], ...named('accept') },
            on: {
              'offer.accepted': { target: '#live.active', actions: ['seated'], ...named('accept') },
              'offer.declined': { target: 'parked', actions: ['refused'], ...named('decline') },
              'offer.expired': { target: 'parked', actions: ['lapsed'], ...named('expire') },
            },
          },
        },
      },

      closing: {
        id: 'closing',
        entry: ['unseat', 'toBot', 'stepsDone', 'unqueued'],
        initial: 'begin',
        on: {
          'message.received': [person, heard],
          'agent.requested': wish,
          'rating.given': { actions: ['rated'], ...named('rate') },
          'conversation.finished': { actions: ['disposed'] },
          'customer.left': { target: '#closed', actions: ['endPlanned'], ...named('close') },
        },
        states: {
          begin: {
            on: {
              'steps.listed': [
                { guard: 'hasSteps', target: 'step', actions: ['listed'], ...named('ask') },
                { target: '#closed', actions: ['endPlanned'], ...named('close') },
              ],
            },
          },
          step: {
            always: [
              { guard: 'isToldAndLast', target: '#closed', actions: ['endPlanned'], ...named('close') },
              { guard: 'isTold', target: 'step', actions: ['nextStep'], reenter: true, ...named('ask') },
            ],
            on: {
              'step.answered': [
                {
                  guard: 'isUnsolved',
                  target: '#waiting.requested',
                  actions: ['heard', 'unsolved'],
                  ...named('requestAgent'),
                },
                { guard: 'isRated', target: 'rated', actions: ['heard', 'rated'], ...named('rate') },
                {
                  guard: 'hasNextStep',
                  target: 'step',
                  actions: ['heard', 'confirmed', 'nextStep'],
                  reenter: true,
                  ...named('ask'),
                },
                { target: '#closed', actions: ['heard', 'confirmed', 'endPlanned'], ...named('close') },
              ],
              'step.skipped': [
                { guard: 'hasNextStep', target: 'step', actions: ['nextStep'], reenter: true, ...named('ask') },
                { target: '#closed', actions: ['endPlanned'], ...named('close') },
              ],
              'step.rejected': { actions: ['heard', 'tried'] },
            },
          },
          rated: {
            always: [
              { guard: 'hasNextStep', target: 'step', actions: ['nextStep'], ...named('ask') },
              { target: '#closed', actions: ['endPlanned'], ...named('close') },
            ],
          },
        },
      },

      closed: {
        id: 'closed',
        tags: ['closed'],
        entry: ['unseat', 'toNobody', 'stepsDone', 'unqueued'],
        on: {
          'rating.given': { actions: ['rated'], ...named('rate') },
          'conversation.finished': { actions: ['disposed'] },
          'conversation.reopened': { target: '#helping.listening', actions: ['reopened'], ...named('reopen') },
        },
      },
    },
  })
