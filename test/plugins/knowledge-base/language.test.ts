import { expect, test } from 'vitest'
import { createArticleIndex } from '../../../src/plugins/knowledge-base/article-index.ts'

const { signal } = new AbortController()

test('inflected words are found in other languages, too', () => {
  const articles = [
    { id: 'refund', title: 'Rückerstattungen', text: 'In fünf Tagen.' },
    { id: 'account', title: 'Das Konto kündigen', text: 'In den Einstellungen.' },
  ]
  const index = createArticleIndex(articles, { language: 'de' })
  expect(index.search('Wo bleibt meine Rückerstattung?', { limit: 1, signal })[0]?.article.id).toBe('refund')
})

test('a language that is not known is refused, and the known ones are named', () => {
  expect(() => createArticleIndex([], { language: 'klingon' })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', path: 'language', message: expect.stringContaining('de') }),
  )
})
