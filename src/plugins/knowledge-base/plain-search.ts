import MiniSearch from 'minisearch'

/** An article as fields of words. */
export interface PlainEntry {
  readonly id: string
  readonly title: string
  readonly headings: string
  readonly body: string
  readonly questions: string
}

/** MiniSearch as it comes, with nothing set: what the index is measured against. */
export function createPlainSearch(
  entries: readonly PlainEntry[],
): (query: string) => readonly { readonly id: string; readonly score: number }[] {
  const search = new MiniSearch<PlainEntry>({ fields: ['title', 'headings', 'body', 'questions'] })
  search.addAll(entries)
  return (query) => search.search(query).map(({ id, score }) => ({ id: String(id), score }))
}
