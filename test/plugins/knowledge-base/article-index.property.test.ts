import { fc } from '../../fc.ts'
import { expect, it } from 'vitest'
import type { Article } from '../../../src/core/types.ts'
import { createArticleIndex } from '../../../src/plugins/knowledge-base/article-index.ts'

const { signal } = new AbortController()

const word = fc.constantFrom(
  'refund',
  'Refunds',
  'order',
  'late',
  'card',
  'the',
  'how',
  'déjà',
  '退款',
  "can't",
  '🎉',
  'passwrod',
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
)

const articles: fc.Arbitrary<readonly Article[]> = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    title: text.map((title) => `T ${title}`),
    text,
    questions: fc.array(text, { maxLength: 3 }),
  }),
  { selector: (article) => article.id, maxLength: 12 },
)

it('answers every query with confidences from 1 down to 0, and with articles it was given', () => {
  fc.assert(
    fc.property(articles, text, fc.integer({ min: 1, max: 5 }), (given, query, limit) => {
      const found = createArticleIndex(given).search(query, { limit, signal })
      const confidences = found.map((suggestion) => suggestion.confidence)
      expect(found.length).toBeLessThanOrEqual(Math.min(limit, given.length))
      expect(confidences.every((confidence) => confidence >= 0 && confidence <= 1)).toBe(true)
      expect(confidences).toEqual([...confidences].sort((one, other) => other - one))
      for (const { article, matched } of found) {
        expect(given).toContainEqual(article)
        expect(matched.length).toBeGreaterThan(0)
      }
    }),
  )
})

it('answers the same query the same way', () => {
  fc.assert(
    fc.property(articles, text, (given, query) => {
      const ask = () => createArticleIndex(given).search(query, { limit: 5, signal })
      expect(ask()).toEqual(ask())
    }),
  )
})

it('finds an article by its own title', () => {
  fc.assert(
    fc.property(articles, fc.nat(), (given, pick) => {
      const wanted = given[pick % given.length]
      fc.pre(wanted !== undefined)
      const named = { ...wanted, title: 'Zebra crossing' }
      const others = given.filter((article) => article.id !== wanted.id)
      const [first] = createArticleIndex([...others, named]).search('zebra crossing', { limit: 1, signal })
      expect(first?.article.id).toBe(wanted.id)
    }),
  )
})
