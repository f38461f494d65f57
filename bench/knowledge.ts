import MiniSearch from 'minisearch'
import type { Article } from '../src/core/types.ts'
import { createArticleIndex, type LocalIndex } from '../src/plugins/knowledge-base/article-index.ts'
import { build, train } from '../src/plugins/knowledge-base/index-state.ts'
import { toLanguage } from '../src/plugins/knowledge-base/language.ts'
import { packIndex, unpackIndex } from '../src/plugins/knowledge-base/saved-index.ts'
import { createSeeded, type Seeded } from '../src/plugins/knowledge-base/seeded.ts'
import { runAtOnce } from '../src/plugins/knowledge-base/slices.ts'
import { collectGarbage, quantile } from './paired.ts'

interface Row {
  readonly what: string
  readonly figure: string
  readonly ratio?: string
  readonly goal?: string
}

type Ask = (query: string) => unknown

const WORDS = 30_000
const WARM_UP = 5
const { signal } = new AbortController()
const language = toLanguage('en')

/** Searching, loading and learning, beside MiniSearch as it comes: over texts and questions of made-up words, common ones often. */
export const knowledge = {
  name: 'knowledge-speed',
  title: 'The knowledge base: how fast',
  async run({ rounds }: { readonly rounds: number }) {
    const rows = [...searching(1_000, rounds), ...searching(10_000, Math.ceil(rounds / 3)), ...(await asking(rounds))]
    return {
      base: 'MiniSearch 7 over the same articles in the same process, question by question in turn; CPU time of each question as the median of the rounds',
      rows,
      notes: [
        'Articles of about 960 characters without alternate questions, at 1,000 and 10,000; questions of 4 to 9 words from an article, half of them with a typing error. Then 150 articles of 20 questions each.',
      ],
    }
  },
}

/** Against searching all terms, and against the usual advice for typos. */
function searching(count: number, rounds: number): readonly Row[] {
  const draw = createSeeded(count)
  const word = createWords(draw)
  const articles = Array.from({ length: count }, (_, place): Article => ({ id: `a${place}`, ...makeText(word) }))
  const queries = Array.from({ length: 60 }, () => makeQuery(articles, draw))
  const plain = new MiniSearch<Article>({ fields: ['title', 'text'] })
  plain.addAll(articles)
  const { index, ...times } = keeping(articles)
  const [exact = [], ours = [], fuzzy = []] = inTurn(queries, rounds, [
    (query) => plain.search(query),
    (query) => index.search(query, { limit: 3, signal }),
    ...(count > 1_000 ? [] : [(query: string) => plain.search(query, { prefix: true, fuzzy: 0.2 })]),
  ])
  const toExact = quantile(ours, 0.5) / quantile(exact, 0.5)
  const toFuzzy = quantile(ours, 0.5) / quantile(fuzzy, 0.5)
  const size = count.toLocaleString('en')
  const most = count > 1_000 ? 0.1 : 0.25
  const beside = [
    { what: `${size} articles, MiniSearch with fuzzy and prefix, p50 / p99`, figure: spread(fuzzy) },
    {
      what: `${size} articles, maitred beside that`,
      figure: spread(ours),
      ratio: toFuzzy.toFixed(3),
      goal: goalOf(toFuzzy, 0.1),
    },
  ]
  const toBuild = times.loadMs / times.buildMs
  return [
    { what: `${size} articles, MiniSearch exact, p50 / p99`, figure: spread(exact) },
    {
      what: `${size} articles, maitred, p50 / p99`,
      figure: spread(ours),
      ratio: toExact.toFixed(3),
      goal: goalOf(toExact, most),
    },
    ...(fuzzy.length === 0 ? [] : beside),
    {
      what: `${size} articles, loading a saved index of ${(times.bytes / 2 ** 20).toFixed(1)} MiB`,
      figure: `${times.loadMs.toFixed(0)} ms; built in ${times.buildMs.toFixed(0)} ms`,
      ratio: `${toBuild.toFixed(3)} of its build`,
      goal: goalOf(toBuild, 0.3),
    },
  ]
}

/** How long an index takes to build, and to load. */
function keeping(articles: readonly Article[]) {
  const subject = { articles, language, embedder: undefined }
  const buildMs: number[] = []
  const loadMs: number[] = []
  let index: LocalIndex | undefined
  let bytes: Uint8Array = new Uint8Array()
  for (let round = 0; round < 4; round++) {
    collectGarbage()
    const state = spend(buildMs, () => runAtOnce(build(articles, language)))
    runAtOnce(train(state))
    bytes = runAtOnce(packIndex(state, subject))
    collectGarbage()
    spend(loadMs, () => runAtOnce(unpackIndex(bytes, subject)))
    index = undefined
  }
  index = createArticleIndex(articles)
  return {
    index,
    bytes: bytes.byteLength,
    buildMs: quantile(buildMs.slice(1), 0.5),
    loadMs: quantile(loadMs.slice(1), 0.5),
  }
}

/** A help centre that knows how people ask. */
async function asking(rounds: number): Promise<readonly Row[]> {
  const draw = createSeeded(150)
  const word = createWords(draw)
  const articles = Array.from({ length: 150 }, (_, place): Article => {
    const topic = Array.from({ length: 12 }, word)
    const ask = () =>
      Array.from({ length: 8 }, () => (draw.next() < 0.5 ? word() : (topic[Math.floor(draw.next() * 12)] ?? ''))).join(
        ' ',
      )
    return { id: `a${place}`, ...makeText(word), questions: Array.from({ length: 20 }, ask) }
  })
  const plain = new MiniSearch<Article>({
    fields: ['title', 'text', 'questions'],
    extractField: (article, field) => read(article, field),
  })
  plain.addAll(articles)
  const startedAt = performance.now()
  const index = createArticleIndex(articles)
  index.search('the first question of all', { limit: 3, signal })
  const firstMs = performance.now() - startedAt
  await index.ready()
  const learntMs = performance.now() - startedAt
  const queries = articles.slice(0, 100).map(({ questions = [] }) => misspell(questions[3] ?? '', draw))
  const [exact = [], ours = []] = inTurn(queries, rounds, [
    (query) => plain.search(query),
    (query) => index.search(query, { limit: 3, signal }),
  ])
  const p50 = quantile(ours, 0.5) / quantile(exact, 0.5)
  const p99 = quantile(ours, 0.99) / quantile(exact, 0.99)
  return [
    { what: '150 articles of 20 questions, MiniSearch, p50 / p99', figure: spread(exact) },
    {
      what: '150 articles of 20 questions, maitred, p50',
      figure: spread(ours),
      ratio: p50.toFixed(2),
      goal: goalOf(p50, 2),
    },
    {
      what: '150 articles of 20 questions, maitred, p99',
      figure: spread(ours),
      ratio: p99.toFixed(2),
      goal: goalOf(p99, 2),
    },
    {
      what: '150 articles of 20 questions, first answer after',
      figure: `${firstMs.toFixed(0)} ms`,
      goal: goalOf(firstMs / 1_000, 2, ' s'),
    },
    { what: '150 articles of 20 questions, all learnt after', figure: `${(learntMs / 1_000).toFixed(1)} s` },
  ]
}

/** Each question by each of them in turn, so that all meet the same machine. What counts is the median of a question's rounds. */
function inTurn(queries: readonly string[], rounds: number, asks: readonly Ask[]): readonly (readonly number[])[] {
  for (let round = 0; round < WARM_UP; round++) for (const query of queries) for (const ask of asks) ask(query)
  const took = asks.map(() => queries.map((): number[] => []))
  for (let round = 0; round < rounds; round++) {
    collectGarbage('young') // as in a process that goes on: a full collection would throw compiled code away, see `Tidy`
    for (const [place, query] of queries.entries()) {
      for (let offset = 0; offset < asks.length; offset++) {
        const who = (round + offset) % asks.length
        const startedAt = process.cpuUsage()
        asks[who]?.(query)
        const { user, system } = process.cpuUsage(startedAt)
        took[who]?.[place]?.push((user + system) / 1_000)
      }
    }
  }
  return took.map((each) => each.map((times) => quantile(times, 0.5)))
}

function spend<Value>(times: number[], work: () => Value): Value {
  const startedAt = process.cpuUsage()
  const value = work()
  const { user, system } = process.cpuUsage(startedAt)
  times.push((user + system) / 1_000)
  return value
}

/** Words as often as in a language: the second half as often as the first, and so on. */
function createWords({ next }: Seeded): () => string {
  const sums: number[] = []
  let total = 0
  for (let rank = 1; rank <= WORDS; rank++) sums.push((total += 1 / (rank + 1)))
  return () => {
    const drawn = next() * total
    let [low, high] = [0, WORDS - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < drawn) low = middle + 1
      else high = middle
    }
    return spell(low)
  }
}

const SYLLABLES = [
  'ba',
  'cor',
  'di',
  'fen',
  'gu',
  'hal',
  'ji',
  'kon',
  'lu',
  'mar',
  'ni',
  'pol',
  'ru',
  'ses',
  'ti',
  'von',
]

function spell(rank: number): string {
  let word = ''
  for (let left = rank + 1; left > 0; left = Math.floor(left / SYLLABLES.length))
    word += SYLLABLES[left % SYLLABLES.length] ?? ''
  return word
}

function makeText(word: () => string): { readonly title: string; readonly text: string } {
  return { title: Array.from({ length: 5 }, word).join(' '), text: Array.from({ length: 130 }, word).join(' ') }
}

function makeQuery(articles: readonly Article[], draw: Seeded): string {
  const words = articles[Math.floor(draw.next() * articles.length)]?.text.split(' ') ?? []
  const from = Math.floor(draw.next() * (words.length - 10))
  const query = words.slice(from, from + 4 + Math.floor(draw.next() * 6)).join(' ')
  return draw.next() < 0.5 ? query : misspell(query, draw)
}

/** Leaves a letter out of the longest word. */
function misspell(query: string, draw: Seeded): string {
  const words = query.split(' ')
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best), '')
  const at = 1 + Math.floor(draw.next() * Math.max(1, longest.length - 2))
  return words.map((word) => (word === longest ? word.slice(0, at) + word.slice(at + 1) : word)).join(' ')
}

function read(article: Article, field: string): string {
  const value: unknown = Reflect.get(article, field)
  return Array.isArray(value) ? value.join('\n') : String(value)
}

function spread(times: readonly number[]): string {
  return `${quantile(times, 0.5).toFixed(3)} / ${quantile(times, 0.99).toFixed(3)} ms`
}

function goalOf(figure: number, most: number, unit = ''): string {
  return `<= ${most}${unit}: ${figure <= most ? 'met' : 'missed'}`
}
