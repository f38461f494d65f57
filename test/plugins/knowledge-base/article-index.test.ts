import { describe, expect, it } from 'vitest'
import { isMaitredError } from '../../../src/core/errors.ts'
import type { Article, Suggestion } from '../../../src/core/types.ts'
import { createArticleIndex } from '../../../src/plugins/knowledge-base/article-index.ts'
import { processorMsOf } from './processor-time.ts'

const { signal } = new AbortController()

const HELP: readonly Article[] = [
  {
    id: 'refunds',
    title: 'Getting a refund',
    text: 'Send the order back within 14 days. The money returns to your card.',
    questions: ['How long does a refund take?', 'I want my money back'],
    skills: ['billing'],
  },
  { id: 'delivery', title: 'Delivery times', text: 'An order leaves our store on the day you place it.' },
  { id: 'password', title: 'Resetting a password', text: 'Choose "Forgotten password" on the sign-in page.' },
  { id: 'gifts', title: 'Café gift cards', text: 'A gift card is a card for one of our cafés.' },
]

function search(query: string, articles = HELP, limit = 3): readonly Suggestion[] {
  return createArticleIndex(articles).search(query, { limit, signal })
}

function idsOf(suggestions: readonly Suggestion[]): string[] {
  return suggestions.map((suggestion) => suggestion.article.id)
}

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('createArticleIndex', () => {
  it('finds the article that knows the words, best first', () => {
    expect(idsOf(search('when does my order get here, what are the delivery times'))).toEqual(['delivery', 'refunds'])
  })

  it('finds an article by its alternate questions', () => {
    expect(idsOf(search('how long must I wait to have my money back'))[0]).toBe('refunds')
  })

  it('returns the whole article and what of the query led to it', () => {
    const [first] = search('My REFUND, where is the Money?')
    expect(first?.article).toEqual(HELP[0])
    expect(first?.matched).toEqual(['REFUND', 'Money'])
  })

  it('finds long words in spite of a typo, and says the word as it was written', () => {
    expect(search('Pasword')).toMatchObject([{ article: { id: 'password' }, matched: ['Pasword'] }])
  })

  it('does not guess at short words', () => {
    expect(search('cart')).toEqual([])
  })

  it('does not take a known word for a typo of another', () => {
    const articles = [
      { id: 'price', title: 'Prices', text: '' },
      { id: 'prize', title: 'Prizes', text: '' },
    ]
    expect(idsOf(search('prizes', articles))).toEqual(['prize'])
  })

  it('is less sure of a typo than of the word', () => {
    expect(search('pasword')[0]?.confidence).toBeLessThan(search('password')[0]?.confidence ?? 0)
  })

  it('is less sure the more of the query it does not know', () => {
    const [all] = search('gift card')
    const [part] = search('gift card for my crocodile in Zanzibar')
    expect(part?.article).toEqual(all?.article)
    expect(part?.confidence).toBeLessThan(all?.confidence ?? 0)
  })

  it('shares the confidence between articles that answer alike, in the order of the list', () => {
    const twins = ['one', 'two'].map((id) => ({ id, title: 'Returning shoes', text: '' }))
    const found = search('returning shoes', twins)
    expect(idsOf(found)).toEqual(['one', 'two'])
    expect(found.map(({ confidence }) => confidence)).toEqual([0.5, 0.5])
  })

  it.each(['card', 'what about the card?'])(
    'finds what is in a title before what is in a text, and is sure: %s',
    (query) => {
      const articles = [
        { id: 'refunds', title: 'Refunds', text: 'Your money goes back to the card.' },
        { id: 'lost', title: 'Lost card', text: 'Call us at once.' },
      ]
      const [first, second] = search(query, articles)
      expect(first?.article.id).toBe('lost')
      expect(first?.confidence).toBeGreaterThan(0.4)
      expect(second?.confidence).toBeLessThan(0.4)
    },
  )

  it('prefers one telling word to several that many articles have', () => {
    const articles = [
      { id: 'chargebacks', title: 'Chargeback', text: '' },
      ...Array.from({ length: 6 }, (_, index) => ({ id: `order${index}`, title: 'Where order went', text: '' })),
      ...Array.from({ length: 9 }, (_, index) => ({ id: `other${index}`, title: `Other ${index}`, text: '' })),
    ]
    expect(idsOf(search('where order went: chargeback', articles, 1))).toEqual(['chargebacks'])
  })

  it('returns no more than the limit', () => {
    expect(search('order card', HELP, 1)).toHaveLength(1)
    expect(search('order card', HELP, 0)).toEqual([])
  })

  it('finds words inside a sentence without spaces', () => {
    const articles = [
      { id: 'refunds', title: '退款', text: '如何申请退款' },
      { id: 'delivery', title: '送货', text: '送货时间' },
    ]
    expect(idsOf(search('我的退款在哪里', articles))[0]).toBe('refunds')
  })

  it.each(['constructor', '__proto__', 'hasOwnProperty toString'])('finds nothing for %j', (query) => {
    expect(search(query)).toEqual([])
  })

  it.each(['', 'can I please do that?', '🎉', '\0', 'xylophone'])('finds nothing for %j', (query) => {
    expect(search(query)).toEqual([])
  })

  it('finds nothing in an empty base', () => {
    expect(search('refund', [])).toEqual([])
    expect(createArticleIndex([]).size).toBe(0)
  })

  it('says how many articles it holds', () => {
    expect(createArticleIndex(HELP).size).toBe(4)
  })

  it('stops when the search was called off', () => {
    const called = () => createArticleIndex(HELP).search('refund', { limit: 3, signal: AbortSignal.abort() })
    expect(errorOf(called)).toMatchObject({ name: 'AbortError' })
  })

  it('does not see later changes to the articles', () => {
    const questions = ['refund']
    const index = createArticleIndex([{ id: 'refunds', title: 'Refunds', text: '', questions }])
    questions.push('another')
    expect(index.search('refund', { limit: 1, signal })[0]?.article.questions).toEqual(['refund'])
  })
})

describe('articles that cannot be indexed', () => {
  const good = { id: 'a', title: 'A', text: '' }

  it.each<[unknown, string]>([
    [{ ...good, id: '' }, 'articles[1].id'],
    [{ ...good, id: 7 }, 'articles[1].id'],
    [{ ...good, title: ' ' }, 'articles[1].title'],
    [{ ...good, text: null }, 'articles[1].text'],
    [{ id: 'b', title: 'B' }, 'articles[1].text'],
    [{ ...good, url: 5 }, 'articles[1].url'],
    [{ ...good, questions: 'one' }, 'articles[1].questions'],
    [{ ...good, questions: ['one', 2] }, 'articles[1].questions[1]'],
    [{ ...good, skills: {} }, 'articles[1].skills'],
    [null, 'articles[1]'],
    ['refunds', 'articles[1]'],
  ])('refuses %j and names %s', (value, path) => {
    const error = errorOf(() => createArticleIndex([good, value as Article]))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', path, message: expect.stringContaining(`\`${path}\``) })
  })

  it.each([null, undefined, 'articles', { id: 'a' }])('refuses %j as a list of articles', (articles) => {
    const error = errorOf(() => createArticleIndex(articles as unknown as Article[]))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', path: 'articles' })
  })

  it('names the place it was told', () => {
    const error = errorOf(() => createArticleIndex([good, { ...good, id: '' }], { places: ['a.md', 'b.json[4]'] }))
    expect(error).toMatchObject({ path: 'b.json[4].id' })
  })

  it('takes undefined for absent', () => {
    const loose = { ...good, url: undefined, questions: undefined } as unknown as Article
    expect(search('a1', [{ ...loose, title: 'A1' }])[0]?.article).toEqual({ ...good, title: 'A1' })
  })

  it('P10: refuses an id used twice and names it', () => {
    const error = errorOf(() => createArticleIndex([good, { ...good, id: 'b' }, good]))
    expect(isMaitredError(error, 'CONFIG_INVALID')).toBe(true)
    expect(error).toMatchObject({ path: 'articles[2].id', message: expect.stringMatching(/`a`.*`articles\[0\]`/u) })
  })
})

describe('queries made to hurt', () => {
  /** What the product promises, in processor time; without the caps these take seconds. */
  const BOUND_MS = 100

  /** 5,000 articles of 80 words: half of them common, half drawn from 20,000, and a letter. */
  const many: readonly Article[] = Array.from({ length: 5_000 }, (_, article) => {
    const words = Array.from({ length: 80 }, (_, place) =>
      wordOf((article * 7_919 + place * 104_729) % (place % 2 ? 400 : 20_000)),
    )
    return { id: `a${article}`, title: words.slice(0, 5).join(' '), text: `${words.join(' ')} ${letterOf(article)}` }
  })
  const index = createArticleIndex(many)

  function wordOf(number: number): string {
    const syllables = ['ka', 'lo', 'mi', 'ne', 'pu', 'ra', 'so', 'te', 'vi', 'zu']
    return [...String(number + 10_000)].map((digit) => syllables[Number(digit)]).join('')
  }

  function letterOf(number: number): string {
    return String.fromCharCode(97 + (number % 26))
  }

  async function timed(query: string): Promise<{ readonly found: readonly Suggestion[]; readonly tookMs: number }> {
    let found: readonly Suggestion[] = []
    const tookMs = await processorMsOf(() => {
      found = index.search(query, { limit: 3, signal })
    })
    return { found, tookMs }
  }

  it('P06: answers 100 one-letter words at once', async () => {
    const { found, tookMs } = await timed(Array.from({ length: 100 }, (_, place) => letterOf(place)).join(' '))
    expect(found).toHaveLength(3)
    expect(tookMs).toBeLessThan(BOUND_MS)
  })

  it('P07: answers a word of 100,000 characters at once', async () => {
    const { found, tookMs } = await timed('kalomi'.repeat(16_667))
    expect(found).toEqual([])
    expect(tookMs).toBeLessThan(BOUND_MS)
  })

  it('P07: indexes a word of 100,000 characters', () => {
    expect(idsOf(search('x'.repeat(100_000), [{ id: 'long', title: 'Long', text: 'x'.repeat(100_000) }]))).toEqual([
      'long',
    ])
  })

  it('P08: answers 1,000 real words from the first 24 of them', async () => {
    const words = Array.from({ length: 1_000 }, (_, place) => wordOf(place))
    const { found, tookMs } = await timed(words.join(' '))
    expect(found).toEqual((await timed(words.slice(0, 24).join(' '))).found)
    expect(tookMs).toBeLessThan(BOUND_MS)
  })

  it('P08: answers 24 long words with typos at once', async () => {
    const { tookMs } = await timed(Array.from({ length: 24 }, (_, place) => `${wordOf(place)}qq`).join(' '))
    expect(tookMs).toBeLessThan(BOUND_MS)
  })

  it.each([null, 42, {}])('P09: refuses %j as a query', (query) => {
    const error = errorOf(() => index.search(query as unknown as string, { limit: 3, signal }))
    expect(error).toMatchObject({ code: 'EVENT_INVALID', path: 'query' })
  })

  it.each([
    ['re\u200bfund', 'refund'],
    ['cafe\u0301', 'café'],
    ['café', 'cafe'],
    ['ｒｅｆｕｎｄ', 'refund'],
    ['REFUND', 'refund'],
    ['\u202erefund\u00ad', 'refund'],
  ])('P11: finds the same for %j as for %j', (odd, plain) => {
    const hitsOf = (query: string) => search(query).map(({ article, confidence }) => [article.id, confidence])
    expect(hitsOf(odd)).toEqual(hitsOf(plain))
    expect(hitsOf(odd)).not.toEqual([])
  })
})
