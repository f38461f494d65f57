import { fc } from '../fc.ts'
import { describe, expect, test } from 'vitest'
import { nearest } from '../../src/core/nearest.ts'

const policies = ['default', 'longestIdle', 'leastLoaded', 'roundRobin', 'random', 'mostSpecialised']

describe('nearest', () => {
  test.each([
    ['leastLoded', 'leastLoaded'],
    ['lesatLoaded', 'leastLoaded'],
    ['LEASTLOADED', 'leastLoaded'],
    ['longest-idle', 'longestIdle'],
    ['roundrobbin', 'roundRobin'],
    ['mostSpecialized', 'mostSpecialised'],
  ])('takes `%s` for `%s`', (word, meant) => {
    expect(nearest(word, policies)).toBe(meant)
  })

  test('names nobody when nothing is close', () => {
    expect(nearest('alphabetical', policies)).toBeUndefined()
    expect(nearest('x', ['y'])).toBeUndefined()
    expect(nearest('', policies)).toBeUndefined()
    expect(nearest('default', [])).toBeUndefined()
  })

  test('counts a swap of neighbours as one edit', () => {
    expect(nearest('abcdfe', ['abcdxx', 'abcdef'])).toBe('abcdef')
  })

  test('takes the first of equals', () => {
    expect(nearest('cart', ['card', 'care'])).toBe('card')
  })

  test('finds every word itself', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (words, at) => {
        const word = words[at % words.length] ?? ''
        expect(nearest(word, words)?.toLowerCase()).toBe(word.toLowerCase())
      }),
      { numRuns: 1_000 },
    )
  })
})
