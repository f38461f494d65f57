import MiniSearch from 'minisearch'
import type { Awaitable } from '../../core/types.ts'
import { SLICE_OPERATIONS, type Work } from './slices.ts'

/** What the search by terms finds of one article. */
export interface LexicalHit {
  readonly position: number
  readonly score: number
  readonly terms: readonly string[]
}

/** One part of an article; long ones have several. Fields are terms with a space between. */
export interface LexicalPart {
  readonly position: number
  readonly questions: string
  readonly text: string
}

/** Finds articles by the terms they share with the query. */
export interface Lexical {
  add(part: LexicalPart): void
  /** All parts of an article, as they were added. */
  remove(parts: readonly LexicalPart[]): void
  /** One hit per article, in no order. */
  search(terms: readonly string[]): readonly LexicalHit[]
  /** How many parts have the term. */
  countOf(term: string): number
  readonly partCount: number
}

/** What an index is made of, so that it can be made again without reading a text. */
export interface LexicalPostings {
  /** The article of each part. */
  readonly positions: Int32Array
  /** How many different terms each part has: in its questions, in its text, and so on for the next. */
  readonly lengths: Int32Array
  readonly terms: readonly string[]
  /** How many parts have each term: in their questions, in their texts, and in either. */
  readonly counts: Int32Array
  /** The parts of each term in the same order, and how often each has it. */
  readonly parts: Int32Array
  readonly times: Int32Array
}

/** Begins the terms that stand for concepts: no word has it. */
export const CONCEPT_MARK = '~'
/** What a word of the same meaning counts for, beside the word itself. */
const CONCEPT_BOOST = 0.3
const OPTIONS = {
  fields: ['questions', 'text'],
  // Documents and queries alike come here as terms, already normalised.
  tokenize: splitAtSpaces,
  processTerm: (term: string): string => term,
  searchOptions: {
    combineWith: 'OR',
    bm25: { k: 3, b: 0.7, d: 0 },
    boostTerm: (term: string): number => (term.startsWith(CONCEPT_MARK) ? CONCEPT_BOOST : 1),
  },
} as const
/** In large bases, terms of so many articles cost much and tell little. */
const LARGE = 500
const COMMON_SHARE = 0.1
/** Kept however common they are, when nothing else is asked. */
const LEAST_TERMS = 2

/** An empty index. */
export function createLexical(): Lexical {
  return wrap({ search: new MiniSearch<Entry>(toOptions()), positions: [], counts: new Map() })
}

interface Inside {
  readonly search: MiniSearch<Entry>
  readonly positions: number[]
  readonly counts: Map<string, number>
}

function wrap({ search, positions, counts }: Inside): Lexical {
  /** Of each article, the parts that are not removed. */
  const idsOf = new Map<number, number[]>()
  for (const [id, position] of positions.entries()) keepId(idsOf, position, id)

  function worthSearching(terms: readonly string[]): readonly string[] {
    const known = terms.filter((term) => counts.has(term))
    if (search.documentCount < LARGE) return known
    const most = search.documentCount * COMMON_SHARE
    const rare = known.filter((term) => (counts.get(term) ?? 0) <= most)
    if (rare.some((term) => !term.startsWith(CONCEPT_MARK))) return rare
    const rarest = known.sort((one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0))
    return rarest.slice(0, LEAST_TERMS)
  }

  return {
    add({ position, questions, text }) {
      const id = positions.push(position) - 1
      keepId(idsOf, position, id)
      search.add({ id, position, questions, text })
      for (const term of termsOf({ questions, text })) counts.set(term, (counts.get(term) ?? 0) + 1)
    },
    remove(parts) {
      for (const part of parts) {
        const id = idsOf.get(part.position)?.shift()
        if (id === undefined) continue
        search.remove({ id, ...part })
        for (const term of termsOf(part)) counts.set(term, (counts.get(term) ?? 1) - 1)
      }
    },
    search(terms) {
      const asked = worthSearching(terms)
      return asked.length === 0 ? [] : onePerArticle(search.search(asked.join(' ')), positions)
    },
    countOf: (term) => counts.get(term) ?? 0,
    get partCount() {
      return search.documentCount
    },
  }
}

function keepId(idsOf: Map<number, number[]>, position: number, id: number): void {
  const ids = idsOf.get(position)
  if (ids === undefined) idsOf.set(position, [id])
  else ids.push(id)
}

function termsOf({ questions, text }: Pick<LexicalPart, 'questions' | 'text'>): ReadonlySet<string> {
  return new Set([...splitAtSpaces(questions), ...splitAtSpaces(text)])
}

function toOptions() {
  return { ...OPTIONS, fields: [...OPTIONS.fields] }
}

/** What an index of these parts is made of. */
export function* toPostings(parts: Iterable<LexicalPart>): Work<LexicalPostings> {
  const found = new Map<string, { readonly parts: [number[], number[]]; readonly times: [number[], number[]] }>()
  const positions: number[] = []
  const lengths: number[] = []
  for (const { position, questions, text } of parts) {
    const id = positions.push(position) - 1
    for (const [field, terms] of [questions, text].entries()) {
      const times = countTimes(terms)
      lengths.push(times.size)
      for (const [term, count] of times) {
        const posting = found.get(term) ?? { parts: [[], []], times: [[], []] }
        found.set(term, posting)
        posting.parts[field]?.push(id)
        posting.times[field]?.push(count)
      }
    }
    yield TERM * (questions.length + text.length)
  }
  const counts: number[] = []
  const partIds: number[] = []
  const times: number[] = []
  for (const posting of found.values()) {
    const [asked, told] = posting.parts
    counts.push(asked.length, told.length, new Set([...asked, ...told]).size)
    for (const field of FIELDS) {
      for (const id of posting.parts[field]) partIds.push(id)
      for (const count of posting.times[field]) times.push(count)
    }
    if (counts.length % 3_000 === 0) yield SLICE_OPERATIONS
  }
  return {
    positions: Int32Array.from(positions),
    lengths: Int32Array.from(lengths),
    terms: [...found.keys()],
    counts: Int32Array.from(counts),
    parts: Int32Array.from(partIds),
    times: Int32Array.from(times),
  }
}

/** What reading a character of terms costs. */
const TERM = 30
const FIELDS = [0, 1] as const

function countTimes(terms: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const term of splitAtSpaces(terms)) times.set(term, (times.get(term) ?? 0) + 1)
  return times
}

/** Makes the index again, as MiniSearch reads one that it has written; in slices of its own unless `atOnce`. */
export function fromPostings(postings: LexicalPostings, atOnce: boolean): Awaitable<Lexical> {
  const { positions, lengths, terms, counts } = postings
  const partCount = positions.length
  const saved = {
    documentCount: partCount,
    nextId: partCount,
    documentIds: byPart(positions, (id) => id),
    fieldIds: { questions: 0, text: 1 },
    fieldLength: byPart(positions, (id) => [lengths[2 * id] ?? 0, lengths[2 * id + 1] ?? 0]),
    averageFieldLength: averageLengths(lengths, partCount),
    storedFields: {},
    dirtCount: 0,
    // It is only iterated over, so nobody has to hold all of it at once; the type asks for an array.
    index: entriesOf(postings) as Iterable<SavedTerm> as SavedTerm[],
    serializationVersion: 2,
  }
  const inParts = new Map(terms.map((term, place) => [term, counts[3 * place + 2] ?? 0]))
  const done = (search: MiniSearch<Entry>): Lexical => wrap({ search, positions: [...positions], counts: inParts })
  return atOnce
    ? done(MiniSearch.loadJS<Entry>(saved, toOptions()))
    : MiniSearch.loadJSAsync<Entry>(saved, toOptions()).then(done)
}

/** A term, and for each field how often each part has it. */
type SavedTerm = [term: string, fields: Record<string, Record<string, number>>]

function* entriesOf({ terms, counts, parts, times }: LexicalPostings): Generator<SavedTerm, void, void> {
  let from = 0
  for (const [place, term] of terms.entries()) {
    const fields: Record<string, Record<string, number>> = {}
    for (const field of FIELDS) {
      const count = counts[3 * place + field] ?? 0
      if (count === 0) continue
      const posting: Record<string, number> = {}
      for (let at = from; at < from + count; at++) posting[parts[at] ?? 0] = times[at] ?? 0
      from += count
      fields[field] = posting
    }
    yield [term, fields]
  }
}

function byPart<Value>(positions: Int32Array, read: (id: number) => Value): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const id of positions.keys()) values[id] = read(id)
  return values
}

/** Taken as MiniSearch does, one by one, so that not even the last digit differs. */
function averageLengths(lengths: Int32Array, partCount: number): number[] {
  const means = [0, 0]
  for (let id = 0; id < partCount; id++) {
    for (const field of FIELDS) means[field] = ((means[field] ?? 0) * id + (lengths[2 * id + field] ?? 0)) / (id + 1)
  }
  return means
}

interface Entry extends LexicalPart {
  readonly id: number
}

interface Result {
  readonly id: number
  readonly score: number
  readonly queryTerms: readonly string[]
}

/** Undoes MiniSearch's multiplication by the number of terms found, which makes scores grow with the query. */
function onePerArticle(results: readonly Result[], positions: readonly number[]): readonly LexicalHit[] {
  const best = new Map<number, LexicalHit>()
  for (const { id, score: raw, queryTerms } of results) {
    const position = positions[id] ?? -1
    const score = raw / queryTerms.length
    const other = best.get(position)
    if (other === undefined || other.score < score) best.set(position, { position, score, terms: queryTerms })
  }
  return [...best.values()]
}

function splitAtSpaces(terms: string): string[] {
  return terms === '' ? [] : terms.split(' ')
}
