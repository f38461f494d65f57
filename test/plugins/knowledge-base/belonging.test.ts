import { describe, expect, test } from 'vitest'
import { createArticleIndex } from '../../../src/plugins/knowledge-base/article-index.ts'
import { build, train } from '../../../src/plugins/knowledge-base/index-state.ts'
import { belongingOf, pickStrangers } from '../../../src/plugins/knowledge-base/belonging.ts'
import { toLanguage } from '../../../src/plugins/knowledge-base/language.ts'
import { parseArticles } from '../../../src/plugins/knowledge-base/parse-articles.ts'
import { readQuery } from '../../../src/plugins/knowledge-base/query.ts'
import { parseQuery } from '../../../src/plugins/knowledge-base/query-terms.ts'
import { runAtOnce } from '../../../src/plugins/knowledge-base/slices.ts'
import { vote } from '../../../src/plugins/knowledge-base/voters.ts'
import { makeArticles } from './made-up.ts'

const { signal } = new AbortController()

const BAKERY: readonly (readonly [title: string, ...questions: string[]])[] = [
  [
    'Ordering a cake',
    'can I order a birthday cake',
    'how do I get a cake made for a party',
    'I want a cake with a name on it',
  ],
  [
    'Bread without wheat',
    'do you have bread without gluten',
    'is there a loaf with no wheat',
    'what can I eat without gluten',
  ],
  [
    'Fresh rolls in the morning',
    'when are the rolls baked',
    'from when are there fresh rolls',
    'are your rolls warm at seven',
  ],
  ['Delivery of bread', 'do you bring bread to my door', 'can bread be delivered', 'what does delivery of rolls cost'],
  ['Returning bread', 'my bread was mouldy', 'can I bring back a loaf', 'the cake was dry and I want my money'],
  ['Loyalty card of the bakery', 'how do I collect stamps', 'what is the stamp card good for', 'I lost my stamp card'],
  ['Baking courses', 'can I learn how to bake', 'when is the next baking course', 'what does a baking course cost'],
  [
    'Weather and the terrace',
    'is the terrace open when it rains',
    'what is the weather like on your terrace',
    'will it rain on the terrace tomorrow',
  ],
]

const bakery = BAKERY.map(([title, ...questions], place) => ({ id: `b${place}`, title, text: '', questions }))

function learn(
  articles: readonly { id: string; title: string; text: string; questions?: readonly string[] }[],
  code = 'en',
) {
  const state = runAtOnce(build(parseArticles(articles), toLanguage(code)))
  runAtOnce(train(state))
  const read = (text: string) => readQuery(parseQuery(text), state)
  const toVector = (text: string) => state.voters.weighing.toVector(read(text).features)
  return { state, read, toVector }
}

describe('a question that belongs here', () => {
  test('F14: is told from one that is asked anywhere, of words that the articles know, too', () => {
    const { state, toVector } = learn(bakery)
    const model = state.voters.belonging
    if (model === undefined) throw new Error('nothing was learnt')
    const here = ['is there cake for a birthday', 'can I get bread delivered tomorrow', 'I want to learn to bake rolls']
    const anywhere = [
      'what is the name of the next president',
      'how do I learn to dance',
      'who is the best player in the world',
    ]
    for (const one of here)
      for (const other of anywhere)
        expect(belongingOf(model, toVector(one))).toBeGreaterThan(belongingOf(model, toVector(other)))
  })

  test('F14: is answered with confidence, and one asked anywhere is not', () => {
    const index = createArticleIndex(bakery, { sliceMs: Number.POSITIVE_INFINITY })
    const sureOf = (text: string) => index.search(text, { limit: 1, signal })[0]?.confidence ?? 0
    expect(sureOf('can you make a cake for my birthday')).toBeGreaterThan(0.6)
    for (const text of [
      'what is the tallest tower in europe',
      'who wrote this song',
      'what does a flight to rome cost',
    ])
      expect(sureOf(text)).toBeLessThan(0.3)
  })

  test('is not told by what an article answers itself', () => {
    const { state, read } = learn(bakery)
    const queries = ['will it rain on the terrace tomorrow', 'how high is mount everest'].map(read)
    const { voters } = state
    const strangers = runAtOnce(pickStrangers(queries, { ...voters, count: bakery.length }))
    expect(strangers).toEqual([voters.weighing.toVector(queries[1]!.features)])
  })

  test('is not learnt where titles are all there is, nor in a language without examples', () => {
    expect(learn(bakery.map(({ id, title }) => ({ id, title, text: '' }))).state.voters.belonging).toBeUndefined()
    expect(learn(bakery, 'none').state.voters.belonging).toBeUndefined()
  })
})

describe('the second look', () => {
  test('counts the nearest question of each article on top, and says how near it is', () => {
    const { state, read } = learn(bakery)
    const { fused, nearest } = vote(state.voters, read('when is the next baking course'))
    expect(nearest.get(6)).toBeCloseTo(1)
    expect([...nearest.values()].every((likeness) => likeness >= 0 && likeness < 1.001)).toBe(true)
    expect(Math.max(...fused)).toBe(fused[6])
  })

  test('is left out where there are no questions to compare', () => {
    const { state, read } = learn(makeArticles(12))
    expect(vote(state.voters, read(makeArticles(1)[0]?.title ?? '')).nearest.size).toBe(0)
  })
})
