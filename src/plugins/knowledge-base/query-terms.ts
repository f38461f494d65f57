import { MaitredError } from '../../core/errors.ts'
import { cut, stripInvisible, toTerms, WORD_LENGTH } from './normalise.ts'

/** Nobody's question needs more; an attack does. */
const QUERY_LENGTH = 512
const WORD_COUNT = 80

/** The words of a question in order, each as it was written. */
export type QueryWords = readonly { readonly word: string; readonly written: string }[]

/**
 * Reads a query as its words: at most 80, from the first 512 characters.
 * @throws MaitredError `EVENT_INVALID` when it is not a string.
 * @example parseQuery('My REFUND?') // [{ word: 'my', written: 'My' }, { word: 'refund', written: 'REFUND' }]
 */
export function parseQuery(query: unknown): QueryWords {
  if (typeof query !== 'string') throw notText(query)
  const words: { word: string; written: string }[] = []
  for (const chunk of stripInvisible(cut(query, QUERY_LENGTH)).split(/\s+/u)) {
    const found = toTerms(chunk)
    for (const word of found) {
      if (words.length === WORD_COUNT) return words
      // A chunk of several words (`e-mail`, a Chinese sentence) does not tell which part of it made which word.
      words.push({ word, written: found.length === 1 ? asWritten(chunk) || word : word })
    }
  }
  return words
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
