import { type Counted, countTerms, EITHER, FIELDS, type LexicalPart } from './postings.ts'

/** The parts of articles that were replaced since the postings were made, and what that changes in all the counts. */
export interface ReplacedParts {
  replace(position: number, parts: Iterable<LexicalPart>, old: Iterable<LexicalPart>): void
  /** Those that an article has now; nothing when it is as it was. */
  of(position: number): readonly Counted[] | undefined
  all(): Iterable<readonly [position: number, parts: readonly Counted[]]>
  /** How many parts more have the term than did. */
  gained(term: string, field: number): number
  readonly partCount: number
  /** How many terms more the parts have, field by field. */
  readonly lengths: readonly number[]
}

export function createReplacedParts(): ReplacedParts {
  const replaced = new Map<number, readonly Counted[]>()
  const gained = new Map<string, number[]>()
  const lengths = [0, 0]
  let partCount = 0

  function tally(part: Counted, sign: 1 | -1): void {
    partCount += sign
    for (const field of FIELDS) lengths[field] = (lengths[field] ?? 0) + sign * part[field].size
    for (const term of new Set([...part[0].keys(), ...part[1].keys()])) {
      const counts = gained.get(term) ?? [0, 0, 0]
      gained.set(term, counts)
      for (const field of FIELDS) counts[field] = (counts[field] ?? 0) + sign * Number(part[field].has(term))
      counts[EITHER] = (counts[EITHER] ?? 0) + sign
    }
  }

  return {
    replace(position, parts, old) {
      for (const part of old) tally(countTerms(part), -1)
      const now = Array.from(parts, countTerms)
      for (const part of now) tally(part, 1)
      replaced.set(position, now)
    },
    of: (position) => replaced.get(position),
    all: () => replaced.entries(),
    gained: (term, field) => gained.get(term)?.[field] ?? 0,
    get partCount() {
      return partCount
    },
    lengths,
  }
}
