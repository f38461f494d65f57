/** When each of a fixed number of things happens next, and which comes first. */
export interface Schedule {
  /** Infinity for not at all. */
  set(item: number, at: number): void
  /** When the first happens; Infinity when nothing will. */
  firstAt(): number
  first(): number
}

/** A binary heap of indexes that knows where each of them is, so that a changed mind costs no more than a new one. */
export function createSchedule(count: number): Schedule {
  const times = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const heap = Int32Array.from({ length: count }, (_, index) => index)
  const places = heap.slice()
  const itemAt = (place: number): number => heap[place] ?? 0 // callers stay within
  const timeOf = (item: number): number => times[item] ?? 0
  const put = (item: number, place: number): void => {
    heap[place] = item
    places[item] = place
  }
  const rise = (item: number, from: number, at: number): number => {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      const other = itemAt(parent)
      if (timeOf(other) <= at) break
      put(other, place)
      place = parent
    }
    return place
  }
  const sink = (from: number, at: number): number => {
    let place = from
    for (let child = 2 * place + 1; child < count; child = 2 * place + 1) {
      if (child + 1 < count && timeOf(itemAt(child + 1)) < timeOf(itemAt(child))) child += 1
      if (timeOf(itemAt(child)) >= at) break
      put(itemAt(child), place)
      place = child
    }
    return place
  }
  return {
    set(item, at) {
      times[item] = at
      const place = rise(item, places[item] ?? 0, at)
      put(item, sink(place, at))
    },
    firstAt: () => timeOf(itemAt(0)),
    first: () => itemAt(0),
  }
}
