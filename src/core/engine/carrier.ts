import { toMs } from '../duration.ts'
import { MaitredError } from '../errors.ts'
import type { Board } from '../observations.ts'
import type { Channel, Clock, Log, TenantStore } from '../ports.ts'
import type { Customer, Message } from '../types.ts'
import type { Node } from './nodes/shared-work.ts'

/** What is needed of an engine. */
export interface House {
  readonly clock: Clock
  readonly board: Board
  readonly node: Pick<Node, 'does'>
  readonly options: { readonly channels: readonly Channel[]; readonly log: Log }
  store(): TenantStore
}

/** One entry of one transcript. */
export interface Place {
  readonly conversationId: string
  readonly seq: number
}

/** Resolves at a time, or when it is of no use to wait: then to `false`. */
export type Wait = (at: number) => Promise<boolean>

/** Of one attempt; a channel that needs longer is asked again. */
const LIMIT_MS = 30_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10 * 60_000
/** From the moment it was written: then nobody waits for it any more. */
const GIVEN_UP_MS = 24 * 3_600_000
/** Conversations that something was sent to lately. */
const REMEMBERED = 10_000

/** Brings one message to its customer: by one channel after the other, until one has sent it. `false`: not now, and not by us. */
export function createCarrier(house: () => House): (place: Place, wait: Wait) => Promise<boolean> {
  const sentAt = new Map<string, number>()

  async function carry(place: Place, wait: Wait): Promise<boolean> {
    let index = 0
    for (let tries = 1, attemptCount = 1; ; tries += 1, attemptCount += 1) {
      const owed = await read(place)
      const channel = owed?.channels[index]
      if (owed === undefined || channel === undefined) return true
      if (!(await wait(freeAt(channel, place)))) return false
      const { result, error } = await attempt(channel, owed)
      const now = house().clock.now()
      if (result === 'sent') {
        noteSent(channel, place, now)
        return true
      }
      if (result === 'gone' || now - owed.message.at >= GIVEN_UP_MS) {
        const why = { attemptCount, error: failure(channel, result, error) }
        house().board.tell({ type: 'delivery.failed', at: now, ...place, channel: channel.name, ...why })
        index += 1
        tries = 0
        continue
      }
      if (!(await wait(now + pauseAfter(tries)))) return false
    }
  }

  /** Before every attempt, for the words stand in the transcript only; `undefined`: erased, or forgotten. */
  async function read({ conversationId, seq }: Place): Promise<Owed | undefined> {
    const { row } = await house().store().load(conversationId)
    const message = (
      await house()
        .store()
        .transcript(conversationId, seq - 1)
    )[0]
    if (row === undefined || message === undefined || !hasWords(message)) return undefined
    const channels = channelsFor(house().options.channels, row.snapshot.context.channel)
    return { conversationId, message, customer: row.customer, channels }
  }

  async function attempt(channel: Channel, { conversationId, message, customer }: Owed): Promise<Attempt> {
    const { clock, options } = house()
    try {
      const key = `${conversationId}/${message.seq}`
      const sending = Promise.resolve(channel.deliver(message, { conversationId, customer, key }))
      clock.watch?.(sending, `the channel \`${channel.name}\``)
      const result = await within(clock, LIMIT_MS, sending)
      return { result: result === 'sent' || result === 'gone' ? result : 'retry' }
    } catch (error) {
      options.log.warn({ error, conversationId, channel: channel.name }, 'a channel failed; it is asked again')
      return { result: 'retry', error }
    }
  }

  function freeAt(channel: Channel, { conversationId }: Place): number {
    return (sentAt.get(`${channel.name}\n${conversationId}`) ?? 0) + pauseOf(channel)
  }

  function noteSent(channel: Channel, { conversationId }: Place, now: number): void {
    if (pauseOf(channel) === 0) return
    const name = `${channel.name}\n${conversationId}`
    sentAt.delete(name) // the newest last
    sentAt.set(name, now)
    const [oldest] = sentAt.keys()
    if (sentAt.size > REMEMBERED && oldest !== undefined) sentAt.delete(oldest)
  }

  return carry
}

interface Owed {
  readonly conversationId: string
  readonly message: Message
  readonly customer: Customer
  readonly channels: readonly Channel[]
}

interface Attempt {
  readonly result: 'sent' | 'retry' | 'gone'
  readonly error?: unknown
}

/** The one the conversation came by; else all of them, in their order. */
function channelsFor(channels: readonly Channel[], name: string): readonly Channel[] {
  const own = channels.filter((channel) => channel.name === name)
  return own.length > 0 ? own : channels
}

function hasWords({ text, attachments = [] }: Message): boolean {
  return text !== '' || attachments.length > 0
}

/** Doubles each time, up to a limit. */
function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
}

function pauseOf({ name, pause = 0 }: Channel): number {
  return toMs(pause, `channels.${name}.pause`)
}

/** `undefined` when it takes longer. */
async function within<Value>(clock: Clock, ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  let cancel = (): void => {}
  const late = new Promise<undefined>((resolve) => {
    cancel = clock.at(clock.now() + ms, () => resolve(undefined))
  })
  return Promise.race([promise, late]).finally(cancel)
}

function failure({ name }: Channel, result: Attempt['result'], cause: unknown): MaitredError {
  return new MaitredError('DELIVERY_FAILED', {
    message:
      result === 'gone'
        ? `The channel \`${name}\` cannot reach this customer.`
        : `The channel \`${name}\` could not send it for a day.`,
    hint: 'The message stands in the transcript: the customer reads it when they come back.',
    cause,
  })
}
