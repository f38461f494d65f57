/** A binary heap: the smallest first, by the order it was made with. */
export interface Heap<Item> {
  readonly size: number
  push(item: Item): void
  peek(): Item | undefined
  pop(): Item | undefined
  clear(): void
}

/**
 * @example
 * const heap = createHeap<number>((one, other) => one < other)
 */
export function createHeap<Item>(isBefore: (one: Item, other: Item) => boolean): Heap<Item> {
  const items: Item[] = []
  const at = (index: number): Item => items[index] as Item // callers stay within the array
  const rise = (from: number): void => {
    const item = at(from)
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(item, at(parent))) break
      items[index] = at(parent)
      index = parent
    }
    items[index] = item
  }
  const sink = (item: Item): void => {
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(at(child + 1), at(child))) child += 1
      if (!isBefore(at(child), item)) break
      items[index] = at(child)
      index = child
    }
    items[index] = item
  }
  return {
    get size() {
      return items.length
    },
    push(item) {
      items.push(item)
      rise(items.length - 1)
    },
    peek: () => items[0],
    pop() {
      const first = items[0]
      const last = items.pop()
      if (items.length > 0 && last !== undefined) sink(last)
      return first
    },
    clear() {
      items.length = 0
    },
  }
}
