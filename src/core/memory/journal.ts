/** What has changed, in order: kept from the first time that somebody asks. */
export interface Journal {
  agent(id: string): void
  place(conversationId: string): void
  /** `undefined`: it is not known any more, or has never been asked. */
  since(
    cursor: string | undefined,
  ): { readonly agentIds: readonly string[]; readonly placeIds: readonly string[] } | undefined
  /** Where the journal stands now; it is kept from now on. */
  cursor(): string
}

/** More changes than anybody misses between two looks; who does is told everything. */
const KEPT = 10_000

export function createJournal(): Journal {
  const agents = new Map<string, number>()
  const places = new Map<string, number>()
  let isKept = false
  let tick = 0
  let forgottenTick = 0

  function note(ticks: Map<string, number>, id: string): void {
    if (!isKept) return
    ticks.delete(id)
    ticks.set(id, (tick += 1))
    if (ticks.size <= KEPT) return
    for (const [first, at] of ticks) {
      ticks.delete(first)
      forgottenTick = Math.max(forgottenTick, at)
      return
    }
  }

  function after(ticks: ReadonlyMap<string, number>, from: number): readonly string[] {
    return [...ticks].filter(([, at]) => at > from).map(([id]) => id)
  }

  return {
    agent: (id) => note(agents, id),
    place: (id) => note(places, id),
    since(cursor) {
      const from = cursor === undefined ? -1 : Number(cursor)
      if (!isKept || from < forgottenTick) return undefined
      return { agentIds: after(agents, from), placeIds: after(places, from) }
    },
    cursor() {
      isKept = true
      return String(tick)
    },
  }
}
