/** Printable Latin-1, with no blank at either end: what a header carries as it is. Everything else would throw, or arrive as something else. */
export function canStandInHeader(text: string): boolean {
  return /^[\x20-\x7e\x80-\xff]*$/.test(text) && text === text.trim()
}
