import type { Engine } from '../../index.ts'

/** Agents for somebody who tries the chat alone: they take every conversation and answer kindly. */
export interface ObligingAgents {
  /** Resolves when none of them is about to say something. */
  idle(): Promise<void>
  stop(): void
}

const GREETING = 'Hello, I am with you now. What can I do for you?'
const REPLIES = [
  'Thank you, I am looking at it.',
  'I see. I have changed that for you; it counts from now on.',
  'That is noted. Is there anything else?',
  'Done. Say thanks when we are finished, and I show you how a conversation is closed.',
] as const
const FAREWELL = 'You are welcome. I am closing our conversation; there are one or two short questions left.'
const IS_FAREWELL = /\b(thanks|thank you|thx|bye|goodbye|that is all|that's all)\b/i

/** Once `start` has been called on the engine, they sit at their desks. */
export function seatObligingAgents(engine: Engine, replyAfterMs: number): ObligingAgents {
  const owners = new Map<string, { readonly agentId: string; replyCount: number }>()
  const pending = new Map<NodeJS.Timeout, () => void>()
  let idlers: (() => void)[] = []

  function later(action: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      // A refusal means that the customer was faster.
      void action().finally(() => done(timer))
    }, replyAfterMs)
    pending.set(timer, () => clearTimeout(timer))
  }

  function done(timer: NodeJS.Timeout): void {
    pending.delete(timer)
    if (pending.size > 0) return
    const waiting = idlers
    idlers = []
    for (const wake of waiting) wake()
  }

  engine.on('offer.accepted', ({ conversationId, agentId }) => {
    owners.set(conversationId, { agentId, replyCount: 0 })
    later(() => engine.agent(agentId).say(conversationId, GREETING))
  })
  engine.on('conversation.moved', ({ conversationId, to }) => {
    if (to !== 'live') owners.delete(conversationId)
  })
  engine.on('message.added', ({ conversationId, message }) => {
    const owner = owners.get(conversationId)
    if (message.author !== 'customer' || owner === undefined) return
    const desk = engine.agent(owner.agentId)
    if (!IS_FAREWELL.test(message.text)) {
      const reply = REPLIES[owner.replyCount % REPLIES.length] ?? GREETING
      owner.replyCount += 1
      return later(() => desk.say(conversationId, reply))
    }
    later(async () => {
      await desk.say(conversationId, FAREWELL)
      await desk.close(conversationId)
    })
  })
  return {
    idle: () => (pending.size === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    stop() {
      for (const cancel of pending.values()) cancel()
      pending.clear()
    },
  }
}
