import type { Features, FeatureTable } from './features.ts'
import type { Language } from './language.ts'
import { CONCEPT_MARK } from './lexical.ts'
import { toSearchTerms } from './prepare.ts'
import type { QueryWords } from './query-terms.ts'
import type { Spelling } from './spelling.ts'

/** A question, read as articles are. */
export interface Query {
  readonly features: Features
  /** Distinct terms to search by, concepts among them. */
  readonly terms: readonly string[]
  /** Distinct stems without stop words, each with the word as it was written. */
  readonly stems: ReadonlyMap<string, string>
  /** Of these stems, how many needed their spelling corrected. */
  readonly correctedCount: number
  readonly words: string
  /** What an embedder makes of it. */
  readonly embedding?: Float32Array
}

const STEM_COUNT = 24

/** Reads a question by the words that articles have, up to its 24th telling stem. */
export function readQuery(
  asked: QueryWords,
  { language, table, spelling }: { language: Language; table: FeatureTable; spelling: Spelling },
): Query {
  const words: string[] = []
  const stems = new Map<string, string>()
  let correctedCount = 0
  for (const { word, written } of asked) {
    const right = language.isStopWord(word) ? word : spelling.correct(word)
    const stem = language.stem(right)
    const isNew = !language.isStopWord(right) && !stems.has(stem)
    if (isNew && stems.size === STEM_COUNT) break
    words.push(right)
    if (!isNew) continue
    stems.set(stem, written)
    if (right !== word) correctedCount++
  }
  return {
    features: table.read(words),
    terms: [...new Set(toSearchTerms(words, language))],
    stems,
    correctedCount,
    words: words.join(' '),
  }
}

/** A held-out question as if a customer had asked it. */
export function toQuery({ features, terms, words }: Pick<Query, 'features' | 'words'> & { terms: string }): Query {
  const distinct = [...new Set(terms === '' ? [] : terms.split(' '))]
  const stems = distinct.filter((term) => !term.startsWith(CONCEPT_MARK))
  return {
    features,
    terms: distinct,
    stems: new Map(stems.map((stem) => [stem, stem])),
    correctedCount: 0,
    words,
  }
}
