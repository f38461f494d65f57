import { fc } from '../fc.ts'
import { expect, test } from 'vitest'
import { createHeap } from '../../src/core/heap.ts'

interface Item {
  value: number
  place: number
}

/** What is done to the heap: something comes, something changes, something is taken out, the first is taken. */
const deeds = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('push' as const), value: fc.nat(50) }),
    fc.record({ do: fc.constant('change' as const), index: fc.nat(), value: fc.nat(50) }),
    fc.record({ do: fc.constant('remove' as const), index: fc.nat() }),
    fc.record({ do: fc.constant('pop' as const) }),
  ),
  { maxLength: 60 },
)

test('a heap gives the smallest first, whatever has come, changed and gone', () => {
  fc.assert(
    fc.property(deeds, (all) => {
      const heap = createHeap<Item>(
        (one, other) => one.value < other.value,
        (item, place) => (item.place = place),
      )
      const held: Item[] = []
      for (const deed of all) {
        const item = 'index' in deed ? held[deed.index % Math.max(1, held.length)] : undefined
        if (deed.do === 'push') {
          const added = { value: deed.value, place: -1 }
          held.push(added)
          heap.push(added)
        } else if (deed.do === 'pop') {
          const first = heap.pop()
          expect(first?.value).toBe(held.length === 0 ? undefined : Math.min(...held.map(({ value }) => value)))
          if (first !== undefined) held.splice(held.indexOf(first), 1)
          expect(first?.place ?? -1).toBe(-1)
        } else if (item !== undefined && deed.do === 'change') {
          item.value = deed.value
          heap.moved(item.place)
        } else if (item !== undefined) {
          heap.remove(item.place)
          held.splice(held.indexOf(item), 1)
          expect(item.place).toBe(-1)
        }
        expect(heap.size).toBe(held.length)
        expect(new Set(held.map(({ place }) => place)).size).toBe(held.length)
      }
      const rest = held.map(({ value }) => value).sort((one, other) => one - other)
      expect(held.map(() => heap.pop()?.value)).toEqual(rest)
    }),
    { numRuns: 1_000 },
  )
})
