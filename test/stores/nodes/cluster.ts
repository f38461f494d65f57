import { assemble, type EngineOptions } from '../../../src/assemble.ts'
import type { Engine } from '../../../src/core/engine/engine-api.ts'
import { createVirtualClock, type VirtualClock } from '../../../src/testing/index.ts'
import type { Store } from '../../../src/stores/index.ts'
import { remoteStore, type Trouble } from '../../../src/testing/index.ts'

/** Several engines on one store and one virtual clock, as several nodes are. */
export interface Cluster {
  readonly clock: VirtualClock
  readonly log: readonly {
    readonly node: number
    readonly level: string
    readonly text: string
    readonly data: object
  }[]
  /** Starts one more node; `options` differ from those of the cluster, `trouble` is on its way to the store. */
  start(options?: EngineOptions, trouble?: Trouble & { readonly skewMs?: number }): Promise<Engine>
  /** From now on the node is not heard of any more: nothing of what it asks the store is done. */
  kill(node: Engine): void
  isDead(node: Engine): boolean
  /** Nothing of what the node asks the store is done until it is thawed: then all of it is. */
  freeze(node: Engine): void
  thaw(node: Engine): void
  settled(): Promise<void>
  /** Lets time pass for all of them. */
  advance(ms: number): Promise<void>
}

export function createCluster(store: Store, shared: EngineOptions = {}): Cluster {
  const clock = createVirtualClock(Date.UTC(2026, 0, 5, 9))
  const log: { node: number; level: string; text: string; data: object }[] = []
  let nodeCount = 0
  let idCount = 0
  const dead = new Set<Engine>()
  const frozen = new Map<Engine, { readonly until: Promise<void>; readonly thaw: () => void }>()
  async function settled(): Promise<void> {
    for (let round = 0; round < 40; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return {
    clock,
    log,
    settled,
    kill: (node) => {
      dead.add(node)
    },
    isDead: (node) => dead.has(node),
    freeze(node) {
      let thaw = (): void => {}
      const until = new Promise<void>((resolve) => (thaw = resolve))
      frozen.set(node, { until, thaw })
    },
    thaw(node) {
      frozen.get(node)?.thaw()
      frozen.delete(node)
    },
    async start(options = {}, { skewMs = 0, ...trouble } = {}) {
      const node = (nodeCount += 1)
      const before: NonNullable<Trouble['before']> = (operation, commit) =>
        dead.has(engine)
          ? new Promise<never>(() => {})
          : (frozen.get(engine)?.until ?? trouble.before?.(operation, commit))
      const write = (level: string) => (data: object, text?: string) =>
        void log.push({ node, level, text: text ?? '', data })
      const engine: Engine = assemble(
        {
          store: withTime({ ...remoteStore(store, { ...trouble, before }), isShared: true }, clock),
          log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
          ...shared,
          ...options,
        },
        {
          clock: skewed(clock, skewMs),
          seed: 1,
          createId: (at) => `c${at.toString(36)}-${String((idCount += 1)).padStart(4, '0')}`,
        },
      )
      await engine.start()
      return engine
    },
    async advance(ms) {
      const until = clock.now() + ms
      await settled()
      while (clock.fireNext(until)) await settled()
      clock.moveTo(until)
      await settled()
    },
  }
}

/** A node's own clock, which goes before the cluster's, or after. */
function skewed(clock: VirtualClock, skewMs: number): VirtualClock {
  if (skewMs === 0) return clock
  return { ...clock, now: () => clock.now() + skewMs, at: (at, callback) => clock.at(at - skewMs, callback) }
}

/** A store that has a time of its own, as a database server has. */
function withTime(store: Store, clock: VirtualClock): Store {
  return {
    ...store,
    open: async (tenant) => ({ ...(await store.open(tenant)), now: () => Promise.resolve(clock.now()) }),
  }
}
