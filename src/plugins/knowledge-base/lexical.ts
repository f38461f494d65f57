import MiniSearch from 'minisearch'

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
  /** All parts of an article. */
  remove(position: number): void
  /** One hit per article, in no order. */
  search(terms: readonly string[]): readonly LexicalHit[]
  /** How many parts have the term. */
  countOf(term: string): number
  readonly partCount: number
  save(): LexicalSave
}

export interface LexicalSave {
  readonly index: string
  readonly positions: readonly (number | null)[]
  readonly terms: string
  readonly counts: readonly number[]
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

/** An empty index, or one saved before. */
export function createLexical(saved?: LexicalSave): Lexical {
  const options = { ...OPTIONS, fields: [...OPTIONS.fields] }
  const search = saved === undefined ? new MiniSearch<Entry>(options) : MiniSearch.loadJSON<Entry>(saved.index, options)
  const positions: (number | null)[] = [...(saved?.positions ?? [])]
  const counts = new Map(saved && splitAtSpaces(saved.terms).map((term, place) => [term, saved.counts[place] ?? 0]))

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
      search.add({ id, position, questions, text })
      for (const term of new Set([...splitAtSpaces(questions), ...splitAtSpaces(text)]))
        counts.set(term, (counts.get(term) ?? 0) + 1)
    },
    remove(position) {
      for (const [id, of] of positions.entries()) {
        if (of !== position) continue
        search.discard(id)
        positions[id] = null
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
    save: () => ({
      index: JSON.stringify(search),
      positions,
      terms: [...counts.keys()].join(' '),
      counts: [...counts.values()],
    }),
  }
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
function onePerArticle(results: readonly Result[], positions: readonly (number | null)[]): readonly LexicalHit[] {
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
