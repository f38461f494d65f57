import type { Arrival } from './workload.ts'

/** A customer, from arrival to the end. */
export interface Conversation extends Arrival {
  /** Its own as long as it waits. */
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
  /** The first `openCount`: what is left behind is written over. An array that is emptied is made anew. */
  const open: Conversation[] = []
  let updatedAt = 0

  function bringUpToDate(at: number): void {
    const pace = (at - updatedAt) / (1 + slowdown * (desk.openCount - 1))
    updatedAt = at
    if (!(pace > 0)) return
    for (let index = 0; index < desk.openCount; index++) {
      const conversation = open[index]
      if (conversation !== undefined) conversation.leftMs -= pace * conversation.speed
    }
  }

  /** Index of the one that is done first. */
  function soonest(): number {
    let best = 0
    for (let index = 1; index < desk.openCount; index++) if (timeLeft(open[index]) < timeLeft(open[best])) best = index
    return best
  }

  const desk = {
    openCount: 0,
    take(conversation: Conversation, at: number): void {
      bringUpToDate(at)
      open[desk.openCount] = conversation
      desk.openCount += 1
    },
    finish(at: number): Conversation {
      bringUpToDate(at)
      const index = soonest()
      const conversation = open[index]
      if (conversation === undefined || desk.openCount === 0) throw new Error('there is nothing to finish')
      desk.openCount -= 1
      for (let place = index; place < desk.openCount; place++) open[place] = open[place + 1] ?? conversation // there is one
      return conversation
    },
    nextAt(): number {
      if (desk.openCount === 0) return Number.POSITIVE_INFINITY
      return updatedAt + Math.max(0, timeLeft(open[soonest()])) * (1 + slowdown * (desk.openCount - 1))
    },
  }
  return desk
}

function timeLeft(conversation: Conversation | undefined): number {
  return conversation === undefined ? Number.POSITIVE_INFINITY : conversation.leftMs / conversation.speed
}
