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
  /** Gives a feature that has none the next number. */
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
const MOST_COUNTED = 255

/** Stems, neighbours, pairs of telling stems, concepts, and runs of letters within words. */
export function createFeatureTable(language: Language): FeatureTable {
  const idOf = new Map<string, number>()
  const weights: number[] = []

  function number(key: string): number {
    const known = idOf.get(key)
    return known ?? addNew(key)
  }

  function addNew(key: string): number {
    idOf.set(key, weights.length)
    return weights.push(WEIGHTS[key.charAt(0)] ?? 1) - 1
  }

  const gramsOf: Grams = new Map()
  let gramsFor = 0
  return {
    add: (key) => void addNew(key),
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
type Grams = Map<string, { readonly ids: readonly number[]; readonly unknownCount: number }>

function collect(
  words: readonly string[],
  language: Language,
  { idOf, gramsOf }: { readonly idOf: (key: string) => number | undefined; readonly gramsOf?: Grams },
): Features {
  const found: number[] = []
  let unknownCount = 0
  const add = (key: string): boolean => {
    const id = idOf(key)
    if (id === undefined) unknownCount++
    else found.push(id)
    return id !== undefined
  }
  const read = words.slice(0, WORDS)
  const stems = read.map((word) => (isNumber(word) ? '#' : language.stem(word)))
  const unmet = new Set<string>()
  for (const stem of stems) {
    if (!add(`u${stem}`)) unmet.add(stem)
    for (const concept of language.conceptsOf(stem)) add(`k${concept}`)
  }
  // No article has two stems together of which it has not each.
  const addTwo = (kind: string, one: string, other: string): void => {
    if (unmet.size > 0 && (unmet.has(one) || unmet.has(other))) unknownCount++
    else add(`${kind}${one} ${other}`)
  }
  addNeighbours(stems, language, { add, addTwo })
  addPairs(stems, language, addTwo)
  for (const word of read) {
    const known = gramsOf?.get(word)
    const grams = known ?? lookUpGrams(`_${isNumber(word) ? '#' : word}_`, idOf)
    if (known === undefined) gramsOf?.set(word, grams)
    for (const id of grams.ids) found.push(id)
    unknownCount += grams.unknownCount
  }
  const { ids, counts } = countRuns(Int32Array.from(found).sort())
  const total = ids.length + unknownCount
  return { ids, counts, unknownShare: total === 0 ? 1 : unknownCount / total }
}

/** Each number once, and how often it was there. */
function countRuns(sorted: Int32Array): { ids: Int32Array; counts: Uint8Array } {
  const ids = new Int32Array(sorted.length)
  const counts = new Uint8Array(sorted.length)
  let size = 0
  for (let place = 0; place < sorted.length; place++) {
    const id = sorted[place] ?? 0
    if (size === 0 || ids[size - 1] !== id) ids[size++] = id
    counts[size - 1] = Math.min(MOST_COUNTED, (counts[size - 1] ?? 0) + 1)
  }
  return { ids: ids.slice(0, size), counts: counts.slice(0, size) }
}

function lookUpGrams(word: string, idOf: (key: string) => number | undefined) {
  const grams = toGrams(word)
  const ids = grams.map(idOf).filter((id) => id !== undefined)
  return { ids, unknownCount: grams.length - ids.length }
}

type AddTwo = (kind: string, one: string, other: string) => void

function addNeighbours(
  stems: readonly string[],
  language: Language,
  { add, addTwo }: { readonly add: (key: string) => void; readonly addTwo: AddTwo },
): void {
  let previous = '<'
  for (const stem of stems) {
    addTwo('b', previous, stem)
    for (const concept of language.conceptsOf(previous, stem)) add(`k${concept}`)
    previous = stem
  }
  addTwo('b', previous, '>')
}

function addPairs(stems: readonly string[], language: Language, addTwo: AddTwo): void {
  const telling = [...new Set(stems.filter((stem) => !language.isStopWord(stem)))].slice(0, PAIRED).sort()
  for (let place = 0; place < telling.length; place++) {
    for (let other = place + 1; other < telling.length; other++) addTwo('p', telling[place] ?? '', telling[other] ?? '')
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
