import { z } from 'zod'
import { madeLater, readFitting, type Schema } from '../../core/standard-schema.ts'
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

/** A question that an article was given since. */
interface Promoted {
  readonly articleId: string
  readonly question: string
}

const toGapList = () => z.object({ gaps: z.array(z.object({ id: z.string(), query: z.string(), count: z.number() })) })
const toPromotedList = () => z.object({ promoted: z.array(z.object({ articleId: z.string(), question: z.string() })) })
const toHelpfulness = () => z.object({ offeredCount: z.number(), helpedCount: z.number(), notHelpedCount: z.number() })

const readGapList = readerOf(madeLater(toGapList))
const readPromotedList = readerOf(madeLater(toPromotedList))
const readHelped = readerOf(madeLater(toHelpfulness))

/** Everything that outlives a conversation: under `gaps:` and a number, `promoted`, or `article:` and its id. What is put most often is tried first. */
export const knowledgeRecord = madeLater(() => z.union([toHelpfulness(), toGapList(), toPromotedList()]))

export const PROMOTED = 'promoted'
/** The gaps are spread over so many records: a miss rewrites one of them, and two misses at once seldom meet. */
const SHELVES = 32
/** So many are kept on each; the rarest go first. */
const MOST_GAPS = 32
const QUERY_LENGTH = 160
const ADDRESS = /\S+@\S+/gu
const NUMBER = /\d[\d -]{3,}/gu

/** Under which key the gap of this id is kept. */
export function shelfOf(gapId: string): string {
  let hash = 0
  for (let place = 0; place < gapId.length; place++) hash = (31 * hash + gapId.charCodeAt(place)) | 0
  return `gaps:${Math.abs(hash) % SHELVES}`
}

/** Every key under which gaps are kept. */
export const GAP_SHELVES: readonly string[] = Array.from({ length: SHELVES }, (_, shelf) => `gaps:${shelf}`)

/** Reads what fits. A store that hands out the same frozen record again is not read again. */
function readerOf<Value>(schema: Schema<unknown, Value>): (value: unknown) => Value | undefined {
  const known = new WeakMap<object, Value>()
  return (value) => {
    if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return readFitting(schema, value)
    const before = known.get(value)
    if (before !== undefined) return before
    const read = readFitting(schema, value)
    if (read !== undefined) known.set(value, read)
    return read
  }
}

export function readGaps(value: unknown): readonly Gap[] {
  return readGapList(value)?.gaps ?? []
}

export function readPromoted(value: unknown): readonly Promoted[] {
  return readPromotedList(value)?.promoted ?? []
}

export function readHelpfulness(value: unknown): Helpfulness {
  return readHelped(value) ?? { offeredCount: 0, helpedCount: 0, notHelpedCount: 0 }
}

/** What a text asks for: the words that stay, and their id. `undefined` when it has none. */
export function toGap(text: string): Pick<Gap, 'id' | 'query'> | undefined {
  const query = text.replace(ADDRESS, '…').replace(NUMBER, '…').slice(0, QUERY_LENGTH).trim()
  const id = toTerms(query).join('-')
  return id === '' ? undefined : { id, query }
}

/** The gaps of one shelf with one more miss. */
export function addGap(gaps: readonly Gap[], { id, query }: Pick<Gap, 'id' | 'query'>): readonly Gap[] {
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
