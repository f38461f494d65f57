import { SLICE_OPERATIONS, type Work } from './slices.ts'

/** One part of an article; long ones have several. Fields are terms with a space between. */
export interface LexicalPart {
  readonly position: number
  readonly questions: string
  readonly text: string
}

/** How often a part has each term: in its questions, and in its text. */
export type Counted = readonly [questions: ReadonlyMap<string, number>, text: ReadonlyMap<string, number>]

/** What an index by terms is made of: plain numbers, so that it can be kept without reading a text again. */
export interface Postings {
  /** The article of each part; it never falls. */
  readonly positions: Int32Array
  /** How many different terms each part has: in its questions, in its text, and so on for the next. */
  readonly lengths: Int32Array
  readonly terms: readonly string[]
  /** How many parts have each term: in their questions, in their texts, and in either. */
  readonly counts: Int32Array
  /** The parts of each term in the same order, those of the questions first, and how often each has it. */
  readonly parts: Int32Array
  readonly times: Int32Array
}

export const FIELDS = [0, 1] as const
/** Where the count of parts that have a term in either field stands, after those of the fields. */
export const EITHER = FIELDS.length
/** What reading a character of terms costs. */
const TERM = 30
const TERMS_AT_ONCE = 1_000

/** @param parts in the order of their articles */
export function* toPostings(parts: Iterable<LexicalPart>): Work<Postings> {
  const found = new Map<string, Occurrences>()
  const positions: number[] = []
  const lengths: number[] = []
  for (const part of parts) {
    const number = positions.push(part.position) - 1
    const counted = countTerms(part)
    for (const field of FIELDS) {
      lengths.push(counted[field].size)
      for (const [term, times] of counted[field]) note(occurrencesOf(found, term), { number, field, times })
    }
    yield TERM * (part.questions.length + part.text.length)
  }
  return { positions: Int32Array.from(positions), lengths: Int32Array.from(lengths), ...(yield* layOut(found)) }
}

export function countTerms({ questions, text }: LexicalPart): Counted {
  return [countTimes(questions), countTimes(text)]
}

function countTimes(terms: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  if (terms === '') return times
  for (const term of terms.split(' ')) times.set(term, (times.get(term) ?? 0) + 1)
  return times
}

/** Where a term occurs. */
interface Occurrences {
  /** Part and times in turn. */
  readonly fields: readonly [questions: number[], text: number[]]
  partCount: number
  lastPart: number
}

function occurrencesOf(found: Map<string, Occurrences>, term: string): Occurrences {
  const known = found.get(term)
  if (known !== undefined) return known
  const none: Occurrences = { fields: [[], []], partCount: 0, lastPart: -1 }
  found.set(term, none)
  return none
}

function note(
  of: Occurrences,
  { number, field, times }: { readonly number: number; readonly field: 0 | 1; readonly times: number },
): void {
  of.fields[field].push(number, times)
  if (of.lastPart !== number) of.partCount++
  of.lastPart = number
}

function* layOut(found: ReadonlyMap<string, Occurrences>): Work<Omit<Postings, 'positions' | 'lengths'>> {
  const counts: number[] = []
  const parts: number[] = []
  const times: number[] = []
  for (const { fields, partCount } of found.values()) {
    for (const field of fields) {
      counts.push(field.length / 2)
      for (let index = 0; index < field.length; index += 2) {
        parts.push(field[index] ?? 0)
        times.push(field[index + 1] ?? 0)
      }
    }
    counts.push(partCount)
    if (counts.length % (3 * TERMS_AT_ONCE) === 0) yield SLICE_OPERATIONS
  }
  return {
    terms: [...found.keys()],
    counts: Int32Array.from(counts),
    parts: Int32Array.from(parts),
    times: Int32Array.from(times),
  }
}
