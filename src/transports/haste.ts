/** Whoever is in haste sends the same again and again: until when, and what else is said to them. */
export interface Haste {
  readonly until: number
  readonly headers: Readonly<Record<string, string>>
}

/** Requests that were refused for haste, by their likeness. The same request is refused again without a closer look, as long as it would be. */
export interface Hastes {
  find(likeness: string | undefined, at: number): Haste | undefined
  note(likeness: string | undefined, haste: Haste): void
}

const MOST = 256
/** Whoever sends longer headers is looked at each time. */
const MOST_CHARACTERS = 4_096

export function createHastes(): Hastes {
  const known = new Map<string, Haste>() // those noted longest ago first
  return {
    find(likeness, at) {
      const found = likeness === undefined ? undefined : known.get(likeness)
      return found !== undefined && at < found.until ? found : undefined
    },
    note(likeness, haste) {
      if (likeness === undefined || likeness.length > MOST_CHARACTERS) return
      known.delete(likeness)
      known.set(likeness, haste)
      if (known.size <= MOST) return
      for (const oldest of known.keys()) {
        known.delete(oldest)
        return
      }
    },
  }
}
