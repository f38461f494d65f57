import { assemble, type EngineOptions } from '../../src/assemble.ts'
import type { Engine } from '../../src/core/engine/engine-api.ts'
import type { Store, TenantStore } from '../../src/core/ports.ts'
import { createVirtualClock } from '../../src/testing/index.ts'
import { wrapStore } from './wrapped-store.ts'

/** One engine, alone on its store, on virtual time that waits for what a real database has been asked. */
export interface WaitingHouse {
  readonly engine: Engine
  now(): number
  advance(ms: number): Promise<void>
  /** Until nothing is asked of the store any more. */
  quiet(): Promise<void>
}

export async function openWaitingHouse(store: Store, options: EngineOptions): Promise<WaitingHouse> {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5, 9))
  let asked = 0
  let idCount = 0
  const counted = wrapStore(store, (tenant) => {
    const count =
      (operation: (...args: readonly unknown[]) => unknown) =>
      async (...args: readonly unknown[]): Promise<unknown> => {
        asked += 1
        try {
          return await operation(...args)
        } finally {
          asked -= 1
        }
      }
    const operations = Object.entries(tenant).map(([name, operation]) => [name, count(operation as never)]) // they are all operations
    return Object.fromEntries(operations) as TenantStore // each does what it did
  })
  const createId = (): string => `c${String((idCount += 1)).padStart(4, '0')}`
  const engine = assemble(
    { ...options, store: { ...counted, isShared: false, answersAtOnce: false } },
    { clock, seed: 1, createId },
  )
  const quiet = async (): Promise<void> => {
    for (let still = 0; still < 10; still = asked === 0 ? still + 1 : 0)
      await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await engine.start()
  return {
    engine,
    quiet,
    now: () => clock.now(),
    async advance(ms) {
      const until = clock.now() + ms
      await quiet()
      while (clock.fireNext(until)) await quiet()
      clock.moveTo(until)
      await quiet()
    },
  }
}
