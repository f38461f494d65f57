import { cpuUsage } from 'node:process'

/** One side of a comparison: does a fixed amount of work, as often as asked. */
export interface Side {
  readonly name: string
  /** Does the work once. What it prepares belongs into `prepare`. */
  run(): void | Promise<void>
  /** Before each round, not counted. */
  prepare?(): void | Promise<void>
  /** After the last round: stops what would keep the process alive. */
  finish?(): void | Promise<void>
}

export interface Compared {
  readonly name: string
  /** CPU time of a round, in microseconds: the median. */
  readonly roundUs: number
  /** Against the first side, round by round: the median, and the quartiles. */
  readonly ratio: number
  readonly quartiles: readonly [number, number]
}

/**
 * Runs the sides in turn, round after round, and compares the CPU time of the process (user and system). The order changes with each
 * round, so that nobody always comes after the same neighbour. The first rounds warm up and do not count.
 */
export async function compare(
  sides: readonly Side[],
  {
    rounds = 9,
    warmUp = 3,
    tidy = 'all',
  }: { readonly rounds?: number; readonly warmUp?: number; readonly tidy?: Tidy } = {},
): Promise<readonly Compared[]> {
  const spent = sides.map((): number[] => [])
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (let offset = 0; offset < sides.length; offset += 1) {
      const index = (round + offset) % sides.length
      const side = sides[index]
      if (side === undefined) continue
      await side.prepare?.()
      collectGarbage(tidy)
      const began = cpuUsage()
      await side.run()
      const { user, system } = cpuUsage(began)
      if (round >= warmUp) spent[index]?.push(user + system)
    }
  }
  for (const side of sides) await side.finish?.()
  const base = spent[0] ?? []
  return sides.map(({ name }, index) => {
    const own = spent[index] ?? []
    const ratios = own.map((us, round) => us / (base[round] ?? us))
    return {
      name,
      roundUs: quantile(own, 0.5),
      ratio: quantile(ratios, 0.5),
      quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    }
  })
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/**
 * What is collected before each side. `all` throws away compiled code, too, whenever it refers to shapes of objects none of which is alive
 * in that moment: a short round then measures how V8 warms up. `young` leaves the code as it is, as in a process that goes on.
 */
export type Tidy = 'all' | 'young'

/** The runner starts Node with `--expose-gc`: each side begins with a tidy heap. */
export function collectGarbage(tidy: Tidy = 'all'): void {
  const { gc } = globalThis as { gc?: (options?: { readonly type: 'minor' }) => void }
  if (tidy === 'young') gc?.({ type: 'minor' })
  else gc?.()
}
