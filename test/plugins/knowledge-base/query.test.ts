import { describe, expect, it } from 'vitest'
import { isMaitredError } from '../../../src/core/errors.ts'
import { createFeatureTable } from '../../../src/plugins/knowledge-base/features.ts'
import { toLanguage } from '../../../src/plugins/knowledge-base/language.ts'
import { readQuery } from '../../../src/plugins/knowledge-base/query.ts'
import { parseQuery } from '../../../src/plugins/knowledge-base/query-terms.ts'
import { createSpelling } from '../../../src/plugins/knowledge-base/spelling.ts'

const language = toLanguage('en')

function stemsOf(query: string, known: readonly string[] = []): readonly (readonly [string, string])[] {
  const reading = { language, table: createFeatureTable(language), spelling: createSpelling(known) }
  return [...readQuery(parseQuery(query), reading).stems]
}

const termsOf = (query: string): string[] => stemsOf(query).map(([stem]) => stem)

describe('a query', () => {
  it('is its words in order, each as the customer wrote it', () => {
    expect(parseQuery('My «REFUND», my Café!')).toEqual([
      { word: 'my', written: 'My' },
      { word: 'refund', written: 'REFUND' },
      { word: 'my', written: 'my' },
      { word: 'cafe', written: 'Café' },
    ])
  })

  it('leaves stop words out of its terms and keeps words of asking', () => {
    expect(termsOf('Hi, how do I get a refund please? Thanks!')).toEqual(['how', 'get', 'refund'])
  })

  it('keeps each term once, with the word as the customer wrote it', () => {
    expect(stemsOf('«REFUND», refunds: Café!')).toEqual([
      ['refund', 'REFUND'],
      ['cafe', 'Café'],
    ])
  })

  it('corrects a slip of the keyboard, and keeps what was written', () => {
    expect(stemsOf('my refnud', ['refund'])).toEqual([['refund', 'refnud']])
  })

  it('gives the word itself where one chunk holds several', () => {
    expect(parseQuery('E-mail')).toEqual([
      { word: 'e', written: 'e' },
      { word: 'mail', written: 'mail' },
    ])
  })

  it('shows no invisible characters', () => {
    expect(stemsOf('Re\u200bfu\ufeffnd')).toEqual([['refund', 'Refund']])
  })

  it('reads the first 512 characters only', () => {
    expect(termsOf(`${' '.repeat(500)}refund ${' '.repeat(20)}invoice`)).toEqual(['refund'])
  })

  it('has at most 24 terms, stop words not counted', () => {
    const words = Array.from({ length: 60 }, (_, index) => `the w${index}`)
    expect(termsOf(words.join(' '))).toEqual(Array.from({ length: 24 }, (_, index) => `w${index}`))
  })

  it.each(['', '   ', 'can I please do that?', '🎉👍', '\0\0', '\u200b', '\ud800'])('finds no terms in %j', (query) => {
    expect(termsOf(query)).toEqual([])
  })

  it.each([null, undefined, 42, {}, ['refund']])('P09: refuses %j', (query) => {
    expect(() => parseQuery(query)).toThrow(expect.toSatisfy((error) => isMaitredError(error, 'EVENT_INVALID')))
  })
})
