/** NUL and lone surrogates become U+FFFD: databases refuse the one and change the other each in its own way. */
export function clean(text: string): string {
  return /[\0\p{Surrogate}]/u.test(text) ? text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD') : text
}
