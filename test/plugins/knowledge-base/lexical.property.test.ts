import { fc } from '../../fc.ts'
import MiniSearch from 'minisearch'
import { expect, it } from 'vitest'
import { createLexical } from '../../../src/plugins/knowledge-base/lexical.ts'
import { type LexicalPart, toPostings } from '../../../src/plugins/knowledge-base/postings.ts'
import { runAtOnce } from '../../../src/plugins/knowledge-base/slices.ts'

const terms = fc.array(fc.constantFrom('refund', 'order', 'late', 'card', 'zebra', 'till', '~3'), { maxLength: 12 })
const fields = fc.record({
  questions: terms.map((words) => words.join(' ')),
  text: terms.map((words) => words.join(' ')),
})
/** Of each article, its parts. */
const articles = fc.array(fc.array(fields, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })

function toParts(given: readonly (readonly Pick<LexicalPart, 'questions' | 'text'>[])[]): LexicalPart[] {
  return given.flatMap((parts, position) => parts.map((part) => ({ position, ...part })))
}

/** What MiniSearch makes of it, without its factor for the number of terms found: the best part of each article. */
function askMiniSearch(parts: readonly LexicalPart[], query: readonly string[], count: number): number[] {
  const search = new MiniSearch<LexicalPart & { id: number }>({
    fields: ['questions', 'text'],
    tokenize: (text) => (text === '' ? [] : text.split(' ')),
    processTerm: (term) => term,
    searchOptions: {
      bm25: { k: 3, b: 0.7, d: 0 },
      boostTerm: (term) => (term.startsWith('~') ? 0.3 : 1),
    },
  })
  search.addAll(parts.map((part, id) => ({ id, ...part })))
  const best = new Array<number>(count).fill(0)
  for (const { id, score, queryTerms } of search.search(query.join(' '))) {
    const position = parts[Number(id)]?.position ?? -1
    best[position] = Math.max(best[position] ?? 0, score / queryTerms.length)
  }
  return best
}

const query = fc.uniqueArray(fc.constantFrom('refund', 'order', 'late', 'zebra', 'unheard', '~3'), { maxLength: 5 })

it('scores articles as MiniSearch does', () => {
  fc.assert(
    fc.property(articles, query, (given, asked) => {
      const parts = toParts(given)
      const scores = new Float64Array(given.length)
      createLexical(runAtOnce(toPostings(parts))).score(asked, scores)
      const expected = askMiniSearch(parts, asked, given.length)
      for (const [position, score] of expected.entries()) expect(scores[position]).toBeCloseTo(score, 9)
    }),
  )
})

it('scores as if it had been made of what articles were replaced by', () => {
  fc.assert(
    fc.property(
      articles,
      fc.array(fields, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      query,
      (given, now, pick, asked) => {
        const position = pick % given.length
        const toPartsOf = (parts: readonly Pick<LexicalPart, 'questions' | 'text'>[]) =>
          parts.map((part) => ({ position, ...part }))
        const changed = createLexical(runAtOnce(toPostings(toParts(given))))
        changed.replace(position, toPartsOf(now.slice(1)), toPartsOf(given[position] ?? []))
        changed.replace(position, toPartsOf(now), toPartsOf(now.slice(1)))
        const remade = createLexical(runAtOnce(toPostings(toParts(given.with(position, now)))))
        const [ours, theirs] = [new Float64Array(given.length), new Float64Array(given.length)]
        expect(changed.score(asked, ours)).toEqual(remade.score(asked, theirs))
        for (const [place, score] of theirs.entries()) expect(ours[place]).toBeCloseTo(score, 9)
        for (const place of given.keys()) expect(changed.termsIn(place, asked)).toEqual(remade.termsIn(place, asked))
        for (const term of asked) expect(changed.countOf(term)).toBe(remade.countOf(term))
      },
    ),
  )
})
