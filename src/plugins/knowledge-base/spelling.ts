/** Finds the word that was meant, among words known to be right. */
export interface Spelling {
  has(word: string): boolean
  add(word: string, count?: number): void
  /** How often each word was added. */
  readonly counts: ReadonlyMap<string, number>
  /** The word itself when it is known or nothing is near; else the known word one typing error away that is used most. */
  correct(word: string): string
}

/** Shorter words have too many neighbours. */
const SHORTEST = 4
/** From here on one letter may stand for another: `card` and `cart` are two words. */
const SUBSTITUTION_LENGTH = 5
/** A swap is a slip of the fingers more often than a letter too many. */
const SWAP_WEIGHT = 4
/** So many words of one beginning and length are looked through: a flood of unknown words stays cheap. */
const CANDIDATES = 4_000

/**
 * Typing errors hardly ever change the first letter, so only words which begin alike are compared.
 * @example createSpelling(['refund']).correct('refnud') // 'refund'
 */
export function createSpelling(words: Iterable<string> = []): Spelling {
  const counts = new Map<string, number>()
  const buckets = new Map<string, string[]>()

  function add(word: string, times = 1): void {
    const count = counts.get(word)
    counts.set(word, (count ?? 0) + times)
    if (count !== undefined || word.length < SHORTEST - 1 || /\d/u.test(word)) return
    const bucket = toBucket(word, word.length)
    const known = buckets.get(bucket)
    if (known === undefined) buckets.set(bucket, [word])
    else if (known.length < CANDIDATES) known.push(word)
  }

  for (const word of words) add(word)
  return {
    has: (word) => counts.has(word),
    add,
    counts,
    correct(word) {
      if (word.length < SHORTEST || counts.has(word) || /\d/u.test(word)) return word
      let best = word
      let bestWeight = 0
      for (let length = word.length - 1; length <= word.length + 1; length++) {
        for (const other of buckets.get(toBucket(word, length)) ?? []) {
          const weight = nearness(word, other) * (counts.get(other) ?? 0)
          if (weight > bestWeight) [best, bestWeight] = [other, weight]
        }
      }
      return best
    },
  }
}

function toBucket(word: string, length: number): string {
  return `${word.charAt(0)}${length}`
}

/** More than 0 when one typing error leads from one to the other. */
function nearness(word: string, other: string): number {
  let from = 0
  while (from < word.length && word[from] === other[from]) from++
  if (word.length > other.length) return Number(word.slice(from + 1) === other.slice(from))
  if (word.length < other.length) return Number(word.slice(from) === other.slice(from + 1))
  if (
    word[from] === other[from + 1] &&
    word[from + 1] === other[from] &&
    word.slice(from + 2) === other.slice(from + 2)
  )
    return SWAP_WEIGHT
  return Number(word.length >= SUBSTITUTION_LENGTH && word.slice(from + 1) === other.slice(from + 1))
}
