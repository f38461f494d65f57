import type { Random } from '../random.ts'

/** What one customer is like, drawn before they come. */
export interface Temper {
  /** How long they wait in the queue before they leave; for ever if not said. */
  readonly patienceMs?: number
  /** They say nothing more from this burst on. */
  readonly silentFrom: number
  /** A reminder wakes them when they have fallen silent. */
  readonly wakesUp: boolean
  /** They read the answer to a message they left, and go on. */
  readonly returns: boolean
  /** They ask for a person at once when the bot has no answer. */
  readonly wantsPerson: boolean
  /** They leave a message when they are told how long the queue is. */
  readonly leavesMessage: boolean
}

const IMPATIENT = 0.12
const SILENT = 0.04

export function drawTemper(random: Random, burstCount: number): Temper {
  const isImpatient = random.chance(IMPATIENT)
  const patienceMs = 20_000 + random.exponential(90_000)
  const isSilent = random.chance(SILENT)
  const silentFrom = Math.floor(random.between(0, burstCount))
  return {
    ...(isImpatient ? { patienceMs } : {}),
    silentFrom: isSilent ? silentFrom : Number.POSITIVE_INFINITY,
    wakesUp: random.chance(0.3),
    returns: random.chance(0.6),
    wantsPerson: random.chance(0.4),
    leavesMessage: random.chance(0.03),
  }
}

/** How long somebody reads and thinks before they answer. */
export function drawThinkMs(random: Random): number {
  return Math.round(Math.max(2_000, random.lognormal(22_000, 0.55)))
}

/** Between two messages of one burst. */
export function drawTypingMs(random: Random): number {
  return Math.round(random.between(2_500, 8_000))
}

/** Does the article help? The more of the question's words it knows, the more likely. */
export function drawHelped(random: Random, question: string, article: string): boolean {
  const known = new Set(wordsOf(article))
  const asked = wordsOf(question)
  const share = asked.length === 0 ? 0 : asked.filter((word) => known.has(word)).length / asked.length
  return random.chance(0.1 + 0.4 * share)
}

/** Words that may say something about the topic. */
function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\p{L}{4,}/gu) ?? []
}

/** What they rate, as the id of a choice: most are content. */
export function drawScore(random: Random): string {
  return random.pick(['5', '5', '5', '4', '4', '3', '2', '1'])
}
