import { toMs } from './duration.ts'
import type { Duration } from './types.ts'

/** When a customer (or an agent) says nothing. */
export interface Silence {
  /** The customer is asked whether they are still there; 3 minutes unless said. */
  readonly remindAfter?: Duration
  /** The conversation is closed; 10 minutes unless said. Counted, like `remindAfter`, from the last thing said. */
  readonly closeAfter?: Duration
  /** An agent who leaves a customer without an answer for this long loses the conversation to the queue; 10 minutes unless said. */
  readonly agentAfter?: Duration
}

/** Where waiting conversations go after a limit. */
export type Overflow<Skill extends string = string> = 'async' | 'close' | { readonly skills: readonly Skill[] }

/** All waiting times of the chart, in milliseconds. */
export interface Settings {
  readonly remindMs: number
  readonly closeMs: number
  readonly agentMs: number
  readonly offerMs: number
  readonly wrapUpMs: number
  readonly overflowMs: number
  readonly overflowTo: Overflow
  /** How long a message that was left waits for somebody. */
  readonly asyncMs: number
  /** How long after its end a conversation can be taken up again. */
  readonly reopenMs: number
  /** How long the search for an answer may take. */
  readonly answerMs: number
}

export interface SettingsOptions {
  readonly silence?: Silence
  readonly offerMs: number
  readonly wrapUpMs: number
  readonly overflowMs: number
  readonly overflowTo: Overflow
  readonly reopenWithin?: Duration
}

const ASYNC_MS = 3 * 86_400_000
const ANSWER_MS = 10_000

/** @throws MaitredError `CONFIG_INVALID` for a duration that cannot be */
export function resolveSettings(options: SettingsOptions): Settings {
  return {
    remindMs: toMs(options.silence?.remindAfter ?? '3m', 'silence.remindAfter'),
    closeMs: toMs(options.silence?.closeAfter ?? '10m', 'silence.closeAfter'),
    agentMs: toMs(options.silence?.agentAfter ?? '10m', 'silence.agentAfter'),
    offerMs: options.offerMs,
    wrapUpMs: options.wrapUpMs,
    overflowMs: options.overflowMs,
    overflowTo: options.overflowTo,
    asyncMs: ASYNC_MS,
    reopenMs: toMs(options.reopenWithin ?? '10m', 'reopenWithin'),
    answerMs: ANSWER_MS,
  }
}
