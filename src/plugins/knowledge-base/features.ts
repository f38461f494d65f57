import type { Language } from './language.ts'

/** A text as numbered features, each with how often it occurs; `unknownShare` of its features have no number. */
export interface Features {
  readonly ids: Int32Array
  readonly counts: Uint8Array
  readonly unknownShare: number
}

/** Numbers the features of texts. */
export interface FeatureTable {
  readonly size: number
  /** Gives a feature the next number. */
  add(key: string): void
  /** Of texts of articles: every feature gets a number. */
  learn(words: readonly string[]): Features
  /** Of a query: features that no article has are left out. */
  read(words: readonly string[]): Features
  /** How much a feature of this kind says. */
  weightOf(id: number): number
  /** All features in the order of their numbers. */
  keys(): Iterable<string>
}

/** Kinds of features, by the first letter of their keys, and how much each says. */
const WEIGHTS: Readonly<Record<string, number>> = { u: 1.5, b: 1, p: 1, k: 1.5, c: 1 }
const GRAM_LENGTHS = [3, 4] as const
/** Of so many terms, each pair is a feature. */
const PAIRED = 12
const WORDS = 80

/** Stems, neighbours, pairs of telling stems, concepts, and runs of letters within words. */
export function createFeatureTable(language: Language): FeatureTable {
  const idOf = new Map<string, number>()
  const weights: number[] = []

  function number(key: string): number {
    const known = idOf.get(key)
    if (known !== undefined) return known
    const id = weights.length
    idOf.set(key, id)
    weights.push(WEIGHTS[key.charAt(0)] ?? 1)
    return id
  }

  const gramsOf: Grams = new Map()
  let gramsFor = 0
  return {
    add: (key) => void number(key),
    get size() {
      return weights.length
    },
    learn: (words) => collect(words, language, { idOf: number }),
    read(words) {
      if (gramsOf.size > REMEMBERED || gramsFor !== weights.length) gramsOf.clear()
      gramsFor = weights.length
      return collect(words, language, { idOf: (key) => idOf.get(key), gramsOf })
    },
    weightOf: (id) => weights[id] ?? 1,
    keys: () => idOf.keys(),
  }
}

/** Words come again and again. */
const REMEMBERED = 20_000

/** The features of the letters of each word, as long as no feature is new. */
type Grams = Map<string, readonly (number | undefined)[]>

function collect(
  words: readonly string[],
  language: Language,
  { idOf, gramsOf }: { readonly idOf: (key: string) => number | undefined; readonly gramsOf?: Grams },
): Features {
  const counts = new Map<number, number>()
  let unknownCount = 0
  const add = (key: string): void => count(idOf(key))
  const count = (id: number | undefined): void => {
    if (id === undefined) unknownCount++
    else counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const read = words.slice(0, WORDS)
  addStems(
    read.map((word) => (isNumber(word) ? '#' : language.stem(word))),
    language,
    add,
  )
  for (const word of read) {
    const known = gramsOf?.get(word)
    const grams = known ?? toGrams(`_${isNumber(word) ? '#' : word}_`).map(idOf)
    if (known === undefined) gramsOf?.set(word, grams)
    for (const id of grams) count(id)
  }
  const ids = Int32Array.from(counts.keys()).sort()
  const total = ids.length + unknownCount
  return {
    ids,
    counts: Uint8Array.from(ids, (id) => Math.min(255, counts.get(id) ?? 0)),
    unknownShare: total === 0 ? 1 : unknownCount / total,
  }
}

function addStems(stems: readonly string[], language: Language, add: (key: string) => void): void {
  let previous = '<'
  for (const stem of [...stems, '>']) {
    add(`b${previous} ${stem}`)
    for (const concept of language.conceptsOf(`${previous} ${stem}`)) add(`k${concept}`)
    previous = stem
  }
  for (const stem of stems) {
    add(`u${stem}`)
    for (const concept of language.conceptsOf(stem)) add(`k${concept}`)
  }
  const telling = [...new Set(stems.filter((stem) => !language.isStopWord(stem)))].slice(0, PAIRED).sort()
  for (const [place, one] of telling.entries()) {
    for (const other of telling.slice(place + 1)) add(`p${one} ${other}`)
  }
}

function toGrams(word: string): string[] {
  const grams: string[] = []
  for (const length of GRAM_LENGTHS) {
    for (let from = 0; from + length <= word.length; from++) grams.push(`c${word.slice(from, from + length)}`)
  }
  return grams
}

function isNumber(word: string): boolean {
  return /^\d+$/u.test(word)
}
