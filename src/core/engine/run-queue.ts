import type { Clock } from '../ports.ts'

/** Work as a generator that yields promises only: it runs without a pause as long as nothing has to be waited for. */
export type Work<Result> = Generator<PromiseLike<unknown>, Result, unknown>

/** One event at a time per conversation, in order of arrival; different conversations side by side. */
export interface RunQueue {
  /**
   * Runs the work when its lane is free. If nothing has to be waited for, it is done when this returns. A consequence of something that
   * was taken before (an answer, an offer) goes ahead of what has arrived from outside in the meantime.
   */
  run<Result>(lane: string, work: () => Work<Result>, options?: { readonly isConsequence?: boolean }): Promise<Result>
  /** Runs something small that follows from the present job, after what follows from it already, outside all lanes. */
  later(task: () => void): void
  /** Jobs begun or waiting. */
  readonly size: number
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>
}

interface Job {
  readonly lane: string | undefined
  readonly isConsequence: boolean
  readonly start: () => void
}

/**
 * The engine's one run queue: whatever causes something else enqueues it, and never calls it. A task that throws is told to `failed`, and
 * holds up nothing.
 */
export function createRunQueue(
  clock: Pick<Clock, 'now' | 'breathe' | 'sliceMs'>,
  failed: (error: unknown) => void = () => {},
): RunQueue {
  const consequences = createLine<Job>()
  const arrivals = createLine<Job>()
  const parked = new Map<string, Job[]>()
  let draining = false
  let size = 0
  let idlers: (() => void)[] = []

  const lineOf = ({ isConsequence }: Job) => (isConsequence ? consequences : arrivals)

  function drain(): void {
    if (draining) return
    draining = true
    const began = clock.now()
    for (
      let job = consequences.take() ?? arrivals.take();
      job !== undefined;
      job = consequences.take() ?? arrivals.take()
    ) {
      const waiting = job.lane === undefined ? undefined : parked.get(job.lane)
      if (waiting === undefined) job.start()
      else waiting.push(job)
      if (clock.now() - began > clock.sliceMs) {
        draining = false
        clock.breathe(drain)
        return
      }
    }
    draining = false
    if (size > 0) return
    const waiting = idlers
    idlers = []
    for (const wake of waiting) wake()
  }

  function finish(lane: string | undefined): void {
    size -= 1
    const waiting = lane === undefined ? undefined : parked.get(lane)
    if (waiting === undefined || lane === undefined) return
    parked.delete(lane)
    // Ahead of what has come since: the first takes the lane again, the others park behind it in the same order.
    for (const job of waiting.reverse()) lineOf(job).putFirst(job)
  }

  function enqueue(job: Job): void {
    size += 1
    lineOf(job).put(job)
    drain()
  }

  return {
    get size() {
      return size
    },
    idle: () => (size === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    later: (task) =>
      enqueue({
        lane: undefined,
        isConsequence: true,
        start: () => {
          try {
            task()
          } catch (error) {
            failed(error)
          }
          finish(undefined)
        },
      }),
    run: (lane, work, { isConsequence = false } = {}) =>
      new Promise((resolve, reject) => {
        const start = (): void => {
          drive(work(), {
            waits: () => parked.set(lane, parked.get(lane) ?? []),
            done: (result) => {
              finish(lane)
              resolve(result)
            },
            failed: (error) => {
              finish(lane)
              reject(error)
            },
            resume: (next) => {
              next()
              drain()
            },
          })
        }
        enqueue({ lane, isConsequence, start })
      }),
  }
}

interface Line<Item> {
  put(item: Item): void
  putFirst(item: Item): void
  take(): Item | undefined
}

function createLine<Item>(): Line<Item> {
  let items: Item[] = []
  let head = 0
  return {
    put: (item) => {
      items.push(item)
    },
    putFirst(item) {
      if (head === 0) items.unshift(item)
      else items[(head -= 1)] = item
    },
    take() {
      if (head === items.length) {
        if (head > 0) [items, head] = [[], 0]
        return undefined
      }
      const item = items[head]
      head += 1
      if (head > 1_024 && head * 2 > items.length) [items, head] = [items.slice(head), 0]
      return item
    },
  }
}

interface Driven<Result> {
  /** The first promise has come: the work goes on later. */
  waits(): void
  done(result: Result): void
  failed(error: Error): void
  resume(next: () => void): void
}

/** Takes a generator to its end: at once while it yields nothing, else promise by promise. */
function drive<Result>(work: Work<Result>, driven: Driven<Result>): void {
  const advance = (step: () => IteratorResult<PromiseLike<unknown>, Result>): void => {
    let next: IteratorResult<PromiseLike<unknown>, Result>
    try {
      next = step()
    } catch (error) {
      driven.failed(error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (next.done === true) {
      driven.done(next.value)
      return
    }
    driven.waits()
    next.value.then(
      (value) => driven.resume(() => advance(() => work.next(value))),
      (error: unknown) => driven.resume(() => advance(() => work.throw(error))),
    )
  }
  advance(() => work.next())
}

/** Runs work outside the queue: the result, or a promise of it. */
export function runWork<Result>(work: Work<Result>): Result | Promise<Result> {
  let outcome: { readonly value: Result } | { readonly error: Error } | undefined
  let settle: { resolve(value: Result): void; reject(error: Error): void } | undefined
  drive(work, {
    waits: () => {},
    done: (value) => {
      outcome = { value }
      settle?.resolve(value)
    },
    failed: (error) => {
      outcome = { error }
      settle?.reject(error)
    },
    resume: (next) => next(),
  })
  if (outcome === undefined) return new Promise((resolve, reject) => (settle = { resolve, reject }))
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
