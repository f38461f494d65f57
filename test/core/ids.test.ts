import { expect, test } from 'vitest'
import { createEnds, createId } from '../../src/core/ids.ts'

test('ids sort by time, differ within one moment, and are made of letters and digits', () => {
  const ids = [5, 5, 36 ** 8, 36 ** 8 + 1, 36 ** 8].flatMap((at) => Array.from({ length: 300 }, () => createId(at)))
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^c[0-9a-z]{9}[0-9A-Za-z]{12}$/)
  expect(createId(5) < createId(6) && createId(6) < createId(36 ** 8)).toBe(true)
})

test('the end of an id says its number, whatever was asked for before', () => {
  const end = createEnds('/', '/search')
  expect([7, 0, 8, 999, 1_000, 123_456].map(end)).toEqual([
    '/7/search',
    '/0/search',
    '/8/search',
    '/999/search',
    '/1000/search',
    '/123456/search',
  ])
})
