import type { Article } from '../../../src/core/types.ts'

const SYLLABLES = ['ka', 'lo', 'mi', 'ne', 'pu', 'ra', 'so', 'te', 'vi', 'zu']

/** A word that no language has, the same for the same number. */
export function wordOf(number: number): string {
  return [...String(number + 10_000)].map((digit) => SYLLABLES[Number(digit)]).join('')
}

/** Articles of 80 words, half of them common, each with alternate questions if wanted. */
export function makeArticles(count: number, questionCount = 0): readonly Article[] {
  return Array.from({ length: count }, (_, article) => {
    const words = Array.from({ length: 80 }, (_, place) =>
      wordOf((article * 7_919 + place * 104_729) % (place % 2 ? 400 : 20_000)),
    )
    const questions = Array.from({ length: questionCount }, (_, place) => words.slice(place, place + 6).join(' '))
    return {
      id: `a${article}`,
      title: words.slice(0, 5).join(' '),
      text: `${words.join(' ')} ${String.fromCharCode(97 + (article % 26))}`,
      ...(questionCount === 0 ? {} : { questions }),
    }
  })
}
