import { describe, expect, test } from 'vitest'
import { simulate } from 'maitred/testing'
import { memoryStore } from 'maitred/stores'
import { knowledgeBase } from 'maitred/plugins'
import {
  type ArticleIndex,
  loadArticleIndex,
  type SavedIndex,
} from '../../../src/plugins/knowledge-base/article-index.ts'
import type { Article, Suggestion } from '../../../src/core/types.ts'
import { makeArticles } from './made-up.ts'

const { signal } = new AbortController()
const articles = makeArticles(12, 4)
const QUESTIONS = [...articles.slice(0, 4).map(({ title }) => title), 'hello', 'nothing of it']

/** Keeps the bytes, and counts. */
function createMemory(bytes?: Uint8Array): SavedIndex & { bytes: Uint8Array | undefined; saveCount: number } {
  const memory = {
    bytes,
    saveCount: 0,
    load: () => Promise.resolve(memory.bytes),
    save(saved: Uint8Array) {
      memory.bytes = saved
      memory.saveCount++
      return Promise.resolve()
    },
  }
  return memory
}

const atOnce = { sliceMs: Number.POSITIVE_INFINITY }

async function ask(index: ArticleIndex, questions: readonly string[]) {
  const answers: (readonly Suggestion[])[] = []
  for (const question of questions) answers.push(await index.search(question, { limit: 5, signal }))
  return answers
}

async function answersOf(saved: SavedIndex, articles: readonly Article[], questions: readonly string[]) {
  const index = await loadArticleIndex(articles, { saved, ...atOnce })
  await index.ready()
  return ask(index, questions)
}

describe('a saved index', () => {
  test('F21: answers as the one that was saved, and is not saved again', async () => {
    const memory = createMemory()
    const first = await answersOf(memory, articles, QUESTIONS)
    expect(memory.saveCount).toBe(1)
    expect(await answersOf(memory, articles, QUESTIONS)).toEqual(first)
    expect(memory.saveCount).toBe(1)
  })

  test('answers the same in slices, from bytes that lie anywhere', async () => {
    const memory = createMemory()
    const first = await answersOf(memory, articles, QUESTIONS)
    const shifted = new Uint8Array((memory.bytes?.length ?? 0) + 3).subarray(3)
    shifted.set(memory.bytes ?? [])
    const index = await loadArticleIndex(articles, { saved: createMemory(shifted) })
    expect(await ask(index, QUESTIONS)).toEqual(first)
  })

  test('can be changed as if it had been built', async () => {
    const memory = createMemory()
    await answersOf(memory, articles, [])
    const [one] = articles
    const titles: (string | undefined)[] = []
    for (const saved of [memory, createMemory()]) {
      const index = await loadArticleIndex(articles, { saved, ...atOnce })
      index.addQuestion(one?.id ?? '', 'zebra crossing')
      await index.ready()
      const found = await index.search('zebra crossing', { limit: 1, signal })
      titles.push(found[0]?.article.title)
    }
    expect(titles).toEqual([one?.title, one?.title])
    expect(memory.saveCount).toBe(1)
  })

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['empty', () => new Uint8Array()],
    ['cut short', (bytes) => bytes.slice(0, bytes.length / 2)],
    ['broken in one place', (bytes) => bytes.map((byte, place) => (place === 5_000 ? byte ^ 1 : byte))],
    ['something else', (bytes) => bytes.map(() => 7)],
  ])('is made anew when what was saved is %s', async (_, breakIt) => {
    const memory = createMemory()
    const first = await answersOf(memory, articles, QUESTIONS)
    memory.bytes = breakIt(memory.bytes ?? new Uint8Array())
    expect(await answersOf(memory, articles, QUESTIONS)).toEqual(first)
    expect(memory.saveCount).toBe(2)
  })

  test('is made anew when an article has changed', async () => {
    const memory = createMemory()
    await answersOf(memory, articles, [])
    const changed = articles.map((article, place) => (place === 3 ? { ...article, text: 'Zanzibar.' } : article))
    const [found] = await answersOf(memory, changed, ['zanzibar'])
    expect(found?.[0]?.article.text).toBe('Zanzibar.')
    expect(memory.saveCount).toBe(2)
  })

  test('that cannot be loaded or saved is told to the log, and customers are answered', async () => {
    const told: string[] = []
    const log = {
      debug() {},
      info() {},
      warn: (_: object, text?: string) => void told.push(text ?? ''),
      error() {},
    }
    const broken = { load: () => Promise.reject(new Error('disk')), save: () => Promise.reject(new Error('disk')) }
    const refund = [{ id: 'refund', title: 'When do I get my refund?', text: 'Within five days.' }]
    const index = await loadArticleIndex(refund, { saved: broken, log, ...atOnce })
    await index.ready()
    expect(await index.search('my refund', { limit: 1, signal })).toHaveLength(1)
    expect(told).toEqual([
      expect.stringContaining('could not be loaded'),
      expect.stringContaining('could not be saved'),
    ])
  })

  test('F21: is used by the plugin, with the questions that were promoted', async () => {
    const memory = createMemory()
    const house = [
      { id: 'refund', title: 'When do I get my refund?', text: 'Within five days.' },
      { id: 'hours', title: 'Opening hours', text: 'From nine to five.' },
    ]
    const help = knowledgeBase({ articles: house, savedIndex: memory })
    await using sim = simulate({ plugins: [help] })
    await sim.engine.plugin(knowledgeBase).ready()
    expect(memory.saveCount).toBe(1)
    await using again = simulate({ plugins: [help] })
    const kim = again.customer('kim')
    await kim.says('When do I get my refund?')
    await kim.sees('Within five days.')
    expect(memory.saveCount).toBe(1)
  })

  test('F21: is known by the questions that were promoted, too: with others it is made anew, with the same it is used', async () => {
    const memory = createMemory()
    const store = memoryStore()
    const house = [
      { id: 'refund', title: 'When do I get my refund?', text: 'Within five days.' },
      { id: 'hours', title: 'Opening hours', text: 'From nine to five.' },
    ]
    const plugins = [knowledgeBase({ articles: house, savedIndex: memory })]
    const question = 'Is the shop staffed on sundays?'
    {
      await using sim = simulate({ plugins, store })
      const knowledge = sim.engine.plugin(knowledgeBase)
      const kim = sim.customer('kim')
      await kim.says(question)
      await kim.sees(/found nothing/)
      await knowledge.ready()
      await knowledge.promote((await knowledge.gaps())[0]?.id ?? '', 'hours')
    }
    expect(memory.saveCount).toBe(1)
    for (const restart of ['lou', 'max']) {
      await using sim = simulate({ plugins, store })
      await sim.engine.plugin(knowledgeBase).ready()
      const customer = sim.customer(restart)
      await customer.says(question)
      await customer.sees('From nine to five.')
      expect(memory.saveCount).toBe(2) // the first restart makes it anew, the second finds what that one saved
    }
  })
})
