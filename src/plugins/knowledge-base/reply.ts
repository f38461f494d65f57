import type { Answer } from '../../core/hooks/plugin.ts'
import type { Message, Suggestion } from '../../core/types.ts'
import { toTerms } from './normalise.ts'

/** What to do about a question: offer an article, ask which of several it is, or stay silent. */
export type Reply =
  | { readonly type: 'offer'; readonly answer: Answer }
  | { readonly type: 'narrow'; readonly options: readonly Suggestion[] }
  | { readonly type: 'silence' }

const SILENCE: Reply = { type: 'silence' }
/** One more question is worth it only if it is likely to end well. */
const OPTIONS = 3
/** An option that nobody would choose is no choice. */
const LEAST_OPTION = 0.1

/**
 * Offers the best article when it is likely enough to be right, given that those offered before were not; asks which
 * when the best few are likely enough together; else stays silent.
 */
export function decideReply(
  found: readonly Suggestion[],
  about: { readonly taught: ReadonlySet<string>; readonly offerAbove: number; readonly mayAsk: boolean },
): Reply {
  const ruledOut = found.reduce(
    (sum, { article, confidence }) => (about.taught.has(article.id) ? sum + confidence : sum),
    0,
  )
  const left = found
    .filter(({ article }) => !about.taught.has(article.id))
    .map((each) => ({
      ...each,
      confidence: Math.min(1, each.confidence / Math.max(1 - ruledOut, each.confidence, Number.EPSILON)),
    }))
  const [best] = left
  if (best === undefined) return SILENCE
  if (best.confidence >= about.offerAbove) return { type: 'offer', answer: { suggestions: [best] } }
  const options = left.filter(({ confidence }) => confidence >= LEAST_OPTION).slice(0, OPTIONS)
  const together = options.reduce((sum, { confidence }) => sum + confidence, 0)
  return about.mayAsk && options.length > 1 && together >= about.offerAbove ? { type: 'narrow', options } : SILENCE
}

/** All articles offered in this conversation so far. */
export function taughtIn(transcript: readonly Message[]): ReadonlySet<string> {
  return new Set(transcript.flatMap((message) => message.suggestions?.map(({ article }) => article.id) ?? []))
}

const SLOT_WORDS = 2

/** A name, a date, "the blue one": two words that ask nothing by themselves. */
export function isSlotAnswer(question: string): boolean {
  return !/[?？]/u.test(question) && toTerms(question).length <= SLOT_WORDS
}

/** Two words that do name what an article is about: it knows each that says anything. */
export function isTopic(question: string, [best]: readonly Suggestion[]): boolean {
  const known = new Set(best?.matched.flatMap(toTerms))
  return known.size > 0 && toTerms(question).every((word) => known.has(word) || word.length < TELLING_LENGTH)
}

const TELLING_LENGTH = 4
