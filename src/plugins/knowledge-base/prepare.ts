import type { Article } from '../../core/types.ts'
import type { Features, FeatureTable } from './features.ts'
import type { Language } from './language.ts'
import { CONCEPT_MARK } from './lexical.ts'
import { cut, toTerms } from './normalise.ts'
import { SLICE_OPERATIONS, type Work } from './slices.ts'

/** A title or an alternate question, read. */
export interface PreparedText {
  readonly features: Features
  /** What it is searched by, with a space between. */
  readonly terms: string
  /** Its words with a space between: two texts of the same words are the same question. */
  readonly words: string
}

/** An article, read. */
export interface Prepared {
  /** The title, then the questions. */
  readonly texts: readonly PreparedText[]
  /** Terms of its text, part by part. */
  readonly parts: readonly string[]
}

/** An article of more characters is split, so that no part takes long. */
export const PART_LENGTH = 16 * 1024
/** Nobody's question is longer. */
const QUESTION_LENGTH = 4 * 1024
/** What reading one costs. */
const CHARACTER = 100

export interface Reading {
  readonly language: Language
  readonly table: FeatureTable
  /** Told of every word. */
  readonly meet: (word: string) => void
}

/** Reads an article, a part at a time. */
export function* prepareArticle(article: Article, reading: Reading): Work<Prepared> {
  const texts: PreparedText[] = []
  let operations = 0
  for (const text of [article.title, ...(article.questions ?? [])]) {
    texts.push(prepareText(cut(text, QUESTION_LENGTH), reading))
    operations += CHARACTER * Math.min(text.length, QUESTION_LENGTH)
    if (operations < SLICE_OPERATIONS) continue
    yield operations
    operations = 0
  }
  const parts: string[] = []
  for (let from = 0; from < article.text.length; from += PART_LENGTH) {
    const words = toTerms(article.text.slice(from, from + PART_LENGTH))
    for (const word of words) reading.meet(word)
    parts.push(toSearchTerms(words, reading.language).join(' '))
    yield CHARACTER * Math.min(PART_LENGTH, article.text.length - from)
  }
  return { texts, parts }
}

export function prepareText(text: string, { language, table, meet }: Reading): PreparedText {
  const words = toTerms(text)
  for (const word of words) meet(word)
  return {
    features: table.learn(words),
    terms: toSearchTerms(words, language).join(' '),
    words: words.join(' '),
  }
}

/** Stems without stop words, each followed by the concepts it may stand for. */
export function toSearchTerms(words: readonly string[], language: Language): string[] {
  const terms: string[] = []
  let previous = ''
  for (const word of words) {
    const stem = language.stem(word)
    for (const concept of language.conceptsOf(previous, stem)) terms.push(CONCEPT_MARK + String(concept))
    previous = stem
    if (language.isStopWord(word)) continue
    terms.push(stem)
    for (const concept of language.conceptsOf(stem)) terms.push(CONCEPT_MARK + String(concept))
  }
  return terms
}
