import type { Core } from './core.ts'
import type { Effect } from '../snapshot.ts'
import type { Committed } from '../turn/keep.ts'
import type { Watch } from './waiting.ts'

/** Over the answers that are being looked for: each is called off as soon as a commit says that nobody waits for it any more. */
export interface Watches {
  begin(conversationId: string, effect: Effect): Watch
  end(effect: Effect): void
  isUnderWay(effectId: string): boolean
  committed(committed: Committed): void
}

export function createWatches({ signals }: Pick<Core, 'signals'>): Watches {
  const callOff = new Map<string, () => void>()
  return {
    begin(conversationId, { effectId }) {
      let isOver = false
      let end = (): void => {}
      const over = new Promise<void>((resolve) => {
        end = resolve
      })
      callOff.set(effectId, () => {
        isOver = true
        end()
      })
      return {
        get isOver() {
          return isOver
        },
        over,
        tell: (signal) => {
          if (!isOver) signals.send(conversationId, { ...signal, conversationId, author: 'bot', effectId })
        },
      }
    },
    isUnderWay: (effectId) => callOff.has(effectId),
    end: ({ effectId }) => {
      callOff.delete(effectId)
    },
    committed({ turn }) {
      if (callOff.size === 0) return
      const { pending } = turn.state.context
      for (const { type, effectId } of turn.begun.state.context.pending) {
        // What is learnt of a customer counts whoever speaks; an answer of the bot does not.
        if (type === 'question.answer' && !pending.some((effect) => effect.effectId === effectId))
          callOff.get(effectId)?.()
      }
    },
  }
}
