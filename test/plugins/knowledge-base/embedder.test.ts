import { describe, expect, test } from 'vitest'
import { knowledgeBase } from 'maitred/plugins'
import { createVirtualClock, simulate } from 'maitred/testing'
import { loadArticleIndex } from '../../../src/plugins/knowledge-base/article-index.ts'
import { createEmbedding, type Embedder } from '../../../src/plugins/knowledge-base/embedder.ts'

const { signal } = new AbortController()

const articles = [
  { id: 'refund', title: 'When do I get my refund?', text: 'Within five days.' },
  { id: 'hours', title: 'Opening hours', text: 'From nine to five.' },
  { id: 'parking', title: 'Parking', text: 'Behind the house.' },
] as const

/** Means what its words mean: one direction for money, one for time, one for cars, and one for all else. */
const MEANINGS = [/refund|reimburs|cash|dosh/iu, /hours|nine|dawn|shut/iu, /park|car\b|lorry/iu]

function createFake(): Embedder & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    name: 'fake',
    asked,
    embed(texts) {
      asked.push(...texts)
      return Promise.resolve(
        texts.map((text) => {
          const known = MEANINGS.map((meaning) => Number(meaning.test(text)))
          return [...known, known.includes(1) ? 0 : 1]
        }),
      )
    },
  }
}

function createTelling() {
  const told: object[] = []
  const log = { debug() {}, info() {}, warn: (data: object) => void told.push(data), error() {} }
  return { told, log, clock: createVirtualClock(0) }
}

describe('an embedder', () => {
  test('finds an article by what is meant, where no word is shared', async () => {
    const services = createTelling()
    const embedding = createEmbedding(createFake(), services)
    const index = await loadArticleIndex(articles, { embedding, sliceMs: Number.POSITIVE_INFINITY })
    await index.ready()
    const found = await index.search('somewhere to leave the lorry', { limit: 1, signal })
    expect(found[0]?.article.id).toBe('parking')
    const plain = await loadArticleIndex(articles, { sliceMs: Number.POSITIVE_INFINITY })
    expect(await plain.search('somewhere to leave the lorry', { limit: 1, signal })).toEqual([])
  })

  test('makes an answer likelier that it agrees with, and leaves what it does not know to the others', async () => {
    const embedding = createEmbedding(createFake(), createTelling())
    const both = await loadArticleIndex(articles, { embedding, sliceMs: Number.POSITIVE_INFINITY })
    await both.ready()
    const alone = await loadArticleIndex(articles, { sliceMs: Number.POSITIVE_INFINITY })
    const [sure] = await both.search('when is my refund here', { limit: 1, signal })
    const [unsure] = await alone.search('when is my refund here', { limit: 1, signal })
    expect(sure?.article.id).toBe('refund')
    expect(sure?.confidence).toBeGreaterThan(unsure?.confidence ?? 1)
  })

  test('is asked in batches, by title, questions and the beginning of the text', async () => {
    const fake = createFake()
    const sizes: number[] = []
    const counting = {
      name: 'counting',
      embed: (texts: readonly string[]) => (sizes.push(texts.length), fake.embed(texts)),
    }
    const many = Array.from({ length: 130 }, (_, place) => ({
      id: `a${place}`,
      title: `Title ${place}`,
      text: 'x'.repeat(9_000),
    }))
    const vectors = await createEmbedding(counting, createTelling()).embedArticles(many)
    expect(vectors).toHaveLength(130)
    expect(sizes).toEqual([64, 64, 2])
    expect(Math.max(...fake.asked.map(({ length }) => length))).toBeLessThan(1_100)
  })

  test.each<[string, () => Promise<unknown>]>([
    ['fails', () => Promise.reject(new Error('no credit'))],
    [
      'throws',
      () => {
        throw new Error('no network')
      },
    ],
    ['returns nothing', () => Promise.resolve(undefined)],
    ['returns too few', () => Promise.resolve([])],
    ['returns no numbers', () => Promise.resolve([['a', 'b']])],
    ['returns an empty vector', () => Promise.resolve([[]])],
  ])('that %s is told to the log, and there is no vector', async (_, embed) => {
    const services = createTelling()
    const broken = { name: 'broken', embed } as unknown as Embedder
    expect(await createEmbedding(broken, services).embedQuery('refund')).toBeUndefined()
    expect(services.told).toEqual([{ embedder: 'broken', error: expect.any(Error) }])
  })

  test('that takes too long is not waited for', async () => {
    const services = createTelling()
    const slow = { name: 'slow', embed: () => new Promise<never>(() => undefined) }
    const vector = createEmbedding(slow, services).embedQuery('refund')
    expect(services.clock.fireNext(1_000)).toBe(true)
    expect(await vector).toBeUndefined()
    expect(services.told).toHaveLength(1)
  })

  test('is used by the plugin, and customers are answered when it fails', async () => {
    for (const embedder of [createFake(), { name: 'broken', embed: () => Promise.reject(new Error('down')) }]) {
      await using sim = simulate({ plugins: [knowledgeBase({ articles, embedder })] })
      const kim = sim.customer('kim')
      await kim.says('When do I get my refund?')
      await kim.sees('Within five days.')
    }
  })

  test('is refused when it is none', () => {
    const embedder = { name: 'none' } as unknown as Embedder
    expect(() => knowledgeBase({ articles, embedder })).toThrow('expected { name, embed }')
  })
})
