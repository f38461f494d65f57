import { nodeCrypto } from './node-crypto.ts'

/** Chance for so many ids is drawn at once: asking the system costs much more than the bytes do. */
const IDS_AT_ONCE = 128
const CHANCE_BYTES = 9

/** What nine bytes are in base 64. */
const CHANCE_LENGTH = 12

const chance = Buffer.allocUnsafe(IDS_AT_ONCE * CHANCE_BYTES)
let drawn = ''
let used = 0
/** Many ids are made in one millisecond. */
let prefix = ''
let prefixAt = Number.NaN

/** Ids that sort by time: nine digits of it in base 36, then chance. */
export function createId(at: number): string {
  if (used === drawn.length) {
    nodeCrypto().randomFillSync(chance)
    drawn = chance.toString('base64url').replace(/[-_]/g, 'x')
    used = 0
  }
  if (at !== prefixAt) {
    prefix = `c${at.toString(36).padStart(9, '0')}`
    prefixAt = at
  }
  return flat(prefix, drawn.slice(used, (used += CHANCE_LENGTH)))
}

/** Larger numbers make their end each time: there may be any number of them. */
const MAX_NUMBER = 1_000

/**
 * Ends of ids with a number in them, `.7` or `/7/search`, each made once. An id with such an end is one string that points to two: the id is
 * held anyway and the end is one for all ids, so it takes less than a string of its own would, and is made without a copy.
 */
export function createEnds(before: string, after: string): (number: number) => string {
  const ends: string[] = []
  return (number) => {
    if (number < ends.length) return ends[number] as string // within its length
    if (number >= MAX_NUMBER) return flat(before, String(number), after)
    while (ends.length <= number) ends.push(flat(before, String(ends.length), after))
    return ends[number] as string // as above
  }
}

/** Strings joined into one. What `+` and templates make keeps its parts, and so twice the memory for as long as it is held. */
export function flat(...parts: readonly string[]): string {
  return parts.join('')
}
