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
  const buckets = new Map<number, Bucket>()

  function add(word: string, times = 1): void {
    const count = counts.get(word)
    counts.set(word, (count ?? 0) + times)
    if (count !== undefined || word.length < SHORTEST - 1 || /\d/u.test(word)) return
    const bucket = toBucket(word, word.length)
    const known = buckets.get(bucket)
    if (known === undefined) buckets.set(bucket, { words: [word], letters: [lettersOf(word)] })
    else if (known.words.length < CANDIDATES) {
      known.words.push(word)
      known.letters.push(lettersOf(word))
    }
  }

  for (const word of words) add(word)
  return {
    has: (word) => counts.has(word),
    add,
    counts,
    correct(word) {
      if (word.length < SHORTEST || counts.has(word) || /\d/u.test(word)) return word
      const letters = lettersOf(word)
      let best = word
      let bestWeight = 0
      for (let length = word.length - 1; length <= word.length + 1; length++) {
        const bucket = buckets.get(toBucket(word, length))
        if (bucket === undefined) continue
        for (let place = 0; place < bucket.words.length; place++) {
          if (!differByTwo(letters, bucket.letters[place] ?? 0)) continue
          const other = bucket.words[place] ?? ''
          const weight = nearness(word, other) * (counts.get(other) ?? 0)
          if (weight > bestWeight) [best, bestWeight] = [other, weight]
        }
      }
      return best
    },
  }
}

/** Words of one beginning and length, and the letters of each. */
interface Bucket {
  readonly words: string[]
  readonly letters: number[]
}

/** A bit for each letter that occurs. */
function lettersOf(word: string): number {
  let letters = 0
  for (let place = 0; place < word.length; place++) letters |= 1 << (word.charCodeAt(place) & 31)
  return letters
}

/** By two letters at most: one typing error makes no more of a difference. */
function differByTwo(one: number, other: number): boolean {
  const both = one ^ other
  const less = both & (both - 1)
  return (less & (less - 1)) === 0
}

/** A number for the first letter and the length. */
function toBucket(word: string, length: number): number {
  return word.charCodeAt(0) * LENGTHS + length
}

/** More than the longest word has letters. */
const LENGTHS = 64

/** More than 0 when one typing error leads from one to the other; their lengths differ by 1 at most. */
function nearness(word: string, other: string): number {
  const longest = Math.max(word.length, other.length)
  const shortest = Math.min(word.length, other.length)
  let from = 1
  while (from < shortest && word.charCodeAt(from) === other.charCodeAt(from)) from++
  let left = shortest - from
  let [end, otherEnd] = [word.length, other.length]
  while (left > 0 && word.charCodeAt(end - 1) === other.charCodeAt(otherEnd - 1)) {
    left--
    end--
    otherEnd--
  }
  // Between what they have in common at the beginning and at the end, `left` letters of the shorter one differ.
  if (longest > shortest) return Number(left === 0)
  if (left === 2 && word[from] === other[from + 1] && word[from + 1] === other[from]) return SWAP_WEIGHT
  return Number(left <= 1 && word.length >= SUBSTITUTION_LENGTH)
}
