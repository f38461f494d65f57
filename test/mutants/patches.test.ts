import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Mutant } from './mutant.ts'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const files = readdirSync(import.meta.dirname).filter((file) => !['mutant.ts', 'patches.test.ts'].includes(file))
const listings = await Promise.all(
  files.map(
    async (file) =>
      (await import(/* @vite-ignore */ path.join(import.meta.dirname, file))) as {
        readonly mutants: readonly Mutant[]
      },
  ), // what a listing exports
)
/** Where its titles are written; those of a store are the titles of the store cases. */
const titlesOf = (file: string): string => {
  const cases = 'src/testing/store-cases'
  const isStore = /^test\/stores\/[^/]+-store\.test\.ts$/.test(file)
  return [file, ...(isStore ? readdirSync(path.join(root, cases)).map((each) => `${cases}/${each}`) : [])]
    .map(read)
    .join()
}
const mutants = listings.flatMap((listing) => listing.mutants)

test.each(mutants)('the patch fits the source: $name', ({ file, find, replace }) => {
  expect(read(file).split(find)).toHaveLength(2)
  expect(replace).not.toBe(find)
})

test.each(mutants)('the test that must notice it is there: $name', ({ killedBy }) => {
  expect(titlesOf(killedBy.file)).toContain(killedBy.title)
})

test('every mutant has a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})
