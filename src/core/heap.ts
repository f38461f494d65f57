/** A binary heap: the smallest first, by the order it was made with. */
export interface Heap<Item> {
  readonly size: number
  push(item: Item): void
  peek(): Item | undefined
  pop(): Item | undefined
  /** The item at this place has become smaller or larger. */
  moved(place: number): void
  /** Takes out the item at this place. */
  remove(place: number): void
  clear(): void
}

/**
 * @param placed told where each item lies whenever that changes; -1 once it is out. Needed for `moved` and `remove` only.
 * @example
 * const heap = createHeap<number>((one, other) => one < other)
 */
export function createHeap<Item>(
  isBefore: (one: Item, other: Item) => boolean,
  placed: (item: Item, place: number) => void = () => {},
): Heap<Item> {
  const items: Item[] = []
  const at = (index: number): Item => items[index] as Item // callers stay within the array
  const put = (index: number, item: Item): void => {
    items[index] = item
    placed(item, index)
  }
  const rise = (from: number): void => {
    const item = at(from)
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(item, at(parent))) break
      put(index, at(parent))
      index = parent
    }
    put(index, item)
  }
  const sink = (item: Item, from: number): void => {
    let index = from
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(at(child + 1), at(child))) child += 1
      if (!isBefore(at(child), item)) break
      put(index, at(child))
      index = child
    }
    put(index, item)
  }
  const moved = (place: number): void => {
    const item = at(place)
    rise(place)
    if (at(place) === item) sink(item, place)
  }
  // The size is a field: V8 keeps an object with a getter of its own as a dictionary, and every call of a method looks it up there.
  const heap: { -readonly [Key in keyof Heap<Item>]: Heap<Item>[Key] } = {
    size: 0,
    push(item) {
      heap.size = items.push(item)
      rise(heap.size - 1)
    },
    peek: () => items[0],
    pop() {
      const first = items[0]
      const last = items.pop()
      heap.size = items.length
      if (items.length > 0 && last !== undefined) sink(last, 0)
      if (first !== undefined) placed(first, -1)
      return first
    },
    moved,
    remove(place) {
      const item = at(place)
      const last = items.pop()
      heap.size = items.length
      if (place < items.length && last !== undefined) {
        put(place, last)
        moved(place)
      }
      placed(item, -1)
    },
    clear() {
      for (const item of items) placed(item, -1)
      heap.size = items.length = 0
    },
  }
  return heap
}
