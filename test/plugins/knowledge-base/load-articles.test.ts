import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KnowledgeSource } from '../../../src/core/ports.ts'
import type { Article } from '../../../src/core/types.ts'
import { type LoadedKnowledge, toKnowledgeSource } from '../../../src/plugins/knowledge-base/load-articles.ts'

const { signal } = new AbortController()
const REFUNDS: Article = { id: 'refunds', title: 'Refunds', text: 'Within 14 days.' }
const DELIVERY: Article = { id: 'delivery', title: 'Delivery', text: 'Within two days.' }

async function idsFor(knowledge: LoadedKnowledge, query: string): Promise<string[]> {
  const source = await knowledge.source()
  const found = await source.search(query, { limit: 5, signal })
  return found.map((suggestion) => suggestion.article.id)
}

/** A promise of articles that is settled from outside. */
function createPending() {
  let resolve: (articles: readonly Article[]) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<readonly Article[]>((onDone, onFail) => {
    resolve = onDone
    reject = onFail
  })
  return { promise, resolve, reject }
}

describe('articles as values', () => {
  it('are indexed at once', () => {
    const source = toKnowledgeSource([REFUNDS]).source()
    expect(source).not.toBeInstanceOf(Promise)
  })

  it('are refused at once when malformed', () => {
    expect(() => toKnowledgeSource([{ ...REFUNDS, title: '' }])).toThrow('`articles[0].title`')
  })

  it.each([null, 42, {}])('are refused when they are %j', (articles) => {
    expect(() => toKnowledgeSource(articles as unknown as Article[])).toThrow('`articles`')
  })

  it('are indexed again by a reload', async () => {
    const articles = [REFUNDS]
    const knowledge = toKnowledgeSource(articles)
    articles.push(DELIVERY)
    await knowledge.reload()
    expect(await idsFor(knowledge, 'delivery')).toEqual(['delivery'])
  })
})

describe('a knowledge source', () => {
  it('is passed through', async () => {
    const source: KnowledgeSource = { search: () => [] }
    const knowledge = toKnowledgeSource(source)
    await knowledge.reload()
    expect(knowledge.source()).toBe(source)
  })
})

describe('a function', () => {
  it('is called at the first use, once, even by two at the same time', async () => {
    let callCount = 0
    const knowledge = toKnowledgeSource(async () => {
      callCount++
      return [REFUNDS]
    })
    expect(callCount).toBe(0)
    await Promise.all([knowledge.source(), knowledge.source()])
    expect(knowledge.source()).not.toBeInstanceOf(Promise)
    expect(callCount).toBe(1)
  })

  it('is called again after a failure, which keeps its cause', async () => {
    const cause = new Error('no route to host')
    const answers = [() => Promise.reject(cause), () => Promise.resolve([REFUNDS])]
    const knowledge = toKnowledgeSource(() => answers.shift()?.() ?? Promise.resolve([]))
    await expect(knowledge.source()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'articles', cause })
    expect(await idsFor(knowledge, 'refunds')).toEqual(['refunds'])
  })

  it('may fail at once or give something else than articles', async () => {
    const throws = toKnowledgeSource(() => {
      throw new Error('at once')
    })
    await expect(throws.source()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    const wrong = toKnowledgeSource(async () => [{ ...REFUNDS, id: '' }])
    await expect(wrong.source()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'articles[0].id' })
  })

  it('gives the old articles while a reload runs and when it fails', async () => {
    const second = createPending()
    const answers = [Promise.resolve([REFUNDS]), second.promise]
    const knowledge = toKnowledgeSource(() => answers.shift() ?? Promise.resolve([]))
    const old = await knowledge.source()
    const reloading = knowledge.reload()
    expect(knowledge.source()).toBe(old)
    second.reject(new Error('gone'))
    await expect(reloading).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(knowledge.source()).toBe(old)
  })

  it('gives the newest articles when two reloads end in the wrong order', async () => {
    const older = createPending()
    const newer = createPending()
    const answers = [Promise.resolve([]), older.promise, newer.promise]
    const knowledge = toKnowledgeSource(() => answers.shift() ?? Promise.resolve([]))
    await knowledge.source()
    const reloads = [knowledge.reload(), knowledge.reload()]
    newer.resolve([DELIVERY])
    await reloads[1]
    older.resolve([REFUNDS])
    await reloads[0]
    expect(await idsFor(knowledge, 'refunds delivery')).toEqual(['delivery'])
  })
})

describe('a folder', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maitred-articles-'))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  const write = (name: string, text: string) => writeFile(join(folder, name), text)

  /** What loading the folder fails with. */
  const failure = () => Promise.resolve(toKnowledgeSource(folder).source()).catch((error: unknown) => error)

  it('gives the articles of its JSON and Markdown files', async () => {
    await write('refunds.json', `\ufeff${JSON.stringify(REFUNDS)}`)
    await write('more.json', JSON.stringify([DELIVERY, { ...DELIVERY, id: 'returns', title: 'Returns' }]))
    await write('gift-cards.md', '# Gift cards #\r\n\r\nA card for **one** of our cafés.\r\n')
    await write('notes.txt', 'refunds delivery returns cafés')
    await write('.hidden.json', 'not JSON')
    await mkdir(join(folder, 'drafts.md'))
    const knowledge = toKnowledgeSource(folder)
    expect(await idsFor(knowledge, 'refunds')).toEqual(['refunds'])
    expect(await idsFor(knowledge, 'delivery')).toEqual(['delivery'])
    expect(await idsFor(knowledge, 'returns')).toEqual(['returns'])
    const [card] = await (await knowledge.source()).search('gift card', { limit: 1, signal })
    expect(card?.article).toEqual({ id: 'gift-cards', title: 'Gift cards', text: 'A card for **one** of our cafés.' })
  })

  it('is read at the first use and at a reload', async () => {
    const knowledge = toKnowledgeSource(folder)
    await write('refunds.json', JSON.stringify(REFUNDS))
    expect(await idsFor(knowledge, 'refunds delivery')).toEqual(['refunds'])
    await write('delivery.json', JSON.stringify(DELIVERY))
    await knowledge.reload()
    expect(await idsFor(knowledge, 'delivery')).toEqual(['delivery'])
  })

  it('may be empty', async () => {
    expect(await idsFor(toKnowledgeSource(folder), 'refunds')).toEqual([])
  })

  it('is named when it does not exist', async () => {
    const nowhere = join(folder, 'nowhere')
    await expect(toKnowledgeSource(nowhere).source()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: nowhere })
  })

  it.each([
    ['broken.json', '{ "id": ', 'broken.json'],
    ['bare.md', 'No heading.', 'bare.md'],
    ['front.md', '---\ntitle: Refunds\n# Refunds\n', 'front.md:1'],
    ['one.json', '{ "id": "one", "title": "", "text": "" }', 'one.json.title'],
    ['list.json', `[${JSON.stringify(REFUNDS)}, { "id": "two", "title": "Two" }]`, 'list.json[1].text'],
    ['number.json', '42', 'number.json'],
  ])('is refused for %s, by name', async (name, text, place) => {
    await write(name, text)
    const path = join(folder, place)
    expect(await failure()).toMatchObject({ code: 'CONFIG_INVALID', path, message: expect.stringContaining(path) })
  })

  it('P10: is refused when two files use one id, and both are named', async () => {
    await write('refunds.md', '# Refunds\nWithin 14 days.')
    await write('faq.json', JSON.stringify([DELIVERY, REFUNDS]))
    const first = join(folder, 'faq.json[1]')
    const path = join(folder, 'refunds.md.id')
    expect(await failure()).toMatchObject({ code: 'CONFIG_INVALID', path, message: expect.stringContaining(first) })
  })
})
