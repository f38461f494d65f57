import type { Output } from './io.ts'

/** Tells how far long work is: one line that rewrites itself on a terminal, else a line every few seconds. */
export interface Progress {
  /** The text is only made when it is shown. */
  at(text: () => string): void
  done(): void
}

const REWRITE_MS = 100
const LINE_MS = 3_000

export function createProgress(output: Output): Progress {
  const isTerminal = output.isTTY === true
  const everyMs = isTerminal ? REWRITE_MS : LINE_MS
  let shownAt = performance.now()
  let isShown = false
  return {
    at(text) {
      const now = performance.now()
      if (now - shownAt < everyMs) return
      shownAt = now
      isShown = true
      output.write(isTerminal ? `\r${text()}\u001B[K` : `${text()}\n`)
    },
    done() {
      if (isTerminal && isShown) output.write('\r\u001B[K')
    },
  }
}
