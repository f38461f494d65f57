import { MaitredError } from '../../core/errors.ts'
import { cut, stripInvisible, toTerms, WORD_LENGTH } from './normalise.ts'
import { isStopWord } from './stop-words.ts'

/** Nobody's question needs more; an attack does. */
const QUERY_LENGTH = 512
const TERM_COUNT = 24

/** Each term to look for, with the word as the customer wrote it. */
export type QueryTerms = ReadonlyMap<string, string>

/**
 * Reads a query as its distinct terms without stop words: at most 24, from the first 512 characters.
 * @throws MaitredError `EVENT_INVALID` when it is not a string.
 * @example parseQueryTerms('Where is my REFUND?') // Map { 'where' => 'Where', 'refund' => 'REFUND' }
 */
export function parseQueryTerms(query: unknown): QueryTerms {
  if (typeof query !== 'string') throw notText(query)
  const terms = new Map<string, string>()
  for (const chunk of stripInvisible(cut(query, QUERY_LENGTH)).split(/\s+/u)) {
    const found = toTerms(chunk)
    for (const term of found) {
      if (isStopWord(term) || terms.has(term)) continue
      if (terms.size === TERM_COUNT) return terms
      // A chunk of several terms (`e-mail`, a Chinese sentence) does not tell which part of it made which term.
      terms.set(term, found.length === 1 ? asWritten(chunk) || term : term)
    }
  }
  return terms
}

/** Without the punctuation around it. */
function asWritten(chunk: string): string {
  return cut(chunk.replace(/^[^\p{L}\p{N}]+/u, '').replace(/[^\p{L}\p{N}\p{M}]+$/u, ''), WORD_LENGTH)
}

function notText(query: unknown): MaitredError {
  return new MaitredError('EVENT_INVALID', {
    message: `Expected text at \`query\`, got \`${query === null ? 'null' : typeof query}\`.`,
    hint: 'Search for the words of the customer as one string.',
    path: 'query',
  })
}
