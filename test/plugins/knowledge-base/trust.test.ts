import { describe, expect, test } from 'vitest'
import { createArticleIndex } from '../../../src/plugins/knowledge-base/article-index.ts'
import { toldOf, type Trust } from '../../../src/plugins/knowledge-base/trust.ts'
import { fc } from '../../fc.ts'
import { makeArticles } from './made-up.ts'

const { signal } = new AbortController()
const untried: Trust = { bias: 0, weights: [], isTried: false }
const tried: Trust = { ...untried, isTried: true }
const probability = fc.double({ min: 0, max: 1, noNaN: true })
const percent = (told: number) => Math.round(100 * told)

describe('how a probability is told', () => {
  test('exactly where questions of the same articles were tried', () => {
    fc.assert(fc.property(probability, (value) => toldOf(tried, value) === value))
  })

  test('in five grades where it is known from other articles only', () => {
    const told = Array.from({ length: 1_001 }, (_, step) => percent(toldOf(untried, step / 1_000)))
    expect([...new Set(told)]).toEqual([12, 30, 50, 70, 92])
    expect(percent(toldOf(untried, 1))).toBe(92)
  })

  test('never in another order, and always between 0 and 1', () => {
    fc.assert(
      fc.property(probability, probability, (one, other) => {
        const [less, more] = [toldOf(untried, Math.min(one, other)), toldOf(untried, Math.max(one, other))]
        expect(less).toBeLessThanOrEqual(more)
        expect(less).toBeGreaterThanOrEqual(0)
        expect(more).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('on the same side of 0.4, where an article is offered, and of 0.2, 0.6 and 0.8', () => {
    fc.assert(
      fc.property(
        probability,
        fc.constantFrom(0.2, 0.4, 0.6, 0.8),
        (value, threshold) => toldOf(untried, value) >= threshold === value >= threshold,
      ),
    )
  })
})

describe('confidence', () => {
  const articles = makeArticles(12, 6)
  /** Ever fewer words of a question, among ever more that no article has. */
  const asked = articles.map(({ questions = [] }, place) => {
    const words = (questions[0] ?? '').split(' ')
    return [...words.slice(place % 6), ...words.slice(0, place % 4).map((word) => `x${word}`)].join(' ')
  })
  const tellAll = (known: typeof articles) => {
    const index = createArticleIndex(known)
    return index.ready().then(() => asked.map((text) => index.search(text, { limit: 1, signal })[0]?.confidence ?? 0))
  }

  test('comes in grades for articles without questions', async () => {
    const told = await tellAll(articles.map((article) => ({ ...article, questions: [] })))
    const grades = new Set([0, 12, 30, 50, 70, 92])
    expect(told.filter((value) => !grades.has(percent(value)))).toEqual([])
  })

  test('is told exactly once questions of the articles were tried', async () => {
    const told = await tellAll(
      articles.map((article) => ({ ...article, questions: article.questions?.slice(1) ?? [] })),
    )
    expect(new Set(told.map((value) => percent(value))).size).toBeGreaterThan(6)
  })
})
