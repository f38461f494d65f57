/** Draws between 0 and 1, without 1; the same seed gives the same draws. */
export type Draw = () => number

/** @example createDraw(1)() */
export function createDraw(seed: number): Draw {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0 // mulberry32
    let drawn = Math.imul(state ^ (state >>> 15), state | 1)
    drawn = (drawn + Math.imul(drawn ^ (drawn >>> 7), drawn | 61)) ^ drawn
    return ((drawn ^ (drawn >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Another order, the same for the same seed. */
export function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const shuffled = [...items]
  const draw = createDraw(seed)
  for (let place = shuffled.length - 1; place > 0; place--) {
    const other = Math.floor(draw() * (place + 1))
    const [one, two] = [shuffled[place] as Item, shuffled[other] as Item] // both are within the list
    shuffled[place] = two
    shuffled[other] = one
  }
  return shuffled
}

const TYPO_CHANCE = 0.25
/** Shorter words are left alone. */
const TYPO_LENGTH = 4
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz'

/** One typo in a quarter of the longer words: a letter lost, two letters swapped, or a letter too many. */
export function addTypos(text: string, draw: Draw): string {
  return text
    .split(' ')
    .map((word) => (word.length < TYPO_LENGTH || draw() > TYPO_CHANCE ? word : misspell(word, draw)))
    .join(' ')
}

function misspell(word: string, draw: Draw): string {
  const place = 1 + Math.floor(draw() * (word.length - 2))
  const kind = draw()
  const before = word.slice(0, place)
  if (kind < 0.33) return before + word.slice(place + 1)
  if (kind < 0.66) return `${before}${word[place + 1] ?? ''}${word[place] ?? ''}${word.slice(place + 2)}`
  return `${before}${ALPHABET[Math.floor(draw() * ALPHABET.length)] ?? ''}${word.slice(place)}`
}
