import { toMs } from './duration.ts'
import { type NamesOf, refuseUnknownNames } from './known-names.ts'
import type { Duration } from './types.ts'

/** When a customer (or an agent) says nothing. */
export interface Silence {
  /** The customer is asked whether they are still there; 3 minutes unless said. */
  readonly remindAfter?: Duration
  /** The conversation is closed; 10 minutes unless said. Counted, like `remindAfter`, from the last thing said. */
  readonly closeAfter?: Duration
  /** The agent is reminded, and the customer told so, when there has been no answer for this long; half of `agentAfter` unless said. */
  readonly agentRemindAfter?: Duration
  /** An agent who leaves a customer without an answer for this long loses the conversation to the queue; 10 minutes unless said. */
  readonly agentAfter?: Duration
  /**
   * A message that was left, and that nobody has taken up by then, is closed with the outcome `messageLeft`; 3 days unless said. Longer
   * where the house is closed for longer than that.
   */
  readonly messageAfter?: Duration
  /** A customer who has been silent for this long costs their agent no capacity any more, until they write again; 10 minutes unless said. */
  readonly idleAfter?: Duration
}

/** What happens when somebody's connection is lost, without a word. */
export interface PresenceRules {
  /** An agent who is offline keeps open conversations for so long; then each goes back to the queue with its wait. 1 minute unless said. */
  readonly agentGrace?: Duration
  /** A customer who is gone keeps the place in the queue for so long. 1 minute unless said. */
  readonly customerGrace?: Duration
}

/** Where waiting conversations go after a limit. */
export type Overflow<Skill extends string = string> =
  /** A message is left, and answered later. */
  | 'async'
  /** The customer leaves a number, and is called back. */
  | 'callback'
  | 'close'
  | { readonly skills: readonly Skill[] }

/** All waiting times of the chart, in milliseconds. */
export interface Settings {
  readonly remindMs: number
  readonly closeMs: number
  readonly agentRemindMs: number
  readonly agentMs: number
  readonly idleMs: number
  readonly agentGraceMs: number
  readonly customerGraceMs: number
  readonly offerMs: number
  readonly wrapUpMs: number
  readonly overflowMs: number
  readonly overflowTo: Overflow
  /** How many agents are offered a conversation at once. */
  readonly offerTo: number
  /** When those who declined may be asked again; infinite: never. */
  readonly askAgainMs: number
  /** How often whoever waits is told where they stand; infinite: once. */
  readonly noticeMs: number
  /** How often one conversation may be given away. */
  readonly maxTransfers: number
  /** How long a message that was left waits for somebody. */
  readonly asyncMs: number
  /** How long after its end a conversation can be taken up again. */
  readonly reopenMs: number
  /** How long the search for an answer may take. */
  readonly answerMs: number
}

/** Those that routing reads and resolves. */
type RoutedSettings = Pick<Settings, 'offerMs' | 'wrapUpMs' | 'overflowMs' | 'overflowTo'> &
  Partial<Pick<Settings, 'offerTo' | 'askAgainMs' | 'noticeMs' | 'maxTransfers'>>

export interface SettingsOptions extends RoutedSettings {
  readonly silence?: Silence
  readonly presence?: PresenceRules
  readonly reopenWithin?: Duration
}

const ANSWER_MS = 10_000
/** Enough for any way through a house, too few for a circle. */
export const MAX_TRANSFERS = 5

const SILENCE: NamesOf<Silence> = {
  remindAfter: true,
  closeAfter: true,
  agentRemindAfter: true,
  agentAfter: true,
  messageAfter: true,
  idleAfter: true,
}
const PRESENCE: NamesOf<PresenceRules> = { agentGrace: true, customerGrace: true }

/** @throws MaitredError `CONFIG_INVALID` for a duration that cannot be, or a name that does not exist */
export function resolveSettings({ silence, presence, reopenWithin, ...routed }: SettingsOptions): Settings {
  refuseUnknownNames(silence ?? {}, SILENCE, { path: 'silence' })
  refuseUnknownNames(presence ?? {}, PRESENCE, { path: 'presence' })
  const agentMs = toMs(silence?.agentAfter ?? '10m', 'silence.agentAfter')
  return {
    offerTo: 1,
    askAgainMs: Number.POSITIVE_INFINITY,
    noticeMs: Number.POSITIVE_INFINITY,
    maxTransfers: MAX_TRANSFERS,
    ...routed,
    remindMs: toMs(silence?.remindAfter ?? '3m', 'silence.remindAfter'),
    closeMs: toMs(silence?.closeAfter ?? '10m', 'silence.closeAfter'),
    agentRemindMs: toMs(silence?.agentRemindAfter ?? agentMs / 2, 'silence.agentRemindAfter'),
    agentMs,
    idleMs: toMs(silence?.idleAfter ?? '10m', 'silence.idleAfter'),
    agentGraceMs: toMs(presence?.agentGrace ?? '1m', 'presence.agentGrace'),
    customerGraceMs: toMs(presence?.customerGrace ?? '1m', 'presence.customerGrace'),
    asyncMs: toMs(silence?.messageAfter ?? '3d', 'silence.messageAfter'),
    reopenMs: toMs(reopenWithin ?? '10m', 'reopenWithin'),
    answerMs: ANSWER_MS,
  }
}
