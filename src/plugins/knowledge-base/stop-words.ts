/** Words that say nothing about the topic. Not among them, since they do: how, when, why, where, what, not. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an the i me my we our you your it its is am are was were be been being do does did have has had to of in on at for
  with by from and or but if so that this these those there here can could would should will shall may might just
  please hi hello hey thanks thank`.split(/\s+/),
)

/** Is this term, as `toTerms` gives it, one that says nothing about the topic? */
export function isStopWord(term: string): boolean {
  return STOP_WORDS.has(term)
}
