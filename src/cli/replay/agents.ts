import type { AgentDesk, Message, Phase } from '../../index.ts'
import { createRandom, type Random } from '../random.ts'
import type { Stage } from './stage.ts'

/** Of all offers, so many are declined, and so many are not seen in time. */
const DECLINED = 0.05
const MISSED = 0.02
/** Back at the desk after an offer was missed. */
const BACK_MS = 60_000

const GREETINGS = [
  'Hello, I am with you now. Let me read what you wrote.',
  'Hi, thank you for waiting. I am on it.',
] as const
const REPLIES = [
  'Thank you, I have noted that.',
  'One moment, I am looking it up.',
  'I see. Could you tell me a little more?',
  'That is fine, I am changing it for you.',
  'Thank you. Is there anything I should know besides?',
] as const
const ANSWERS = ['Hello, I have read your message and arranged it. Write again if there is more.'] as const
const LAST_WORDS = ['That is done. I am glad I could help.', 'Everything is arranged now.'] as const

interface Seat {
  readonly agentId: string
  hasGreeted: boolean
  /** Is an answer, or the end, being prepared? */
  planned: 'reply' | 'close' | undefined
  callOff(): void
}

/** The people at the desks: they accept, decline now and then, answer everything, and close when the customer has nothing more to say. */
export class ReplayedAgents {
  readonly #stage: Stage
  readonly #random: ReadonlyMap<string, Random>
  readonly #hasFinished: (conversationId: string) => boolean
  readonly #seats = new Map<string, Seat>()

  constructor(
    stage: Stage,
    about: {
      readonly agentIds: readonly string[]
      readonly seed: number
      readonly hasFinished: (conversationId: string) => boolean
    },
  ) {
    this.#stage = stage
    this.#random = new Map(about.agentIds.map((id, index) => [id, createRandom(about.seed, AGENTS_DRAW, index)]))
    this.#hasFinished = about.hasFinished
  }

  offered(agentId: string, conversationId: string): void {
    const random = this.#randomOf(agentId)
    const drawn = random.next()
    if (drawn < MISSED) return
    const isDeclined = drawn < MISSED + DECLINED
    this.#stage.later(Math.round(random.between(2_000, 9_000)), () => {
      const desk = this.#stage.engine.agent(agentId)
      this.#stage.attempt(isDeclined ? desk.decline(conversationId) : desk.accept(conversationId))
    })
  }

  missed(agentId: string): void {
    this.#stage.later(BACK_MS, () => this.#stage.attempt(this.#stage.engine.agent(agentId).setPresence('online')))
  }

  seated(agentId: string, conversationId: string): void {
    this.#seats.get(conversationId)?.callOff()
    const seat: Seat = { agentId, hasGreeted: false, planned: undefined, callOff: () => {} }
    this.#seats.set(conversationId, seat)
    this.#planReply(seat, conversationId)
  }

  moved(conversationId: string, to: Phase): void {
    if (to === 'live') return
    this.#seats.get(conversationId)?.callOff()
    this.#seats.delete(conversationId)
  }

  hears(conversationId: string, { author }: Message): void {
    const seat = this.#seats.get(conversationId)
    if (author !== 'customer' || seat === undefined || seat.planned === 'reply') return
    seat.callOff()
    this.#planReply(seat, conversationId)
  }

  /** The more conversations somebody holds, the longer each waits for an answer. */
  #planReply(seat: Seat, conversationId: string): void {
    const heldCount = [...this.#seats.values()].filter(({ agentId }) => agentId === seat.agentId).length
    const medianMs = 55_000 + 25_000 * (heldCount - 1)
    const afterMs = Math.round(Math.max(4_000, this.#randomOf(seat.agentId).lognormal(medianMs, 0.5)))
    seat.planned = 'reply'
    seat.callOff = this.#stage.later(afterMs, () => this.#reply(seat, conversationId))
  }

  #reply(seat: Seat, conversationId: string): void {
    const random = this.#randomOf(seat.agentId)
    const words = random.pick(wordsFor(seat, this.#hasFinished(conversationId)))
    seat.planned = undefined
    seat.hasGreeted = true
    this.#stage.attempt(this.#deskOf(seat).say(conversationId, words))
    if (!this.#hasFinished(conversationId)) return
    seat.planned = 'close'
    seat.callOff = this.#stage.later(Math.round(random.between(8_000, 20_000)), () =>
      this.#stage.attempt(this.#deskOf(seat).close(conversationId)),
    )
  }

  #deskOf({ agentId }: Seat): AgentDesk {
    return this.#stage.engine.agent(agentId)
  }

  #randomOf(agentId: string): Random {
    const random = this.#random.get(agentId)
    if (random === undefined) throw new Error(`\`${agentId}\` is not on duty`)
    return random
  }
}

function wordsFor({ hasGreeted }: Seat, hasFinished: boolean): readonly [string, ...string[]] {
  if (hasFinished) return hasGreeted ? LAST_WORDS : ANSWERS
  return hasGreeted ? REPLIES : GREETINGS
}

/** Keeps the draws of agents apart from all others. */
const AGENTS_DRAW = 3
