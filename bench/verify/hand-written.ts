import { createStream } from '../../src/simulation/random.ts'

/** Agents alike, first come, first served, in one loop with nothing to spare: what the simulator is measured against. Events on a heap of objects. */
export function handWritten({
  agents,
  load,
  conversations,
}: {
  readonly agents: number
  readonly load: number
  readonly conversations: number
}): number {
  const [gap, work] = [createStream(1, 1), createStream(1, 2)]
  const rate = load * agents
  const heap: { at: number; arrives: boolean }[] = []
  const queue: number[] = []
  let [free, first, arrived, waited] = [agents, 0, 0, 0]

  function push(event: { at: number; arrives: boolean }): void {
    let place = heap.length
    heap.push(event)
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = heap[parent]
      if (above === undefined || above.at <= event.at) break
      heap[place] = above
      place = parent
    }
    heap[place] = event
  }

  function pop(): { at: number; arrives: boolean } | undefined {
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return top
    let place = 0
    for (let child = 1; child < heap.length; child = 2 * place + 1) {
      const [left, right] = [heap[child], heap[child + 1]]
      const isRight = left !== undefined && right !== undefined && right.at < left.at
      const least = isRight ? right : left
      if (least === undefined || least.at >= last.at) break
      heap[place] = least
      place = isRight ? child + 1 : child
    }
    heap[place] = last
    return top
  }

  push({ at: -Math.log(gap()) / rate, arrives: true })
  for (let event = pop(); event !== undefined; event = pop()) {
    const { at, arrives } = event
    if (arrives) {
      arrived += 1
      if (arrived < conversations) push({ at: at - Math.log(gap()) / rate, arrives: true })
      queue.push(at)
    } else free += 1
    while (free > 0 && first < queue.length) {
      waited += at - (queue[first] ?? at)
      first += 1
      free -= 1
      push({ at: at - Math.log(work()), arrives: false })
    }
  }
  return waited / conversations
}
