/** Chance that can be repeated: the same seeds give the same draws. */
export interface Random {
  /** Between 0 and 1, without 1. */
  next(): number
  /** True so often. */
  chance(share: number): boolean
  between(from: number, to: number): number
  exponential(mean: number): number
  /** `spread` is the standard deviation of the logarithm. */
  lognormal(median: number, spread: number): number
  pick<Item>(items: readonly [Item, ...Item[]]): Item
}

/** @example createRandom(1, 42).chance(0.05) */
export function createRandom(...seeds: readonly number[]): Random {
  let state = seeds.reduce((mixed, seed) => mix(mixed ^ mix(seed + 0x9e3779b9)), 0x85ebca6b)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0 // mulberry32
    let drawn = Math.imul(state ^ (state >>> 15), 1 | state)
    drawn = (drawn + Math.imul(drawn ^ (drawn >>> 7), 61 | drawn)) ^ drawn
    return ((drawn ^ (drawn >>> 14)) >>> 0) / 4_294_967_296
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return {
    next,
    chance: (share) => next() < share,
    between: (from, to) => from + (to - from) * next(),
    exponential: (mean) => -mean * Math.log(1 - next()),
    lognormal: (median, spread) => median * Math.exp(spread * normal()),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  }
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return mixed ^ (mixed >>> 15)
}
