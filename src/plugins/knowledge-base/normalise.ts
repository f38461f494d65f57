/** Longer words are cut here: matching with typos costs the square of the length. */
export const WORD_LENGTH = 40

/** Nothing of it has another form than upper case. */
const PLAIN = /^[\n -&(-_a-~]*$/u
const ACUTE = /´/gu
const TRADEMARK = /[™℠]/gu
/** Marks of the Latin, Greek and Cyrillic scripts only: in Hindi or Thai a mark is a vowel, and the word needs it. */
const ACCENT = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]/gu
const APOSTROPHE = /[‘’‛ʼ`]/gu

interface Patterns {
  /** Zero-width characters, soft hyphens, variation selectors, direction marks. */
  readonly ignorable: RegExp
  readonly ending: RegExp
  readonly negation: RegExp
  readonly word: RegExp
  /** Scripts which write no space between words. */
  readonly spaceless: RegExp
}

let patterns: Patterns | undefined

/** Made with the first text, and from strings: the classes of characters in a literal are looked up whenever somebody imports it. */
function toPatterns(): Patterns {
  const end = String.raw`(?![\p{L}\p{N}\p{M}])`
  const scripts = ['Han', 'Hira', 'Kana', 'Thai', 'Lao', 'Khmr', 'Mymr']
  return {
    ignorable: new RegExp(String.raw`\p{Default_Ignorable_Code_Point}`, 'gu'),
    ending: new RegExp(String.raw`(?<=[\p{L}\p{N}\p{M}])(?:'(?:s|m|re|ve|ll|d))+${end}`, 'gu'),
    negation: new RegExp(`n't${end}`, 'gu'),
    word: new RegExp(String.raw`[\p{L}\p{N}][\p{L}\p{N}\p{M}]*`, 'gu'),
    spaceless: new RegExp(`[${scripts.map((script) => String.raw`\p{sc=${script}}`).join('')}]`, 'u'),
  }
}

let segmenter: Intl.Segmenter | undefined

/**
 * Makes spellings of one text equal, for articles and questions alike: case, width, accents, invisible characters,
 * apostrophes, and the endings `'s 'm 're 've 'll 'd`. Normalising twice changes nothing.
 * @example normalise('The CAFÉ’s open, isn’t it?') // 'the cafe open, isnt it?'
 */
export function normalise(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  const { ignorable, ending, negation } = (patterns ??= toPatterns())
  return (
    text
      // Before NFKC, which turns an acute into a space, and ™ into letters of the word before it.
      .replace(ACUTE, "'")
      .replace(TRADEMARK, ' ')
      .normalize('NFKC')
      .replace(ignorable, '')
      .toLowerCase()
      .normalize('NFD')
      .replace(ACCENT, '')
      .normalize('NFKC')
      .replace(APOSTROPHE, "'")
      .replace(ending, '')
      .replace(negation, 'nt')
  )
}

/**
 * The words of a text, normalised, in order and with repetitions: runs of letters and digits, and the words of Chinese,
 * Japanese, Thai, Lao, Khmer and Burmese although no space parts them.
 * @example toTerms('Where’s my order #42?') // ['where', 'my', 'order', '42']
 */
export function toTerms(text: string): string[] {
  const { word, spaceless } = (patterns ??= toPatterns())
  const runs = normalise(text).match(word) ?? []
  return runs.flatMap((run) => (spaceless.test(run) ? segment(run) : run)).map((one) => cut(one, WORD_LENGTH))
}

/** What of a text can be seen: without zero-width characters and the like. */
export function stripInvisible(text: string): string {
  patterns ??= toPatterns()
  return text.replace(patterns.ignorable, '')
}

/** The first `length` UTF-16 units, never half of a character. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/\p{Surrogate}$/u, '')
}

function segment(run: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' })
  return Array.from(segmenter.segment(run), (part) => part.segment)
}
