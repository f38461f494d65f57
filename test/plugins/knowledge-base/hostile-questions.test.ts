import { knowledgeBase } from 'maitred/plugins'
import { simulate, type Simulation } from 'maitred/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createArticleIndex, type LocalIndex } from '../../../src/plugins/knowledge-base/article-index.ts'
import { makeArticles, wordOf } from './made-up.ts'
import { processorMsOf } from './processor-time.ts'

/** What the product promises, in processor time; uncapped, each of these takes seconds. */
const BOUND_MS = 100
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const CAFE = { id: 'cafe', title: 'The refund at a café', text: 'You get it at the till.' }

describe('questions made to hurt, to 5,000 articles', () => {
  let sim: Simulation
  let count = 0

  beforeAll(async () => {
    sim = simulate({ plugins: [knowledgeBase({ articles: [...makeArticles(5_000), CAFE] })] })
    await sim.engine.plugin(knowledgeBase).ready()
  })

  afterAll(() => sim[Symbol.asyncDispose]())

  /** What comes back to a question, in a whole turn. */
  async function ask(question: string) {
    const customer = sim.customer(`customer-${(count += 1)}`)
    await customer.says(question)
    const replies = customer.messages.filter(({ author }) => author === 'bot')
    return { replies, offered: replies.flatMap(({ suggestions = [] }) => suggestions.map(({ article }) => article.id)) }
  }

  test.each<[string, string]>([
    ['P06: 100 one-letter words', Array.from({ length: 100 }, (_, place) => LETTERS[place % 26]).join(' ')],
    ['P08: 1,000 real words', Array.from({ length: 1_000 }, (_, place) => wordOf(place).slice(2, 9)).join(' ')],
    ['24 long words with typing errors', Array.from({ length: 24 }, (_, place) => `${wordOf(place)}qq`).join(' ')],
    ['only stop words', 'can I please do that for you and me?'],
    ['only emoji', '🎉🎉🎉🎉🎉'],
    ['NUL and other controls', '\0\u0001\u0007 refund \0'],
    ['a letter under 400 accents', `refund${'\u0301'.repeat(400)} of mine`],
    ['another script', 'где мои деньги и когда они вернутся'],
  ])('F20 %s: answered at once', async (_, question) => {
    const tookMs = await processorMsOf(async () => {
      expect((await ask(question)).replies.length).toBeGreaterThan(0)
    })
    expect(tookMs).toBeLessThan(BOUND_MS)
  })

  test('P07 F20: a word of 8,000 characters is answered at once, one of 100,000 is refused at once', async () => {
    expect(await processorMsOf(() => ask('kalomi'.repeat(1_333)))).toBeLessThan(BOUND_MS)
    const refusedMs = await processorMsOf(() =>
      expect(ask('kalomi'.repeat(16_667))).rejects.toMatchObject({ cause: { code: 'MESSAGE_TOO_LARGE' } }),
    )
    expect(refusedMs).toBeLessThan(BOUND_MS)
  })

  test.each([null, 42, {}])('P09: %j for a question is refused at the door', async (text) => {
    const asking = sim.customer(`customer-${(count += 1)}`).says(text as unknown as string)
    await expect(asking).rejects.toThrow('EVENT_INVALID')
  })

  test.each([
    ['re\u200bfund at the cafe', 'without what cannot be seen'],
    ['refund at the cafe\u0301', 'in two code points'],
    ['ｒｅｆｕｎｄ at the café', 'in full width'],
    ['REFUND AT THE CAFÉ', 'in upper case'],
  ])('P11 F18: %j is found as the plain form is, %s', async (question) => {
    const plain = await ask('refund at the café')
    expect(plain.offered).toEqual(['cafe'])
    expect((await ask(question)).offered).toEqual(plain.offered)
  })

  test('P10: two articles of one id are refused when they are loaded, and the id is named', () => {
    const twins = [CAFE, { ...CAFE, title: 'Another' }]
    expect(() => simulate({ plugins: [knowledgeBase({ articles: twins })] })).toThrow('`cafe`')
  })
})

/** A message is at most 8 KiB; the index is asked by others, too. */
describe('queries larger than any message, to an index of 5,000 articles', () => {
  let index: LocalIndex

  beforeAll(() => {
    index = createArticleIndex([...makeArticles(5_000), CAFE])
  })

  test.each<[string, string]>([
    ['P07: a word of 100,000 characters', 'kalomi'.repeat(16_667)],
    ['P07: a word of 100,000 characters after a question', `refund at the café ${'x'.repeat(100_000)}`],
    ['P06: 50,000 one-letter words', 'a b '.repeat(25_000)],
    ['P08: 20,000 real words', Array.from({ length: 20_000 }, (_, place) => wordOf(place)).join(' ')],
    ['100,000 spaces', ' '.repeat(100_000)],
    ['100,000 characters that cannot be seen', '\u200b'.repeat(100_000)],
    ['a letter under 100,000 accents', `e${'\u0301'.repeat(100_000)}`],
    ['a Chinese sentence of 50,000 characters', '退款'.repeat(25_000)],
    ['50,000 apostrophes', "'s".repeat(50_000)],
    ['100,000 digits', '7'.repeat(100_000)],
    ['100,000 halves of characters', '\ud800'.repeat(100_000)],
  ])('F20 %s: answered at once', async (_, query) => {
    const { signal } = new AbortController()
    const tookMs = await processorMsOf(() => {
      expect(index.search(query, { limit: 3, signal }).length).toBeLessThanOrEqual(3)
    })
    expect(tookMs).toBeLessThan(BOUND_MS)
  })
})
