import { describe, expect, it } from 'vitest'
import { isMaitredError } from '../../../src/core/errors.ts'
import { parseQueryTerms } from '../../../src/plugins/knowledge-base/query-terms.ts'

const termsOf = (query: string): string[] => [...parseQueryTerms(query).keys()]

describe('parseQueryTerms', () => {
  it('leaves stop words out and keeps words of asking', () => {
    expect(termsOf('Hi, how do I get a refund please? Thanks!')).toEqual(['how', 'get', 'refund'])
  })

  it('keeps each term once, with the word as the customer wrote it', () => {
    expect([...parseQueryTerms('«REFUND», refund: Café!')]).toEqual([
      ['refund', 'REFUND'],
      ['cafe', 'Café'],
    ])
  })

  it('gives the term itself where one chunk holds several', () => {
    expect([...parseQueryTerms('E-mail')]).toEqual([
      ['e', 'e'],
      ['mail', 'mail'],
    ])
  })

  it('shows no invisible characters', () => {
    expect(parseQueryTerms('Re\u200bfu\ufeffnd').get('refund')).toBe('Refund')
  })

  it('reads the first 512 characters only', () => {
    expect(termsOf(`${' '.repeat(500)}refund ${' '.repeat(20)}invoice`)).toEqual(['refund'])
  })

  it('gives at most 24 terms, stop words not counted', () => {
    const words = Array.from({ length: 60 }, (_, index) => `the w${index}`)
    expect(termsOf(words.join(' '))).toEqual(Array.from({ length: 24 }, (_, index) => `w${index}`))
  })

  it.each(['', '   ', 'can I please do that?', '🎉👍', '\0\0', '\u200b', '\ud800'])('finds no terms in %j', (query) => {
    expect(termsOf(query)).toEqual([])
  })

  it.each([null, undefined, 42, {}, ['refund']])('P09: refuses %j', (query) => {
    expect(() => parseQueryTerms(query)).toThrow(expect.toSatisfy((error) => isMaitredError(error, 'EVENT_INVALID')))
  })
})
