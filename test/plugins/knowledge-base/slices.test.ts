import { describe, expect, test } from 'vitest'
import { demoConfig } from '../../../src/cli/demo/config.ts'
import type { Article } from '../../../src/core/types.ts'
import { build, train } from '../../../src/plugins/knowledge-base/index-state.ts'
import { toLanguage } from '../../../src/plugins/knowledge-base/language.ts'
import { packIndex, unpackIndex } from '../../../src/plugins/knowledge-base/saved-index.ts'
import { runInSlices, SLICE_OPERATIONS, type Work } from '../../../src/plugins/knowledge-base/slices.ts'
import { createEngine } from '../../../src/index.ts'
import { knowledgeBase } from '../../../src/plugins/index.ts'
import { makeArticles, wordOf } from './made-up.ts'

/** A tenth of what may hold others up: ten milliseconds of the hundred, so that a slow machine keeps it, too. */
const MOST_OPERATIONS = 10 * SLICE_OPERATIONS
const language = toLanguage('en')

/** Runs it, and says the most that was done without letting others go on, and how often they were let. */
function follow<Result>(work: Work<Result>): { result: Result; most: number; restCount: number } {
  let most = 0
  let restCount = 0
  for (;;) {
    const step = work.next()
    if (step.done === true) return { result: step.value, most, restCount }
    most = Math.max(most, step.value)
    restCount++
  }
}

const HUGE: Article = {
  id: 'huge',
  title: 'A megabyte',
  text: Array.from({ length: 90_000 }, (_, place) => wordOf(place % 9_000)).join(' '),
}
const ASKED_MUCH: Article = {
  id: 'asked',
  title: 'Much asked',
  text: '',
  questions: Array.from({ length: 2_000 }, (_, place) => `how ${wordOf(place)} the ${wordOf(place * 7)} of it`),
}

describe('work in slices', () => {
  test.each<[string, readonly Article[]]>([
    ['many articles', makeArticles(300)],
    ['an article of a megabyte', [HUGE]],
    ['an article of 2,000 questions', [ASKED_MUCH, ...makeArticles(2)]],
  ])('others go on while %s are read, saved and loaded', (_, articles) => {
    const subject = { articles, language, embedder: undefined }
    const built = follow(build(articles, language))
    const packed = follow(packIndex(built.result, subject))
    const unpacked = follow(unpackIndex(packed.result, subject))
    for (const { most } of [built, packed, unpacked]) expect(most).toBeLessThanOrEqual(MOST_OPERATIONS)
    const size = JSON.stringify(articles).length
    expect(built.restCount).toBeGreaterThan(size / 20_000)
  })

  test('an article of more than 64 KiB is read in parts', () => {
    const { result, restCount } = follow(build([HUGE], language))
    expect(result.voters.lexical.partCount).toBeGreaterThan(HUGE.text.length / (64 * 1024))
    expect(restCount).toBeGreaterThan(result.voters.lexical.partCount)
  })

  test('others go on while it learns and finds out how far it can trust itself', () => {
    const { result } = follow(build(makeArticles(20, 6), language))
    const { most, restCount } = follow(train(result))
    expect(most).toBeLessThanOrEqual(MOST_OPERATIONS)
    expect(restCount).toBeGreaterThan(20)
  })

  test('is done at once where work takes no time', () => {
    const work = (function* (): Work<string> {
      yield 1
      return 'done'
    })()
    expect(runInSlices(work, { sliceMs: Number.POSITIVE_INFINITY })).toBe('done')
  })

  test('hands on what it fails with', async () => {
    const work = (function* (): Work<string> {
      yield 1
      throw new Error('broken')
    })()
    await expect(runInSlices(work)).rejects.toThrow('broken')
  })

  // Also in a process that is idle: an immediate without a reference would wait there until somebody comes.
  test('work that nobody waits for goes on, and who comes to wait finds it done or helps it along', async () => {
    let stepCount = 0
    function* work(): Work<number> {
      while (stepCount < 200) {
        stepCount += 1
        const until = performance.now() + 1
        while (performance.now() < until);
        yield SLICE_OPERATIONS
      }
      return stepCount
    }
    let isHeld = false
    const done = runInSlices(work(), { sliceMs: 1, isHeld: () => isHeld })
    isHeld = true
    expect(await done).toBe(200)
  })

  // Else a program that does nothing but wait for it would end before it is.
  test('a knowledge base that somebody waits for keeps the process alive until it is ready', async () => {
    const holding = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout' || resource === 'Immediate').length
    await using engine = createEngine({ plugins: [knowledgeBase({ articles: makeArticles(16, 6) })] })
    await engine.start()
    const before = holding()
    const ready = engine.plugin(knowledgeBase).ready()
    await new Promise((resolve) => setImmediate(resolve))
    expect(holding()).toBeGreaterThan(before)
    await ready
  })

  test('a knowledge base gets ready in an engine where nothing else happens', async () => {
    await using engine = createEngine(demoConfig)
    await engine.start()
    await expect(engine.plugin(knowledgeBase).ready()).resolves.toBeUndefined()
  })
})
