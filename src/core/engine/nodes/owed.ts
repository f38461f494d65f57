import type { Core } from '../core.ts'
import type { Effect } from '../../snapshot.ts'

/** Work that was promised by a node that is gone: searches and look-ups. */
export interface OwedEffects {
  look(): Promise<void>
}

const LIMIT = 200

/**
 * What is pending for longer than a lease, and is not being done here, is begun here. If its node lives after all, the first result counts
 * and the second is a token that has been spent.
 */
export function createOwedEffects(
  core: Core,
  about: {
    readonly afterMs: number
    isUnderWay(effectId: string): boolean
    startEffect(conversationId: string, effect: Effect): void
  },
): OwedEffects {
  let seen = new Map<string, number>()
  return {
    async look() {
      const at = core.clock.now()
      const before = seen
      seen = new Map()
      for (const { id, snapshot } of await core.store().find({ pending: true, limit: LIMIT })) {
        for (const effect of snapshot.context.pending) {
          const { effectId } = effect
          const since = before.get(effectId) ?? at
          const isLate = at - since >= about.afterMs && !about.isUnderWay(effectId)
          seen.set(effectId, isLate ? at : since)
          if (isLate) about.startEffect(id, effect)
        }
      }
    },
  }
}
