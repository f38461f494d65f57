import type { Clock } from '../ports.ts'

/** Work as a generator that yields promises only: it runs without a pause as long as nothing has to be waited for. */
export type Work<Result> = Generator<PromiseLike<unknown>, Result, unknown>

/** One event at a time per conversation, in order of arrival; different conversations side by side. */
export interface RunQueue {
  /** Runs the work when its lane is free. If nothing has to be waited for, it is done when this returns. */
  run<Result>(lane: string, work: () => Work<Result>): Promise<Result>
  /** Runs something small after what is queued now, outside all lanes. */
  later(task: () => void): void
  /** Jobs begun or waiting. */
  readonly size: number
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>
}

interface Job {
  readonly lane: string | undefined
  readonly start: () => void
}

/** The engine's one run queue: whatever causes something else enqueues it, and never calls it. */
export function createRunQueue(clock: Pick<Clock, 'now' | 'breathe' | 'sliceMs'>): RunQueue {
  const ready: Job[] = []
  const parked = new Map<string, Job[]>()
  let head = 0
  let draining = false
  let size = 0
  let idlers: (() => void)[] = []

  function drain(): void {
    if (draining) return
    draining = true
    const began = clock.now()
    while (head < ready.length) {
      const job = ready[head] as Job // head is within
      head += 1
      if (job.lane !== undefined && parked.has(job.lane)) parked.get(job.lane)?.push(job)
      else job.start()
      if (head < ready.length && clock.now() - began > clock.sliceMs) {
        ready.splice(0, head)
        head = 0
        draining = false
        clock.breathe(drain)
        return
      }
    }
    ready.length = 0
    head = 0
    draining = false
    if (size === 0) wakeIdlers()
  }

  function wakeIdlers(): void {
    const waiting = idlers
    idlers = []
    for (const wake of waiting) wake()
  }

  function finish(lane: string | undefined): void {
    size -= 1
    if (lane === undefined) return
    const waiting = parked.get(lane)
    if (waiting === undefined) return
    parked.delete(lane)
    ready.push(...waiting) // the first takes the lane again, the others park behind it in the same order
  }

  function enqueue(job: Job): void {
    size += 1
    ready.push(job)
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
        start: () => {
          try {
            task()
          } finally {
            finish(undefined)
          }
        },
      }),
    run: (lane, work) =>
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
        enqueue({ lane, start })
      }),
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
