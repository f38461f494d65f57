import type { Arrival } from './workload.ts'

/** A customer, from arrival to the end. */
export interface Conversation extends Arrival {
  readonly id: string
  /** The skill asked for: the class's own, or the one it has overflowed to. */
  skill: string
  /** What is left of the work, in ms at full speed. */
  leftMs: number
  speed: number
  answeredAt: number
  state: 'waiting' | 'open' | 'over'
}

/**
 * An agent at work. All open conversations go on at once; each is the slower the more there are. What is left of each is brought up to
 * date whenever their number changes.
 */
export interface Desk {
  readonly openCount: number
  take(conversation: Conversation, at: number): void
  /** Ends the conversation that is done first. */
  finish(at: number): Conversation
  /** When the next conversation is done; Infinity while there is none. */
  nextAt(): number
}

export function createDesk(slowdown: number): Desk {
  const open: Conversation[] = []
  let updatedAt = 0

  function bringUpToDate(at: number): void {
    const pace = (at - updatedAt) / (1 + slowdown * (open.length - 1))
    if (open.length > 0 && pace > 0) for (const conversation of open) conversation.leftMs -= pace * conversation.speed
    updatedAt = at
  }

  /** Index of the one that is done first. */
  function soonest(): number {
    let best = 0
    for (let index = 1; index < open.length; index++) if (timeLeft(open[index]) < timeLeft(open[best])) best = index
    return best
  }

  const desk = {
    openCount: 0,
    take(conversation: Conversation, at: number): void {
      bringUpToDate(at)
      desk.openCount = open.push(conversation)
    },
    finish(at: number): Conversation {
      bringUpToDate(at)
      const index = soonest()
      const conversation = open[index]
      if (conversation === undefined) throw new Error('there is nothing to finish')
      if (index === open.length - 1) open.pop()
      else open.splice(index, 1)
      desk.openCount = open.length
      return conversation
    },
    nextAt(): number {
      if (open.length === 0) return Number.POSITIVE_INFINITY
      return updatedAt + Math.max(0, timeLeft(open[soonest()])) * (1 + slowdown * (open.length - 1))
    },
  }
  return desk
}

function timeLeft(conversation: Conversation | undefined): number {
  return conversation === undefined ? Number.POSITIVE_INFINITY : conversation.leftMs / conversation.speed
}
