import { createEnds } from '../ids.ts'

/** What a turn may promise work for: the end of the work's id, by the version of the turn. */
export const effectEnds = {
  search: createEnds('/', '/search'),
  enrich: createEnds('/', '/enrich'),
  hold: createEnds('/', '/hold'),
  after: createEnds('/', '/after'),
  deliver: createEnds('/', '/deliver'),
}
export type Purpose = keyof typeof effectEnds

/** The end of a message's id, by its number. */
export const messageEnd = createEnds('.', '')
