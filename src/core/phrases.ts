import type { MessageKind } from './events.ts'

/**
 * How customers say what the bot must understand without a model: whole messages, or (for `person`) words that must occur in this order,
 * `…` standing for up to four words between. Upper case and punctuation make no difference.
 */
export interface Phrases {
  readonly yes: readonly string[]
  readonly no: readonly string[]
  readonly person: readonly string[]
  /** Whole messages that are nothing but the wish for a person. */
  readonly personAlone: readonly string[]
  readonly smallTalk: readonly string[]
  readonly skip: readonly string[]
  /** Words before a wish for a person that turn it round. */
  readonly negations: readonly string[]
}

export const DEFAULT_PHRASES: Phrases = {
  yes: [
    'yes',
    'y',
    'yep',
    'yeah',
    'yup',
    'sure',
    'ok',
    'okay',
    'correct',
    'exactly',
    'of course',
    'it did',
    'that helped',
    'it helped',
    'this helped',
    'solved',
    'all good',
    'perfect',
    'great',
    'that works',
    'it works',
    'it is',
    'thats it',
    'absolutely',
  ],
  no: [
    'no',
    'n',
    'nope',
    'nah',
    'not really',
    'no it did not',
    'not at all',
    'it did not',
    'it didnt',
    'that did not help',
    'that didnt help',
    'not yet',
    'not solved',
    'still not',
    'does not help',
    'doesnt help',
    'did not help',
    'didnt help',
    'not helpful',
    'wrong',
    'something else',
    'none of these',
  ],
  person: [
    'talk to … person',
    'talk to … human',
    'talk to … agent',
    'talk to … someone',
    'talk to … somebody',
    'talk to … representative',
    'talk with … person',
    'talk with … human',
    'talk with … agent',
    'talk with … someone',
    'speak to … person',
    'speak to … human',
    'speak to … agent',
    'speak to … someone',
    'speak to … somebody',
    'speak to … representative',
    'speak with … person',
    'speak with … human',
    'speak with … agent',
    'speak with … someone',
    'chat with … person',
    'chat with … human',
    'chat with … agent',
    'connect me … person',
    'connect me … human',
    'connect me … agent',
    'connect me … someone',
    'transfer me … person',
    'transfer me … human',
    'transfer me … agent',
    'need … human',
    'need … real person',
    'need … live agent',
    'want … human',
    'want … real person',
    'want … live agent',
    'real person',
    'real human',
    'live agent',
    'human agent',
    'a person please',
    'person please',
    'human please',
    'agent please',
    'a human please',
    'an agent please',
    'get me … person',
    'get me … human',
    'get me … agent',
    'customer service representative',
    'is there … human',
    'is there … real person',
  ],
  personAlone: ['person', 'human', 'agent', 'representative', 'operator'].flatMap((who) =>
    ['', 'a ', 'an '].flatMap((article) => [article + who, `${article}${who} please`, `please ${article}${who}`]),
  ),
  smallTalk: [
    'hi',
    'hello',
    'hey',
    'hi there',
    'hello there',
    'hey there',
    'good morning',
    'good afternoon',
    'good evening',
    'good day',
    'greetings',
    'howdy',
    'how are you',
    'thanks',
    'thank you',
    'thank you very much',
    'thanks a lot',
    'thx',
    'bye',
    'goodbye',
    'hola',
    'yo',
    'i need help',
    'help',
    'can you help me',
    'i have a question',
  ],
  skip: ['skip', 'skip this', 'next', 'pass', 'not now', 'i do not want to say'],
  negations: ['dont', 'not', 'never', 'no', 'without'],
}

/** Reads what a message means; everything it does not know is a question. */
export interface Understanding {
  kindOf(text: string): MessageKind | 'skip'
  /** A reply to "did this help?" or "is it solved?": its first words decide. */
  yesOrNo(text: string): 'yes' | 'no' | undefined
}

/** @example createUnderstanding(DEFAULT_PHRASES).kindOf('I would like to talk to a person') // 'person' */
export function createUnderstanding(phrases: Phrases): Understanding {
  const whole = new Map<string, MessageKind | 'skip'>()
  for (const kind of ['smallTalk', 'skip', 'no', 'yes'] as const)
    for (const phrase of phrases[kind]) whole.set(wordsOf(phrase).join(' '), kind)
  for (const phrase of phrases.personAlone) whole.set(wordsOf(phrase).join(' '), 'person')
  const longest = Math.max(1, ...[...phrases.yes, ...phrases.no].map((phrase) => wordsOf(phrase).length))
  const wishes = byFirstWord(phrases.person.map((phrase) => phrase.split('…').map(wordsOf)))
  const negations = new Set(phrases.negations.flatMap(wordsOf))
  return {
    kindOf(text) {
      const words = wordsOf(text)
      const known = whole.get(words.join(' '))
      if (known !== undefined) return known
      const isWish = (parts: Wish): boolean => isWished(words, parts, negations)
      if (wishes.get('')?.some(isWish) === true) return 'person'
      for (const word of words) if (wishes.get(word)?.some(isWish) === true) return 'person'
      return words.length === 2 && whole.get(words[0] ?? '') === 'smallTalk' ? 'smallTalk' : 'question'
    },
    yesOrNo(text) {
      const words = wordsOf(text)
      for (let length = Math.min(longest, words.length); length > 0; length -= 1) {
        const kind = whole.get(words.slice(0, length).join(' '))
        if (kind === 'yes' || kind === 'no') return kind
      }
      return undefined
    },
  }
}

/** The parts of a phrase, in words. */
type Wish = readonly (readonly string[])[]

/** Only phrases that begin with one of its words can be in a text; those that may begin with any are under `''`. */
function byFirstWord(wishes: readonly Wish[]): ReadonlyMap<string, readonly Wish[]> {
  const found = new Map<string, Wish[]>()
  for (const wish of wishes) {
    const first = wish[0]?.[0] ?? ''
    const others = found.get(first)
    if (others === undefined) found.set(first, [wish])
    else others.push(wish)
  }
  return found
}

/** What a text says, but for punctuation and upper case; `''` when it has no words. */
export function inWords(text: string): string {
  return wordsOf(text).join(' ')
}

/** Normalising changes nothing of it, and it has no apostrophe. */
const PLAIN = /^[ -&(-~]*$/

/** Lower-case words without punctuation; apostrophes are dropped. */
function wordsOf(text: string): readonly string[] {
  const read = text.slice(0, 512)
  if (PLAIN.test(read)) return read.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return (
    read
      .normalize('NFKC')
      .toLowerCase()
      .replace(/['\u2019]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** Do the parts of a phrase occur in this order, at most four words apart, and is the wish not turned round? */
function isWished(
  words: readonly string[],
  parts: readonly (readonly string[])[],
  negations: ReadonlySet<string>,
): boolean {
  let from = 0
  let begin = -1
  for (const part of parts) {
    const window = begin < 0 ? words : words.slice(0, from + 4 + part.length)
    const found = indexOf(window, part, from)
    if (found < 0) return false
    if (begin < 0) begin = found
    from = found + part.length
  }
  return !words.slice(Math.max(0, begin - 4), begin).some((word) => negations.has(word))
}

function indexOf(words: readonly string[], part: readonly string[], from: number): number {
  for (let at = from; at <= words.length - part.length; at += 1) {
    if (part.every((word, offset) => words[at + offset] === word)) return at
  }
  return -1
}
