/** Chance that is the same at every run. */
export interface Seeded {
  /** Between 0 and 1, without 1. */
  next(): number
  /** In place. */
  shuffle<List extends { readonly length: number; [place: number]: unknown }>(list: List): List
}

/** @example createSeeded(1).shuffle([1, 2, 3]) */
export function createSeeded(seed: number): Seeded {
  let state = seed | 0
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0 // the multiplier of Numerical Recipes; its upper bits are good
    let drawn = state ^ (state >>> 16)
    drawn = Math.imul(drawn, 0x45d9f3b)
    return ((drawn ^ (drawn >>> 16)) >>> 0) / 2 ** 32
  }
  return {
    next,
    shuffle(list) {
      for (let place = list.length - 1; place > 0; place--) {
        const other = Math.floor(next() * (place + 1))
        const kept = list[place]
        list[place] = list[other]
        list[other] = kept
      }
      return list
    },
  }
}
