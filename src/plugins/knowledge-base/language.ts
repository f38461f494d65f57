import { stemmer } from 'stemmer'
import { MaitredError } from '../../core/errors.ts'
import { ENGLISH_CHATTER, ENGLISH_CONCEPTS, ENGLISH_STOP_WORDS } from './english.ts'
import { ENGLISH_ELSEWHERE } from './english-elsewhere.ts'
import { toTerms } from './normalise.ts'
import { parseQuery, type QueryWords } from './query-terms.ts'

/** What the index knows of the language that articles are written in. */
export interface Language {
  /** Its code: `en`, `de`. */
  readonly code: string
  /** What inflections of a term have in common. */
  stem(term: string): string
  /** Is this term one that says nothing about the topic? */
  isStopWord(term: string): boolean
  /** The concepts that a stem may stand for, or two stems that follow one another. */
  conceptsOf(stem: string, next?: string): readonly number[]
  /** What is said to every bot and asked anywhere, and what no article answers. */
  readonly strange: readonly QueryWords[]
}

/** Name of the stemmer and of the list of stop words. */
const OTHERS: Readonly<Record<string, readonly [algorithm: string, stopWords: string]>> = {
  ar: ['arabic', 'ara'],
  ca: ['catalan', 'cat'],
  cs: ['czech', 'ces'],
  da: ['danish', 'dan'],
  de: ['german', 'deu'],
  es: ['spanish', 'spa'],
  eu: ['basque', 'eus'],
  fi: ['finnish', 'fin'],
  fr: ['french', 'fra'],
  ga: ['irish', 'gle'],
  hu: ['hungarian', 'hun'],
  hy: ['armenian', 'hye'],
  it: ['italian', 'ita'],
  nb: ['norwegian', 'nob'],
  nl: ['dutch', 'nld'],
  no: ['norwegian', 'nob'],
  pt: ['portuguese', 'por'],
  ro: ['romanian', 'ron'],
  ru: ['russian', 'rus'],
  sl: ['slovene', 'slv'],
  sv: ['swedish', 'swe'],
  tr: ['turkish', 'tur'],
}

/** Codes that `language` may be; `none` leaves words as they are. */
export const LANGUAGES: readonly string[] = ['en', ...Object.keys(OTHERS), 'none']

const NO_CONCEPTS: readonly number[] = []

/**
 * English is built in; the others need the packages `snowball-stemmers` and `stopword`.
 * @throws MaitredError `CONFIG_INVALID` when it is none of them, or a package is missing.
 * @example toLanguage('en').stem('refunded') // 'refund'
 */
export function toLanguage(code = 'en'): Language {
  const known = loaded.get(code)
  if (known !== undefined) return known
  const language = loadLanguage(code)
  loaded.set(code, language)
  return language
}

const loaded = new Map<string, Language>()

function loadLanguage(code: string): Language {
  if (code === 'en') return english()
  if (code === 'none')
    return { code, stem: (term) => term, isStopWord: () => false, conceptsOf: () => NO_CONCEPTS, strange: [] }
  const names = Object.hasOwn(OTHERS, code) ? OTHERS[code] : undefined
  if (names !== undefined) return snowball(code, names)
  throw new MaitredError('CONFIG_INVALID', {
    message: `Expected one of ${LANGUAGES.join(', ')} at \`language\`, got \`${String(code)}\`.`,
    hint: 'It is the language that the articles are written in; `none` takes words as they are.',
    path: 'language',
  })
}

function english(): Language {
  const stopWords = new Set(ENGLISH_STOP_WORDS.split(/\s+/u))
  const stem = remembering(stemmer)
  const concepts = new Map<string, number[]>()
  let strange: readonly QueryWords[] | undefined
  /** Stems that a concept of two begins with. */
  const firsts = new Set<string>()
  for (const [concept, line] of ENGLISH_CONCEPTS.trim().split('\n').entries()) {
    for (const word of line.split(' ')) {
      const [first = '', ...rest] = word.split('_').map(stem)
      const stems = [first, ...rest].join(' ')
      if (rest.length > 0) firsts.add(first)
      const named = concepts.get(stems) ?? []
      if (!named.includes(concept)) concepts.set(stems, [...named, concept])
    }
  }
  return {
    code: 'en',
    stem,
    isStopWord: (term) => stopWords.has(term),
    conceptsOf(one, next) {
      if (next === undefined) return concepts.get(one) ?? NO_CONCEPTS
      return firsts.has(one) ? (concepts.get(`${one} ${next}`) ?? NO_CONCEPTS) : NO_CONCEPTS
    },
    get strange() {
      return (strange ??= [ENGLISH_CHATTER, ENGLISH_ELSEWHERE].flatMap((lines) =>
        lines.trim().split('\n').map(parseQuery),
      ))
    },
  }
}

interface Snowball {
  newStemmer(algorithm: string): { stem(term: string): string }
}

function snowball(code: string, [algorithm, list]: readonly [string, string]): Language {
  const stemmers = requirePackage('snowball-stemmers', code) as Snowball // as its README says
  const lists = requirePackage('stopword', code) as Readonly<Record<string, readonly string[]>> // as its README says
  const stopWords = new Set((lists[list] ?? []).flatMap(toTerms))
  const algorithmOf = stemmers.newStemmer(algorithm)
  return {
    code,
    stem: remembering((term) => algorithmOf.stem(term)),
    isStopWord: (term) => stopWords.has(term),
    conceptsOf: () => NO_CONCEPTS,
    strange: [],
  }
}

function requirePackage(name: string, code: string): unknown {
  try {
    return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name)
  } catch (cause) {
    throw new MaitredError('CONFIG_INVALID', {
      message: `The language \`${code}\` needs the packages \`snowball-stemmers\` and \`stopword\`, but \`${name}\` cannot be loaded.`,
      hint: 'Run `npm install snowball-stemmers stopword`.',
      path: 'language',
      cause,
    })
  }
}

/** Words come again and again, but a flood of made-up ones is not kept. */
const REMEMBERED = 50_000

function remembering(stem: (term: string) => string): (term: string) => string {
  const stems = new Map<string, string>()
  return (term) => {
    const known = stems.get(term)
    if (known !== undefined) return known
    if (stems.size >= REMEMBERED) stems.clear()
    const found = stem(term)
    stems.set(term, found)
    return found
  }
}
