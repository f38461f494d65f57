import { z } from 'zod'
import { toTerms } from './normalise.ts'

/** What customers asked and no article answered. */
export interface Gap {
  readonly id: string
  /** The first words that were used, numbers and addresses taken out. */
  readonly query: string
  readonly count: number
}

/** How often an article was offered, and what came of it. */
export interface Helpfulness {
  readonly offeredCount: number
  readonly helpedCount: number
  readonly notHelpedCount: number
}

const gap = z.object({ id: z.string(), query: z.string(), count: z.number() })
const promoted = z.object({ articleId: z.string(), question: z.string() })
const helpfulness = z.object({ offeredCount: z.number(), helpedCount: z.number(), notHelpedCount: z.number() })

/** Everything that outlives a conversation: under `gaps`, `promoted`, or `article:` and its id. */
export const knowledgeRecord = z.union([
  z.object({ gaps: z.array(gap) }),
  z.object({ promoted: z.array(promoted) }),
  helpfulness,
])

export const GAPS = 'gaps'
export const PROMOTED = 'promoted'
/** So many are kept; the rarest go first. */
const MOST_GAPS = 500
const QUERY_LENGTH = 160
const ADDRESS = /\S+@\S+/gu
const NUMBER = /\d[\d -]{3,}/gu

export function readGaps(value: unknown): readonly Gap[] {
  const read = z.object({ gaps: z.array(gap) }).safeParse(value)
  return read.success ? read.data.gaps : []
}

export function readPromoted(value: unknown): readonly z.infer<typeof promoted>[] {
  const read = z.object({ promoted: z.array(promoted) }).safeParse(value)
  return read.success ? read.data.promoted : []
}

export function readHelpfulness(value: unknown): Helpfulness {
  const read = helpfulness.safeParse(value)
  return read.success ? read.data : { offeredCount: 0, helpedCount: 0, notHelpedCount: 0 }
}

/** The gaps with one more miss; `undefined` when the text has no words. */
export function addGap(gaps: readonly Gap[], text: string): readonly Gap[] | undefined {
  const query = text.replace(ADDRESS, '…').replace(NUMBER, '…').slice(0, QUERY_LENGTH).trim()
  const id = toTerms(query).join('-')
  if (id === '') return undefined
  const known = gaps.find((each) => each.id === id)
  const others = gaps.filter((each) => each.id !== id)
  const added = [...others, { id, query: known?.query ?? query, count: (known?.count ?? 0) + 1 }]
  // Newer ones stand further back, so the sort, which is stable, lets the older of two go.
  return added.length <= MOST_GAPS ? added : dropRarest(added)
}

function dropRarest(gaps: readonly Gap[]): readonly Gap[] {
  const least = Math.min(...gaps.slice(0, -1).map(({ count }) => count))
  const place = gaps.findIndex(({ count }) => count === least)
  return gaps.filter((_, index) => index !== place)
}
