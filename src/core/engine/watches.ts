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
  const underWay = new Map<string, Watching>()
  return {
    begin(conversationId, { effectId }) {
      const watching = new Watching(signals, conversationId, effectId)
      underWay.set(effectId, watching)
      return watching
    },
    isUnderWay: (effectId) => underWay.has(effectId),
    end: ({ effectId }) => {
      underWay.delete(effectId)
    },
    committed({ turn }) {
      if (underWay.size === 0) return
      const { pending } = turn.state.context
      for (const { type, effectId } of turn.begun.state.context.pending) {
        // What is learnt of a customer counts whoever speaks; an answer of the bot does not.
        if (type === 'question.answer' && !pending.some((effect) => effect.effectId === effectId))
          underWay.get(effectId)?.callOff()
      }
    },
  }
}

/** The promise is made for those who wait: most answers come at once. */
class Watching implements Watch {
  readonly #signals: Core['signals']
  readonly #conversationId: string
  readonly #effectId: string
  #over: PromiseWithResolve | undefined
  isOver = false

  constructor(signals: Core['signals'], conversationId: string, effectId: string) {
    this.#signals = signals
    this.#conversationId = conversationId
    this.#effectId = effectId
  }
  get over(): Promise<void> {
    return (this.#over ??= withResolve(this.isOver)).promise
  }
  callOff(): void {
    this.isOver = true
    this.#over?.resolve()
  }
  tell(signal: Parameters<Watch['tell']>[0]): void {
    if (this.isOver) return
    const about = { conversationId: this.#conversationId, author: 'bot', effectId: this.#effectId } as const
    this.#signals.send(this.#conversationId, { ...signal, ...about })
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolve(isResolved: boolean): PromiseWithResolve {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  if (isResolved) resolve()
  return { promise, resolve }
}
