import type { Customer } from './types.ts'

/** What a text may speak about. Only `customer` and `language` are always there. */
export interface TextAbout {
  readonly customer: Customer
  readonly language: string
  /** Name of the agent concerned. */
  readonly agent?: string
  /** Place in the queue. */
  readonly position?: number
  /** Minutes until the agent is back; in `remindAgent`, how long the customer has waited. */
  readonly minutes?: number
  /** When somebody will be there again, epoch ms. */
  readonly opensAt?: number
}

export type Text = string | ((about: TextAbout) => string)

/** Everything the bot says by itself: one catalogue, any entry of which can be replaced. */
export const DEFAULT_TEXTS = {
  greeting: ({ customer }) =>
    `Hello${customer.name === undefined ? '' : ` ${customer.name}`}! What can I help you with?`,
  howCanIHelp: 'Tell me in a few words what it is about, and I will look it up.',
  didThisHelp: 'Did this help?',
  noAnswer: 'I found nothing on that. Try other words, or ask for a person.',
  connecting: 'I am looking for somebody who can help you.',
  inQueue: ({ position }) =>
    position === undefined
      ? 'Everybody is busy at the moment. You are in the queue.'
      : `Everybody is busy at the moment. You are number ${position} in the queue.`,
  placeKept: 'Your place is kept. You need not do anything.',
  agentJoined: ({ agent }) => `${agent ?? 'A colleague'} has joined the conversation.`,
  transferring: 'I am passing you on to a colleague; your place is kept.',
  backToBot: 'You are talking to the assistant again. What else can I help you with?',
  onHold: ({ agent, minutes }) =>
    `${agent ?? 'Your agent'} will be back${minutes === undefined ? ' shortly' : ` in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`}.`,
  leaveMessage:
    'Nobody can take this right now. Write down what we should know: we will answer as soon as somebody is there.',
  callBack:
    'Nobody can take this right now. Leave a number and a good time to call, and we will call you back as soon as somebody is there.',
  answeredLater: 'You seem to have gone. We will answer as soon as somebody is there.',
  nobodyAvailable: 'I am sorry, nobody could be found for you in time. Open the chat again whenever it suits you.',
  agentBusy: ({ agent }) => `${agent ?? 'Your agent'} will be with you in a moment.`,
  remindAgent: ({ minutes }) =>
    `The customer has been waiting for an answer${minutes === undefined ? '' : ` for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`}.`,
  stillThere: 'Are you still there?',
  closedForSilence:
    'I have not heard from you for a while, so I am closing this conversation. Write again at any time.',
  isItSolved: 'Is everything solved?',
  nextDirections: 'You do not need to do anything else.',
  thanks: 'Thank you for talking to us.',
  moreHelp: 'If anything else comes up, open the chat again: we pick up where we left off.',
  rate: 'How would you rate this conversation, from 1 to 5?',
  notUnderstood: 'I did not get that. Could you pick one of the answers?',
  warning: 'Let us keep this friendly, please.',
  lastWarning: 'This is the last warning: if it goes on like this, the conversation will be ended.',
  blocked: 'This conversation has been ended.',
  welcomeBack: 'Welcome back! What can I help you with?',
  yes: 'Yes',
  no: 'No',
  person: 'Talk to a person',
  leaveMessageChoice: 'Leave a message instead',
  keepPlaceChoice: 'Keep my place',
  leaveChoice: 'I do not need it any more',
} as const satisfies Record<string, Text>

export type TextKey = keyof typeof DEFAULT_TEXTS
export type Texts = { readonly [Key in TextKey]?: Text }

/** Says a text of the catalogue about somebody. */
export type Say = (key: TextKey, about: Omit<TextAbout, 'language'>) => string

/** The catalogue with the owner's wording over the defaults. A text that fails is reported, and said in the default words. */
export function createSay(texts: Texts = {}, failed: (key: TextKey, error: unknown) => void = () => {}): Say {
  return (key, told) => {
    const text = texts[key] ?? DEFAULT_TEXTS[key]
    if (typeof text === 'string') return text
    const about = toAbout(told)
    try {
      return read(text, about)
    } catch (error) {
      failed(key, error)
      return read(DEFAULT_TEXTS[key], about)
    }
  }
}

/** Written out: `{ ...told, language }` has a new shape for every kind of notice, and costs more than all the rest of saying it. */
function toAbout({ customer, agent, position, minutes, opensAt }: Omit<TextAbout, 'language'>): TextAbout {
  const about: { -readonly [Field in keyof TextAbout]: TextAbout[Field] } = {
    customer,
    language: customer.language ?? 'en',
  }
  if (agent !== undefined) about.agent = agent
  if (position !== undefined) about.position = position
  if (minutes !== undefined) about.minutes = minutes
  if (opensAt !== undefined) about.opensAt = opensAt
  return about
}

function read(text: Text, about: TextAbout): string {
  const words: unknown = typeof text === 'string' ? text : text(about)
  if (typeof words === 'string') return words
  throw new TypeError(`expected a text, got \`${String(words)}\``)
}
