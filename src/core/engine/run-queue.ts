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

/** A lane in which somebody works, or is about to. The others stay where they are until it is their turn: each is handed on once. */
interface Lane {
  isBusy: boolean
  /** Stands first in the queue again, and takes the lane when it comes up. */
  next: Job | undefined
  readonly consequences: Line<Job>
  readonly arrivals: Line<Job>
}

/** Work in a lane. Anything small outside all lanes is a mere function. */
interface Job {
  readonly lane: string
  readonly isConsequence: boolean
  readonly begin: () => Work<unknown>
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

type Task = () => void

type Next = IteratorResult<PromiseLike<unknown>, unknown>

/**
 * The engine's one run queue: whatever causes something else enqueues it, and never calls it. A task that throws is told to `failed`, and
 * holds up nothing.
 */
export function createRunQueue(
  clock: Pick<Clock, 'now' | 'breathe' | 'sliceMs'>,
  failed: (error: unknown) => void = () => {},
): RunQueue {
  return new Lanes(clock, failed)
}

class Lanes implements RunQueue {
  readonly #clock: Pick<Clock, 'now' | 'breathe' | 'sliceMs'>
  readonly #failed: (error: unknown) => void
  readonly #consequences = createLine<Job | Task>()
  readonly #arrivals = createLine<Job>()
  /** Lanes whose job waits for something, with those who came meanwhile. */
  readonly #parked = new Map<string, Lane>()
  #draining = false
  #size = 0
  #idlers: (() => void)[] = []

  constructor(clock: Pick<Clock, 'now' | 'breathe' | 'sliceMs'>, failed: (error: unknown) => void) {
    this.#clock = clock
    this.#failed = failed
  }

  get size(): number {
    return this.#size
  }

  idle(): Promise<void> {
    return this.#size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idlers.push(resolve))
  }

  later(task: Task): void {
    this.#size += 1
    this.#consequences.put(task)
    this.#drain()
  }

  run<Result>(
    lane: string,
    begin: () => Work<Result>,
    { isConsequence = false }: { readonly isConsequence?: boolean } = {},
  ): Promise<Result> {
    if (!this.#draining && this.#hasNobody() && !this.#parked.has(lane)) return this.#runAtOnce(lane, begin)
    return new Promise((resolve, reject) => {
      this.#size += 1
      const job = { lane, isConsequence, begin, resolve, reject }
      if (isConsequence) this.#consequences.put(job)
      else this.#arrivals.put(job)
      this.#drain()
    })
  }

  /** Nobody is ahead, and nobody in the lane: what needs not wait for anything is done without making a job of it. */
  #runAtOnce<Result>(lane: string, begin: () => Work<Result>): Promise<Result> {
    this.#draining = true
    this.#size += 1
    let outcome: Promise<Result>
    try {
      const work = begin()
      const next = work.next()
      if (next.done === true) {
        this.#leave(lane)
        outcome = Promise.resolve(next.value)
      } else {
        outcome = new Promise((resolve, reject) =>
          this.#goOn({ lane, isConsequence: false, begin, resolve, reject }, work, next),
        )
      }
    } catch (error) {
      this.#leave(lane)
      outcome = Promise.reject(toError(error))
    }
    this.#draining = false
    if (!this.#hasNobody() || this.#idlers.length > 0) this.#drain()
    return outcome
  }

  #hasNobody(): boolean {
    return this.#consequences.isEmpty() && this.#arrivals.isEmpty()
  }

  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    const began = this.#clock.now()
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      if (typeof next === 'function') this.#runTask(next)
      else this.#start(next)
      if (!this.#hasNobody() && this.#clock.now() - began > this.#clock.sliceMs) {
        this.#draining = false
        this.#clock.breathe(() => this.#drain())
        return
      }
    }
    this.#draining = false
    if (this.#size > 0 || this.#idlers.length === 0) return
    const waiting = this.#idlers
    this.#idlers = []
    for (const wake of waiting) wake()
  }

  #take(): Job | Task | undefined {
    return this.#consequences.take() ?? this.#arrivals.take()
  }

  #runTask(task: Task): void {
    try {
      task()
    } catch (error) {
      this.#failed(error)
    }
    this.#size -= 1
  }

  #start(job: Job): void {
    const lane = this.#parked.get(job.lane)
    if (lane !== undefined && mustWait(job, lane)) return
    try {
      const work = job.begin()
      this.#goOn(job, work, work.next())
    } catch (error) {
      this.#giveUp(job, error)
    }
  }

  #goOn(job: Job, work: Work<unknown>, next: Next): void {
    if (next.done === true) {
      this.#leave(job.lane)
      job.resolve(next.value as never) // what the work of this very job returned
      return
    }
    const lane = this.#parked.get(job.lane)
    if (lane === undefined) this.#parked.set(job.lane, createLane())
    else lane.isBusy = true
    const resume = (step: () => Next): void => {
      try {
        this.#goOn(job, work, step())
      } catch (error) {
        this.#giveUp(job, error)
      }
      this.#drain()
    }
    next.value.then(
      (value) => resume(() => work.next(value)),
      (error: unknown) => resume(() => work.throw(error)),
    )
  }

  #giveUp(job: Job, error: unknown): void {
    this.#leave(job.lane)
    job.reject(toError(error))
  }

  #leave(lane: string): void {
    this.#size -= 1
    if (this.#parked.size === 0) return
    const left = this.#parked.get(lane)
    if (left === undefined) return
    left.isBusy = false
    if (left.next !== undefined) return // somebody went ahead of it
    left.next = left.consequences.take() ?? left.arrivals.take()
    if (left.next === undefined) this.#parked.delete(lane)
    else (left.next.isConsequence ? this.#consequences : this.#arrivals).putFirst(left.next) // ahead of what has come since
  }
}

function createLane(): Lane {
  return { isBusy: true, next: undefined, consequences: createLine(), arrivals: createLine() }
}

/** Keeps a job whose lane is not free for it. One whose turn it was, and ahead of which somebody went, stays the first. */
function mustWait(job: Job, lane: Lane): boolean {
  const isNext = lane.next === job
  const goesAhead = job.isConsequence && lane.next?.isConsequence === false
  if (isNext) lane.next = undefined
  if (!lane.isBusy && (isNext || goesAhead)) return false
  const line = job.isConsequence ? lane.consequences : lane.arrivals
  if (isNext) line.putFirst(job)
  else line.put(job)
  return true
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

interface Line<Item> {
  put(item: Item): void
  putFirst(item: Item): void
  take(): Item | undefined
  isEmpty(): boolean
}

function createLine<Item>(): Line<Item> {
  let items: Item[] = []
  let head = 0
  return {
    isEmpty: () => head === items.length,
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

/** Runs work outside the queue: the result, or a promise of it. */
export function runWork<Result>(work: Work<Result>): Result | Promise<Result> {
  const next = work.next()
  return next.done === true ? next.value : finish(work, next.value)
}

async function finish<Result>(work: Work<Result>, first: PromiseLike<unknown>): Promise<Result> {
  for (let waited = first; ; ) {
    const next = await waited.then(
      (value) => work.next(value),
      (error: unknown) => work.throw(error),
    )
    if (next.done === true) return next.value
    waited = next.value
  }
}
